"""The device token as a cookie of the server, where the hub lives on the shop's own site.

Browsers forget what scripts stored sooner than what a server set. The token in the body stays the
authority: a cookie only gives a browser back the token it had, and only to a page of the shop.
"""

from __future__ import annotations

import msgspec
import orjson

from hub.core import Hub, SourceRow
from hub.flows.first_party import keeps_cookie
from hub.web.wire import Scope, header

MAX_AGE = 400 * 86_400  # the longest that browsers keep any cookie
ROUTES = frozenset({"device", "consent", "link"})

_Lines = tuple[tuple[bytes, bytes], ...]


class Keeper(msgspec.Struct, frozen=True):
    """One request that may be answered with the cookie; `earlier` is the genuine token it holds."""

    name: str
    earlier: str
    carried: bool
    page: bytes  # the origin to name in the answer; b"" for the hub's own

    def lines(self, token: str, result: bytes) -> _Lines:
        """The headers of an answer: they keep the token, or delete it after a no."""
        said = orjson.loads(result)
        found = self.grants()
        if "token" not in said and "keep" not in said:  # a link that changed no token
            return found
        kept = said["token"] if "token" in said else token if said["keep"] else ""
        if kept or self.carried or "keep" in said:
            secure = "; Secure" if self.name.startswith("__Host-") else ""
            line = (
                f"{self.name}={kept}; Path=/; Max-Age={MAX_AGE if kept else 0}; "
                f"HttpOnly; SameSite=Lax{secure}"
            )
            found += ((b"set-cookie", line.encode()),)
        return found

    def grants(self) -> _Lines:
        """The permission that a browser asks for before a page may read the answer."""
        if not self.page:
            return ()
        return (
            (b"access-control-allow-origin", self.page),
            (b"access-control-allow-credentials", b"true"),
            (b"vary", b"origin"),
        )


def keeping(
    hub: Hub, scope: Scope, route: str, source: SourceRow, token: str
) -> tuple[Keeper | None, str]:
    """Who keeps the cookie of this request, and the token that counts: a browser that asks for a
    device gets back the one it had."""
    if route not in ROUTES:
        return None, token
    keeper = keeper_of(hub, scope, source)
    if route == "device":
        token = keeper.earlier if keeper else ""
    return keeper, token


def keeper_of(hub: Hub, scope: Scope, source: SourceRow) -> Keeper | None:
    """Whether this browser and this page take part in the cookie.

    The browser itself says how near the page is: no script can write Sec-Fetch-Site or Origin.
    """
    site, page = header(scope, b"sec-fetch-site"), b""
    if site == b"same-site":
        page = header(scope, b"origin")
        if not keeps_cookie(hub.settings.origin, source, page.decode("latin-1")):
            return None
    elif site != b"same-origin":
        return None
    name = cookie_name(hub, scope)
    held = _held(scope, name)
    # Two of one name: somebody else put one beside ours, and nobody can tell which.
    genuine = held[0] if len(held) == 1 and hub.signer.device(held[0]) else ""
    return Keeper(name, genuine, bool(held), page)


def cookie_name(hub: Hub, scope: Scope) -> str:
    """With https under a name that browsers let no neighbouring sub-domain set."""
    https = hub.settings.origin.startswith("https:") or scope.get("scheme") == "https"
    return "__Host-rgl_d" if https else "rgl_d"


def _held(scope: Scope, name: str) -> list[str]:
    pairs = (
        part.strip().partition("=")
        for key, value in scope["headers"]
        if key == b"cookie"
        for part in value.decode("latin-1").split(";")
    )
    return [value for found, _, value in pairs if found == name]

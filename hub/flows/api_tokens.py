"""api_tokens: with which other programs of the shop ask the hub, each with its own rights."""

from __future__ import annotations

import hashlib
import secrets

import msgspec

from hub.clock import to_ms
from hub.core import Hub
from hub.flows.audit import note
from hub.sdk.errors import HubError

START = "rgl_"  # by which scanners for leaked secrets know it
SCOPES = ("people.read", "people.write")
DAYS = (30, 90, 365, 0)
DAY_MS = 86_400_000
USED_MS = 3_600_000  # how exactly the last use is known
MAX_TOKENS = 100
COLUMNS = "id, name, start, scopes, created_at, created_by, expires_at, used_at"


class TokenError(HubError):
    """A wrong field; `field` and the message say which and why."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class TokenRow(msgspec.Struct, frozen=True):
    """`start`: its first characters, to tell it from others. Times in ms, 0 for never."""

    id: int
    name: str
    start: str
    scopes: str
    created_at: int
    created_by: str
    expires_at: int
    used_at: int

    def may(self, scope: str) -> bool:
        """Whether its rights hold `scope`."""
        return scope in self.scopes.split()


async def make_token(hub: Hub, name: str, scopes: list[str], days: int, *, by: str) -> str:
    """A new token: the only time that it is seen. Raises TokenError."""
    name = name.strip()
    if not name or len(name) > 80 or not name.isprintable():
        raise TokenError("name", "a name of 1 to 80 characters: which program uses it")
    if not scopes or not set(scopes) <= set(SCOPES):
        raise TokenError("scopes", f"at least one of {', '.join(SCOPES)}")
    if days not in DAYS:
        raise TokenError("days", "30, 90, 365, or 0 for no end")
    if len(await list_tokens(hub)) >= MAX_TOKENS:
        raise TokenError("name", f"there are {MAX_TOKENS} tokens already: revoke some")
    token = START + secrets.token_urlsafe(32)
    now = to_ms(hub.clock.now())
    until = now + days * DAY_MS if days else 0
    text = " ".join(scope for scope in SCOPES if scope in scopes)
    row = (name, token[:10], _hash(token), text, now, by[:320], until)
    async with hub.database.transaction() as transaction:
        await transaction.execute(
            "INSERT INTO api_token (name, start, hash, scopes, created_at, created_by, "
            "expires_at, used_at) VALUES (?,?,?,?,?,?,?,0)",
            row,
        )
    await note(hub, by, "make token", token[:10], name=name, scopes=text, days=days)
    return token


async def list_tokens(hub: Hub) -> list[TokenRow]:
    """All tokens, the newest first; expired ones too."""
    rows = await hub.database.fetch(f"SELECT {COLUMNS} FROM api_token ORDER BY id DESC")  # noqa: S608
    return [TokenRow(*row) for row in rows]


async def revoke_token(hub: Hub, token_id: int, *, by: str) -> None:
    """From now on the token opens nothing. Raises LookupError."""
    found = {row.id: row for row in await list_tokens(hub)}
    if token_id not in found:
        raise LookupError(f"there is no token {token_id}")
    await hub.database.write([("DELETE FROM api_token WHERE id = ?", [(token_id,)])])
    await note(hub, by, "revoke token", found[token_id].start, name=found[token_id].name)


async def read_token(hub: Hub, token: str) -> TokenRow | None:
    """The token that this text is; None when it is none, or has ended."""
    if not token.startswith(START) or len(token) > 100:
        return None
    rows = await hub.database.get(
        f"SELECT {COLUMNS} FROM api_token WHERE hash = ?", (_hash(token),)  # noqa: S608
    )  # fmt: skip
    now = to_ms(hub.clock.now())
    if not rows:
        return None
    row = TokenRow(*rows[0])
    if row.expires_at and row.expires_at <= now:
        return None
    if now - row.used_at >= USED_MS:
        sql = "UPDATE api_token SET used_at = ? WHERE id = ?"
        await hub.database.write([(sql, [(now, row.id)])], durable=False)
    return row


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()

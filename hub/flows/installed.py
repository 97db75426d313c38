"""installed: whether a shop's pages carry the snippet, and through what their visitors agree."""

from __future__ import annotations

from urllib.parse import urlsplit

import msgspec
import orjson

from hub.clock import to_ms
from hub.core import Hub, SourceRow

# The newest word on consent is looked for among so many entries of the log.
SEARCHED = 20_000


class Installed(msgspec.Struct, frozen=True):
    """`page_at` 0: no page asked since the hub started. `elsewhere`: it is not the shop's own."""

    page_at: int
    host: str
    elsewhere: bool
    last_seen: int
    consent: str
    consent_at: int


def note_page(hub: Hub, source: SourceRow, url: str) -> None:
    """A page asked what to show: remember where it stands, nothing of who looks at it."""
    host = url.partition("://")[2][:300].partition("/")[0].rpartition("@")[2][:120]
    hub.pages[source.id] = (to_ms(hub.clock.now()), host)


async def installed(hub: Hub, source: SourceRow) -> Installed:
    """What is known of one shop's pages, as of now."""
    page_at, host = hub.pages.get(source.id, (0, ""))
    rows = await hub.database.fetch(
        "SELECT received_at, body FROM log WHERE kind = 'consent' AND source_id = ? "
        "AND seq > (SELECT COALESCE(MAX(seq), 0) FROM log) - ? ORDER BY seq DESC LIMIT 1",
        (source.id, SEARCHED),
    )
    stored = await hub.database.fetch("SELECT last_seen FROM source WHERE id = ?", (source.id,))
    body = orjson.loads(rows[0][1]) if rows else {}
    own = urlsplit(source.shop_url).netloc
    return Installed(
        page_at=page_at,
        host=host,
        elsewhere=bool(host and own) and _bare(host) != _bare(own),
        last_seen=max(int(stored[0][0] or 0) if stored else 0, hub.seen.get(source.id, 0)),
        consent=str(body.get("source", "")),
        consent_at=int(rows[0][0]) if rows else 0,
    )


def _bare(host: str) -> str:
    return host.lower().removeprefix("www.")

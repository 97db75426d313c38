"""Sources of events and their write keys."""

from __future__ import annotations

import secrets
from urllib.parse import urlsplit

from hub.core import Hub, SourceRow
from hub.store.models import Source

KINDS = ("browser", "server", "connector", "import")


async def load_sources(hub: Hub) -> None:
    """Read all sources into the hub."""
    hub.set_sources([_row(source) for source in await Source.all().order_by("id")])


async def create_source(
    hub: Hub, *, name: str, kind: str, shop: str, shop_url: str = ""
) -> SourceRow:
    """A new source with a fresh key. Raises ValueError naming the field."""
    if kind not in KINDS:
        raise ValueError(f"kind: '{kind}' is not one of {', '.join(KINDS)}")
    if not name.strip():
        raise ValueError("name: give the source a name")
    if not shop.strip() or len(shop) > 64:
        raise ValueError("shop: a short name of the shop, at most 64 characters")
    if shop_url and urlsplit(shop_url).scheme not in ("http", "https"):
        raise ValueError("shop_url: must start with https:// (or http://)")
    prefix = {"browser": "wk", "server": "sk"}.get(kind, "ik")
    source = await Source.create(
        name=name.strip()[:100],
        kind=kind,
        shop=shop.strip(),
        shop_url=shop_url.rstrip("/"),
        write_key=f"{prefix}_{secrets.token_urlsafe(18)}",
    )
    await load_sources(hub)
    return _row(source)


def _row(source: Source) -> SourceRow:
    return SourceRow(
        source.id, source.name, source.kind, source.shop, source.shop_url, source.write_key,
        source.browser_identify, source.enabled, (source.token_oldest, source.token_newest),
    )  # fmt: skip

"""The first steps of a new hub: a source for the shop's pages, and the link for its owner."""

from __future__ import annotations

from urllib.parse import urlsplit

import msgspec

from hub.core import Hub
from hub.flows.doctor_here import sources
from hub.flows.entry_links import setup_link
from hub.flows.sources import create_source
from hub.flows.sources_admin import script_tag, snippet_line
from hub.flows.staff import setup_open
from hub.settings import Settings


class Begun(msgspec.Struct, frozen=True):
    """What a person needs next; `owner` is "" once the owner's account is there."""

    snippet: str
    owner: str


async def begun_before(settings: Settings) -> Begun | None:
    """The same of a hub that runs, as far as it can be read beside it."""
    pages = await sources(settings, {})
    return Begun(script_tag(settings.origin, pages[0].write_key), "") if pages else None


async def begin(hub: Hub, shop_url: str) -> Begun:
    """Make the source of the shop's pages unless there is one, and say what comes next."""
    pages = [s for s in hub.sources.values() if s.kind == "browser" and s.enabled]
    source = next((s for s in pages if s.shop_url == shop_url), pages[0] if pages else None)
    if source is None:
        host = urlsplit(shop_url).hostname or hub.workspace.name
        shop = host.removeprefix("www.").partition(".")[0][:64]
        source = await create_source(hub, name=host, kind="browser", shop=shop, shop_url=shop_url)
    return Begun(snippet_line(hub, source), setup_link(hub) if await setup_open(hub) else "")

"""Install: the steps for each shop system, downloads with the shop's key, and whether it worked."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from hub.core import SourceRow
from hub.flows.installed import installed
from hub.recipes.downloads import Site, download, text_of
from hub.recipes.lines import CALLS, RENDER, SLOT, head_lines, pinned_line, policy
from hub.web import snippet
from hub.web.admin.ask import Ask, Line, NotFound

# Each has a template of its name.
PLATFORMS: Final = {
    "html": "HTML",
    "woocommerce": "WordPress / WooCommerce",
    "shopify": "Shopify",
    "shopware": "Shopware 6",
    "magento": "Magento 2",
    "gtm": "Google Tag Manager",
}
# What is copied from the page itself instead of downloaded.
TEXTS: Final = {"shopify": ("shopify-theme", "shopify-pixel")}


async def show(ask: Ask) -> Response:
    source = _source(ask)
    chosen = ask.query("platform")
    if chosen not in PLATFORMS:
        chosen = "html"
    site = Site(ask.hub.settings.origin, source.write_key)
    return ask.page(
        "install/page.html",
        section="sources",
        source=source,
        platforms=PLATFORMS,
        chosen=chosen,
        lines={
            "head": head_lines(site),
            "calls": CALLS,
            "slot": SLOT,
            "render": RENDER,
            "policy": policy(site),
            "pinned": pinned_line(site, *snippet.pin()),
        },
        secure=site.origin.startswith("https:"),
        texts={part: text_of(part, site) for part in TEXTS.get(chosen, ())},
        consent=ask.hub.settings.consent,
        seen=await installed(ask.hub, source),
    )


async def seen(ask: Ask) -> Response:
    source = _source(ask)
    view = await installed(ask.hub, source)
    return ask.page("install/seen.html", section="sources", source=source, seen=view)


async def fetch(ask: Ask) -> Response:
    source = _source(ask)
    try:
        made = download(ask.path("name"), Site(ask.hub.settings.origin, source.write_key))
    except KeyError as error:
        raise NotFound from error
    headers = {"Content-Disposition": f'attachment; filename="{made.name}"'}
    return Response(made.content, media_type=made.media_type, headers=headers)


def _source(ask: Ask) -> SourceRow:
    source = ask.hub.sources.get(ask.path("id"))
    # A server's key is secret and belongs on no page.
    if source is None or source.kind != "browser":
        raise NotFound
    return source


LINES = (
    Line("GET", "/sources/{id:int}/install", show),
    Line("GET", "/sources/{id:int}/install/seen", seen),
    Line("GET", "/sources/{id:int}/install/get/{name}", fetch),
)

"""first_party: how near the hub's address is to a shop's, as browsers see it."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal
from urllib.parse import urlsplit

from hub.core import SourceRow

Nearness = Literal["path", "sub-domain", "elsewhere"]


@lru_cache(maxsize=1024)
def nearness(origin: str, shop_url: str) -> Nearness:
    """ "path": one origin with the shop; "sub-domain": below the shop's own name."""
    if not shop_url:
        return "elsewhere"
    hub, shops = urlsplit(origin), origins_of(shop_url)
    if f"{hub.scheme}://{hub.netloc}".lower() in shops:
        return "path"
    # Below the shop's name is the same site whatever its suffix is; names beside it may not be.
    below = f".{_bare(urlsplit(shop_url).hostname or '')}"
    near = len(below) > 1 and (hub.hostname or "").lower().endswith(below)
    return "sub-domain" if near and hub.scheme == urlsplit(shop_url).scheme else "elsewhere"


@lru_cache(maxsize=1024)
def origins_of(shop_url: str) -> frozenset[str]:
    """The origins of a shop's pages: with and without www."""
    parts = urlsplit(shop_url.lower())
    bare = _bare(parts.netloc)
    return (
        frozenset(f"{parts.scheme}://{www}{bare}" for www in ("", "www.")) if bare else frozenset()
    )


def keeps_cookie(origin: str, source: SourceRow, page_origin: str) -> bool:
    """Whether a page of the shop, on another origin than the hub, shares the hub's cookie."""
    near = nearness(origin, source.shop_url) == "sub-domain"
    return near and page_origin.lower() in origins_of(source.shop_url)


def origin_of(url: str) -> str:
    """The scheme and host of an address, "" for what is none."""
    scheme, found, rest = url[:300].partition("://")
    host = rest.split("/", 1)[0].split("?", 1)[0].split("#", 1)[0]
    return f"{scheme}://{host.rpartition('@')[2]}".lower() if found else ""


def _bare(host: str) -> str:
    return host.lower().removeprefix("www.")

"""The files to download: a plug-in, a theme snippet, a tag template, each ready for one shop."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal
from urllib.parse import urlsplit

import msgspec

from hub import __version__

FOLDER: Final = Path(__file__).parent / "files"
_ORIGIN = re.compile(
    r"https?://(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\])(?::[0-9]{1,5})?(?:/[\w.~-]+)*", re.A
)
_KEY = re.compile(r"[A-Za-z0-9_-]{8,80}")
# A fixed moment: the same shop gets the same bytes.
_MOMENT = (2026, 1, 1, 0, 0, 0)


class Site(msgspec.Struct, frozen=True):
    """The address of the hub, without a slash at the end, and the write key of one shop."""

    origin: str
    key: str


class Download(msgspec.Struct, frozen=True):
    name: str
    media_type: str
    content: bytes


class Recipe(msgspec.Struct, frozen=True):
    """`parts`: one folder (becomes an archive of it) or files (joined to one)."""

    name: str
    kind: Literal["archive", "text"]
    parts: tuple[str, ...]


RECIPES: Final[Mapping[str, Recipe]] = {
    "woocommerce": Recipe("regulars.zip", "archive", ("woocommerce",)),
    "shopware": Recipe("RegularsSnippet.zip", "archive", ("shopware",)),
    "magento": Recipe("regulars-magento.zip", "archive", ("magento",)),
    "gtm": Recipe("regulars.tpl", "text", ("gtm/regulars.tpl",)),
    "shopify-theme": Recipe("regulars.liquid", "text", ("shopify/body.liquid",)),
    "shopify-embed": Recipe(
        "regulars-embed.liquid", "text", ("shopify/body.liquid", "shopify/schema.liquid")
    ),
    "shopify-pixel": Recipe("regulars-pixel.js", "text", ("shopify/pixel.js",)),
}


def download(name: str, site: Site) -> Download:
    """One recipe for one shop. Raises KeyError for an unknown one, ValueError naming the field."""
    recipe = RECIPES[name]
    values = _values(site)
    if recipe.kind == "archive":
        (folder,) = recipe.parts
        return Download(recipe.name, "application/zip", _archive(FOLDER / folder, values))
    text = "".join(_filled(FOLDER / part, values) for part in recipe.parts)
    return Download(recipe.name, "text/plain; charset=utf-8", text.encode())


def text_of(name: str, site: Site) -> str:
    """A recipe that is one text, to be copied from a page."""
    return download(name, site).content.decode()


def host_of(origin: str) -> str:
    """What a content security policy names: the address without its path."""
    parts = urlsplit(origin)
    return f"{parts.scheme}://{parts.netloc}"


def _values(site: Site) -> dict[str, str]:
    # What passes here means the same in PHP, XML, JSON, Liquid and JavaScript: nothing to escape.
    if not _ORIGIN.fullmatch(site.origin):
        raise ValueError(
            f"public_url: {site.origin!r} is not an address such as https://hub.example"
        )
    if not _KEY.fullmatch(site.key):
        raise ValueError("key: not a write key of this hub")
    return {
        "__HUB_ORIGIN__": site.origin,
        "__HUB_HOST__": host_of(site.origin),
        "__HUB_KEY__": site.key,
        "__VERSION__": __version__,
    }


def _filled(file: Path, values: Mapping[str, str]) -> str:
    text = file.read_text("utf-8")
    for place, value in values.items():
        text = text.replace(place, value)
    return text


def _archive(folder: Path, values: Mapping[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                line = zipfile.ZipInfo(str(file.relative_to(folder)), _MOMENT)
                line.compress_type = zipfile.ZIP_DEFLATED
                line.external_attr = 0o644 << 16
                archive.writestr(line, _filled(file, values))
    return out.getvalue()

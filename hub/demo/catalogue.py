"""The goods of Fennel & Sundry, an invented shop, read from the tables in `data/`."""

from __future__ import annotations

import random
import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import yaml

SHOP_NAME = "Fennel & Sundry"
SHOP_LINE = "Coffee, kitchen and garden, chosen slowly"
CURRENCY = "EUR"
FREE_SHIPPING_FROM = 5000  # minor units
SHIPPING = 495

_DATA = Path(__file__).parent / "data"
_ORDER = (
    "coffee tea brewing cups cookware knives table pantry lighting linen furniture garden".split()
)
_VARIANT_IDS_FROM = 20000


class DemoVariant(msgspec.Struct, frozen=True):
    """One size or colour of a product."""

    variant_id: str
    label: str
    sku: str
    price: int  # minor units
    quantity: int
    tone: str  # the colour it is drawn in


class DemoProduct(msgspec.Struct, frozen=True):
    """One product of the shop; money in minor units of EUR."""

    product_id: str
    slug: str
    name: str
    brand: str
    category: str  # slug
    category_name: str
    text: str
    price: int
    list_price: int | None
    sku: str
    quantity: int
    motif: str
    tone: str
    accent: str
    paper: str  # the tone behind the picture
    featured: bool = False
    option: str = ""  # what the variants differ in
    variants: tuple[DemoVariant, ...] = ()

    @property
    def in_stock(self) -> bool:
        """Whether anything of it can be bought now."""
        return self.quantity > 0

    def variant(self, variant_id: str) -> DemoVariant | None:
        """The variant with this id, or None."""
        return next((v for v in self.variants if v.variant_id == variant_id), None)


class DemoCategory(msgspec.Struct, frozen=True):
    category_id: int
    slug: str
    name: str
    lead: str
    paper: str


class _Row(msgspec.Struct, forbid_unknown_fields=True):
    """One line of a data file, as it was typed."""

    name: str
    brand: str
    price: int
    draw: str
    tone: str
    text: str
    accent: str = "oat"
    was: int | None = None
    stock: int | None = None
    option: str = ""
    choices: dict[str, int] = {}
    featured: bool = False


class _Sheet(msgspec.Struct, forbid_unknown_fields=True):
    slug: str
    name: str
    lead: str
    paper: str
    products: list[_Row]


def slugify(text: str) -> str:
    """The text as it stands in a shop's addresses: ascii, lower case, hyphens."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.replace("'", "").lower()).strip("-")


@cache
def _sheets() -> tuple[_Sheet, ...]:
    return tuple(_read_sheet(slug) for slug in _ORDER)


def _read_sheet(slug: str) -> _Sheet:
    path = _DATA / f"{slug}.yaml"
    raw: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    try:
        return msgspec.convert(raw, _Sheet)
    except msgspec.ValidationError as error:
        raise ValueError(f"{path.name}: {error}") from error


@cache
def categories() -> tuple[DemoCategory, ...]:
    """The twelve categories, in the order of the menu."""
    return tuple(
        DemoCategory(15 + at, s.slug, s.name, s.lead, s.paper) for at, s in enumerate(_sheets(), 1)
    )


@cache
def catalogue(seed: int = 7) -> tuple[DemoProduct, ...]:
    """Every product of the shop. The seed decides only how many of each are in stock."""
    rng = random.Random(f"stock {seed}")  # noqa: S311 (a demo's stock, no secret)
    return tuple(
        _product(sheet, row, 100 * number + position, rng)
        for number, sheet in enumerate(_sheets(), 1)
        for position, row in enumerate(sheet.products, 1)
    )


def _product(sheet: _Sheet, row: _Row, number: int, rng: random.Random) -> DemoProduct:
    sku = f"{sheet.slug[:3].upper()}-{number:04d}"
    quantity = rng.choice((3, 6, 9, 14, 22, 35, 48)) if row.stock is None else row.stock
    variants = _variants(row, number, sku, quantity, rng)
    return DemoProduct(
        product_id=str(number),
        slug=slugify(row.name),
        name=row.name,
        brand=row.brand,
        category=sheet.slug,
        category_name=sheet.name,
        text=row.text,
        price=min((v.price for v in variants), default=row.price),
        list_price=row.was,
        sku=sku,
        quantity=sum(v.quantity for v in variants) if variants else quantity,
        motif=row.draw,
        tone=row.tone,
        accent=row.accent,
        paper=sheet.paper,
        featured=row.featured,
        option=row.option,
        variants=variants,
    )


def _variants(
    row: _Row, number: int, sku: str, quantity: int, rng: random.Random
) -> tuple[DemoVariant, ...]:
    made = []
    for at, (label, price) in enumerate(row.choices.items()):
        held = quantity if at == 0 else min(quantity, rng.choice((0, 2, 5, 8, 12)))
        made.append(
            DemoVariant(
                variant_id=str(_VARIANT_IDS_FROM + number * 10 + at),
                label=str(label),
                sku=f"{sku}-{at + 1}",
                price=price,
                quantity=held,
                tone=str(label).lower() if row.option == "Colour" else row.tone,
            )
        )
    return tuple(made)


def shipping_for(subtotal: int) -> int:
    """What delivery costs for goods worth this much; both in minor units."""
    return 0 if subtotal >= FREE_SHIPPING_FROM or subtotal == 0 else SHIPPING


def decimal_price(minor: int) -> str:
    """Minor units as the decimal text that vendors use: 1150 -> "11.50"."""
    return f"{minor // 100}.{minor % 100:02d}"

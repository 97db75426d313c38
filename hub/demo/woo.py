"""The demo shop's goods and past customers, as WooCommerce's REST interface (v3) tells them."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from hub.demo.catalogue import DemoProduct, DemoVariant, categories, decimal_price, slugify

Json = dict[str, Any]
ZONE = ZoneInfo("Europe/Amsterdam")
_OPENED = datetime(2024, 3, 4, 9, tzinfo=ZONE)
_FIRST_CUSTOMER = 2


def stamps(name: str, at: datetime | None) -> Json:
    """One moment as WooCommerce writes it: local and naive, then GMT and naive."""
    if at is None:
        return {f"date_{name}": None, f"date_{name}_gmt": None}
    gmt = at.astimezone(ZoneInfo("UTC"))
    form = "%Y-%m-%dT%H:%M:%S"
    return {
        f"date_{name}": at.astimezone(ZONE).strftime(form),
        f"date_{name}_gmt": gmt.strftime(form),
    }


def links(origin: str, path: str, collection: str) -> Json:
    """The `_links` part of every answer."""
    allow = {"targetHints": {"allow": ["GET", "POST", "PUT", "PATCH", "DELETE"]}}
    root = f"{origin}/wp-json/wc/v3"
    return {
        "self": [{"href": f"{root}/{path}", **allow}],
        "collection": [{"href": f"{root}/{collection}"}],
    }


def product_url(origin: str, product: DemoProduct) -> str:
    """The address of a product's page in the shop."""
    return f"{origin}/product/{product.slug}/"


def image_url(origin: str, product: DemoProduct, tone: str = "") -> str:
    """The address of a product's picture, in one of its colours if told."""
    colour = f"-{tone}" if tone and tone != product.tone else ""
    return f"{origin}/picture/{product.product_id}{colour}.svg"


def woo_products(catalogue: Sequence[DemoProduct], origin: str = "http://127.0.0.1") -> list[Json]:
    """Every product as GET /products answers it; `origin` is the shop's own address."""
    return [_woo_product(p, catalogue, origin) for p in catalogue]


def woo_variations(
    catalogue: Sequence[DemoProduct], origin: str = "http://127.0.0.1"
) -> dict[int, list[Json]]:
    """Product id -> what GET /products/{id}/variations answers."""
    return {
        int(p.product_id): [_woo_variation(p, v, at, origin) for at, v in enumerate(p.variants)]
        for p in catalogue
        if p.variants
    }


def _created(product: DemoProduct) -> datetime:
    return _OPENED + timedelta(days=int(product.product_id) % 97, minutes=int(product.product_id))


def _prices(price: int, list_price: int | None) -> Json:
    return {
        "price": decimal_price(price),
        "regular_price": decimal_price(list_price or price),
        "sale_price": decimal_price(price) if list_price else "",
        "date_on_sale_from": None,
        "date_on_sale_from_gmt": None,
        "date_on_sale_to": None,
        "date_on_sale_to_gmt": None,
        "on_sale": bool(list_price),
    }


def _stock(quantity: int, managed: bool) -> Json:
    return {
        "manage_stock": managed,
        "stock_quantity": quantity if managed else None,
        "stock_status": "instock" if quantity > 0 else "outofstock",
        "backorders": "no",
        "backorders_allowed": False,
        "backordered": False,
        "low_stock_amount": None,
    }


def _goods() -> Json:
    return {
        "virtual": False,
        "downloadable": False,
        "downloads": [],
        "download_limit": -1,
        "download_expiry": -1,
        "tax_status": "taxable",
        "tax_class": "",
        "weight": "",
        "dimensions": {"length": "", "width": "", "height": ""},
        "shipping_class": "",
        "shipping_class_id": 0,
        "global_unique_id": "",
        "meta_data": [],
        "purchasable": True,
        "status": "publish",
    }


def _image(product: DemoProduct, origin: str, tone: str = "") -> Json:
    at = _created(product)
    return {
        "id": 50000 + int(product.product_id),
        **stamps("created", at),
        **stamps("modified", at),
        "src": image_url(origin, product, tone),
        "name": product.slug,
        "alt": product.name,
    }


def _attributes(product: DemoProduct) -> list[Json]:
    if not product.variants:
        return []
    shown: Json = {"position": 0, "visible": True, "variation": True}
    options = [v.label for v in product.variants]
    head = {"id": 0, "name": product.option, "slug": product.option}
    return [{**head, **shown, "options": options}]


def _woo_product(product: DemoProduct, catalogue: Sequence[DemoProduct], origin: str) -> Json:
    number = int(product.product_id)
    category = next(c for c in categories() if c.slug == product.category)
    variable = bool(product.variants)
    prices = _prices(product.price, product.list_price)
    if variable:
        prices |= {"regular_price": "", "sale_price": ""}
    near = [int(p.product_id) for p in catalogue if p.category == product.category and p != product]
    return {
        "id": number,
        "name": product.name,
        "slug": product.slug,
        "permalink": product_url(origin, product),
        **stamps("created", _created(product)),
        **stamps("modified", _created(product)),
        "type": "variable" if variable else "simple",
        **_goods(),
        "featured": product.featured,
        "catalog_visibility": "visible",
        "description": f"<p>{product.text}</p>\n",
        "short_description": "",
        "sku": product.sku,
        **prices,
        "total_sales": number % 41,
        **_stock(product.quantity, not variable),
        **_page_parts(),
        "categories": [{"id": category.category_id, "name": category.name, "slug": category.slug}],
        "brands": [{"id": _brand_id(product.brand), "name": product.brand, "slug": ""}],
        "images": [_image(product, origin)],
        "attributes": _attributes(product),
        "variations": [int(v.variant_id) for v in product.variants],
        "price_html": f"<span>&euro;{decimal_price(product.price)}</span>",
        "related_ids": near[:5],
        "has_options": variable,
        "_links": links(origin, f"products/{number}", "products"),
    }


def _brand_id(brand: str) -> int:
    return 300 + hashlib.sha256(brand.encode()).digest()[0]


def _page_parts() -> Json:
    empty: Json = {
        key: []
        for key in "upsell_ids cross_sell_ids tags default_attributes grouped_products".split()
    }
    return empty | {
        "external_url": "",
        "button_text": "",
        "sold_individually": False,
        "shipping_required": True,
        "shipping_taxable": True,
        "reviews_allowed": True,
        "average_rating": "0.00",
        "rating_count": 0,
        "parent_id": 0,
        "purchase_note": "",
        "menu_order": 0,
        "post_password": "",
    }


def _woo_variation(product: DemoProduct, variant: DemoVariant, at: int, origin: str) -> Json:
    number = int(variant.variant_id)
    slug = product.option.lower()
    path = f"products/{product.product_id}/variations"
    return {
        "id": number,
        "type": "variation",
        **stamps("created", _created(product)),
        **stamps("modified", _created(product)),
        **_goods(),
        "description": "",
        "permalink": f"{product_url(origin, product)}?attribute_{slug}={variant.label}",
        "sku": variant.sku,
        **_prices(variant.price, None),
        **_stock(variant.quantity, True),
        "image": _image(product, origin, variant.tone),
        "gallery_image_ids": [],
        "attributes": [{"id": 0, "name": product.option, "slug": slug, "option": variant.label}],
        "menu_order": at,
        "name": variant.label,
        "parent_id": int(product.product_id),
        "_links": links(origin, f"{path}/{number}", path),
    }


@cache
def _people() -> Json:
    text = (Path(__file__).parent / "data" / "people" / "names.yaml").read_text(encoding="utf-8")
    loaded: Json = yaml.safe_load(text)
    return loaded


def address(rng: random.Random) -> Json:
    """An invented person with an address: billing as WooCommerce keeps it."""
    people = _people()
    first, last = rng.choice(people["first"]), rng.choice(people["last"])
    city, postcode, country = rng.choice(people["cities"])
    domain = rng.choice(people["domains"])
    mail = f"{_ascii(first)}.{_ascii(last)}{rng.randrange(10, 99)}@{domain}"
    street = f"{rng.choice(people['streets'])} {rng.randrange(1, 180)}"
    return {
        "first_name": first,
        "last_name": last,
        "company": "",
        "address_1": street,
        "address_2": "",
        "city": city,
        "state": "",
        "postcode": postcode,
        "country": country,
        "email": mail,
        "phone": f"+3200000{rng.randrange(1000, 9999)}" if rng.random() < 0.5 else "",
    }


def _ascii(text: str) -> str:
    return slugify(text).replace("-", "")


def blank_address(with_email: bool = False) -> Json:
    """An address nobody filled in."""
    keys = "first_name last_name company address_1 address_2 city state postcode country".split()
    return {key: "" for key in [*keys, *(["email"] if with_email else []), "phone"]}


def woo_customers(
    seed: int = 7, n: int = 60, until: datetime = _OPENED, origin: str = "http://127.0.0.1"
) -> list[Json]:
    """`n` invented customers with an account, registered in the year before `until`."""
    rng = random.Random(f"customers {seed}")  # noqa: S311 (invented people)
    made: list[Json] = []
    seen: set[str] = set()
    while len(made) < n:
        person = address(rng)
        if person["email"] in seen:
            continue
        seen.add(person["email"])
        joined = until - timedelta(days=rng.randrange(180, 365), minutes=rng.randrange(1440))
        made.append(_woo_customer(_FIRST_CUSTOMER + len(made), person, joined, origin))
    return made


def _woo_customer(number: int, person: Json, joined: datetime, origin: str) -> Json:
    return {
        "id": number,
        **stamps("created", joined),
        **stamps("modified", joined),
        "email": person["email"],
        "first_name": person["first_name"],
        "last_name": person["last_name"],
        "role": "customer",
        "username": person["email"].split("@")[0],
        "billing": person,
        "shipping": blank_address(),
        "is_paying_customer": True,
        "avatar_url": f"{origin}/assets/avatar.svg",
        "meta_data": [],
        "_links": links(origin, f"customers/{number}", "customers"),
    }

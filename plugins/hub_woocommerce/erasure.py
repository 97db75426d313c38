"""Where a person still stands in a shop, and how its owner erases them there.

WooCommerce erases nobody over its API without losing the order itself, which the shop must keep
for its books. WordPress has its own tool, which makes orders anonymous; a person must press it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from hub.sdk.client import Answered
from hub.sdk.paging import Row
from hub.sdk.push import Erased
from hub.sdk.records import Identifier
from hub_woocommerce.client import Shop, row_id

_ADDRESS = re.compile(r"[^\s@*%<>,;]+@[^\s@*%<>,;]+\.[^\s@*%<>,;]+")
_FIELDS = {"_fields": "id,email,billing,customer_id"}


async def erase(shop: Shop, identifiers: Sequence[Identifier]) -> Erased:
    """Look for accounts and orders of these names; see hub.sdk.push.Erases.erase."""
    emails = {i.value.lower() for i in identifiers if i.type == "email"}
    emails = {email for email in emails if _ADDRESS.fullmatch(email)}
    numbers = {
        i.value for i in identifiers if i.type == "customer" and i.namespace == shop.ctx.shop
    }
    accounts = await _accounts(shop, emails, {n for n in numbers if n.isdecimal()})
    emails |= {str(row.get("email", "")).lower() for row in accounts.values()} - {""}
    orders = await _orders(shop, emails, list(accounts))
    if not accounts and not orders:
        return Erased("nothing")
    found = [f"{len(accounts)} accounts", f"{len(orders)} orders"]
    place = urlsplit(shop.ctx.config.get("url", "")).hostname or "the shop"
    note = (
        f"{place} holds {' and '.join(found)}. In WordPress go to Tools > Erase Personal Data and "
        f"enter {', '.join(sorted(emails))}. Orders lose the name only while WooCommerce > "
        'Settings > Accounts & Privacy says "Remove personal data from orders on request".'
    )
    numbered = [f"account {n}" for n in sorted(accounts)] + [f"order {n}" for n in sorted(orders)]
    return Erased("manual", ", ".join(numbered)[:500], note)


async def _accounts(shop: Shop, emails: set[str], numbers: set[str]) -> dict[int, Row]:
    found: dict[int, Row] = {}
    for email in sorted(emails):
        for row in await shop.every("/customers", {**_FIELDS, "role": "all", "email": email}):
            if str(row.get("email", "")).lower() == email:  # an old shop may not know the filter
                found[row_id(row)] = row
    for number in sorted(numbers):
        try:
            row = await shop.one(f"/customers/{number}", _FIELDS)
        except Answered as error:
            if error.status != 404:
                raise
        else:
            found[row_id(row)] = row
    return found


async def _orders(shop: Shop, emails: set[str], accounts: list[int]) -> set[int]:
    found: set[int] = set()
    for status in ("any", "trash"):
        fixed = {**_FIELDS, "status": status}
        for email in sorted(emails):
            for row in await shop.every("/orders", {**fixed, "search": email}):
                billing = row.get("billing")
                held = billing.get("email") if isinstance(billing, dict) else ""
                if str(held).lower() == email:  # the search also finds parts of words
                    found.add(row_id(row))
        for account in accounts:
            rows = await shop.every("/orders", {**fixed, "customer": str(account)})
            found |= {row_id(row) for row in rows if row.get("customer_id") == account}
    return found

"""HubSpot's JSON as the hub's records. Pure: no network, no clock.

Every value of a property is text, or null where it is empty; a property that was not asked for
is absent. Demand only what a record needs and read the rest leniently.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hub.sdk.errors import Broken, InvalidRecord
from hub.sdk.identifiers import clean_email
from hub.sdk.money import currency_code, decimal, minor_units
from hub.sdk.records import Customer, Order, OrderStatus

Raw = dict[str, Any]

# property of a contact -> trait
TRAITS = {
    "city": "city",
    "country": "country",
    "company": "company",
    "lifecyclestage": "lifecycle_stage",
    "hs_language": "language",
}
OPT_OUT = "hs_email_optout"
CONTACT_PROPERTIES = (
    "email",
    "firstname",
    "lastname",
    "phone",
    "mobilephone",
    "hs_additional_emails",
    "createdate",
    "lastmodifieddate",
    "hs_object_id",
    OPT_OUT,
    *TRAITS,
)
DEAL_PROPERTIES = (
    "dealname",
    "amount",
    "deal_currency_code",
    "dealstage",
    "pipeline",
    "hs_is_closed",
    "hs_is_closed_won",
    "closedate",
    "createdate",
    "hs_lastmodifieddate",
    "hs_object_id",
)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def account(raw: Raw) -> tuple[str, str]:
    """Name and currency of the account, from the present or the former account call."""
    number = raw.get("portalId")
    name = str(raw.get("portalName") or f"HubSpot account {number or ''}").strip()
    currency = raw.get("companyCurrency") or raw.get("currency")
    return name, currency if isinstance(currency, str) else ""


def customer(raw: Raw, shop: str) -> Customer:
    """A contact."""
    held = _properties(raw)
    traits: dict[str, str | int | float | bool] = {
        trait: value for name, trait in TRAITS.items() if (value := _text(held, name))
    }
    if (opted_out := _text(held, OPT_OUT)) in {"true", "false"}:
        traits["email_opt_out"] = opted_out == "true"
    return Customer(
        shop=shop,
        customer_id=row_id(raw),
        updated_at=_changed(raw, "lastmodifieddate"),
        email=_text(held, "email"),
        phone=_text(held, "phone") or _text(held, "mobilephone"),
        first_name=_text(held, "firstname"),
        last_name=_text(held, "lastname"),
        traits=traits,
        deleted=raw.get("archived") is True,
    )


def order(raw: Raw, shop: str, currency: str) -> Order:
    """A deal. `contacts` is what was asked for beside it: a deal of several contacts is of
    nobody in particular. `currency` is that of the account, for deals that name none."""
    held = _properties(raw)
    money = currency_code(_text(held, "deal_currency_code") or currency, "deal_currency_code")
    status = _status(held)
    created = _time(held.get("createdate") or raw.get("createdAt"), "createdate")
    closed = held.get("closedate") if status == "paid" else None
    contacts = raw.get("contacts")
    only = contacts[0] if isinstance(contacts, list) and len(contacts) == 1 else ""
    return Order(
        shop=shop,
        order_id=row_id(raw),
        status=status,
        placed_at=_time(closed, "closedate") if closed else created,
        updated_at=_changed(raw, "hs_lastmodifieddate"),
        currency=money,
        total=minor_units(decimal(held.get("amount"), "amount"), money),
        customer_id=str(only),
        number=_text(held, "dealname"),
        deleted=raw.get("archived") is True,
    )


def associated(answer: Raw) -> dict[str, list[str]]:
    """The ids of the contacts of each deal. A deal without any is not in the answer."""
    found: dict[str, list[str]] = {}
    results = answer.get("results")
    if not isinstance(results, list):
        raise Broken("HubSpot answered without a list of associations.")
    for one in results:
        try:
            found[str(one["from"]["id"])] = [str(to["toObjectId"]) for to in one["to"]]
        except (KeyError, TypeError):
            raise Broken("HubSpot answered with associations in an unknown form.") from None
    return found


def row_id(raw: Raw) -> str:
    """The record's id, which HubSpot writes as text and which is a number."""
    value = raw.get("id")
    if isinstance(value, bool) or not isinstance(value, int | str) or not str(value).isdigit():
        raise InvalidRecord("is missing", field="id")
    return str(value)


def millis(moment: datetime) -> int:
    """Milliseconds since 1970, as filters want them; never through a float."""
    return (moment - EPOCH) // timedelta(milliseconds=1)


def stamp(raw: Raw, name: str) -> int | None:
    """When the row was changed, as the search compares it; None when it does not say."""
    try:
        return millis(_time(_properties(raw).get(name) or raw.get("updatedAt"), name))
    except InvalidRecord:
        return None


def archived_at(raw: Raw) -> int | None:
    """When the row was put into the recycle bin, in milliseconds."""
    try:
        return millis(_time(raw.get("archivedAt"), "archivedAt"))
    except InvalidRecord:
        return None


def emails(raw: Raw) -> set[str]:
    """Every address of a contact, the further ones too, in lower case."""
    held = _properties(raw)
    texts = [_text(held, "email"), *_text(held, "hs_additional_emails").split(";")]
    return {email for text in texts if (email := clean_email(text))}


def _status(held: Raw) -> OrderStatus:
    if _text(held, "hs_is_closed_won") == "true":
        return "paid"
    return "cancelled" if _text(held, "hs_is_closed") == "true" else "pending"


def _changed(raw: Raw, name: str) -> datetime:
    """The newest of what is said of the last change: archiving counts as one."""
    changed = _time(_properties(raw).get(name) or raw.get("updatedAt"), name)
    if raw.get("archived") is True and raw.get("archivedAt"):
        return max(changed, _time(raw["archivedAt"], "archivedAt"))
    return changed


def _properties(raw: Raw) -> Raw:
    value = raw.get("properties")
    return value if isinstance(value, dict) else {}


def _text(raw: Raw, key: str) -> str:
    value = raw.get(key)
    return value.strip() if isinstance(value, str) else ""


def _time(value: object, field: str) -> datetime:
    try:
        moment = datetime.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        raise InvalidRecord("is not a time", field=field) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

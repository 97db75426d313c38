"""The operations of the API, each one flow."""

from __future__ import annotations

from typing import Any

import msgspec

from hub.flows.accept import accounting
from hub.flows.activity import PERIODS, Activity, activity
from hub.flows.audit import note
from hub.flows.decisions_read import DecisionList, list_decisions
from hub.flows.health import Health, health
from hub.flows.orders_read import OrderList, OrderPage, list_orders, order_page
from hub.flows.overview import Overview, overview
from hub.flows.people import PeoplePage, PersonPage, find_people, living_person, person_page
from hub.flows.products_read import ProductList, ProductPage, list_products, product_page
from hub.flows.publish import publish
from hub.flows.timeline import Timeline, timeline
from hub.flows.why import Why, why
from hub.flows.widgets_admin import (
    Editing,
    VersionLine,
    WidgetLine,
    list_widgets,
    load_widget,
    widget_versions,
)
from hub.web.api.door import BadQuestion, Call, Line, Missing
from hub.web.api.events import LINES as EVENTS
from hub.web.api.facts import LINES as FACTS
from hub.web.api.merges import LINES as MERGES


class Session(msgspec.Struct, frozen=True):
    """Send `csrf` as the header X-CSRF with every change."""

    email: str
    role: str
    csrf: str


class WidgetAnswer(msgspec.Struct, frozen=True):
    widget: Editing
    versions: list[VersionLine]


class PublishRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`text` left out publishes the draft; `base_version` is the version it began from."""

    base_version: int
    text: str | None = None


class Published(msgspec.Struct, frozen=True):
    key: str
    version: int


class AccountLine(msgspec.Struct, frozen=True):
    """received = stored + duplicate + rejected(reason)."""

    day: str
    source_id: int
    received: int
    stored: int
    duplicate: int
    conflict: int
    rejected: dict[str, int]


async def _session(call: Call) -> Session:
    return Session(call.staff.email, call.staff.role, call.csrf)


async def _overview(call: Call) -> Overview:
    return await overview(call.hub)


async def _activity(call: Call) -> Activity:
    said = call.query("days") or "30"
    if said not in map(str, PERIODS):
        raise BadQuestion("days", f"one of {', '.join(map(str, PERIODS))}")
    return await activity(call.hub, int(said))


async def _people(call: Call) -> PeoplePage:
    return await find_people(call.hub, call.query("q"), call.query("after"))


async def _person(call: Call) -> PersonPage:
    person_id = call.path("id")
    found = await person_page(call.hub, person_id)
    if found is None:
        living = await living_person(call.hub, person_id)
        found = await person_page(call.hub, living) if living else None
    if found is None:
        raise Missing("id")
    await note(call.hub, call.staff.email, "view", str(found.person.id))
    return found


async def _timeline(call: Call) -> Timeline:
    return await timeline(call.hub, call.path("id"), call.query("before"))


async def _orders(call: Call) -> OrderList:
    chosen = {name: call.query(name) for name in ("query", "status", "provisional", "after")}
    return await list_orders(call.hub, **chosen)


async def _order(call: Call) -> OrderPage:
    found = await order_page(call.hub, call.path("id"))
    if found is None:
        raise Missing("id")
    return found


async def _products(call: Call) -> ProductList:
    chosen = {name: call.query(name) for name in ("query", "stock", "after")}
    return await list_products(call.hub, **chosen)


async def _product(call: Call) -> ProductPage:
    found = await product_page(call.hub, call.path("id"))
    if found is None:
        raise Missing("id")
    return found


async def _widgets(call: Call) -> list[WidgetLine]:
    return await list_widgets(call.hub)


async def _widget(call: Call) -> WidgetAnswer:
    key = call.path("key")
    found = await load_widget(call.hub, key)
    if found is None:
        raise Missing("key")
    return WidgetAnswer(found, await widget_versions(call.hub, key))


async def _publish(call: Call) -> Published:
    key = call.path("key")
    try:
        asked = msgspec.json.decode(call.body, type=PublishRequest)
    except (msgspec.DecodeError, RecursionError) as error:
        raise BadQuestion("body", str(error)) from error
    editing = await load_widget(call.hub, key)
    if editing is None and asked.text is None:
        raise Missing("key")
    text = asked.text if asked.text is not None or editing is None else editing.text
    done = await publish(
        call.hub, key, text or "", base_version=asked.base_version, author=call.staff.email
    )
    return Published(done.key, done.version)


async def _decisions(call: Call) -> DecisionList:
    person = call.query("person")
    return await list_decisions(
        call.hub,
        person_id=int(person) if person.isdecimal() and len(person) < 16 else 0,
        widget=call.query("widget"),
        after=call.query("after"),
    )


async def _why(call: Call) -> Why:
    found = await why(call.hub, call.path("id"))
    if found is None:
        raise Missing("id")
    return found


async def _accounting(call: Call) -> Any:
    return await accounting(call.hub)


async def _health(call: Call) -> Health:
    return await health(call.hub)


LINES = (
    Line("GET", "/session", _session, Session, "Who is signed in"),
    Line("GET", "/overview", _overview, Overview, "The numbers of the first page"),
    Line("GET", "/activity", _activity, Activity, "Events, page views and orders per day",
         query=("days",)),
    Line("GET", "/people", _people, PeoplePage, "Search people", query=("q", "after")),
    Line("GET", "/people/{id:int}", _person, PersonPage, "One person", scope="people.read"),
    Line("GET", "/people/{id:int}/timeline", _timeline, Timeline, "A person's past, newest first",
         query=("before",), scope="people.read"),
    *FACTS,
    *MERGES,
    *EVENTS,
    Line("GET", "/orders", _orders, OrderList, "Orders, last placed first",
         query=("query", "status", "provisional", "after")),
    Line("GET", "/orders/{id:int}", _order, OrderPage, "One order"),
    Line("GET", "/products", _products, ProductList, "Products by title",
         query=("query", "stock", "after")),
    Line("GET", "/products/{id:int}", _product, ProductPage, "One product"),
    Line("GET", "/widgets", _widgets, list[WidgetLine], "All widgets"),
    Line("GET", "/widgets/{key}", _widget, WidgetAnswer, "A widget: draft and versions"),
    Line("POST", "/widgets/{key}/publish", _publish, Published, "Make a text the live version",
         policy="editor", body=PublishRequest),
    Line("GET", "/decisions", _decisions, DecisionList, "Decisions on record, newest first",
         query=("person", "widget", "after")),
    Line("GET", "/decisions/{id}/why", _why, Why, "Why a decision was as it was"),
    Line("GET", "/accounting", _accounting, list[AccountLine], "What became of every event"),
    Line("GET", "/health", _health, Health, "Whether everything works"),
)  # fmt: skip

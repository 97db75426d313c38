"""A fact of a person: its past, correcting it; and the whole person as of a moment."""

from __future__ import annotations

from datetime import datetime

from starlette.responses import Response

from hub.clock import read_moment, to_ms
from hub.flows.as_of import TooMuch, person_then
from hub.flows.corrections import CanNotCorrect, Value, correct_trait, release_trait
from hub.flows.trait_history import trait_history
from hub.web.admin.ask import Ask, Line, NotFound


async def show(ask: Ask, errors: dict[str, str] | None = None) -> Response:
    key = ask.said("key") or ask.query("key")
    person_id = ask.path("id")
    past = await trait_history(ask.hub, person_id, key, ask.query("before"))
    if past is None or not key:
        raise NotFound
    return ask.page(
        "people/fact.html",
        422 if errors else 200,
        past=past,
        person_id=person_id,
        sources=ask.hub.sources,
        errors=errors or {},
        value=ask.said("value"),
        kind=ask.said("kind", "text"),
    )


async def correct(ask: Ask) -> Response:
    key, person_id = ask.said("key"), ask.path("id")
    try:
        if ask.said("do") == "release":
            await release_trait(ask.hub, person_id, key, by=ask.staff.email)
        else:
            value = _value(ask.said("kind"), ask.said("value"))
            await correct_trait(ask.hub, person_id, key, value, by=ask.staff.email)
    except CanNotCorrect as error:
        return await show(ask, {error.field: str(error)})
    except LookupError as error:
        raise NotFound from error
    return ask.go(f"/people/{person_id}", "saved")


def _value(kind: str, text: str) -> Value:
    if kind == "none":
        return None
    if kind == "yes_no":
        return text.strip().casefold() in {"yes", "true", "1", "ja", "on"}
    if kind == "number":
        try:
            return float(text) if "." in text else int(text)
        except ValueError as error:
            raise CanNotCorrect("value", "a number, such as 12 or 3.5") from error
    if not text.strip():
        raise CanNotCorrect("value", "say what is right, or choose that there is no value")
    return text


async def then(ask: Ask) -> Response:
    person_id, text = ask.path("id"), ask.query("at")
    zone = ask.hub.workspace.zone
    fault, found = "", None
    try:
        moment = read_moment(text, zone) if text else ask.hub.clock.now()
        found = await person_then(ask.hub, person_id, to_ms(moment))
    except (ValueError, TooMuch) as error:
        moment, fault = ask.hub.clock.now(), str(error)
    return ask.page(
        "people/then.html",
        422 if fault else 200,
        view=found,
        person_id=person_id,
        at=_field(moment.astimezone(zone)),
        fault=fault,
    )


def _field(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M")


LINES = (
    Line("GET", "/people/{id:int}/fact", show),
    Line("POST", "/people/{id:int}/fact", correct, "editor"),
    Line("GET", "/people/{id:int}/then", then),
)

"""Facts of a person: the past of one, correcting it, and everything as of a moment."""

from __future__ import annotations

from typing import Any

import msgspec

from hub.clock import read_moment, to_ms
from hub.flows.as_of import PersonThen, TooMuch, person_then
from hub.flows.corrections import CanNotCorrect, correct_trait, release_trait
from hub.flows.profile import Profile, Unnamed, find_profile, named
from hub.flows.trait_history import TraitHistory, trait_history
from hub.web.api.door import BadQuestion, Call, Line, Missing


class Correction(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`value` null: the person has no such fact."""

    key: str
    value: str | int | float | bool | None


class Wanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One identifier. It is asked for in a body, because addresses in a path stay in the logs of
    every machine on the way. `shop`: needed for numbers of a shop where there are several."""

    type: str
    value: str
    shop: str = ""


class Release(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    key: str


class Done(msgspec.Struct, frozen=True):
    ok: bool


async def _past(call: Call) -> TraitHistory:
    key = call.query("key")
    if not key:
        raise BadQuestion("key", "the name of a fact, such as first_name")
    found = await trait_history(call.hub, call.path("id"), key, call.query("before"))
    if found is None:
        raise Missing("id")
    return found


async def _then(call: Call) -> PersonThen:
    try:
        moment = read_moment(call.query("at"), call.hub.workspace.zone)
        found = await person_then(call.hub, call.path("id"), to_ms(moment))
    except (ValueError, TooMuch) as error:
        raise BadQuestion("at", str(error)) from error
    if found is None:
        raise Missing("id")
    return found


async def _correct(call: Call) -> Done:
    asked = _read(call, Correction)
    try:
        await correct_trait(
            call.hub, call.path("id"), asked.key, asked.value, by=call.staff.email
        )  # fmt: skip
    except CanNotCorrect as error:
        raise BadQuestion(error.field, str(error)) from error
    except LookupError as error:
        raise Missing("id") from error
    return Done(True)


async def _release(call: Call) -> Done:
    asked = _read(call, Release)
    try:
        await release_trait(call.hub, call.path("id"), asked.key, by=call.staff.email)
    except CanNotCorrect as error:
        raise BadQuestion(error.field, str(error)) from error
    except LookupError as error:
        raise Missing("id") from error
    return Done(True)


def _read(call: Call, kind: Any) -> Any:
    try:
        return msgspec.json.decode(call.body, type=kind)
    except (msgspec.DecodeError, RecursionError) as error:
        raise BadQuestion("body", str(error)) from error


async def _find(call: Call) -> Profile:
    asked = _read(call, Wanted)
    try:
        name = named(call.hub, asked.type, asked.value, asked.shop)
    except Unnamed as error:
        raise BadQuestion(error.field, str(error)) from error
    found = await find_profile(call.hub, name)
    if found is None:
        raise Missing("value")
    return found


LINES = (
    Line("POST", "/people/find", _find, Profile, "Who has an identifier",
         policy="editor", body=Wanted, scope="people.read"),
    Line("GET", "/people/{id:int}/fact", _past, TraitHistory, "Every value one fact had",
         query=("key", "before"), scope="people.read"),
    Line("GET", "/people/{id:int}/then", _then, PersonThen, "A person as known at a moment",
         query=("at",), scope="people.read"),
    Line("POST", "/people/{id:int}/correct", _correct, Done, "Correct a fact",
         policy="editor", body=Correction, scope="people.write"),
    Line("POST", "/people/{id:int}/release", _release, Done, "Let the systems have their say",
         policy="editor", body=Release, scope="people.write"),
)  # fmt: skip

"""Merges: what joined a person, undone and allowed again."""

from __future__ import annotations

from typing import Any

import msgspec

from hub.flows.unmerge import CanNotPart, Merges, list_merges, release, unmerge
from hub.web.api.door import BadQuestion, Call, Line

MAX_ID = 2**53


class UnmergeRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`other` left out splits the identifier off from all it is joined with."""

    identifier: int
    other: int = 0


class ReleaseRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    identifier: int
    other: int


class PersonNow(msgspec.Struct, frozen=True):
    """The number of the person that the identifier is now."""

    person: int


async def _merges(call: Call) -> Merges:
    return await list_merges(call.hub, call.path("id"))


async def _unmerge(call: Call) -> PersonNow:
    asked = _read(call, UnmergeRequest)
    try:
        by = call.staff.email
        return PersonNow(await unmerge(call.hub, asked.identifier, asked.other, by=by))
    except CanNotPart as error:
        raise BadQuestion("identifier", str(error)) from error


async def _release(call: Call) -> PersonNow:
    asked = _read(call, ReleaseRequest)
    try:
        by = call.staff.email
        return PersonNow(await release(call.hub, asked.identifier, asked.other, by=by))
    except CanNotPart as error:
        raise BadQuestion("identifier", str(error)) from error


def _read(call: Call, kind: Any) -> Any:
    try:
        asked = msgspec.json.decode(call.body, type=kind)
    except (msgspec.DecodeError, RecursionError) as error:
        raise BadQuestion("body", str(error)) from error
    if not (0 < asked.identifier < MAX_ID and 0 <= asked.other < MAX_ID):
        raise BadQuestion("identifier", "the number of an identifier")
    return asked


LINES = (
    Line("GET", "/people/{id:int}/merges", _merges, Merges, "What joined a person's identifiers"),
    Line("POST", "/identifiers/unmerge", _unmerge, PersonNow, "Part two identifiers",
         policy="editor", body=UnmergeRequest),
    Line("POST", "/identifiers/release", _release, PersonNow, "Let links join them again",
         policy="editor", body=ReleaseRequest),
)  # fmt: skip

"""Events: the dictionary of what arrives."""

from __future__ import annotations

from hub.flows.dictionary_read import KindList, KindPage, kind_page, list_kinds
from hub.web.api.door import Call, Line, Missing


async def _events(call: Call) -> KindList:
    return await list_kinds(call.hub, call.query("query"), call.query("source"))


async def _event(call: Call) -> KindPage:
    found = await kind_page(call.hub, call.path("id"))
    if found is None:
        raise Missing("id")
    return found


LINES = (
    Line("GET", "/events", _events, KindList, "Every kind of event that arrives",
         query=("query", "source")),
    Line("GET", "/events/{id:int}", _event, KindPage, "One kind of event with its fields"),
)  # fmt: skip

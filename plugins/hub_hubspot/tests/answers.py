"""How HubSpot answers: its search, and the bodies of its refusals."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.responses import JSONResponse, Response

Row = dict[str, Any]
CORRELATION = "2b1a7c5e-0d6f-4a39-8e11-5d7f3f2a9c40"
MOST_A_PAGE = 200
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def ms(text: str) -> int:
    """A time of the API as milliseconds since 1970."""
    return (datetime.fromisoformat(text) - EPOCH) // timedelta(milliseconds=1)


def searched(rows: Iterable[Row], ask: Row, most: int) -> tuple[list[Row] | str, Row]:
    """The page that was asked for and what stands beside it, or the words of a refusal."""
    size, offset = int(ask.get("limit", 10)), int(ask.get("after") or 0)
    if size > MOST_A_PAGE:
        return f"Invalid limit {size}: it must be at most {MOST_A_PAGE}", {}
    if offset + size > most:
        return f"The 'after' parameter must not page beyond {most} results", {}
    groups = ask.get("filterGroups") or []
    found = [row for row in rows if not row["archived"] and _matches(row, groups)]
    for sort in reversed(ask.get("sorts") or []):
        name, down = sort["propertyName"], sort["direction"] == "DESCENDING"
        found.sort(key=lambda row, name=name: _value(row, name), reverse=down)  # type: ignore[misc]
    page = found[offset : offset + size]
    more: Row = {"total": len(found)}
    if offset + size < len(found):
        more["paging"] = {"next": {"after": str(offset + size)}}
    return [shown(row, ask.get("properties") or []) for row in page], more


def shown(row: Row, properties: Sequence[str]) -> Row:
    """The row with the properties that were asked for, and those that are always there."""
    always = {"createdate", "lastmodifieddate", "hs_lastmodifieddate", "hs_object_id"}
    held = row["properties"]
    names = [name for name in held if name in always or name in properties]
    return {**row, "properties": {name: held[name] for name in sorted(names)}}


def _matches(row: Row, groups: Sequence[Row]) -> bool:
    """Groups are alternatives, the filters of one group hold together."""
    return not groups or any(all(_holds(row, one) for one in g["filters"]) for g in groups)


def _holds(row: Row, asked: Row) -> bool:
    name, operator, wanted = asked["propertyName"], asked["operator"], asked["value"]
    text = row["properties"].get(name)
    if text is None:
        return False
    if operator == "CONTAINS_TOKEN":
        return any(part in text for part in wanted.split("@"))
    if operator == "EQ":
        return bool(text == wanted)
    own = _value(row, name)
    return {"GT": own > int(wanted), "GTE": own >= int(wanted), "LTE": own <= int(wanted)}[operator]


def _value(row: Row, name: str) -> int:
    text = row["properties"][name]
    return int(text) if name == "hs_object_id" else ms(text)


def refusal(status: int, message: str, category: str, **more: Any) -> Response:
    """An error in HubSpot's form."""
    body = {"status": "error", "message": message, "correlationId": CORRELATION}
    return JSONResponse({**body, **more, "category": category}, status)


def not_authenticated() -> Response:
    return refusal(401, "Authentication credentials not found.", "INVALID_AUTHENTICATION")


def not_found(number: int) -> Response:
    errors = [{"message": f"The contact {number} does not exist."}]
    return refusal(404, "contact does not exist", "OBJECT_NOT_FOUND", errors=errors)


def bad_request(message: str) -> Response:
    return refusal(400, message, "VALIDATION_ERROR")


def slow_down() -> Response:
    """As recorded: no Retry-After, only what is left of the day."""
    answer = refusal(429, "You have reached your secondly limit.", "RATE_LIMITS")
    answer.headers["X-HubSpot-RateLimit-Daily"] = "250000"
    answer.headers["X-HubSpot-RateLimit-Daily-Remaining"] = "248684"
    return answer

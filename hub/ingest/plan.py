"""A tracking plan: what the events of one source should hold, as JSON Schema, compiled once.

Patterns run in time that grows with the text alone, and nothing is ever fetched or read from a
file: references are refused, a plan is written out in full.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import jsonschema_rs
import msgspec

Mode = Literal["warn", "reject"]
MODES = ("warn", "reject")
EVENT, TRAITS = "event", "traits"
MAX_EVENTS = 500
MAX_DEPTH = 20
SHOWN = 20  # faults of one event that are noted
PATTERN_BYTES = 1024 * 1024  # of a compiled pattern
_REFERENCES = {"$ref", "$dynamicRef", "$recursiveRef", "$id", "$schema", "$anchor",
               "$dynamicAnchor", "$vocabulary"}  # fmt: skip
_SAID = {
    "type": "another type than planned", "required": "is missing",
    "enum": "none of the planned values", "const": "not the planned value",
    "pattern": "does not fit the pattern",
    "additionalProperties": "holds a field that is not in the plan",
    "unplanned": "is not in the plan", "others": "more places than are listed",
}  # fmt: skip


class InvalidPlan(Exception):
    """The plan can not be used; the message names the place."""


class PlanText(msgspec.Struct, forbid_unknown_fields=True):
    """A plan as it is written: a JSON Schema for each event name, and one for traits."""

    mode: Mode
    events: dict[str, dict[str, Any]] = {}
    traits: dict[str, Any] | None = None
    unplanned: Literal["allow", "report"] = "allow"  # events whose name is not in the plan


class Fault(msgspec.Struct, frozen=True):
    """Where an event differs from the plan. It holds no value: that may be personal."""

    scope: str
    name: str
    path: str
    rule: str

    @property
    def text(self) -> str:
        return _SAID.get(self.rule, f"breaks the rule '{self.rule}'")


class Plan:
    """A plan ready for use. Raises InvalidPlan."""

    def __init__(self, data: Any) -> None:
        try:
            said = msgspec.convert(data, PlanText)
        except msgspec.ValidationError as error:
            raise InvalidPlan(f"plan: {error}") from error
        if len(said.events) > MAX_EVENTS:
            raise InvalidPlan(f"events: {len(said.events)} of them, at most {MAX_EVENTS}")
        self.mode: Mode = said.mode
        self._unplanned = said.unplanned == "report"
        self._events = {
            name: _compiled(schema, f"events.{name}") for name, schema in said.events.items()
        }
        self._traits = None if said.traits is None else _compiled(said.traits, "traits")

    def faults(
        self, name: str, properties: Mapping[str, Any] | None, traits: Mapping[str, Any]
    ) -> list[Fault]:
        """Where one event differs; an empty list for most."""
        found: list[Fault] = []
        schema = self._events.get(name)
        if schema is not None:
            found = _check(schema, properties or {}, EVENT, name)
        elif self._unplanned:  # the dictionary knows the names, and this is bounded
            found = [Fault(EVENT, "", "", "unplanned")]
        if self._traits is not None and traits:
            found += _check(self._traits, traits, TRAITS, "Traits")
        return found


def _check(schema: Any, value: Any, scope: str, name: str) -> list[Fault]:
    try:
        if schema.is_valid(value):
            return []
        found: dict[Fault, None] = {}
        for error in schema.iter_errors(value):
            found[Fault(scope, name, *_place(error))] = None
            if len(found) >= SHOWN:
                break
        return list(found)
    except (ValueError, OverflowError):  # a number or text that no schema can speak of
        return [Fault(scope, name, "", "type")]


def _place(error: Any) -> tuple[str, str]:
    """The path as the dictionary writes it, and the keyword of the schema."""
    steps = [step for step in error.schema_path if isinstance(step, str)]
    rule = steps[-1] if steps else ""
    parts: list[str] = []
    for step in error.instance_path:
        if isinstance(step, int):
            parts[-1:] = [f"{parts[-1] if parts else ''}[]"]
        else:
            parts.append(step.replace(".", "\\."))
    missing = getattr(error.kind, "property", None) if rule == "required" else None
    if isinstance(missing, str):
        parts.append(missing.replace(".", "\\."))
    return ".".join(parts)[:200], rule[:40]


def _compiled(schema: dict[str, Any], place: str) -> Any:
    _look(schema, place, 0)
    options = jsonschema_rs.RegexOptions(size_limit=PATTERN_BYTES, dfa_size_limit=PATTERN_BYTES)
    try:
        return jsonschema_rs.Draft202012Validator(
            schema, pattern_options=options, validate_formats=False
        )
    except jsonschema_rs.ValidationError as error:
        raise InvalidPlan(f"{place}: {str(error.message)[:300]}") from error
    except (ValueError, OverflowError) as error:
        raise InvalidPlan(f"{place}: {str(error)[:300]}") from error


def _look(value: Any, place: str, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise InvalidPlan(f"{place[:200]}: nested deeper than {MAX_DEPTH} levels")
    if isinstance(value, dict):
        for key, inner in value.items():
            if not isinstance(key, str):
                raise InvalidPlan(f"{place[:200]}: the name {key} must be text; write it in quotes")
            if key in _REFERENCES:
                raise InvalidPlan(f"{place[:200]}: {key} is not used here; write it out in full")
            _look(inner, f"{place}.{key}", depth + 1)
    elif isinstance(value, list):
        for inner in value:
            _look(inner, place, depth + 1)

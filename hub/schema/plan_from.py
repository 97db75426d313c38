"""A tracking plan made from what arrived: all that came fits it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from hub.schema.seen import EVENT, OTHERS, TRAITS, Field, Key, Kind

SURE = 20  # events, before a field that all of them carry is called required
_TYPES = {"text": "string", "number": "number", "boolean": "boolean", "list": "array",
          "object": "object", "null": "null"}  # fmt: skip
_PARTS = re.compile(r"(?:\\\.|[^.])+")


def plan_from(kinds: Mapping[Key, Kind], mode: str = "warn") -> dict[str, Any]:
    """The plan as plain data, ready to be written as YAML."""
    plan: dict[str, Any] = {"mode": mode, "unplanned": "allow", "events": {}}
    for (scope, name), kind in sorted(kinds.items()):
        if scope == EVENT and name != OTHERS:
            plan["events"][name] = _schema(kind)
        elif scope == TRAITS:
            plan["traits"] = _schema(kind)
    return plan


def _schema(kind: Kind) -> dict[str, Any]:
    root: dict[str, Any] = {"type": "object"}
    for path, field in sorted(kind.fields.items()):
        node = root
        for part in _PARTS.findall(path):
            key = part.removesuffix("[]")
            lists = 0
            while key.endswith("[]"):
                key, lists = key.removesuffix("[]"), lists + 1
            lists += part.endswith("[]")
            node = node.setdefault("properties", {}).setdefault(key.replace("\\.", "."), {})
            for _ in range(lists):
                node = node.setdefault("items", {})
        if not path.endswith("[]"):  # objects in a list are known by their fields alone
            node["type"] = _type(field)
        if kind.n >= SURE and field.n == kind.n and "." not in path and "[]" not in path:
            root.setdefault("required", []).append(path)
    return root


def _type(field: Field) -> str | list[str]:
    types = sorted(_TYPES[shape] for shape in field.types)
    return types[0] if len(types) == 1 else types

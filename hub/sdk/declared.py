"""Whether a declaration of a plugin has the shape that its hook asks for."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from hub.sdk.push import ability_faults
from hub.sdk.widgets import WidgetType

__all__ = ["SHAPES", "Shape", "faults", "name_of"]

NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
RESERVED: Final = frozenset({"none"})  # says in a widget that there is no recommender


class Shape(msgspec.Struct, frozen=True):
    """What a declared thing must have. `key`: the attribute that names it among its kind."""

    what: str
    key: str = "name"
    values: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()


_CONNECTOR = Shape(
    "a connector",
    values=("title", "fields", "streams", "webhook_topics"),
    methods=("check", "pull", "webhook", "after_connect"),
)
_WIDGET = Shape("a WidgetType", values=("title", "fields"), methods=("clean",))
_CONDITION = Shape(
    "a condition class",
    key="kind",
    methods=(
        *("parse", "describe", "dump", "evaluate", "query"),
        *("sentence", "found", "needs", "parts", "counts"),
    ),
)
SHAPES: Final = {
    "register_connectors": _CONNECTOR,
    "register_channels": Shape("a channel", methods=("configure", "send")),
    "register_widgets": _WIDGET,
    "register_conditions": _CONDITION,
    "register_recommenders": Shape(
        "a recommender", values=("title", "needs_visitor"), methods=("rank",)
    ),
}


def name_of(hook: str, thing: object) -> str:
    """The name of a declared thing among its kind; "" when it has none."""
    name = getattr(thing, SHAPES[hook].key, "")
    return name if isinstance(name, str) else ""


def faults(hook: str, thing: object) -> list[str]:
    """What is wrong with one declaration of a hook, one sentence each; empty when nothing is."""
    shape = SHAPES[hook]
    if hook == "register_widgets" and not isinstance(thing, WidgetType):
        return [f"{_shown(thing)} is not a WidgetType"]
    if (hook == "register_conditions") is not isinstance(thing, type):
        return [f"{_shown(thing)} is not {shape.what}: declare {_form(hook)}"]
    name = name_of(hook, thing)
    if not NAME.fullmatch(name) or name in RESERVED:
        said = f"{name!r}" if name else "nothing"
        return [
            f"{_shown(thing)}: {shape.key} is {said}; use small letters, digits and _, at most 40"
        ]
    lacking = [value for value in shape.values if not hasattr(thing, value)]
    lacking += [f"{method}()" for method in shape.methods if not _has(thing, method)]
    found = [f"{name} is not {shape.what}: it has no {', '.join(lacking)}"] if lacking else []
    if hook == "register_connectors":
        found += [f"{name}: {fault}" for fault in ability_faults(thing)]
    return found


def _has(thing: object, method: str) -> bool:
    return callable(getattr(thing, method, None))


def _form(hook: str) -> str:
    return "the class itself" if hook == "register_conditions" else "an instance, not the class"


def _shown(thing: object) -> str:
    return thing.__name__ if isinstance(thing, type) else f"a {type(thing).__name__}"

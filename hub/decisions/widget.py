"""A widget's configuration: one text that people edit, read strictly, written canonically."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Literal

import msgspec
import yaml

from hub.conditions.counters import walk
from hub.conditions.parse import ConditionLanguage
from hub.decisions import plain_yaml
from hub.sdk.conditions import Condition, InvalidCondition
from hub.sdk.recommender import Recommender

KEY = re.compile(r"^[a-z0-9][a-z0-9-]{0,79}$")
SLOT = re.compile(r"^[a-z0-9][a-z0-9_-]{0,79}$")
OVERLAY = "overlay"
MAX_YAML = 64 * 1024
# The trigger's number: seconds, percent of the page, or nothing.
TRIGGERS = {"load": None, "delay": (0, 600), "scroll": (1, 100), "exit": None}
NO_FALLBACK = "none"


class InvalidWidget(Exception):
    """The text can not be published; `field` is the place, the message the remedy."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field


class Trigger(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    on: Literal["load", "delay", "scroll", "exit"] = "load"
    value: int | None = None


class Caps(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    per_visitor: int
    days: int = 7


class Recommend(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`strategy` and `fallback` name recommenders; NO_FALLBACK: show fewer products, or none."""

    strategy: str = "also_viewed"
    limit: int = 4
    fallback: str = "popular"


class WidgetText(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """The text as written; fields in the order in which they are written out."""

    type: str
    name: str
    slot: str
    priority: int = 0
    trigger: Trigger | None = None
    when: Any = None
    caps: Caps | None = None
    personal: bool = False
    recommend: Recommend | None = None
    content: dict[str, dict[str, Any]] = msgspec.field(default_factory=dict)


class Widget(msgspec.Struct, frozen=True):
    """A widget as decisions use it."""

    key: str
    version: int
    text: WidgetText
    when: Condition | None
    personal: bool  # said so, or asks about more than the open page, or must count views
    context: bool  # its condition can be answered from the page alone

    @property
    def slot(self) -> str:
        return self.text.slot


Clean = Callable[[str, Mapping[str, Any], str], dict[str, Any]]


def read_widget(
    key: str,
    version: int,
    text: str,
    language: ConditionLanguage,
    clean: Clean,
    *,
    recommenders: Mapping[str, Recommender],
) -> Widget:
    """Read one widget. `clean(type, content, field)` checks the content of a type.

    Raises InvalidWidget naming the field.
    """
    if not KEY.match(key):
        raise InvalidWidget("key", "use small letters, digits and hyphens, at most 80")
    written = read_text(text)
    if written.slot != OVERLAY and not SLOT.match(written.slot):
        raise InvalidWidget("slot", "use 'overlay', or small letters, digits, - and _")
    if not written.name.strip():
        raise InvalidWidget("name", "give the widget a name")
    _check_trigger(written.trigger)
    _check_numbers(written)
    recalls = _check_recommend(written.recommend, recommenders)
    if not written.content:
        raise InvalidWidget("content", "write the texts for at least one language")
    for locale, content in written.content.items():
        written.content[locale] = clean(written.type, content, f"content.{locale}")
    when = None
    if written.when is not None:
        try:
            when = language.read(written.when, "when")
        except InvalidCondition as error:
            raise InvalidWidget("when", str(error)) from error
    asks = when is not None and asks_person(when)
    personal = written.personal or asks or written.caps is not None
    return Widget(key, version, written, when, personal, not (asks or recalls))


def read_text(text: str) -> WidgetText:
    """The YAML as data; raises InvalidWidget naming the field or the line."""
    if len(text) > MAX_YAML:
        raise InvalidWidget("text", f"longer than {MAX_YAML} characters")
    try:
        data = plain_yaml.load(text)
    except yaml.YAMLError as error:
        raise InvalidWidget("text", f"not valid YAML: {error}") from error
    try:
        return msgspec.convert(data, WidgetText)
    except msgspec.ValidationError as error:
        message, _, path = str(error).partition(" - at `")
        raise InvalidWidget(path.rstrip("`").removeprefix("$.") or "text", message) from error


def write_text(text: WidgetText) -> str:
    """The canonical YAML: reading and writing it again changes no byte."""
    return plain_yaml.dump(msgspec.to_builtins(text))


def asks_person(condition: Condition) -> bool:
    """Whether the answer depends on who is looking, not only on the page and the device."""
    return any(part.counts() or _needs_traits(part) for part in walk(condition))


def _needs_traits(condition: Condition) -> bool:
    if condition.parts():
        return False
    return condition.describe().group != "visit"


def _check_trigger(trigger: Trigger | None) -> None:
    if trigger is None:
        return
    limits = TRIGGERS[trigger.on]
    if limits is None:
        return
    if trigger.value is None or not limits[0] <= trigger.value <= limits[1]:
        raise InvalidWidget("trigger.value", f"a number from {limits[0]} to {limits[1]}")


def _check_numbers(text: WidgetText) -> None:
    if not -1000 <= text.priority <= 1000:
        raise InvalidWidget("priority", "a number from -1000 to 1000")
    if text.caps and not (1 <= text.caps.per_visitor <= 50 and 1 <= text.caps.days <= 365):
        raise InvalidWidget("caps", "1 to 50 times per visitor, within 1 to 365 days")


def _check_recommend(wanted: Recommend | None, known: Mapping[str, Recommender]) -> bool:
    """Whether the strategy draws on what this visitor saw. Raises InvalidWidget."""
    if wanted is None:
        return False
    if not 1 <= wanted.limit <= 12:
        raise InvalidWidget("recommend.limit", "1 to 12 products")
    names = ", ".join(sorted(known)) or "none: no plugin with recommenders is loaded"
    if wanted.strategy not in known:
        message = f"no recommender is named '{wanted.strategy}'; there are {names}"
        raise InvalidWidget("recommend.strategy", message)
    if wanted.fallback not in known and wanted.fallback != NO_FALLBACK:
        message = (
            f"no recommender is named '{wanted.fallback}'; there are {names}, or '{NO_FALLBACK}'"
        )
        raise InvalidWidget("recommend.fallback", message)
    return known[wanted.strategy].needs_visitor

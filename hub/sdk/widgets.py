"""What a widget type is: the texts it needs, where it may stand, and in which form it is drawn.

The snippet on the shop's pages draws three forms: a banner, a pop-up and a row of products. A
widget type of a plugin names one of them as its `layout` and says with `arrange` what to put into
it at the moment of the page view; no script of the plugin ever runs on the shop's pages.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, Literal, NoReturn
from urllib.parse import urlsplit

import msgspec

from hub.sdk.errors import HubError

FieldKind = Literal["text", "long_text", "url", "choice", "bool"]
Layout = Literal["", "banner", "popup", "recommendations"]
# What each layout shows. A pop-up asks for an e-mail address, and needs its consent texts.
LAYOUTS: Final[Mapping[str, tuple[str, ...]]] = {
    "banner": ("title", "text", "button", "url", "tone"),
    "popup": ("title", "text", "placeholder", "button", "consent_label", "text_version", "purpose",
              "success", "decline", "error"),
    "recommendations": ("title",),
}  # fmt: skip
_LENGTHS = {"text": 200, "long_text": 1000, "url": 500, "choice": 60, "bool": 0}


class InvalidContent(HubError):
    """A content can not be shown; `field` names the place, `message` the remedy."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field
        self.message = message


class ContentField(msgspec.Struct, frozen=True):
    """One text of a widget, per language."""

    key: str
    label: str
    kind: FieldKind = "text"
    required: bool = False
    max_length: int | None = None
    choices: tuple[tuple[str, str], ...] = ()  # (value, label)
    default: str | bool = ""
    help: str = ""


class Scene(msgspec.Struct, frozen=True):
    """The page view that a widget is arranged for. `now` is in the time zone of the workspace."""

    locale: str
    now: datetime


Arrange = Callable[[Mapping[str, Any], Scene], Mapping[str, Any] | None]


class WidgetType(msgspec.Struct, frozen=True):
    """A kind of widget. `sample` is a content that shows it at its best.

    `arrange` makes the fields of the layout out of the content that an editor wrote, or None
    when there is nothing to show now. It runs while a page waits: pure, and at once.
    """

    name: str
    title: str
    fields: tuple[ContentField, ...]
    placement: Literal["slot", "overlay", "both"] = "both"
    uses_products: bool = False
    sample: dict[str, Any] = {}
    layout: Layout = ""  # "": the snippet draws this very type
    arrange: Arrange | None = None

    def clean(self, content: Mapping[str, Any]) -> dict[str, Any]:
        """The content with defaults, plain text and safe links. Raises InvalidContent."""
        known = {field.key for field in self.fields}
        for key in content:
            if key not in known:
                raise InvalidContent(str(key), f"a {self.name} has no such field")
        cleaned: dict[str, Any] = {}
        for field in self.fields:
            value = _clean_field(field, content.get(field.key, field.default))
            if value not in ("", None):
                cleaned[field.key] = value
            elif field.required:
                raise InvalidContent(field.key, f"write the {field.label.lower()}")
        return cleaned

    def drawn(self, content: Mapping[str, Any], scene: Scene) -> tuple[str, dict[str, Any]] | None:
        """The layout and its content for one page view; None when nothing is to be shown.

        Raises InvalidContent for a content that the layout does not have or may not show.
        """
        if not self.layout:
            return self.name, dict(content)
        arranged = content if self.arrange is None else self.arrange(content, scene)
        return None if arranged is None else (self.layout, _fitting(self.layout, arranged))


def _clean_field(field: ContentField, value: Any) -> str | bool:
    if field.kind == "bool":
        if not isinstance(value, bool):
            return False if value in ("", None) else _fail(field, "must be yes or no")
        return value
    if not isinstance(value, str):
        return _fail(field, "must be text")
    text = value.strip()
    if any(unicodedata.category(char) == "Cc" and char not in "\n\t\r" for char in text):
        return _fail(field, "holds a character that can not be seen; type it anew")
    limit = field.max_length or _LENGTHS[field.kind]
    if len(text) > limit:
        return _fail(field, f"longer than {limit} characters")
    if field.kind == "choice" and text and text not in {choice for choice, _ in field.choices}:
        return _fail(field, f"one of {', '.join(choice for choice, _ in field.choices)}")
    if field.kind == "url" and text and not safe_url(text):
        return _fail(field, "a web address (https://...) or a path on the shop (/sale)")
    return text


def _fitting(layout: str, content: Mapping[str, Any]) -> dict[str, Any]:
    known = LAYOUTS[layout]
    for key, value in content.items():
        if key not in known:
            raise InvalidContent(str(key), f"a {layout} shows only {', '.join(known)}")
        if not isinstance(value, str):
            raise InvalidContent(key, "must be text")
        if key == "url" and value and not safe_url(value):
            raise InvalidContent(key, "a web address (https://...) or a path on the shop (/sale)")
    if not content.get("title"):
        raise InvalidContent("title", f"a {layout} needs a title")
    return {key: value for key, value in content.items() if value}


def safe_url(text: str) -> bool:
    """Whether a link may be shown: http, https, or a path of the shop itself."""
    if any(ord(char) < 33 or char == "\\" for char in text):
        return False
    if text.startswith("/"):
        return not text.startswith("//")
    parts = urlsplit(text)
    return parts.scheme in ("http", "https") and bool(parts.netloc)


def _fail(field: ContentField, message: str) -> NoReturn:
    raise InvalidContent(field.key, message)

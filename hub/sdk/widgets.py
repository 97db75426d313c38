"""What a widget type is: the texts it needs and where it may stand. Rendering is the snippet's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NoReturn
from urllib.parse import urlsplit

import msgspec

from hub.sdk.errors import HubError

FieldKind = Literal["text", "long_text", "url", "choice", "bool"]
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


class WidgetType(msgspec.Struct, frozen=True):
    """A kind of widget. `sample` is a content that shows it at its best."""

    name: str
    title: str
    fields: tuple[ContentField, ...]
    placement: Literal["slot", "overlay", "both"] = "both"
    uses_products: bool = False
    sample: dict[str, Any] = {}

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


def _clean_field(field: ContentField, value: Any) -> str | bool:
    if field.kind == "bool":
        if not isinstance(value, bool):
            return False if value in ("", None) else _fail(field, "must be yes or no")
        return value
    if not isinstance(value, str):
        return _fail(field, "must be text")
    text = value.strip()
    limit = field.max_length or _LENGTHS[field.kind]
    if len(text) > limit:
        return _fail(field, f"longer than {limit} characters")
    if field.kind == "choice" and text and text not in {choice for choice, _ in field.choices}:
        return _fail(field, f"one of {', '.join(choice for choice, _ in field.choices)}")
    if field.kind == "url" and text and not safe_url(text):
        return _fail(field, "a web address (https://...) or a path on the shop (/sale)")
    return text


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

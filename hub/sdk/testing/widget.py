"""What every kind of widget must withstand, as a test class to inherit from.

class TestBanner(WidgetContract):
    @pytest.fixture
    def widget(self): return BANNER
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from unicodedata import category

import msgspec
import pytest

from hub.sdk.declared import faults
from hub.sdk.widgets import LAYOUTS, ContentField, InvalidContent, Scene, WidgetType, safe_url

__all__ = ["HOSTILE_LINKS", "HOSTILE_TEXTS", "WidgetContract"]

HOSTILE_LINKS = (
    "javascript:alert(1)", "JaVaScRiPt:alert(1)", " javascript:alert(1)", "java\tscript:alert(1)",
    "java\nscript:alert(1)", "\x01javascript:alert(1)", "vbscript:x", "data:text/html,<script>",
    "//evil.example/x", "/\\evil.example", "\\\\evil.example", "https:evil", "http://", "blob:x",
    "file:///etc/passwd", "mailto:a@b.example", "javascript://https://shop.example/%0aalert(1)",
    "https://shop.example/ javascript:x", "about:blank", "intent://x#Intent;end",
)  # fmt: skip
HOSTILE_TEXTS = (
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "{{ 7 * 7 }}", "{% raw %}",
    "${7*7}", "</textarea><script>", "\u202eevil", "\x00", "a\x07b", "' OR 1=1 --", "%s%s%n",
    "&lt;b&gt;", "<svg/onload=alert(1)>", "\ufeff", "💥" * 50,
)  # fmt: skip
WRONG_TYPES: tuple[object, ...] = (1, 1.5, None, [], {}, ["text"], {"en": "text"}, b"text")
MAX_ANSWER = 8 * 1024
SCENES = tuple(
    Scene(locale, now)
    for locale in ("", "en", "nl-BE", "ar", "../..")
    for now in (
        datetime(2026, 11, 23, 17, 0, tzinfo=UTC),
        datetime(2024, 2, 29, 23, 59, 59, tzinfo=UTC),
        datetime(2099, 12, 31, tzinfo=UTC),
        datetime(1999, 1, 1, tzinfo=UTC),
    )
)


class WidgetContract:
    """Inherit, give a `widget` fixture, and every test below runs against it."""

    def test_the_declaration_is_whole(self, widget: WidgetType) -> None:
        assert faults("register_widgets", widget) == []
        assert widget.title.strip()
        keys = [field.key for field in widget.fields]
        assert len(set(keys)) == len(keys)
        assert any(field.required for field in widget.fields), "an empty one would be shown"
        assert all(field.choices for field in widget.fields if field.kind == "choice")

    def test_every_field_is_documented(self, widget: WidgetType) -> None:
        for field in widget.fields:
            assert field.label.strip(), f"{field.key} has no label"
            assert field.label[:1] == field.label[:1].upper(), f"{field.key}: begin with a capital"
            assert not field.help or field.help.strip().endswith((".", "?", "!")), field.key

    def test_the_sample_shows_it_at_its_best(self, widget: WidgetType) -> None:
        shown = widget.clean(widget.sample)
        assert shown == widget.clean(shown), "cleaning what is clean must change nothing"
        missing = [f.key for f in widget.fields if f.required and not shown.get(f.key)]
        assert not missing
        assert set(widget.sample) <= {field.key for field in widget.fields}

    def test_the_same_content_gives_the_same_answer(self, widget: WidgetType) -> None:
        content = copy.deepcopy(widget.sample)
        first = widget.clean(content)
        assert content == widget.sample, "the content that was given is not changed"
        assert all(widget.clean(content) == first for _ in range(3))

    def test_what_is_needed_is_asked_for_by_name(self, widget: WidgetType) -> None:
        for field in widget.fields:
            if not field.required or field.default not in ("", None):
                continue
            for nothing in ({}, {field.key: ""}, {field.key: "   "}):
                rest = {k: v for k, v in widget.sample.items() if k != field.key}
                _refused(widget, {**rest, **nothing}, field.key)

    def test_unknown_fields_are_refused_by_name(self, widget: WidgetType) -> None:
        for key in ("tittle", "__proto__", "constructor", "onclick", "style"):
            _refused(widget, {**widget.sample, key: "x"}, key)

    def test_values_of_a_wrong_type_are_refused(self, widget: WidgetType) -> None:
        for field in widget.fields:
            for value in WRONG_TYPES:
                if field.kind == "bool" and value is None:
                    continue
                _refused(widget, {**widget.sample, field.key: value}, field.key)

    def test_links_that_run_code_or_leave_the_web_are_refused(self, widget: WidgetType) -> None:
        for field in _of_kind(widget, "url"):
            for link in HOSTILE_LINKS:
                kept = _cleaned(widget, {**widget.sample, field.key: link}).get(field.key, "")
                assert kept == "" or safe_url(kept), f"{field.key} keeps {link!r}"

    def test_hostile_texts_stay_plain_text(self, widget: WidgetType) -> None:
        """The page shows texts as text: what is kept is what was written, never more, and never
        something that is no text."""
        for field in (*_of_kind(widget, "text"), *_of_kind(widget, "long_text")):
            for text in HOSTILE_TEXTS:
                kept = _cleaned(widget, {**widget.sample, field.key: text}).get(field.key, "")
                assert isinstance(kept, str)
                assert kept in text
                assert all(char in "\n\t\r" or category(char) != "Cc" for char in kept)

    @pytest.mark.parametrize("scene", SCENES, ids=lambda scene: f"{scene.locale} {scene.now:%Y}")
    def test_what_is_drawn_is_safe_and_the_same_each_time(
        self, widget: WidgetType, scene: Scene
    ) -> None:
        for content in _contents(widget):
            before = copy.deepcopy(content)
            drawn = widget.drawn(content, scene)
            assert content == before, "arrange changed the content that it was given"
            assert widget.drawn(content, scene) == drawn
            if drawn is None:
                continue  # nothing to show now
            layout, shown = drawn
            assert layout in LAYOUTS
            assert safe_url(shown.get("url", "") or "/")
            assert len(msgspec.json.encode(shown)) <= MAX_ANSWER

    def test_the_sample_is_drawn_some_time(self, widget: WidgetType) -> None:
        content = widget.clean(widget.sample)
        assert any(widget.drawn(content, scene) is not None for scene in SCENES)

    def test_it_stands_where_it_can(self, widget: WidgetType) -> None:
        layout = widget.layout or widget.name
        assert layout in LAYOUTS, "name one of the layouts that the snippet draws"
        assert layout != "popup" or widget.placement == "overlay"
        assert layout != "recommendations" or widget.uses_products

    def test_choices_are_those_that_are_offered(self, widget: WidgetType) -> None:
        for field in _of_kind(widget, "choice"):
            _refused(widget, {**widget.sample, field.key: "no such choice"}, field.key)
            for value, label in field.choices:
                assert label.strip()
                assert widget.clean({**widget.sample, field.key: value})[field.key] == value

    def test_texts_have_an_end(self, widget: WidgetType) -> None:
        for field in (*_of_kind(widget, "text"), *_of_kind(widget, "long_text")):
            _refused(widget, {**widget.sample, field.key: "x" * 100_000}, field.key)
        longest = {field.key: _longest(field) for field in widget.fields}
        size = len(msgspec.json.encode(widget.clean({**widget.sample, **longest})))
        assert size <= MAX_ANSWER, f"{size} bytes in one language: shorten max_length"

    def test_each_language_is_written_alike(self, widget: WidgetType) -> None:
        """Texts in other scripts and of right-to-left languages pass as they are."""
        for field in (*_of_kind(widget, "text"), *_of_kind(widget, "long_text")):
            for text in ("Ünïcödé", "日本語", "שלום", "Ελλάδα", "नमस्ते"):
                content = {**widget.sample, field.key: text}
                assert widget.clean(content)[field.key] == text


def _contents(widget: WidgetType) -> list[dict[str, Any]]:
    """Clean contents: the sample, and the sample with each hostile text that is let through."""
    found = [widget.clean(widget.sample)]
    for field in (*_of_kind(widget, "text"), *_of_kind(widget, "long_text")):
        found += [_cleaned(widget, {**widget.sample, field.key: text}) for text in HOSTILE_TEXTS]
    for field in _of_kind(widget, "url"):
        found += [_cleaned(widget, {**widget.sample, field.key: link}) for link in HOSTILE_LINKS]
    return [content for content in found if content]


def _of_kind(widget: WidgetType, kind: str) -> list[ContentField]:
    return [field for field in widget.fields if field.kind == kind]


def _refused(widget: WidgetType, content: Mapping[str, Any], field: str) -> None:
    with pytest.raises(InvalidContent) as caught:
        widget.clean(content)
    assert caught.value.field == field
    assert caught.value.message


def _cleaned(widget: WidgetType, content: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept; nothing when it is refused."""
    try:
        return widget.clean(content)
    except InvalidContent:
        return {}


def _longest(field: ContentField) -> Any:
    if field.kind == "bool":
        return True
    if field.kind == "choice":
        return field.choices[0][0]
    if field.kind == "url":
        return "/" + "a" * ((field.max_length or 500) - 1)
    return "x" * (field.max_length or (200 if field.kind == "text" else 1000))

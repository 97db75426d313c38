"""The text of a widget: read strictly, written canonically, and honest about what it asks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hub_recommend import register_recommenders

from hub.decisions.decide import localised
from hub.decisions.published import Published
from hub.decisions.widget import InvalidWidget, Widget, read_text, read_widget, write_text
from tests.unit.conditions.language import LANGUAGE

RECOMMENDERS = {recommender.name: recommender for recommender in register_recommenders()}
TEXT = """
content: {en: {title: Hello}, nl: {title: Hallo}}
slot: top
name: Welcome
type: banner
priority: 3
trigger: {on: delay, value: 5}
caps: {per_visitor: 2}
when: {page: {field: path, op: is, value: /}}
"""


def clean(kind: str, content: Mapping[str, Any], field: str) -> dict[str, Any]:
    if kind != "banner":
        raise InvalidWidget("type", f"no {kind} here")
    return dict(content)


def read(text: str = TEXT, key: str = "welcome", version: int = 1) -> Widget:
    return read_widget(key, version, text, LANGUAGE, clean, recommenders=RECOMMENDERS)


def test_writing_what_was_read_changes_no_byte() -> None:
    once = write_text(read_text(TEXT))
    assert write_text(read_text(once)) == once
    assert once.startswith("type: banner\nname: Welcome\nslot: top\n")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (("slot: top", "slot: Top Left!"), "slot"),
        (("slot: top", ""), "text"),
        (("name: Welcome", "name: ' '"), "name"),
        (("priority: 3", "priority: 5000"), "priority"),
        (("priority: 3", "priority: high"), "priority"),
        (("value: 5}", "value: 9999}"), "trigger.value"),
        (("{on: delay, value: 5}", "{on: delay}"), "trigger.value"),
        (("{on: delay, value: 5}", "{on: click}"), "trigger.on"),
        (("per_visitor: 2", "per_visitor: 0"), "caps"),
        (("type: banner", "type: balloon"), "type"),
        (("field: path", "field: nowhere"), "when"),
        (("{en: {title: Hello}, nl: {title: Hallo}}", "{}"), "content"),
        (("priority: 3", "prioritty: 3"), "text"),
        (("priority: 3", "a: &x [1]\nb: *x"), "text"),
        (("priority: 3", "priority: !!python/object:os.system 3"), "text"),
        (("priority: 3", "priority: [3"), "text"),
    ],
)
def test_a_fault_is_named_by_its_field(change: tuple[str, str], field: str) -> None:
    with pytest.raises(InvalidWidget) as caught:
        read(TEXT.replace(*change))
    assert caught.value.field == field


@pytest.mark.parametrize("key", ["", "Welcome", "a b", "-a", "x" * 81, "é"])
def test_a_key_is_plain(key: str) -> None:
    with pytest.raises(InvalidWidget) as caught:
        read(key=key)
    assert caught.value.field == "key"


@pytest.mark.parametrize(
    ("when", "personal"),
    [
        ("{page: {field: path, op: is, value: /}}", False),
        ("{device: {is: phone}}", False),
        (
            "{all: [{locale: {is: nl}}, {not: {campaign: {field: source, op: is, value: x}}}]}",
            False,
        ),
        ("{did: {event: Product Viewed}}", True),
        ("{not: {did_not: {event: Product Viewed}}}", True),
        ("{any: [{device: {is: phone}}, {trait: {key: city, op: is, value: Delft}}]}", True),
    ],
)
def test_whoever_asks_about_the_person_is_personal(when: str, personal: bool) -> None:
    text = TEXT.replace("caps: {per_visitor: 2}\n", "")
    widget = read(text.replace("{page: {field: path, op: is, value: /}}", when))
    assert (widget.personal, widget.context) == (personal, not personal)


def test_a_cap_must_count_and_needs_consent() -> None:
    assert (read().personal, read().context) == (True, True)


def test_the_strongest_comes_first_and_counters_are_shared() -> None:
    did = "{did: {event: Product Viewed, count: {at_least: %d}}}"
    page = "{page: {field: path, op: is, value: /}}"
    widgets = [
        read(TEXT.replace(page, did % n).replace("priority: 3", f"priority: {p}"), key)
        for key, n, p in (("b", 2, 1), ("a", 5, 1), ("c", 3, 9))
    ]
    published = Published(widgets)
    assert [w.key for w in published.ordered] == ["c", "a", "b"]
    assert list(published.keeps.values()) == [5]
    assert list(published.by_event) == ["Product Viewed"]


@pytest.mark.parametrize(
    ("locale", "title"), [("nl", "Hallo"), ("nl-BE", "Hallo"), ("fr", "Hello"), ("", "Hello")]
)
def test_each_visitor_reads_her_own_language(locale: str, title: str) -> None:
    content = read().text.content
    assert localised(content, locale)["title"] == title
    assert localised({"de": {"title": "Hallo!"}}, locale)["title"] == "Hallo!"


@pytest.mark.parametrize(
    ("wanted", "field", "words"),
    [
        ("{strategy: telepathy}", "recommend.strategy", "there are also_viewed, popular, rec"),
        ("{fallback: luck}", "recommend.fallback", "recently_viewed, or 'none'"),
        ("{strategy: none}", "recommend.strategy", "no recommender is named 'none'"),
        ("{limit: 13}", "recommend.limit", "1 to 12"),
    ],
)
def test_a_recommender_that_nobody_offers_is_named(wanted: str, field: str, words: str) -> None:
    with pytest.raises(InvalidWidget, match=words) as caught:
        read(f"{TEXT}recommend: {wanted}\n")
    assert caught.value.field == field


def test_any_recommender_of_a_plugin_may_be_named() -> None:
    class Newest:
        name, title, needs_visitor = "newest", "Newest", True

        def rank(self, visit: Any, shop: Any) -> list[str]:
            return []

    known = {**RECOMMENDERS, "newest": Newest()}
    text = TEXT.replace("caps: {per_visitor: 2}\n", "") + "recommend: {strategy: newest}\n"
    widget = read_widget("w", 1, text, LANGUAGE, clean, recommenders=known)
    assert (widget.text.recommend.strategy, widget.context) == ("newest", False)  # type: ignore[union-attr]

"""Forms, contexts and the small parts of the kit."""

from __future__ import annotations

import pytest

from hub.sdk.connector import Context, Field, form_errors, is_on, split_form
from hub.sdk.secret import SecretText
from hub.sdk.testing import MemoryState, SteppingClock, Waits, quick_client

FIELDS = (
    Field("url", "Address", "url"),
    Field("key", "Key", "secret"),
    Field("way", "Way", "choice", choices=(("a", "A"), ("b", "B")), default="a"),
    Field("note", "Note", required=False),
    Field("flag", "Flag", "bool"),
)


def test_a_right_form_has_no_errors() -> None:
    assert form_errors(FIELDS, {"url": "https://a.example", "key": "k"}) == {}


@pytest.mark.parametrize(
    ("values", "wrong"),
    [
        ({}, {"url", "key"}),
        ({"url": "  ", "key": " "}, {"url", "key"}),
        ({"url": "javascript:alert(1)", "key": "k"}, {"url"}),
        ({"url": "http://a", "key": "k", "way": "c"}, {"way"}),
    ],
)
def test_each_fault_is_named_by_its_field(values: dict[str, str], wrong: set[str]) -> None:
    errors = form_errors(FIELDS, values)
    assert set(errors) == wrong
    labels = {field.key: field.label for field in FIELDS}
    assert all(words.startswith(labels[key]) for key, words in errors.items())


def test_secrets_are_stored_apart() -> None:
    config, secret = split_form(FIELDS, {"url": " https://a ", "key": "k", "other": "x"})
    assert config == {"url": "https://a", "way": "a", "note": "", "flag": ""}
    assert secret == {"key": SecretText("k")}


@pytest.mark.parametrize(
    ("value", "ticked"), [("true", True), ("on", True), ("1", True), ("", False), ("false", False)]
)
def test_a_ticked_box(value: str, ticked: bool) -> None:
    assert is_on({"flag": value}, "flag") is ticked
    assert not is_on({}, "flag")


def test_a_context_shows_no_secret() -> None:
    clock = SteppingClock()
    client = quick_client(clock, Waits())
    secret = {"key": SecretText("geheim")}
    ctx = Context({"url": "https://a"}, secret, client, MemoryState(), clock, "shop")
    assert "geheim" not in repr(ctx)

"""What a connector says it can do beside reading, and the data that goes with it."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest

from hub.sdk.push import Change, Erased, Pushed, ability_faults, can_erase, can_push
from hub.sdk.records import Identifier


class Reader:
    """A connector from before there were abilities."""


class Both:
    abilities = ("push", "erase")

    async def push(self) -> None: ...
    async def erase(self) -> None: ...


def test_a_connector_that_names_nothing_can_only_read() -> None:
    assert not can_push(Reader())
    assert not can_erase(Reader())
    assert ability_faults(Reader()) == []


def test_what_is_named_can_be_asked_for() -> None:
    assert can_push(Both())
    assert can_erase(Both())
    assert ability_faults(Both()) == []


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"abilities": ("erase",)}, "has no method erase()"),
        ({"abilities": ("fly",)}, "'fly' is not known"),
        ({"erase": lambda self: None}, "never called: add 'erase'"),
    ],
)
def test_a_promise_without_a_method_is_named(members: dict[str, object], words: str) -> None:
    (fault,) = ability_faults(type("Odd", (), members)())
    assert words in fault


def test_everything_travels_as_msgpack() -> None:
    at = datetime(2026, 11, 23, tzinfo=UTC)
    change = Change("k", (Identifier("", "email", "a@b.example"),), at, {"n": 1, "gone": None})
    for thing in (change, Pushed("k", "unknown", reason="lost"), Erased("manual", note="by hand")):
        sent = msgspec.msgpack.encode(thing)
        assert msgspec.msgpack.decode(sent, type=type(thing)) == thing

"""Signed texts: only the hub makes them, and one kind never passes for another."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.ingest.tokens import Signer

OURS = Signer(b"k" * 32)
THEIRS = Signer(b"j" * 32)


def test_a_device_token_names_its_device() -> None:
    token = OURS.mint_device()
    assert OURS.device(token) == token.partition(".")[0]
    assert OURS.mint_device() != token


def test_tokens_of_another_hub_name_nobody() -> None:
    assert OURS.device(THEIRS.mint_device()) == ""
    did, _, key_id = OURS.mint_device().split(".")
    forged = f"{did}.{THEIRS.mac('device', did)}.{key_id}"
    assert OURS.device(forged) == ""


@given(st.text(max_size=120) | st.integers() | st.none() | st.binary(max_size=50))
def test_anything_else_is_no_token(token: object) -> None:
    assert OURS.device(token) == ""


@given(st.data())
def test_a_changed_character_spoils_it(data: st.DataObject) -> None:
    token = OURS.mint_device()
    spot = data.draw(st.integers(0, len(token) - 1))
    char = data.draw(st.sampled_from("abcABC123-_.é"))
    changed = token[:spot] + char + token[spot + 1 :]
    assert changed == token or OURS.device(changed) == ""


def test_a_sealed_text_is_read_for_its_own_purpose_only() -> None:
    text = OURS.seal("confirm", {"email": "ann@example.com", "exp": 5})
    assert OURS.open("confirm", text) == {"email": "ann@example.com", "exp": 5}
    assert OURS.open("link", text) is None
    assert THEIRS.open("confirm", text) is None
    assert OURS.device(text) == ""


@pytest.mark.parametrize("text", ["", ".", "a.b", "é.é", "a" * 10_000])
def test_nonsense_opens_nothing(text: str) -> None:
    assert OURS.open("confirm", text) is None


def test_the_key_is_shown_nowhere() -> None:
    assert "kkk" not in repr(OURS)

"""A secret is seen by the one line that asks for it."""

from __future__ import annotations

import copy
import pickle

import msgspec
import pytest

from hub.sdk.secret import SecretText, scrub


def test_it_does_not_show() -> None:
    secret = SecretText("hunter2")
    shown = f"{secret} {secret!r} {secret:>20} {[secret]} { ({'a': secret}) }"
    shown += "".join(map(str, [secret]))
    assert "hunter2" not in shown
    assert secret.reveal() == "hunter2"


def test_it_is_not_stored_by_accident() -> None:
    secret = SecretText("hunter2")
    for dump in (pickle.dumps, copy.deepcopy, msgspec.json.encode):
        with pytest.raises(TypeError):
            dump(secret)


def test_equality_and_emptiness() -> None:
    assert SecretText("a") == SecretText("a") != SecretText("b")
    assert SecretText("a") != "a"
    assert not SecretText("")
    assert len({SecretText("a"), SecretText("a")}) == 1


def test_scrub_blanks_what_was_sent() -> None:
    secrets = (SecretText("abc"), SecretText(""))
    assert scrub("key abc, again abc", secrets) == "key ***, again ***"

"""hub.toml: set-up changes its own lines and leaves the rest as it stands."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.install.answers import Answers, Wrong
from hub.install.settings_file import merge, owned, veiled
from hub.settings import Smtp, load_settings

ANSWERS = Answers(
    name="hub.shop.example", host="hub.shop.example", shop_url="https://www.shop.example",
    timezone="Europe/Amsterdam", currency="EUR",
    smtp=Smtp(host="mail.example", user="ann", password='a"b\\c', sender="shop@shop.example"),
)  # fmt: skip


def test_a_new_file_is_what_the_hub_reads(tmp_path: Path) -> None:
    (tmp_path / "hub.toml").write_text(merge("", owned(ANSWERS)))
    settings = load_settings(tmp_path)
    assert settings.origin == "https://hub.shop.example"
    assert settings.trusted_proxies == ["127.0.0.1", "::1"]
    assert settings.smtp == ANSWERS.smtp
    assert settings.workspace == "Shop"


def test_a_second_time_nothing_changes() -> None:
    once = merge("", owned(ANSWERS))
    assert merge(once, owned(ANSWERS)) == once


HAND_WRITTEN = """\
# My own words.
port = 8701   # not the usual one
log = "json"

[retention]
behaviour_days = 400

[smtp]
host = "old.example"
# keep this
port = 25
"""


def test_lines_of_others_stay() -> None:
    new = merge(HAND_WRITTEN, owned(ANSWERS))
    for line in ("# My own words.", 'log = "json"', "behaviour_days = 400", "# keep this"):
        assert line in new
    read = tomllib.loads(new)
    assert (read["port"], read["log"]) == (8700, "json")
    assert read["retention"] == {"behaviour_days": 400}
    assert (read["smtp"]["host"], read["smtp"]["port"]) == ("mail.example", 587)
    assert merge(new, owned(ANSWERS)) == new


@pytest.mark.parametrize(
    "text",
    ['trusted_proxies = [\n  "10.0.0.1",\n]\n', 'smtp = {host = "x"}\n', "smtp.host = 'x'\n"],
)
def test_a_form_that_can_not_be_changed_is_left_alone_and_said(text: str) -> None:
    with pytest.raises(Wrong, match="each setting on a line of its own"):
        merge(text, owned(ANSWERS))


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_any_password_survives(password: str) -> None:
    text = merge("", {"smtp": {"password": password}})
    assert tomllib.loads(text)["smtp"]["password"] == password
    assert tomllib.loads(merge(HAND_WRITTEN, {"smtp": {"password": password}}))["log"] == "json"


def test_secrets_are_covered_when_shown() -> None:
    shown = veiled(merge("", owned(ANSWERS)) + '\nmetrics_token = "t0ken"\n')
    assert "t0ken" not in shown and 'a\\"b' not in shown
    assert 'user = "ann"' in shown

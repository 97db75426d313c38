"""Wrong settings are named, with their remedy, before any mail is tried."""

from __future__ import annotations

from typing import Any

import pytest
from hub_email.account import read_account

from hub.sdk.errors import NeedsAttention

GOOD = {"host": "mail.example.com", "sender": "Shop <shop@example.com>"}


def test_good_settings_are_taken() -> None:
    account = read_account({**GOOD, "user": "u", "password": "hunter2hunter2"})
    assert (account.port, account.security) == (587, "starttls")
    assert account.sender.display_name == "Shop"
    assert "hunter2" not in repr(account)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"host": ""}, "smtp.host"),
        ({"host": "smtp://mail.example.com/"}, "smtp.host"),
        ({"host": "mail.example.com\r\nQUIT"}, "smtp.host"),
        ({"port": 0}, "smtp.port"),
        ({"port": "many"}, "port"),
        ({"security": "ssl"}, "security"),
        ({"sender": ""}, "smtp.sender"),
        ({"sender": "a@example.com, b@example.com"}, "smtp.sender"),
        ({"sender": "shop@example.com\r\nBcc: eve@example.net"}, "smtp.sender"),
        ({"password": "x"}, "smtp.user"),
        ({"user": "u", "password": "x", "security": "none"}, "smtp.security"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_wrong_setting_is_named(change: dict[str, Any], field: str) -> None:
    with pytest.raises(NeedsAttention, match=field):
        read_account({**GOOD, **change})


def test_a_login_without_encryption_stays_on_this_machine() -> None:
    change = {"host": "127.0.0.1", "user": "u", "password": "x", "security": "none"}
    assert read_account({**GOOD, **change}).user == "u"

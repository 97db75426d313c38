"""Answers at set-up: what people type is taken, what can not work is said at once."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hub.install.answers import (
    Wrong,
    read_consent,
    read_currency,
    read_domain,
    read_name,
    read_path,
    read_shop_url,
    read_smtp,
    read_timezone,
)


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("hub.shop.example", "hub.shop.example", 443),
        (" HUB.Shop.Example ", "hub.shop.example", 443),
        ("https://hub.shop.example/", "hub.shop.example", 443),
        ("hub.shop.example:8443", "hub.shop.example", 8443),
        ("hub.blümen.example", "hub.xn--blmen-lva.example", 443),
    ],
)
def test_domains(text: str, host: str, port: int) -> None:
    assert read_domain(text) == (host, port)


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (read_domain, ""), (read_domain, "localhost"), (read_domain, "192.0.2.1"),
        (read_domain, "hub shop.example"), (read_domain, "hub.shop.example:https"),
        (read_domain, "hub.shop.example:99999"), (read_domain, "-hub.shop.example"),
        (read_domain, "hub.shop.example;rm -rf /"), (read_domain, "hub.shop.example\n}"),
        (read_domain, "hub..example"), (read_domain, "http://hub.shop.example"),
        (read_path, "/admin"), (read_path, "/a b"), (read_path, "/r?x"), (read_path, "/../etc"),
        (read_path, "/r{}"), (read_path, "/r;"),
        (read_name, "../etc"), (read_name, ""), (read_name, "a/b"), (read_name, "%i"),
        (read_name, "Hub"), (read_name, "-x"),
        (read_shop_url, ""), (read_shop_url, "ftp://shop.example"), (read_shop_url, "shop"),
        (read_timezone, "Mars/Olympus"), (read_currency, "EURO"), (read_currency, "XX"),
        (read_consent, "maybe"),
    ],
)  # fmt: skip
def test_what_can_not_work_is_refused_with_a_reason(
    read: Callable[[str], object], text: str
) -> None:
    with pytest.raises(Wrong, match=r"^[a-z' ]+: "):
        read(text)


def test_answers_may_be_written_loosely() -> None:
    assert read_path("r/") == "/r"
    assert read_path("") == read_path("/") == ""
    assert read_shop_url("www.shop.example/") == "https://www.shop.example"
    assert read_timezone("europe/amsterdam") == "Europe/Amsterdam"
    assert read_currency("eur") == "EUR"
    assert read_consent("GCM") == "gcm"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("smtp://ann:pw@mail.example:2525", ("mail.example", 2525, "ann", "pw", "starttls")),
        ("smtps://ann:secret@mail.example", ("mail.example", 465, "ann", "secret", "tls")),
        ("smtp://a:p@ss:w/d@mail.example", ("mail.example", 587, "a", "p@ss:w/d", "starttls")),
        ("mail.example", ("mail.example", 587, "", "", "starttls")),
        ("mail.example:465", ("mail.example", 465, "", "", "tls")),
        ("later", ("", 587, "", "", "starttls")),
        ("", ("", 587, "", "", "starttls")),
    ],
)  # fmt: skip
def test_mail_servers(text: str, wanted: tuple[str, int, str, str, str]) -> None:
    smtp = read_smtp(text, "shop@shop.example")
    assert (smtp.host, smtp.port, smtp.user, smtp.password, smtp.security) == wanted


def test_a_sender_is_the_user_when_that_is_an_address() -> None:
    assert read_smtp("smtp://ann@shop.example:pw@mail.example", "x@y").sender == "ann@shop.example"
    assert (
        read_smtp("smtp://ann:pw@mail.example", "shop@shop.example").sender == "shop@shop.example"
    )


@pytest.mark.parametrize(
    "text", ["http://mail.example", "smtp://", "mail example", "mail.example:0", "mail.example:x"]
)
def test_a_mail_server_that_can_not_be_is_refused_without_its_password(text: str) -> None:
    with pytest.raises(Wrong, match=r"^mail server: ") as caught:
        read_smtp(text.replace("://", "://ann:hunter2@") if "://" in text else text, "a@b.example")
    assert "hunter2" not in str(caught.value)

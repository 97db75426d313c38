"""What goes over the wire."""

from __future__ import annotations

from email import message_from_bytes
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import default

import msgspec
import pytest
from hub_email.letter import write_letter

from hub.sdk.channel import Message
from hub.sdk.errors import Refused

SHOP = Address("Tëst, shop", "shop", "example.com")


def parsed(message: Message) -> EmailMessage:
    mail = message_from_bytes(write_letter(message, SHOP).data, policy=default)
    assert isinstance(mail, EmailMessage)
    return mail


def test_a_letter_has_text_and_html_and_says_who_wrote_it(message: Message) -> None:
    mail = parsed(message)
    assert mail["From"].addresses == (SHOP,)
    assert mail["To"].addresses[0].addr_spec == "anna@example.com"
    assert mail["Date"].datetime.year == 2026
    assert mail["Auto-Submitted"] == "auto-generated"
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text is not None and text.get_content().splitlines() == message.text.splitlines()
    assert html is not None and html.get_content().strip() == "<p>Hällo</p>"


def test_no_line_is_longer_than_mail_allows(message: Message) -> None:
    lines = write_letter(message, SHOP).data.split(b"\r\n")
    assert max(map(len, lines)) <= 998
    assert not any(b"\n" in line or b"\r" in line for line in lines)


def test_the_message_id_comes_from_the_key(message: Message) -> None:
    first, again = write_letter(message, SHOP), write_letter(message, SHOP)
    other = write_letter(msgspec.structs.replace(message, key="double-opt-in:8"), SHOP)
    assert first.message_id == again.message_id != other.message_id
    assert first.message_id.endswith("@example.com>")


def test_newsletters_are_not_marked_as_service_mail(message: Message) -> None:
    headers = {"List-Unsubscribe": "<https://hub.example/unsubscribe/x>"}
    mail = parsed(msgspec.structs.replace(message, headers=headers))
    assert "Auto-Submitted" not in mail
    assert mail["List-Unsubscribe"] == headers["List-Unsubscribe"]


@pytest.mark.parametrize(
    "to",
    [
        "anna@example.com\r\nBcc: eve@example.net",
        "anna@example.com\nRCPT TO:<eve@example.net>",
        "anna@example.com, eve@example.net",
        "anna@example.com> <eve@example.net",
        "anna@example.com ORCPT=rfc822;eve@example.net",
        "@hop.example:anna@example.com",
        '"anna@example.com eve"@example.net',
        "anna@example.com\x00",
        "anna@exa\u2028mple.com",
        "a..b@example.com",
        "anna",
        "anna@",
        "",
        "a" * 65 + "@example.com",
    ],
)
def test_only_one_plain_address_is_a_recipient(message: Message, to: str) -> None:
    with pytest.raises(Refused, match=r"^to: "):
        write_letter(msgspec.structs.replace(message, to=to), SHOP)


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\v", "\x85", "\u2028", "\x00"])
def test_a_line_break_makes_no_second_recipient(message: Message, end: str) -> None:
    evil = f"Hi{end}Bcc: eve@example.net{end}{end}Body"
    headers = {"X-Note": evil, "List-Id": evil}
    mail = parsed(msgspec.structs.replace(message, subject=evil, headers=headers))
    assert mail["Subject"] == "Hi Bcc: eve@example.net Body"
    assert "Bcc" not in mail
    assert len(mail["To"].addresses) == 1


@pytest.mark.parametrize(
    "name", ["Bcc", "cc", "TO", "From", "Content-Type", "Message-ID", "X:Y", "X\r\nBcc", "", "Bcc "]
)
def test_a_message_can_not_set_who_it_is_for(message: Message, name: str) -> None:
    with pytest.raises(Refused, match=r"^headers: "):
        write_letter(msgspec.structs.replace(message, headers={name: "eve@example.net"}), SHOP)


def test_a_header_comes_once(message: Message) -> None:
    with pytest.raises(Refused, match="twice"):
        headers = {"X-Note": "a", "x-note": "b"}
        write_letter(msgspec.structs.replace(message, headers=headers), SHOP)


def test_a_domain_in_another_script_is_written_in_ascii(message: Message) -> None:
    letter = write_letter(msgspec.structs.replace(message, to="anna@straße.example"), SHOP)
    assert letter.recipient == "anna@xn--strae-oqa.example"
    assert not letter.utf8


def test_a_name_in_another_script_needs_smtputf8(message: Message) -> None:
    letter = write_letter(msgspec.structs.replace(message, to="jörg@example.com"), SHOP)
    assert letter.utf8
    assert "To: jörg@example.com".encode() in letter.data

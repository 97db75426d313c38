"""Odd values, clocks and identifiers: each event is stored or refused with a reason."""

from __future__ import annotations

import gzip
import zlib
from datetime import UTC, datetime, timedelta

import msgspec
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.clock import to_ms
from hub.ingest.events import Caller, WireEvent, read_event
from hub.ingest.limits import (
    BATCH_BYTES,
    DEPTH,
    EVENT_BYTES,
    KEYS,
    BadInput,
    inflate,
    read_json,
)
from hub.sdk.identifiers import clean_email, clean_id
from hub.sdk.records import Identifier, Link
from hub.store.database import Entry

NOW = to_ms(datetime(2026, 11, 23, 12, 0, tzinfo=UTC))
PAGE = Caller(7, "linen", "claimed", True)
SERVER = Caller(8, "linen", "verified", True)
DEVICE = Caller(7, "linen", "claimed", True, "did-1")


def read(
    event: dict[str, object], caller: Caller = PAGE, sent_at: str | None = None, now: int = NOW
) -> Entry:
    body = {"type": "track", "event": "Seen", "anonymousId": "a1", **event}
    body = {key: value for key, value in body.items() if value is not ...}
    entry, _ = read_event(orjson.dumps(body), caller, now, sent_at=sent_at)
    return entry


def raw(properties: bytes) -> bytes:
    return b'{"type":"track","event":"Seen","anonymousId":"a1","properties":' + properties + b"}"


REFUSED = {
    "NaN": raw(b'{"a":NaN}'),
    "infinity": raw(b'{"a":Infinity}'),
    "a number beyond all": raw(b'{"a":1e999}'),
    "a NUL": raw(b'{"a":"x\\u0000y"}'),
    "a NUL in a key": raw(b'{"\\u0000":1}'),
    "a bare control character": raw(b'{"a":"\x01"}'),
    "bad UTF-8": raw(b'{"a":"\xff\xfe"}'),
    "an overlong form": raw(b'{"a":"\xc0\xaf"}'),
    "a surrogate in UTF-8": raw(b'{"a":"\xed\xa0\x80"}'),
    "an integer beyond 64 bits": raw(b'{"a":123456789012345678901234567890}'),
    "deep lists": raw(b"[" * 5000 + b"]" * 5000),
    "deep objects": raw(b'{"a":' * 40 + b"1" + b"}" * 40),
    "too deep in the context": b'{"type":"track","event":"S","anonymousId":"a","context":'
    + b'{"a":' * 40 + b"1" + b"}" * 40 + b"}",
    "too many keys": raw(b"{" + b",".join(b'"k%d":1' % n for n in range(KEYS + 1)) + b"}"),
    "a long key": raw(b'{"' + b"k" * 300 + b'":1' + b',"x":[' + b"1," * 3000 + b"1]}"),
    "too large": raw(b'{"a":"' + b"x" * EVENT_BYTES + b'"}'),
    "properties that are a list": raw(b"[1]"),
    "properties that are text": raw(b'"a"'),
    "cut off": raw(b'{"a":1}')[:-4],
    "two values": raw(b"{}") + b"{}",
    "a byte order mark": b"\xef\xbb\xbf" + raw(b"{}"),
    "nothing": b"",
    "no object": b"[]",
    "null": b"null",
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_can_not_be_stored_is_refused_with_a_reason(name: str) -> None:
    with pytest.raises(BadInput) as caught:
        read_event(REFUSED[name], PAGE, NOW)
    assert ":" in str(caught.value)
    str(caught.value).encode()  # the reason itself can be sent


@pytest.mark.parametrize(
    ("event", "field"),
    [
        ({"type": "buy"}, "type"),
        ({"type": ...}, "type"),
        ({"type": ["track"]}, "type"),
        ({"event": ""}, "event"),
        ({"event": "  "}, "event"),
        ({"event": 5}, "event"),
        ({"event": "x" * 129}, "event"),
        ({"userId": {"$ne": 1}}, "userId"),
        ({"userId": 1.5}, "userId"),
        ({"anonymousId": ...}, "anonymousId"),
        ({"anonymousId": "undefined"}, "anonymousId"),
        ({"anonymousId": "x" * 513}, "anonymousId"),
        ({"messageId": 7}, "messageId"),
        ({"traits": "name=ann"}, "traits"),
        ({"context": [1]}, "context"),
        ({"originalTimestamp": "yesterday"}, "originalTimestamp"),
        ({"originalTimestamp": 1795435200}, "originalTimestamp"),
        ({"timestamp": "2026-13-01"}, "timestamp"),
        ({"sentAt": "12:00"}, "sentAt"),
    ],
)
def test_the_reason_names_the_field(event: dict[str, object], field: str) -> None:
    with pytest.raises(BadInput) as caught:
        read(event)
    assert str(caught.value).partition(":")[0] == field


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (rb"\ud800", "\ufffd"), (rb"\udfff", "\ufffd"), (rb"\ud83d\ude00", "\U0001f600"),
        (rb"\\ud800", "\\ud800"), (rb"\\\ud800", "\\\ufffd"), (rb"\udc00\ud83d", "\ufffd\ufffd"),
        (rb"\ud83d\ud83d\ude00", "\ufffd\U0001f600"), (rb"\uD83D\u0041", "\ufffdA"),
    ],
)  # fmt: skip
def test_half_a_character_is_replaced(sent: bytes, kept: str) -> None:
    entry, _ = read_event(raw(b'{"a":"' + sent + b'"}'), PAGE, NOW)
    assert orjson.loads(entry.body)["properties"] == {"a": kept}


def test_duplicate_keys_keep_the_last_in_every_store() -> None:
    entry, _ = read_event(raw(b'{"a":1,"a":2}'), PAGE, NOW)
    assert orjson.loads(entry.body)["properties"] == {"a": 2}


def test_the_address_of_the_visitor_is_not_kept() -> None:
    entry = read({"context": {"ip": "203.0.113.9", "locale": "nl"}})
    assert "203.0.113.9" not in entry.body
    assert orjson.loads(entry.body)["context"] == {"locale": "nl"}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=10), inner, max_size=5)
    ),
    max_leaves=30,
)


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for body in (data, raw(data)):
        try:
            entry, _ = read_event(body, PAGE, NOW)
        except BadInput:
            continue
        orjson.loads(entry.body)


FIELDS = sorted(WireEvent.__struct_fields__)


@given(st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=6))
def test_any_json_in_any_field_is_read_or_refused(event: dict[str, object]) -> None:
    body = msgspec.json.encode({"type": "track", "event": "Seen", "anonymousId": "a", **event})
    try:
        entry, _ = read_event(body, PAGE, NOW)
    except BadInput:
        return
    assert "\\u0000" not in entry.body
    assert entry.subject is not None
    assert len(entry.subject.value) <= 512
    assert 0 < entry.at <= NOW + 60_000
    entry.body.encode()


def at(text: str) -> int:
    return to_ms(datetime.fromisoformat(text))


SAID = "2026-11-23T11:59:00Z"
HOUR = 3_600_000


def test_a_server_tells_the_time_itself() -> None:
    event = {"timestamp": "2026-11-20T08:00:00Z", "originalTimestamp": SAID, "userId": "u1"}
    entry = read(event, SERVER, sent_at="2026-11-23T12:00:00Z")
    assert entry.at == at("2026-11-20T08:00:00Z")


@given(st.integers(-(10**11), 10**11), st.integers(0, 10**9))
def test_the_device_clock_does_not_matter_once_it_says_when_it_sent(skew: int, age: int) -> None:
    sent = datetime(2026, 11, 23, 12, 0, tzinfo=UTC) + timedelta(milliseconds=skew)
    happened = sent - timedelta(milliseconds=age)
    entry = read({"originalTimestamp": happened.isoformat()}, sent_at=sent.isoformat())
    assert entry.at == NOW - age


def test_a_retry_is_the_same_message_whenever_it_arrives() -> None:
    event = {"messageId": "m1", "originalTimestamp": SAID}
    first = read(event, sent_at="2026-11-23T12:00:00Z")
    again = read(event, sent_at="2027-04-01T09:00:00Z", now=at("2027-04-01T09:00:00Z"))
    assert (first.dedupe, first.body_hash) == (again.dedupe, again.body_hash)


def test_a_message_is_known_per_source_and_month() -> None:
    keys = {
        read({"messageId": "m1", "originalTimestamp": SAID}).dedupe,
        read({"messageId": "m2", "originalTimestamp": SAID}).dedupe,
        read({"messageId": "m1", "originalTimestamp": SAID}, SERVER).dedupe,
        read({"messageId": "m1", "originalTimestamp": "2026-10-23T11:59:00Z"}).dedupe,
    }
    assert len(keys) == 4
    assert {len(key) for key in keys if key} == {23}
    body = orjson.dumps({"type": "track", "event": "Seen", "anonymousId": "a1"})
    one, two = (read_event(body, PAGE, NOW) for _ in range(2))
    assert one[0].dedupe != two[0].dedupe
    assert one[1] is True


def test_a_token_decides_whose_event_it_is() -> None:
    entry = read({"anonymousId": "another", "userId": "u1"}, DEVICE)
    assert entry.subject == Identifier("", "device", "did-1")
    assert entry.links == (Link(Identifier("linen", "user", "u1"), "claimed"),)


def test_the_public_key_never_writes_to_a_users_own_node() -> None:
    entry = read({"anonymousId": ..., "userId": "u1"})
    assert entry.subject == Identifier("linen", "anonymous", "user:u1")
    assert entry.links == (Link(Identifier("linen", "user", "u1"), "claimed"),)


def test_a_servers_event_goes_to_the_user_and_proves_the_anonymous_id() -> None:
    entry = read({"anonymousId": "a1", "userId": "u1"}, SERVER)
    assert entry.subject == Identifier("linen", "user", "u1")
    assert entry.links == (Link(Identifier("linen", "anonymous", "a1"), "verified"),)
    alone = read({}, SERVER)
    assert alone.subject == Identifier("linen", "anonymous", "a1")


def test_a_source_may_say_nothing_about_identity() -> None:
    silent = Caller(7, "linen", "claimed", False)
    entry = read({"userId": "u1", "traits": {"email": "ann@example.com"}}, silent)
    assert entry.links == ()


@pytest.mark.parametrize("junk", ["guest", "null", "0", " NULL ", "[object Object]", "a\u200fb"])
def test_an_identifier_that_names_everybody_names_nobody(junk: str) -> None:
    assert clean_id(junk) == ""
    assert read({"userId": junk}).links == ()


@pytest.mark.parametrize("value", [True, None, 1.5, {"a": 1}, ["x"], "x" * 513, "", "\ud800"])
def test_what_is_no_identifier(value: object) -> None:
    assert clean_id(value) == ""


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        (" Ann@Example.COM ", "ann@example.com"),
        ("ann+shop@mail.example.com", "ann+shop@mail.example.com"),
        ("ann@example", ""), ("@example.com", ""), ("ann@", ""), ("ann@.", ""), ("", ""),
        ("a b@example.com", ""), ("ann@example.com\r\nBcc: all@example.com", ""),
        ("ann@example.com,bob@example.com", ""), ("<ann@example.com>", ""),
        ("a" * 250 + "@example.com", ""), ("ann\u0000@example.com", ""), (None, ""), (5, ""),
    ],
)  # fmt: skip
def test_addresses(text: object, clean: str) -> None:
    assert clean_email(text) == clean


def test_a_short_order_key_could_be_guessed() -> None:
    named = read({"properties": {"order_key": "wc_order_Abc123", "cart_token": "short"}})
    key = Identifier("linen", "order_key", "wc_order_Abc123")
    assert named.links == (Link(key, "token"),)
    odd = read({"properties": {"order_key": {"a": "b"}, "cart_token": ["0123456789abc"]}})
    assert odd.links == ()


def test_a_bomb_is_not_unpacked() -> None:
    assert inflate(gzip.compress(b"{}")) == b"{}"
    with pytest.raises(BadInput, match="larger"):
        inflate(gzip.compress(b"0" * (BATCH_BYTES * 50)))
    with pytest.raises(BadInput, match="not gzip"):
        inflate(zlib.compress(b"{}"))
    with pytest.raises(BadInput, match="cut off"):
        inflate(gzip.compress(b"{}")[:-5])


def test_limits_of_other_bodies() -> None:
    assert read_json(b'{"a":[1]}') == {"a": [1]}
    with pytest.raises(BadInput, match="nested"):
        read_json(b"[" * (DEPTH + 1) + b"]" * (DEPTH + 1))
    with pytest.raises(BadInput, match="keys"):
        read_json(orjson.dumps({str(n): 1 for n in range(KEYS + 1)}))
    with pytest.raises(BadInput, match="NUL"):
        read_json(b'"\\u0000"')

"""Signatures against a value that was computed with openssl from a base string written by hand."""

from __future__ import annotations

from datetime import UTC, datetime

from hub.sdk.auth import Basic, Bearer, OAuth1, QueryKey
from hub.sdk.secret import SecretText
from hub.sdk.testing import SteppingClock

URL = "http://shop.example/wp-json/wc/v3/orders"
PARAMS = [
    ("search", "café & ~x"),
    ("modified_after", "2026-11-23T16:58:17"),
    ("dates_are_gmt", "true"),
]
KNOWN = "evgKQ3vcIh2Q8VyKcdKumg39rF96BmjpWfb5gsE8eqs="


def oauth(nonce: str = "n0nce") -> OAuth1:
    clock = SteppingClock(datetime(2026, 11, 23, 17, 0, tzinfo=UTC))
    return OAuth1(SecretText("ck_1"), SecretText("cs/2"), clock, lambda: nonce)


def test_a_known_oauth_signature() -> None:
    signed, headers = oauth().sign("get", URL, PARAMS)
    assert dict(signed)["oauth_signature"] == KNOWN
    assert signed[: len(PARAMS)] == PARAMS
    assert headers == {}


def test_the_signature_covers_method_address_and_every_parameter() -> None:
    calls = [
        ("POST", URL, PARAMS),
        ("GET", URL + "/1", PARAMS),
        ("GET", URL, PARAMS[1:]),
        ("GET", URL, [*PARAMS, ("page", "2")]),
    ]
    for method, url, params in calls:
        assert dict(oauth().sign(method, url, params)[0])["oauth_signature"] != KNOWN
    assert dict(oauth("other").sign("GET", URL, PARAMS)[0])["oauth_signature"] != KNOWN


def test_each_signature_has_a_nonce_of_its_own() -> None:
    auth = OAuth1(SecretText("k"), SecretText("s"), SteppingClock())
    nonces = {dict(auth.sign("GET", URL, [])[0])["oauth_nonce"] for _ in range(50)}
    assert len(nonces) == 50


def test_basic_bearer_and_query() -> None:
    key, secret = SecretText("Aladdin"), SecretText("open sesame")
    basic = Basic(key, secret).sign("GET", URL, [])[1]
    assert basic == {"Authorization": "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="}  # RFC 7617
    assert Bearer(secret).sign("GET", URL, [])[1] == {"Authorization": "Bearer open sesame"}
    query = QueryKey(("k", "s"), key, secret).sign("GET", URL, [("a", "1")])
    assert query == ([("a", "1"), ("k", "Aladdin"), ("s", "open sesame")], {})


def test_no_way_to_sign_in_shows_its_secrets() -> None:
    key, secret = SecretText("key-text"), SecretText("secret-text")
    ways = [Basic(key, secret), Bearer(secret), QueryKey(("a", "b"), key, secret), oauth()]
    assert not any("-text" in repr(way) or "cs/2" in repr(way) for way in ways)

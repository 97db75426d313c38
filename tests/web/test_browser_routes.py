"""What a browser may ask and say: nothing personal leaves the hub, nothing is kept unasked."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from hub.flows.accept import accounting
from tests.mailbox import POPUP
from tests.shop import BOTH, Shop, banner, order, product
from tests.web.door import EVENT, Door, open_door

CANARIES = {
    "email": "canary-mail@example.com",
    "first_name": "Canaryfirst",
    "last_name": "Canarylast",
    "city": "Canarytown",
    "phone": "+31600000777",
}
RULE = "when: {trait: {key: city, op: is, value: Canarytown}}"
RECOMMENDED = """type: recommendations
name: Also viewed
slot: below
recommend: {strategy: popular, limit: 3}
content: {en: {title: Popular now}}
"""


@pytest.fixture
async def door(lite: Shop) -> AsyncIterator[Door]:
    await lite.widget("plain", banner())
    await lite.widget(
        "personal", banner(slot="inner", extra=["personal: true", RULE]).replace("Hello", "Again")
    )
    await lite.widget("shelf", RECOMMENDED)
    await lite.widget("letter", POPUP)
    await lite.report(*(product(f"p{i}") for i in range(4)), order("o1", email="bob@example.com"))
    async with open_door(lite) as opened:
        yield opened


async def decide(door: Door, token: Any = None, **more: Any) -> dict[str, Any]:
    page = {"url": "https://shop.example/?utm_source=mail", "search": "?utm_source=mail"}
    body = {"writeKey": door.key, "token": token, "page": page, "locale": "en",
            "slots": ["top", "inner", "below"], "recent": ["p1"], **more}  # fmt: skip
    answer = await door.post("/v1/decide", body)
    assert answer.status_code == 200, answer.text
    result: dict[str, Any] = answer.json()
    return result


def shown(answer: dict[str, Any]) -> list[str]:
    return sorted(line["widget"] for line in answer["decisions"])


async def known(door: Door) -> str:
    """The token of a browser that belongs to a person of whom much is known."""
    token = await door.shop.device(BOTH)
    events = [{"type": "identify", "userId": "c77", "traits": CANARIES, "messageId": "i"},
              {"type": "track", **EVENT, "messageId": "v"}]  # fmt: skip
    answer = await door.batch(events, token=token)
    assert answer.json()["accepted"] == 2
    await door.shop.report(order("o-canary", email=CANARIES["email"], first_name="Canaryfirst"))
    return token


async def choose(door: Door, token: str, **purposes: bool) -> dict[str, Any]:
    body = {"writeKey": door.key, "token": token, "purposes": purposes, "source": "banner"}
    answer = await door.post("/v1/consent", body)
    assert answer.status_code == 200, answer.text
    result: dict[str, Any] = answer.json()
    return result


async def test_without_consent_a_page_is_answered_and_nothing_is_kept(door: Door) -> None:
    before = await door.counts()
    for _ in range(5):
        answer = await decide(door)
        assert {"plain", "shelf"} <= set(shown(answer))
        assert "personal" not in shown(answer)
    assert await door.counts() == before


async def test_a_token_nobody_signed_is_no_token(door: Door) -> None:
    token = await known(door)
    did, mac, key = token.split(".")
    other = door.shop.hub.signer.mint_device()  # genuine, but no browser was ever given it
    plain = await decide(door)
    before = await door.counts()
    forged = [
        f"{did}.{mac[::-1]}.{key}", f"{did}x.{mac}.{key}", f"{did}.{mac}.0000", did, "..", "",
        "a" * 200, other, "__proto__", f"{did}.{mac}.{key}.{key}", CANARIES["email"], "é.é.é",
    ]  # fmt: skip
    for text in forged:
        answer = await decide(door, text)
        assert shown(answer) == shown(plain), text
        assert answer["site"] == plain["site"]
    for wrong in (5, ["x"], {"a": 1}):
        body = {"writeKey": door.key, "token": wrong, "slots": []}
        refused = await door.post("/v1/decide", body, **door.basic)
        assert (refused.status_code, "token" in refused.text) == (400, True)
    assert await door.counts() == before
    for text in forged:
        body = {"writeKey": door.key, "token": text, "purposes": {"analytics": False}}
        answer_ = await door.post("/v1/consent", body)
        if text != other:
            assert answer_.status_code == 400
        linked = await door.post("/v1/link", {"writeKey": door.key, "token": text, "k": "x.y"})
        assert linked.json() == {"linked": False}
    assert shown(await decide(door, token)) == ["letter", "personal", "plain", "shelf"]


async def test_a_page_never_learns_what_is_known(door: Door) -> None:
    token = await known(door)
    await door.shop.settle()
    personal = await door.post(
        "/v1/decide", {"writeKey": door.key, "token": token, "slots": ["top", "inner", "below"]}
    )
    assert shown(personal.json()) == ["letter", "personal", "plain", "shelf"]
    secrets = [*CANARIES.values(), "canary", "c77", "o-canary", "trait", "when", "reason",
               "score", "priority", "node_id", "person_id", "bob@"]  # fmt: skip
    for text in (personal.text, *map(str, personal.headers.raw)):
        assert [secret for secret in secrets if secret.lower() in text.lower()] == []
    body = personal.json()
    assert set(body) == {"id", "site", "decisions"}
    fields = {"slot", "widget", "version", "type", "trigger", "content", "products"}
    assert all(set(line) <= fields for line in body["decisions"])
    # A stranger's answer has the same form: the schema itself tells nothing.
    stranger = await decide(door)
    assert set(stranger) == set(body) and set(stranger["site"]) == set(body["site"])


async def test_a_withdrawal_ends_it(door: Door) -> None:
    token = await known(door)
    assert "personal" in shown(await decide(door, token))
    assert await choose(door, token, analytics=False, personalisation=False) == {
        "ok": True, "keep": False
    }  # fmt: skip
    before = await door.counts()
    assert shown(await decide(door, token)) == shown(await decide(door))
    event = {"type": "track", **EVENT}
    answer = (await door.batch([event, event], token=token)).json()
    assert (answer["success"], answer["accepted"]) == (False, 0)
    assert [line["reason"] for line in answer["rejected"]] == [
        "consent: no consent to analytics"
    ] * 2
    alone = await door.post("/v1/track", {**event, "writeKey": door.key, "token": token})
    assert (alone.status_code, "no consent to analytics" in alone.text) == (400, True)
    assert {**await door.counts(), "intake_count": 0} == {**before, "intake_count": 0}
    assert await choose(door, token, analytics=True) == {"ok": True, "keep": True}
    assert (await door.batch([event], token=token)).json()["accepted"] == 1
    source = door.shop.sources["browser"].id
    (line,) = [line for line in await accounting(door.shop.hub) if line["source_id"] == source]
    assert line["rejected"] == {"consent": 3}
    # What was refused is not kept as a sample either.
    samples = [r.sample for r in door.shop.hub.rejects.newest if r.reason.startswith("consent")]
    assert samples == ["", "", ""]


async def test_each_browser_has_its_own_say(door: Door) -> None:
    """She withdrew on the laptop first and agreed on the phone later: the laptop stays silent."""
    laptop, phone = await door.shop.device(BOTH), await door.shop.device(BOTH)
    for token in (laptop, phone):
        await door.batch([{"type": "identify", "userId": "c1"}], token=token)
    await choose(door, laptop, analytics=False, personalisation=False)
    door.shop.later(minutes=1)
    await choose(door, phone, analytics=True, personalisation=True)
    event = {"type": "track", **EVENT}
    assert (await door.batch([event], token=laptop)).json()["accepted"] == 0
    assert (await door.batch([event], token=phone)).json()["accepted"] == 1
    assert "personal" not in shown(await decide(door, laptop))


async def test_only_personalisation_keeps_no_events(door: Door) -> None:
    body = {"writeKey": door.key, "consent": {"purposes": {"personalisation": True}}}
    token = (await door.post("/v1/device", body)).json()["token"]
    answer = await door.batch([{"type": "track", **EVENT}], token=token)
    assert answer.json()["rejected"][0]["reason"] == "consent: no consent to analytics"


async def test_a_fresh_token_counts_at_once(door: Door) -> None:
    """The events of the first page follow the token by a moment: the projector may be behind."""
    async with door.shop.hub.views.lock:
        body = {"writeKey": door.key, "consent": {"purposes": {"analytics": True}}}
        token = (await door.post("/v1/device", body)).json()["token"]
        assert (await door.batch([{"type": "track", **EVENT}], token=token)).json()["accepted"] == 1


async def test_who_agrees_to_nothing_gets_nothing(door: Door) -> None:
    before = await door.counts()
    for purposes in ({}, {"analytics": False}, {"analytics": False, "personalisation": False}):
        body = {"writeKey": door.key, "consent": {"purposes": purposes}}
        assert (await door.post("/v1/device", body)).json() == {"token": ""}
    wrong: list[Any] = [
        {"purposes": {"everything": True}}, {"purposes": {"__proto__": True}},
        {"purposes": {"analytics": True}, "source": "constructor"}, {"purposes": []}, None, 5,
        {"purposes": {"analytics": "yes"}}, {"purposes": {"analytics": True}, "text_version": "\0"},
    ]  # fmt: skip
    for consent in wrong:
        answer = await door.post("/v1/device", {"writeKey": door.key, "consent": consent})
        assert answer.status_code == 400, consent
        assert answer.json()["rejected"][0]["reason"]
    assert await door.counts() == before


async def test_the_pop_up_answers_alike_for_everybody(door: Door) -> None:
    token = await known(door)
    form = {"writeKey": door.key, "widget": "letter", "version": 1, "locale": "en",
            "page": {"url": "https://shop.example/"}}  # fmt: skip
    answers = []
    for email in (CANARIES["email"], "nobody@example.com", CANARIES["email"]):
        for device in (token, None, "forged.token.x"):
            answer = await door.post("/v1/subscribe", {**form, "email": email, "token": device})
            headers = {k: v for k, v in answer.headers.items() if k != "date"}
            answers.append((answer.status_code, answer.content, headers))
    assert all(answer == answers[0] for answer in answers)
    assert answers[0][:2] == (200, b'{"ok":true}')
    before = await door.counts()
    for email in ("", "x", "a@b", "a b@example.com", "a@example.com\r\nBcc: b@example.com",
                  "a@example.com,b@example.com", "<a@example.com>", "a" * 250 + "@example.com",
                  "a\0@example.com"):  # fmt: skip
        answer = await door.post("/v1/subscribe", {**form, "email": email})
        assert (answer.status_code, "email" in answer.text) == (400, True), email
    for changed in ({"email": 5}, {"widget": "plain"}, {"widget": "__proto__"}, {"version": "x"}):
        answer = await door.post("/v1/subscribe", {**form, "email": "a@example.com", **changed})
        assert answer.status_code == 400, changed
    assert await door.counts() == before


async def test_odd_requests_get_an_answer(door: Door) -> None:
    odd: list[dict[str, Any]] = [
        {"__proto__": {"admin": 1}, "constructor": {}}, {"slots": ["__proto__"] * 500},
        {"recent": ["x" * 300] * 90}, {"product": {"product_id": "__proto__"}},
        {"locale": "../../etc"}, {"category": "x" * 3000}, {"locale": "%00"},
        {"page": {"url": "javascript:alert(1)", "search": "?" + "&a=1" * 500}},
        {"device": {"type": "toaster", "width": -5}}, {"slots": [], "recent": []},
    ]  # fmt: skip
    for request in odd:
        await decide(door, **request)
    wrong: list[dict[str, Any]] = [
        {"slots": "top"}, {"slots": [1]}, {"page": "x"}, {"recent": {}}, {"locale": None},
        {"category": "a\0b"}, {"device": []}, {"page": {"url": "x" * 40_000}},
    ]  # fmt: skip
    for request in wrong:
        answer = await door.post("/v1/decide", {"writeKey": door.key, **request})
        assert answer.status_code == 400, request
    for path in ("/v1/decide", "/v1/device", "/v1/consent", "/v1/link", "/v1/subscribe"):
        assert (await door.post(path, {"writeKey": "wk_wrong"})).status_code == 401
        assert (await door.post(path, b"[1]", **door.basic)).status_code == 400
        assert (await door.post(path, b"x" * 70_000, **door.basic)).status_code == 400
        assert (await door.http.get(path)).status_code == 405

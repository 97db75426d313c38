"""Who is not known and who is get the same answers; nothing of a person is in any of them."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Iterable
from typing import Any

import httpx
import pytest

from hub.sdk.records import Customer
from tests.benchmarks.bench_enumeration import asked, separable, shape
from tests.shop import SHOP, START, Shop, banner, order
from tests.web.door import Door, open_door

CANARIES = ("Firstname-canary", "Trait-canary", "vip-canary", "Score-canary", "for-canary-people")
PERSONAL = {
    "for-canary-people": "when: {trait: {key: city, op: is, value: Trait-canary}}",
    "by-orders": "when: {did: {event: Order Completed, count: {at_least: 1}}}",
}


def email(n: int) -> str:
    return f"known{n}@example.com"


@pytest.fixture
async def door(lite: Shop) -> AsyncIterator[Door]:
    for key, when in PERSONAL.items():
        await lite.widget(key, banner(extra=[when]))
    await lite.widget("for-all", banner(slot="below"))
    async with open_door(lite) as opened:
        yield opened


async def know(shop: Shop, people: int) -> None:
    traits = {"city": "Trait-canary", "vip-canary": True, "score": "Score-canary"}
    for n in range(people):
        await shop.report(
            Customer(SHOP, f"c{n}", START, email=email(n), first_name=CANARIES[0], traits=traits),
            order(f"{n}", customer_id=f"c{n}", email=email(n), order_key=f"wc_order_known{n}"),
        )


def looks(answer: httpx.Response) -> str:
    """Status, headers and body of an answer, without what differs in any two."""
    headers = {k: v for k, v in answer.headers.items() if k not in ("date", "x-request-id")}
    assert not [canary for canary in CANARIES if canary in answer.text]
    return repr((answer.status_code, headers, shape(answer.json())))


async def ask(door: Door, names: Iterable[str]) -> set[str]:
    found = set()
    for name in names:
        body: dict[str, Any] = {**asked(name), "writeKey": door.key}
        found.add(looks(await door.post("/v1/decide", body)))
    return found


async def alike(door: Door, known: int, random: int) -> None:
    await know(door.shop, known)
    names = [name for n in range(known) for name in (email(n), f"c{n}", f"wc_order_known{n}")]
    (here,) = await ask(door, names)
    assert "for-all" in here and "by-orders" not in here
    assert {here} == await ask(door, (secrets.token_urlsafe(16) for _ in range(random)))
    assert {here} == await ask(door, ("", "a@b.example", "c" * 400, "did.mac.0000"))


async def test_known_and_unknown_names_are_answered_alike(door: Door) -> None:
    await alike(door, 20, 100)


@pytest.mark.full
async def test_ten_thousand_names_are_answered_alike(door: Door) -> None:
    await alike(door, 334, 10_000)


@pytest.mark.parametrize(
    ("path", "more"),
    [
        ("/v1/identify", {"anonymousId": "eve"}),
        ("/v1/link", {"token": "", "k": "x.y"}),
        ("/v1/consent", {"token": "did.mac.0000", "purposes": {"analytics": False}}),
        ("/v1/alias", {"anonymousId": "eve"}),
    ],
)
async def test_no_other_route_tells_who_is_known(
    door: Door, path: str, more: dict[str, Any]
) -> None:
    await know(door.shop, 3)
    found = []
    for names in (("c1", email(1)), ("c999", "nobody@example.com")):
        body = {"writeKey": door.key, "userId": names[0], "traits": {"email": names[1]}, **more}
        found.append(looks(await door.post(path, {**body, "previousId": names[0]})))
    assert found[0] == found[1]


def test_the_test_of_times_tells_two_distributions_apart() -> None:
    same = [n % 97 for n in range(1000)]
    assert separable(same, [n % 97 for n in range(7, 1007)]) > 0.5
    assert separable(same, [value + 12 for value in same]) < 0.001
    assert separable(same, [value + 200 for value in same]) < 1e-9

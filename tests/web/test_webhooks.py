"""Webhooks over HTTP: signed ones count once, all others leave nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import orjson
import pytest
from hub_woocommerce.standin import Delivery

from hub.flows.plugin_run import secrets_of
from hub.flows.sources_admin import change_source
from hub.sdk.webhooks import sign_base64
from hub.web.webhooks import MAX_BYTES
from tests.connected import Connected, open_connected


@pytest.fixture
async def woo(tmp_path: Path) -> AsyncIterator[Connected]:
    async with open_connected(tmp_path) as opened:
        await opened.save()
        await opened.sync()
        opened.shop.pending()  # the pings
        opened.door.shop.later(minutes=1)
        yield opened


async def knock(woo: Connected, delivery: Delivery, **headers: str) -> httpx.Response:
    return await woo.door.http.post(
        delivery.url, content=delivery.body, headers={**delivery.headers, **headers}
    )


def new_order(woo: Connected) -> Delivery:
    """A delivery about an order that the hub has not seen."""
    product = next(i for i, row in woo.shop.tables.products.items() if row["price"])
    woo.shop.create_order([(product, 1)], email="hook@example.com")
    return next(d for d in woo.shop.pending() if d.headers["X-WC-Webhook-Topic"] == "order.created")


async def kept(woo: Connected) -> dict[str, int]:
    return await woo.door.counts()


async def sign(woo: Connected, topic: str, body: bytes) -> httpx.Response:
    """A genuine delivery of any body."""
    hub = woo.door.shop.hub
    secret = secrets_of(hub, await woo.row())["webhook_secret"]
    headers = {"X-WC-Webhook-Topic": topic, "X-WC-Webhook-Signature": sign_base64(secret, body)}
    return await woo.door.http.post(f"/hooks/{woo.id}", content=body, headers=headers)


async def test_a_delivery_counts_once_however_often_it_comes(woo: Connected) -> None:
    delivery = new_order(woo)
    before = await woo.seq()
    assert (await knock(woo, delivery)).status_code == 200
    assert await woo.seq() == before + 1
    assert await woo.orders() == woo.books()
    after = await kept(woo)
    answers = [await knock(woo, delivery) for _ in range(60)]
    answers += await asyncio.gather(*(knock(woo, delivery) for _ in range(40)))
    assert {(answer.status_code, answer.text) for answer in answers} == {(200, "seen before")}
    assert await kept(woo) == after
    # Another delivery id around the same signed bytes is no other news.
    again = await knock(woo, delivery, **{"X-WC-Webhook-Delivery-ID": "f" * 32})
    assert again.status_code == 200
    assert await kept(woo) == after


async def test_many_at_once_are_one(woo: Connected) -> None:
    delivery = new_order(woo)
    before = await woo.seq()
    answers = await asyncio.gather(*(knock(woo, delivery) for _ in range(30)))
    assert {answer.status_code for answer in answers} == {200}
    assert await woo.seq() == before + 1


async def test_a_changed_bit_is_a_forgery(woo: Connected) -> None:
    delivery = new_order(woo)
    before = await kept(woo)
    forged = 0
    for place in range(0, len(delivery.body), max(1, len(delivery.body) // 60)):
        body = bytearray(delivery.body)
        body[place] ^= 1 << (place % 8)
        answer = await woo.door.http.post(
            delivery.url, content=bytes(body), headers=delivery.headers
        )
        assert answer.status_code == 401
        forged += 1
    signature = delivery.headers["X-WC-Webhook-Signature"]
    for place in range(len(signature)):
        letter = "B" if signature[place] == "A" else "A"
        wrong = signature[:place] + letter + signature[place + 1 :]
        answer = await knock(woo, delivery, **{"X-WC-Webhook-Signature": wrong})
        assert answer.status_code == 401, place
        forged += 1
    for wrong in ("", "=", "x" * 5000, signature.lower(), "null"):
        answer = await knock(woo, delivery, **{"X-WC-Webhook-Signature": wrong})
        assert answer.status_code == 401, wrong
        forged += 1
    assert await kept(woo) == before
    assert woo.door.shop.hub.forged == {woo.id: forged}
    assert (await knock(woo, delivery)).status_code == 200
    await woo.seq()
    assert await woo.orders() == woo.books()


async def test_an_empty_or_foreign_secret_opens_nothing(woo: Connected) -> None:
    body = orjson.dumps({"id": 1})
    for secret in ("", "cs_canary_9876543210", "None"):
        headers = {"X-WC-Webhook-Topic": "order.deleted",
                   "X-WC-Webhook-Signature": sign_base64(secret, body)}  # fmt: skip
        answer = await woo.door.http.post(f"/hooks/{woo.id}", content=body, headers=headers)
        assert answer.status_code == 401


async def test_nobody_lives_there(woo: Connected) -> None:
    delivery = new_order(woo)
    before = await kept(woo)
    for number in ("0", "999", "2147483648", "9" * 40):
        answer = await woo.door.http.post(
            f"/hooks/{number}", content=delivery.body, headers=delivery.headers
        )
        assert answer.status_code == 404, number
    for path in ("/hooks/", "/hooks/x", "/hooks/-1", "/hooks/1.5", "/hooks/1/2"):
        answer = await woo.door.http.post(path, content=delivery.body)
        assert answer.status_code in (404, 405), path
    assert (await woo.door.http.get(f"/hooks/{woo.id}")).status_code == 405
    assert await kept(woo) == before


async def test_a_ping_is_answered_and_is_no_sign_of_life(woo: Connected) -> None:
    before = await kept(woo)
    woo.door.shop.hub.seen.clear()
    url = f"/hooks/{woo.id}"
    assert (await woo.door.http.post(url, content=b"webhook_id=7")).status_code == 200
    for body in (b"webhook_id=", b"webhook_id=7&x=1", b"webhook_id=-7", b""):
        assert (await woo.door.http.post(url, content=body)).status_code == 401, body
    assert (await kept(woo), woo.door.shop.hub.seen) == (before, {})


async def test_a_body_without_end_is_cut_off(woo: Connected) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent <= MAX_BYTES + 2_000_000:
            sent += 65_536
            yield b"x" * 65_536

    answer = await woo.door.http.post(f"/hooks/{woo.id}", content=endless())
    assert answer.status_code == 413


async def test_bodies_that_are_no_records(woo: Connected) -> None:
    """Signed, so that they are the shop's; sending them again would not mend them."""
    before = await woo.seq()
    gone = b'{"code":"woocommerce_rest_order_invalid_id","message":"x","data":{"status":404}}'
    odd = [
        ("order.updated", gone), ("order.updated", b"[]"), ("order.updated", b"null"),
        ("order.updated", b"<html>"), ("order.updated", b"\xff"), ("order.updated", b"{"),
        ("order.updated", b'{"id":"x"}'), ("order.updated", b'{"id":-1}'),
        ("order.updated", b'{"id":77}'), ("order.updated", b'{"id":77,"total":"NaN"}'),
        ("order.deleted", b'{"id":77,"total":"1"}'), ("coupon.created", b'{"id":1}'),
        ("", b'{"id":1}'), ("order.updated", b'{"id":' + b"9" * 400 + b"}"),
        ("order.updated", b'{"id":7,"a":' + b"[" * 50_000 + b"}"),
        ("customer.updated", b'{"id":3,"email":5}'), ("product.updated", b'{"id":3,"price":{}}'),
    ]  # fmt: skip
    for topic, body in odd:
        answer = await sign(woo, topic, body)
        assert answer.status_code == 200, (topic, body[:60], answer.text)
    assert await woo.seq() == before
    assert await woo.orders() == {
        key: value for key, value in woo.books().items() if key in await woo.orders()
    }
    assert woo.door.shop.hub.views.stuck == ""


async def test_a_full_store_asks_to_come_back(woo: Connected) -> None:
    delivery = new_order(woo)
    before = await woo.seq()
    await woo.door.fill_disk()
    big = orjson.dumps({**orjson.loads(delivery.body), "note": "x" * 100_000})
    answer = await sign(woo, "order.created", big)
    assert (answer.status_code, int(answer.headers["retry-after"]) > 0) == (503, True)
    assert "disk is full" in answer.text
    await woo.door.free_disk()
    assert (await sign(woo, "order.created", big)).status_code == 200
    woo.door.shop.hub.views.wake()  # type: ignore[attr-defined]  # else after a second
    assert await woo.seq() == before + 1
    assert await woo.orders() == woo.books()


async def test_a_source_that_is_switched_off_takes_nothing(woo: Connected) -> None:
    delivery = new_order(woo)
    source = (await woo.row()).source_id
    await change_source(woo.door.shop.hub, source, identify="claim", enabled=False)
    before = await woo.seq()
    answer = await knock(woo, delivery)
    assert (answer.status_code, "switched off" in answer.text) == (200, True)
    forged = await knock(woo, delivery, **{"X-WC-Webhook-Signature": "x"})
    assert forged.status_code == 401
    assert await woo.seq() == before
    await change_source(woo.door.shop.hub, source, identify="claim", enabled=True)
    assert (await knock(woo, delivery)).status_code == 200
    assert await woo.seq() == before + 1


async def test_deleted_twice_with_a_restoration_between(woo: Connected) -> None:
    number = int(orjson.loads(new_order(woo).body)["id"])
    await woo.sync()
    for _ in range(2):
        woo.door.shop.later(minutes=1)
        woo.shop.set_order_status(number, "trash")
        assert {answer.status_code for answer in await woo.deliver()} == {200}
        assert (await woo.orders())[str(number)][0] == "cancelled"
        woo.door.shop.later(minutes=1)
        woo.shop.set_order_status(number, "processing")
        assert {answer.status_code for answer in await woo.deliver()} == {200}
        assert (await woo.orders())[str(number)][0] == "paid"

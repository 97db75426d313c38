"""A shopper who is signed in at the shop: her token links her browser, and no other one."""

from __future__ import annotations

from typing import Any

import pytest

from hub.flows.device import LinkRequest
from hub.flows.rebuild import rebuild
from hub.flows.shop_sign_in import (
    SignedIn,
    drop_old_secret,
    live_secrets,
    new_secret,
    sign_in,
)
from hub.sdk.records import Customer, Identifier, Link
from hub.store.database import Entry
from tests.shop import SHOP, START, Shop, projections, viewed
from tests.shop_token import claims, sign


async def ready(shop: Shop) -> str:
    """Two customers, and the secret of the shop."""
    await shop.report(
        Customer(SHOP, "c1", START, email="ann@example.com", first_name="Ann"),
        Customer(SHOP, "c2", START, email="bob@example.com", first_name="Bob"),
    )
    await new_secret(shop.hub, shop.sources["browser"].id)
    source = shop.hub.sources[shop.sources["browser"].id]
    shop.sources["browser"] = source
    return live_secrets(shop.hub, source)[0]


async def show(shop: Shop, token: str, secret: str, customer: str, **more: Any) -> SignedIn:
    source = shop.sources["browser"]
    said = claims(source.write_key, customer, shop.now, **more)
    return await sign_in(shop.hub, source, LinkRequest("", token, jwt=sign(secret, said)))


async def name(shop: Shop, token: str) -> object:
    trait = (await shop.view(token)).traits.get("first_name")
    return trait.value if trait else None


async def test_a_token_links_the_browser_and_its_past(shop: Shop) -> None:
    secret = await ready(shop)
    token = await shop.device()
    await shop.send(viewed("p1"), token=token)
    assert await show(shop, token, secret, "c1") == SignedIn(linked=True)
    assert await name(shop, token) == "Ann"
    before = await shop.settle()
    assert await show(shop, token, secret, "c1", jti="another-one") == SignedIn(linked=True)
    assert await shop.settle() == before, "saying it again writes nothing"
    live = await projections(shop.hub)
    await rebuild(shop.hub)
    assert await projections(shop.hub) == live


async def test_a_stolen_token_is_worth_nothing_in_another_browser(lite: Shop) -> None:
    secret = await ready(lite)
    hers, eve = await lite.device(), await lite.device()
    assert (await show(lite, hers, secret, "c1")).linked
    answer = await show(lite, eve, secret, "c1")
    assert (answer.linked, answer.reason) == (False, "jti: this token was used in another browser")
    assert await name(lite, eve) is None


async def test_another_customer_in_the_same_browser_gets_a_device_of_his_own(shop: Shop) -> None:
    secret = await ready(shop)
    hers = await shop.device()
    await shop.send(viewed("p1"), token=hers)
    await show(shop, hers, secret, "c1")
    answer = await show(shop, hers, secret, "c2", jti="his-number")
    assert answer.linked and answer.token
    his = answer.token
    assert (await name(shop, his), await name(shop, hers)) == ("Bob", "Ann")
    assert (await shop.view(his)).viewed == {}
    consents = (await shop.view(his)).consents
    assert {key: c.state for key, c in consents.items()} == {
        "analytics/site": "granted", "personalisation/site": "granted",
    }  # fmt: skip
    back = await show(shop, his, secret, "c1", jti="her-second")
    assert await name(shop, back.token) == "Ann"


async def test_a_browser_of_another_mailbox_does_not_hold_him_back(shop: Shop) -> None:
    """The browser is proved to be Ann's by a mail link; then Bob signs in at the shop."""
    secret = await ready(shop)
    token = await shop.device()
    device = Identifier("", "device", shop.hub.signer.device(token))
    link = (Link(Identifier("", "email", "ann@example.com"), "verified"),)
    entry = Entry(
        kind="link", name="mail link", subject=device, links=link, at=shop.now,
        received_at=shop.now, source_id=shop.sources["browser"].id, body="{}",
    )  # fmt: skip
    await shop.hub.writer.append([entry])
    await shop.settle()
    answer = await show(shop, token, secret, "c2")
    assert answer.linked and answer.token
    assert (await name(shop, token), await name(shop, answer.token)) == ("Ann", "Bob")


async def test_a_customer_the_shop_has_not_reported_yet(lite: Shop) -> None:
    secret = await ready(lite)
    token = await lite.device()
    assert (await show(lite, token, secret, "c9")).linked
    await lite.report(Customer(SHOP, "c9", START, email="cleo@example.com", first_name="Cleo"))
    assert await name(lite, token) == "Cleo"


async def test_without_consent_no_new_device_is_made(lite: Shop) -> None:
    secret = await ready(lite)
    token = await lite.device({"analytics": False, "personalisation": True})
    await show(lite, token, secret, "c1")
    answer = await show(lite, token, secret, "c2", jti="his-number")
    consents = (await lite.view(answer.token)).consents
    assert consents.keys() == {"personalisation/site"}


async def test_two_secrets_are_in_force_until_the_old_one_is_dropped(lite: Shop) -> None:
    first = await ready(lite)
    source_id = lite.sources["browser"].id
    await new_secret(lite.hub, source_id)
    lite.sources["browser"] = lite.hub.sources[source_id]
    second, again = live_secrets(lite.hub, lite.sources["browser"])
    assert again == first != second
    for n, secret in enumerate((first, second)):
        token = await lite.device()
        assert (await show(lite, token, secret, "c1", jti=f"number-{n}")).linked
    await new_secret(lite.hub, source_id)
    await drop_old_secret(lite.hub, source_id)
    lite.sources["browser"] = lite.hub.sources[source_id]
    assert len(live_secrets(lite.hub, lite.sources["browser"])) == 1
    token = await lite.device()
    for n, secret in enumerate((first, second)):
        answer = await show(lite, token, secret, "c1", jti=f"late-{n}-")
        assert answer.reason.startswith("signature")


@pytest.mark.parametrize(
    ("more", "reason"),
    [({"aud": "sk_other"}, "aud"), ({"exp": 1}, "exp"), ({"sub": "0"}, "sub")],
)
async def test_a_wrong_token_links_nothing_and_says_why(
    lite: Shop, more: dict[str, Any], reason: str
) -> None:
    secret = await ready(lite)
    token = await lite.device()
    answer = await show(lite, token, secret, "c1", **more)
    assert not answer.linked and answer.reason.startswith(reason)
    assert await name(lite, token) is None
    assert not (await show(lite, "forged.token.0000", secret, "c1")).linked


async def test_a_source_without_a_secret_takes_no_token(lite: Shop) -> None:
    token = await lite.device()
    for secret in ("", lite.hub.signer.derive(f"shop token {lite.sources['browser'].id} 0")):
        assert (await show(lite, token, secret, "c1")).reason.startswith("signature")

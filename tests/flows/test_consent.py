"""Consent: nothing personal without it, gone the moment it is withdrawn, proved by the mailbox."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from hub.flows.confirm import Expired, Forged, confirm, make_link, read_link, read_question
from hub.flows.decide import device_node
from hub.flows.device import (
    ConsentChoice,
    ConsentRequest,
    LinkRequest,
    change_consent,
    link_device,
    mint_device,
)
from hub.flows.subscribe import SubscribePage, SubscribeRequest, subscribe
from hub.ingest.limits import BadInput
from hub.sdk.records import Customer, Identifier
from tests.flows.test_claims import POPUP
from tests.shop import BOTH, SHOP, SHOP_URL, START, Shop, banner, viewed

EMAIL = "ann@example.com"
PERSONAL = banner(extra=["when: {did: {event: Product Viewed}}"])


async def choose(shop: Shop, token: str, **purposes: bool) -> bool:
    request = ConsentRequest("", token, purposes, "v1", "banner")
    return await change_consent(shop.hub, shop.sources["browser"], request)


async def test_without_consent_only_the_page_counts_and_nothing_is_kept(shop: Shop) -> None:
    await shop.widget("personal", PERSONAL)
    page = "when: {page: {field: product, op: is, value: p1}}"
    await shop.widget("open", banner(slot="side", extra=[page]))
    assert await shop.shown(product={"product_id": "p1"}, recent=["p1"]) == ["open"]
    await shop.hub.decisions.flush()
    for table in ("node", "log", "decision", "node_state"):
        assert await shop.hub.database.fetch(f"SELECT * FROM {table}") == []


async def test_a_declined_banner_makes_no_token(shop: Shop) -> None:
    no = {"analytics": False, "personalisation": False}
    assert await mint_device(shop.hub, shop.sources["browser"], ConsentChoice(no)) == ""
    assert await shop.hub.database.fetch("SELECT * FROM log") == []


async def test_the_agreement_is_on_record_before_the_token_leaves(shop: Shop) -> None:
    choice = ConsentChoice(BOTH, "v1", "banner")
    token = await mint_device(shop.hub, shop.sources["browser"], choice)
    rows = await shop.hub.database.fetch("SELECT kind, name FROM log ORDER BY seq")
    assert rows == [("consent", "granted")] * 2
    assert await device_node(shop.hub, token) is not None


async def test_a_widget_that_knows_you_needs_your_consent(shop: Shop) -> None:
    await shop.widget("personal", PERSONAL)
    counted = await shop.device({"analytics": True, "personalisation": False})
    await shop.send(viewed("p1"), token=counted)
    assert await shop.shown(counted) == []
    await choose(shop, counted, personalisation=True)
    assert await shop.shown(counted) == ["personal"]
    assert not await choose(shop, counted, personalisation=False)
    assert await shop.shown(counted) == []


@pytest.mark.parametrize(
    ("purposes", "source"),
    [({}, "banner"), ({"profit": True}, "banner"), ({"analytics": True}, "nowhere")],
)
async def test_a_choice_must_be_one(lite: Shop, purposes: dict[str, bool], source: str) -> None:
    token = await lite.device()
    with pytest.raises(BadInput):
        request = ConsentRequest("", token, purposes, "v1", source)
        await change_consent(lite.hub, lite.sources["browser"], request)
    with pytest.raises(BadInput, match="NUL"):
        await choose_text(lite, token, "v\x00")
    with pytest.raises(BadInput, match="token"):
        await choose(lite, token[:-1], analytics=False)


async def choose_text(shop: Shop, token: str, text: str) -> None:
    request = ConsentRequest("", token, {"analytics": True}, text, "banner")
    await change_consent(shop.hub, shop.sources["browser"], request)


async def ask_for(shop: Shop, email: str = EMAIL, **values: Any) -> None:
    request = SubscribeRequest("", "news", 1, email, **values)
    assert await subscribe(shop.hub, shop.sources["browser"], request) is None
    await shop.settle()


async def link_of(shop: Shop) -> str:
    """The link of the newest request, as the mail carries it."""
    rows = await shop.hub.database.fetch(
        "SELECT seq FROM consent WHERE state = 'requested' ORDER BY seq DESC LIMIT 1"
    )
    return make_link(shop.hub, seq=rows[0][0], locale="en").rpartition("/")[2]


async def test_the_owner_of_the_mailbox_decides(shop: Shop) -> None:
    await shop.widget("news", POPUP)
    token = await shop.device()
    await ask_for(shop, token=token, page=SubscribePage(f"{SHOP_URL}/sale?a=1"))
    rows = await shop.hub.database.fetch("SELECT channel, kind, purpose, state FROM outbox")
    assert rows == [("email", "double_opt_in", "service", "planned")]
    person = await shop.person_of(Identifier("", "email", EMAIL))
    assert "marketing/email" not in person.consents
    link = await link_of(shop)
    assert read_link(shop.hub, link).seq == 3
    for _ in range(2):  # a mail scanner looks: nothing is used up
        question = await read_question(shop.hub, link)
        assert (question.email, question.purpose, question.text) == (EMAIL, "marketing", "I agree")
    back = await confirm(shop.hub, link)
    assert back.startswith(f"{SHOP_URL}/sale?a=1&rgl_k=")
    person = await shop.person_of(Identifier("", "email", EMAIL))
    assert person.consents["marketing/email"].state == "granted"
    (ledger,) = await shop.hub.database.fetch(
        "SELECT basis, text_version, source, proof FROM consent WHERE state = 'granted' "
        "AND purpose = 'marketing'"
    )
    assert ledger[:3] == ("consent", "v1", "confirmed by mail")
    assert ledger[3].startswith("request 3, link confirm-3")
    with pytest.raises(Expired):
        await confirm(shop.hub, link)


async def test_one_press_counts_once_however_fast(shop: Shop) -> None:
    await shop.widget("news", POPUP)
    await ask_for(shop)
    link = await link_of(shop)
    answers = await asyncio.gather(
        *(confirm(shop.hub, link) for _ in range(5)), return_exceptions=True
    )
    assert sum(isinstance(answer, str) for answer in answers) == 1
    assert sum(isinstance(answer, Expired) for answer in answers) == 4


async def test_links_that_are_no_links(shop: Shop) -> None:
    await shop.widget("news", POPUP)
    await ask_for(shop)
    link = await link_of(shop)
    other = shop.hub.signer.seal("link", {"email": EMAIL, "exp": shop.now + 1, "jti": "x"})
    for forged in ("", "x", link[:-2], "A" + link, other):
        with pytest.raises(Forged):
            await confirm(shop.hub, forged)
    shop.later(days=7, seconds=1)
    with pytest.raises(Expired):
        await confirm(shop.hub, link)
    assert await shop.hub.database.fetch("SELECT * FROM used_token") == []


async def proof_of(shop: Shop) -> str:
    """The key with which the confirmed mailbox comes back to the shop."""
    await shop.widget("news", POPUP)
    await ask_for(shop)
    return (await confirm(shop.hub, await link_of(shop))).rpartition("rgl_k=")[2]


async def link(shop: Shop, token: str, key: str) -> bool:
    return await link_device(shop.hub, shop.sources["browser"], LinkRequest("", token, key))


async def test_the_browser_that_opens_the_shop_is_hers(shop: Shop) -> None:
    await shop.report(Customer(SHOP, "c1", START, email=EMAIL, first_name="Ann"))
    token, stranger = await shop.device(), await shop.device()
    key = await proof_of(shop)
    assert not await link(shop, "forged", key)
    assert await link(shop, token, key)
    assert (await shop.view(token)).traits["first_name"].value == "Ann"
    assert not await link(shop, stranger, key)  # used
    assert (await shop.view(stranger)).traits == {}


async def test_the_way_back_is_short(shop: Shop) -> None:
    token = await shop.device()
    key = await proof_of(shop)
    assert not await link(shop, token, key + "x")
    shop.later(hours=1, seconds=1)
    assert not await link(shop, token, key)


@pytest.mark.parametrize(
    "page", ["https://evil.example/", "http://[", "javascript:alert(1)", "//evil.example", "", "x"]
)
async def test_the_way_back_leads_to_the_shop_only(lite: Shop, page: str) -> None:
    await lite.widget("news", POPUP)
    await ask_for(lite, page=SubscribePage(page))
    back = await confirm(lite.hub, await link_of(lite))
    assert back.startswith(f"{SHOP_URL}?rgl_k=")


async def test_a_stranger_who_types_her_address_changes_nothing_of_hers(shop: Shop) -> None:
    await proof_of(shop)
    eve = await shop.device()
    await ask_for(shop, token=eve)
    person = await shop.person_of(Identifier("", "email", EMAIL))
    assert person.consents["marketing/email"].state == "granted"
    assert (await shop.view(eve)).consents.keys() == {"analytics/site", "personalisation/site"}

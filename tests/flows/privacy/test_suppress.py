"""Who was erased stays away, whatever the shop, a file or a stranger says, until she acts."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import orjson
import pytest

from hub.flows.confirm import Expired, Forged, confirm, make_link
from hub.flows.device import ConsentRequest, change_consent
from hub.flows.erase import carry_on, request_erasure
from hub.flows.import_orders import OrderFile, import_orders
from hub.flows.rebuild import rebuild
from hub.flows.suppress import load_suppressed
from hub.flows.unsubscribe import make_unsubscribe_link, unsubscribe
from hub.imports.errors_file import ErrorsFile
from hub.imports.orders import Given
from hub.sdk.records import Customer, Deleted, Identifier, Refund, RefundSighting
from tests.connected import Connected, open_connected
from tests.flows.privacy.people import everything, furnish, make_person, revenue
from tests.mailbox import open_post
from tests.shop import SHOP, START, Shop, open_shop, order, product, projections, viewed

ANN = "canary-ann@example.com"
LATER = START + timedelta(hours=1)


async def erase(shop: Shop, who: str = ANN) -> None:
    assert await carry_on(shop.hub, await request_erasure(shop.hub, who, "test")) in (
        "done", "manual",
    )  # fmt: skip


async def bought(shop: Shop) -> None:
    known = Customer(SHOP, "canary-c1", START, email=ANN, first_name="canary-first")
    await shop.report(known, order("1", customer_id="canary-c1", email=ANN))


async def say_all_again(shop: Shop) -> None:
    """Everything that may still speak of her: her shop, her browser, strangers, old mails."""
    news = Customer(SHOP, "canary-c1", START, email=ANN, first_name="canary-new-name")
    refund = Refund("r1", 100, START, "canary-reason")
    await shop.report(
        news,
        order("1", customer_id="canary-c1", email=ANN, phone="canary-phone", total=2000),
        order("2", customer_id="canary-c1", email="canary-second@example.com"),
        order("3", email=ANN.upper(), first_name="canary-first"),
        RefundSighting(SHOP, "1", (refund,)),
    )
    said = {"type": "identify", "traits": {"email": ANN, "name": "canary-name"},
            "context": {"page": {"url": f"https://shop.example/?e={ANN}"}}}  # fmt: skip
    await shop.send({**said, "anonymousId": "a-1"}, viewed("p1", anonymousId="a-1"))
    server = {"type": "identify", "userId": "canary-user", "traits": {"email": ANN}}
    await shop.send(server, source="server")
    link = make_unsubscribe_link(shop.hub, email=ANN, purpose="marketing", source_id=1, locale="en")
    await unsubscribe(shop.hub, link.rpartition("/")[2])


async def test_the_shop_and_strangers_do_not_bring_her_back(shop: Shop, database_url: str) -> None:
    await bought(shop)
    await erase(shop)
    await say_all_again(shop)
    left = await everything(shop, database_url)
    assert "canary" not in left.lower()
    # Her orders count in the books, without her: the first one as it is now.
    orders = await shop.hub.database.fetch(
        "SELECT order_id, node_id, total FROM shop_order ORDER BY order_id"
    )
    assert orders == [("1", None, 2000), ("2", None, 1995), ("3", None, 1995)]
    # The sender of an event is told nothing; the hub's own sums say it.
    day = await shop.hub.database.fetch(
        "SELECT n FROM intake_count WHERE outcome = 'rejected' AND reason = 'suppressed'"
    )
    assert sum(row[0] for row in day) >= 1
    live = await projections(shop.hub)
    await rebuild(shop.hub)
    assert await projections(shop.hub) == live


async def test_a_product_with_the_number_of_an_erased_customer_can_be_deleted(lite: Shop) -> None:
    """Shops number customers, orders and products each from 1."""
    await lite.report(
        Customer(SHOP, "7", START, email=ANN), order("o", customer_id="7", email=ANN),
        product("7"), order("7", customer_id="8", email="bob@example.com"),
    )  # fmt: skip
    await erase(lite)
    await lite.report(Deleted(SHOP, "product", "7", LATER), Deleted(SHOP, "order", "7", LATER))
    left = await lite.hub.database.fetch("SELECT name FROM log WHERE name = 'deleted' ORDER BY seq")
    assert len(left) == 2
    assert not lite.hub.catalogue.showable(SHOP, "7", now=lite.now, price_max_age=10**10)
    await lite.report(Deleted(SHOP, "customer", "7", LATER))
    left = await lite.hub.database.fetch("SELECT name FROM log WHERE name = 'deleted' ORDER BY seq")
    assert len(left) == 2


async def test_it_holds_after_a_restart(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        await bought(shop)
        await erase(shop)
    async with open_shop(tmp_path) as shop:
        await say_all_again(shop)
        assert "canary" not in (await everything(shop, "")).lower()


async def test_with_nobody_erased_no_entry_is_looked_at(lite: Shop) -> None:
    assert lite.hub.writer.screen is None
    await bought(lite)
    await erase(lite)
    assert lite.hub.writer.screen is not None


async def test_the_same_orders_again_are_no_news(shop: Shop) -> None:
    await bought(shop)
    await erase(shop)
    before = await shop.settle()
    await shop.report(order("1", customer_id="canary-c1", email=ANN))
    assert await shop.settle() == before


async def test_her_old_browser_is_told_to_forget(lite: Shop, tmp_path: Path) -> None:
    await furnish(lite)
    ann = await make_person(lite, "ann", tmp_path, 1)
    await erase(lite, ann.email)
    before = await lite.settle()
    request = ConsentRequest("", ann.token, {"analytics": True})
    assert not await change_consent(lite.hub, lite.sources["browser"], request)
    answer = await lite.send(viewed("p1"), token=ann.token)
    assert answer.accepted == 0
    assert await lite.settle() == before


async def test_a_mail_sent_before_leads_nowhere(lite: Shop) -> None:
    async with open_post(lite) as post:
        await post.ask(ANN)
        seq = await lite.settle()
        link = make_link(lite.hub, seq=seq, locale="en").rpartition("/")[2]
        await erase(lite)
        with pytest.raises(Expired):
            await confirm(lite.hub, link)
        assert await post.deliver() == []  # the mail that was still waiting is not sent


async def test_only_her_own_act_brings_her_back(shop: Shop, database_url: str) -> None:
    await bought(shop)
    await erase(shop)
    async with open_post(shop) as post:
        await post.ask(ANN)
        await post.ask(ANN)  # a second time on the same day
        assert "canary" not in (await everything(shop, database_url))
        mails = await post.deliver()
        assert [mail.to for mail in mails] == [ANN], "one mail, to her alone"
        assert ANN not in (await everything(shop, database_url))
        token = mails[0].text.rpartition("/confirm/")[2].split()[0]
        page = await post.browser.get(f"/confirm/{token}")
        assert page.status_code == 200
        assert ANN not in (await everything(shop, database_url)), "looking changes nothing"
        page = await post.browser.post(f"/confirm/{token}")
        assert page.status_code < 400
        await shop.settle()
    person = await shop.person_of(Identifier("", "email", ANN))
    assert person.consents["marketing/email"].state == "granted"
    assert person.orders == {}, "what was erased stays erased"
    lifted = await shop.hub.database.fetch(
        "SELECT kind, lifted_by FROM suppression WHERE lifted_at > 0 ORDER BY kind"
    )
    assert [kind for kind, _ in lifted] == ["customer", "email"]
    assert all(by.startswith("double opt-in return-") for _, by in lifted)
    await shop.report(order("9", customer_id="canary-c1", email=ANN))
    person = await shop.person_of(Identifier("", "email", ANN))
    assert len(person.orders) == 1, "and new orders are hers again"
    ledger = (shop.hub.settings.data_dir / "erasures.log").read_text()
    assert '"back"' in ledger and ANN not in ledger


async def test_a_link_of_another_hub_brings_nobody_back(lite: Shop, tmp_path: Path) -> None:
    await bought(lite)
    await erase(lite)
    claims = {"seq": 0, "loc": "en", "exp": 10**15, "jti": "return-x", "sealed": "AAAA"}
    with pytest.raises(Forged):
        await confirm(lite.hub, lite.hub.signer.seal("confirm", claims))  # type: ignore[arg-type]
    await load_suppressed(lite.hub)
    assert Identifier("", "email", ANN) in lite.hub.suppressed


async def import_file(shop: Shop, folder: Path, email: str) -> None:
    file = folder / "orders.csv"
    file.write_text(
        "id,date,product,n,price,email,first\n"
        f"imp-1,2026-01-02T10:00:00,p1,1,10.00,{email},canary-first\n"
    )
    mapping = {"order_id": "id", "placed_at": "date", "product_id": "product", "quantity": "n",
               "unit_price": "price", "email": "email", "first_name": "first"}  # fmt: skip
    orders = OrderFile(
        path=file, mapping=mapping, given=Given(shop="woo", currency="EUR"), timezone="UTC"
    )
    errors = ErrorsFile(folder / "orders.errors.csv", tuple(mapping))
    report = await import_orders(shop.hub, orders, errors, lambda done, of: None)
    assert report.lines_aside == 0
    file.unlink()


async def test_a_sync_a_webhook_and_a_file_do_not_bring_her_back(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    async with open_connected(tmp_path) as connected:
        await connected.save()
        await connected.sync()
        shop = connected.door.shop
        email = await a_buyer(connected)
        books, orders = await revenue(shop), await connected.orders()
        await erase(shop, email)
        assert email not in await everything(shop, "")
        assert await revenue(shop) == books
        await connected.sync()  # nothing changed in the shop
        row = connected.shop.create_order([(min(connected.shop.tables.products), 1)], email=email)
        await connected.deliver()  # a new order, by webhook
        await shop.hub.database.write(
            [("DELETE FROM plugin_state WHERE key LIKE 'cursor:%'", [()])]
        )
        await connected.sync()  # the whole shop from the beginning
        await import_file(shop, tmp_path_factory.mktemp("file"), email)
        await shop.settle()
        left = await everything(shop, "")
        assert email not in left and "canary-first" not in left
        now = await connected.orders()
        assert set(now) == {*orders, str(row["id"]), "imp-1"}, "they count, without a name"
        assert {k: now[k] for k in orders} == orders


async def a_buyer(connected: Connected) -> str:
    """The address of somebody who bought in the recorded shop."""
    rows = await connected.door.shop.hub.database.fetch(
        "SELECT n.value FROM node n JOIN node_person p ON p.node_id = n.id "
        "JOIN person q ON q.id = p.person_id WHERE n.type = 'email' AND q.orders > 0 ORDER BY n.id"
    )
    return str(rows[0][0])


async def test_what_is_dropped_is_not_answered_otherwise(lite: Shop) -> None:
    await bought(lite)
    await erase(lite)
    known = {"type": "track", "event": "Seen", "userId": "canary-c1"}
    other = {"type": "track", "event": "Seen", "userId": "somebody-else"}
    suppress_user = Identifier(SHOP, "user", "canary-c1")
    lite.hub.suppressed.add([lite.hub.privacy.hash(suppress_user)])
    one = await lite.send(known, source="server")
    two = await lite.send(other, source="server")
    assert orjson.dumps(vars_of(one)) == orjson.dumps(vars_of(two))


def vars_of(answer: object) -> dict[str, object]:
    return {
        name: getattr(answer, name) for name in ("success", "accepted", "duplicate", "rejected")
    }

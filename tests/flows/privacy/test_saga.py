"""An erasure goes through every system to its end, is proved, and survives an older backup."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from hub.catalogue.sightings import sighting_entry
from hub.clock import FixedClock
from hub.flows import erase as saga
from hub.flows.audit import note, verify_audit
from hub.flows.erase import carry_on, carry_on_all, done_by_hand, request_erasure
from hub.flows.erase_replay import replay_erasures
from hub.flows.suppress import come_back
from hub.privacy.receipt import verify
from hub.sdk.errors import HubError, Retryable
from hub.sdk.push import Erased
from hub.sdk.records import Customer, Identifier
from hub.store.models import Connection, Erasure, ErasureStep
from hub.store.sqlite import SqliteDatabase
from tests.flows.privacy.people import everything
from tests.shop import SHOP, START, Shop, open_shop, order

ANN = "canary-ann@example.com"


class Vendor:
    """Another system: answers in turn what it is given, or raises it."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.asked: list[Sequence[Identifier]] = []

    async def __call__(
        self, hub: object, connection: object, identifiers: Sequence[Identifier]
    ) -> Erased:
        self.asked.append(identifiers)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        assert isinstance(answer, Erased)
        return answer


async def known(shop: Shop) -> None:
    await shop.report(Customer(SHOP, "canary-c1", START, email=ANN))
    await shop.report(order("1", customer_id="canary-c1", email=ANN))


async def connect(shop: Shop, monkeypatch: pytest.MonkeyPatch, vendor: Vendor) -> None:
    await Connection.create(
        connector="woocommerce", name="The CRM", source_id=shop.sources["connector"].id,
        config={}, secret="", progress={},
    )  # fmt: skip
    monkeypatch.setattr(saga, "ask_connector", vendor)


async def steps(number: int) -> dict[str, str]:
    return {s.system: s.state for s in await ErasureStep.filter(erasure_id=number)}


async def test_a_vendor_that_is_down_for_two_days_is_asked_until_it_answers(
    shop: Shop, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    vendor = Vendor(*[Retryable(f"500 for {ANN}")] * 20, Erased("done", reference="r-1"))
    await connect(shop, monkeypatch, vendor)
    await known(shop)
    number = await request_erasure(shop.hub, ANN, "test")
    assert await carry_on(shop.hub, number) == "running"
    assert (await steps(number))["this hub"] == "done"
    tries = 0
    while (await Erasure.get(id=number)).state == "running":
        assert ANN not in await everything(shop, database_url), "also while it waits"
        await carry_on_all(shop.hub)
        shop.later(hours=4)
        tries += 1
        assert tries < 60
    assert len(vendor.asked) == 21
    request = await Erasure.get(id=number)
    assert (request.state, request.sealed) == ("done", "")
    assert {who.value for who in vendor.asked[-1]} >= {ANN, "canary-c1"}
    receipt, _ = verify(request.receipt.encode(), shop.hub.privacy.public)
    told = [(s.name, s.state) for s in receipt.systems if s.name != "database file"]
    assert told == [
        ("this hub", "done"), ("recommendations", "done"), ("connection 1: The CRM", "done"),
    ]  # fmt: skip
    assert len(receipt.systems) - len(told) == database_url.startswith("sqlite")
    assert receipt.kept == {"orders without a name": 1}
    assert receipt.stores["log"] == 2
    assert "canary" not in request.receipt


async def test_what_a_person_must_do_is_never_called_done(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    await connect(shop, monkeypatch, Vendor(Erased("manual", note=f"Delete {ANN} by hand")))
    await known(shop)
    number = await request_erasure(shop.hub, ANN, "test")
    assert await carry_on(shop.hub, number) == "manual"
    step = await ErasureStep.get(erasure_id=number, system="connection 1: The CRM")
    assert (step.state, step.note) == ("manual", "Delete [erased] by hand")
    receipt, _ = verify((await Erasure.get(id=number)).receipt.encode())
    assert receipt.systems[-1].state == "manual"
    await done_by_hand(shop.hub, number, step.id, "olga@shop.example")
    request = await Erasure.get(id=number)
    receipt, _ = verify(request.receipt.encode())
    assert (request.state, receipt.systems[-1].state) == ("done", "by-hand")
    with pytest.raises(HubError):
        await done_by_hand(shop.hub, number, step.id, "olga@shop.example")


async def test_a_broken_connector_does_not_stop_the_hub_from_erasing(
    lite: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    await connect(lite, monkeypatch, Vendor(KeyError(ANN)))
    await known(lite)
    number = await request_erasure(lite.hub, ANN, "test")
    await carry_on(lite.hub, number)
    assert ANN not in await everything(lite, "")
    step = await ErasureStep.get(erasure_id=number, system="connection 1: The CRM")
    assert (step.state, step.note) == ("failed", "broke (KeyError); the log of the hub says more")
    lite.later(days=21)
    await carry_on_all(lite.hub)
    assert "open for more than 20 days" in lite.hub.attention["privacy"]


async def test_no_copy_is_left_in_free_room_of_the_file(lite: Shop) -> None:
    """SQLite may leave copies of cells behind when it splits a page; secure_delete misses them."""
    await known(lite)
    database = lite.hub.database
    assert isinstance(database, SqliteDatabase)

    def leave_a_copy(connection: sqlite3.Connection) -> None:
        connection.execute("PRAGMA secure_delete=OFF")
        row = "INSERT INTO node (id, namespace, type, value) VALUES (999, '', 'x', ?)"
        connection.execute(row, (f"copy-of-{ANN}",))
        connection.execute("DELETE FROM node WHERE id = 999")
        connection.execute("PRAGMA secure_delete=ON")

    async with database.lock:
        await database.in_writer(leave_a_copy)
    await database.forget(())
    assert f"copy-of-{ANN}" in await everything(lite, "")
    number = await request_erasure(lite.hub, ANN, "test")
    assert await carry_on(lite.hub, number, here=True) == "done"
    assert ANN not in await everything(lite, "")


async def test_a_large_file_is_written_anew_at_night(
    lite: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saga, "SMALL_FILE", 0)
    await known(lite)
    await lite.report(Customer(SHOP, "canary-c2", START, email="canary-bob@example.com"))
    one = await request_erasure(lite.hub, ANN, "test")
    two = await request_erasure(lite.hub, "canary-bob@example.com", "test")
    await carry_on_all(lite.hub)
    assert (await steps(one))["database file"] == "waiting"
    assert (await Erasure.get(id=one)).receipt == "", "nothing is said to be done before it is"
    lite.later(hours=15)  # 04:00 in Amsterdam
    await carry_on_all(lite.hub)
    assert [r.state for r in await Erasure.filter(id__in=[one, two])] == ["done", "done"]


async def test_a_message_on_its_way_is_waited_for(lite: Shop) -> None:
    await known(lite)
    rows = await lite.hub.database.fetch("SELECT id FROM node WHERE type = 'email'")
    await lite.hub.database.write([(
        "INSERT INTO outbox (key, channel, kind, purpose, node_id, payload, state, attempts, "
        "next_at, lease_until, reason, receipt, created_at, updated_at) "
        "VALUES ('k','email','x','service',?,'{}','leased',0,0,0,'','',0,0)", [(rows[0][0],)],
    )])  # fmt: skip
    number = await request_erasure(lite.hub, ANN, "test")
    assert await carry_on(lite.hub, number) == "running"
    assert (await steps(number))["this hub"] == "failed"
    await lite.hub.database.write([("UPDATE outbox SET state = 'done'", [()])])
    lite.later(minutes=2)
    assert await carry_on(lite.hub, number) == "done"


async def test_what_is_stored_but_not_yet_projected_is_hers_too(
    shop: Shop, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As during a large import: her second account is in the log and in no table yet."""
    await known(shop)
    views = shop.hub.views
    projected = views.reached
    await views.lock.acquire()

    async def reached(seq: int, timeout: float = 10.0) -> None:
        if views.lock.locked():
            views.lock.release()
        await projected(seq, timeout)

    monkeypatch.setattr(views, "reached", reached)
    second = Customer(SHOP, "canary-c2", START, email=ANN, first_name="canary-late")
    entry = sighting_entry(
        second, None, source_id=shop.sources["connector"].id, received_at=shop.now
    )
    await shop.hub.writer.append([entry])
    assert await carry_on(shop.hub, await request_erasure(shop.hub, ANN, "test")) == "done"
    assert "canary" not in await everything(shop, database_url)
    await shop.report(Customer(SHOP, "canary-c2", START, email="canary-new@example.com"))
    assert "canary" not in await everything(shop, database_url), "her second account is known"


async def test_an_older_backup_is_cleaned_before_it_serves(tmp_path: Path) -> None:
    live, old = tmp_path / "live", tmp_path / "old"
    live.mkdir()
    async with open_shop(live) as shop:
        await known(shop)
    shutil.copytree(live, old)
    async with open_shop(live) as shop:
        for name in ("canary-bob@example.com", "canary-cleo@example.com"):
            await shop.report(Customer(SHOP, name.partition("@")[0], START, email=name))
        for who in (ANN, "canary-bob@example.com"):
            await carry_on(shop.hub, await request_erasure(shop.hub, who, "test"))
    async with open_shop(old) as shop:
        assert ANN in await everything(shop, "")
        assert await replay_erasures(shop.hub, live / "erasures.log") == 1
        assert "canary" not in await everything(shop, "")
        for value in (ANN, "canary-bob@example.com"):
            assert Identifier("", "email", value) in shop.hub.suppressed
        assert await replay_erasures(shop.hub, live / "erasures.log") == 0, "once is enough"
        rows = await shop.hub.database.fetch("SELECT COUNT(*), SUM(total) FROM shop_order")
        assert rows == [(1, 1995)]


async def test_who_was_erased_came_back_and_was_erased_again_stays_out(tmp_path: Path) -> None:
    live, first, between = tmp_path / "live", tmp_path / "first", tmp_path / "between"
    live.mkdir()
    email = Identifier("", "email", ANN)
    async with open_shop(live) as shop:
        await known(shop)
    shutil.copytree(live, first)
    async with open_shop(live) as shop:
        await carry_on(shop.hub, await request_erasure(shop.hub, ANN, "test"))
        shop.later(hours=1)
        assert await come_back(shop.hub, email, "her own act")
        await shop.report(Customer(SHOP, "canary-c1", shop.clock.now(), email=ANN))
    shutil.copytree(live, between)
    async with open_shop(between, clock=FixedClock(START + timedelta(hours=2))) as shop:
        assert await replay_erasures(shop.hub, live / "erasures.log") == 0
        assert email not in shop.hub.suppressed and ANN in await everything(shop, "")
    async with open_shop(live, clock=FixedClock(START + timedelta(hours=3))) as shop:
        await carry_on(shop.hub, await request_erasure(shop.hub, ANN, "test"))
    for folder in (first, between):
        async with open_shop(folder, clock=FixedClock(START + timedelta(hours=4))) as shop:
            await replay_erasures(shop.hub, live / "erasures.log")
            assert email in shop.hub.suppressed, folder
            assert "canary" not in await everything(shop, ""), folder
            assert await replay_erasures(shop.hub, live / "erasures.log") == 0


async def test_an_erasure_that_a_backup_saw_begin_is_ended_before_it_serves(
    tmp_path: Path,
) -> None:
    async with open_shop(tmp_path) as shop:
        await known(shop)
        await request_erasure(shop.hub, ANN, "test")
    async with open_shop(tmp_path) as shop:
        assert ANN in await everything(shop, "")
        await replay_erasures(shop.hub, tmp_path / "erasures.log")
        assert ANN not in await everything(shop, "")


async def test_a_cut_line_of_the_ledger_costs_no_other(lite: Shop) -> None:
    ledger = lite.hub.settings.data_dir / "erasures.log"
    ledger.write_bytes(b'{"at":"2026')
    await known(lite)
    await carry_on(lite.hub, await request_erasure(lite.hub, ANN, "test"))
    assert await replay_erasures(lite.hub, ledger) == 0
    assert len(ledger.read_bytes().splitlines()) == 2


async def test_the_recommender_is_as_if_she_had_never_come(lite: Shop) -> None:
    from tests.shop import viewed

    other = await lite.device()
    await lite.send(viewed("p1"), viewed("p2"), token=other)
    said = {"type": "identify", "userId": "u-1234567", "traits": {"email": ANN}}
    seen = {"userId": "u-1234567"}
    await lite.send(
        said, viewed("p1") | seen, viewed("p3") | seen, viewed("p3") | seen, source="server"
    )
    assert set(lite.hub.recommender.near(SHOP, "p1")) == {"p2", "p3"}
    await carry_on(lite.hub, await request_erasure(lite.hub, ANN, "test"))
    assert list(lite.hub.recommender.near(SHOP, "p1")) == ["p2"]
    assert list(lite.hub.recommender.best(SHOP, lite.now)) == ["p1", "p2"]


async def test_the_audit_log_names_the_first_row_that_was_touched(shop: Shop) -> None:
    for i in range(6):
        await note(shop.hub, "olga@shop.example", "view", str(i))
    assert (await verify_audit(shop.hub)).broken == 0
    rows = await shop.hub.database.fetch("SELECT id, who, hash FROM audit ORDER BY id")
    change = "UPDATE audit SET who = ? WHERE id = ?"
    await shop.hub.database.write([(change, [("eve", 3)])])
    assert (await verify_audit(shop.hub)).broken == 3
    await shop.hub.database.write([(change, [("olga@shop.example", 3)])])
    assert (await verify_audit(shop.hub)).broken == 0
    await shop.hub.database.write([("DELETE FROM audit WHERE id = ?", [(4,)])])
    assert (await verify_audit(shop.hub)).broken == 4
    # Closing the gap does not help, nor does cutting off the end.
    await shop.hub.database.write([("UPDATE audit SET id = id - 1 WHERE id = ?", [(5,), (6,)])])
    assert (await verify_audit(shop.hub)).broken == 4
    await shop.hub.database.write([("DELETE FROM audit WHERE id > 3", [()])])
    verdict = await verify_audit(shop.hub)
    assert (verdict.rows, verdict.broken) == (3, 4) and "up to 6" in verdict.why
    assert len(rows) == 6


async def test_an_erasure_is_in_the_audit_log_without_a_name(lite: Shop) -> None:
    await known(lite)
    await carry_on(lite.hub, await request_erasure(lite.hub, ANN, "olga@shop.example"))
    rows = await lite.hub.database.fetch("SELECT who, action, subject FROM audit")
    hashed = lite.hub.privacy.hash(Identifier("", "email", ANN))
    assert rows == [("olga@shop.example", "erase", hashed)]

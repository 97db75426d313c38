"""Past the limit of a search, and past what its index gets wrong."""

from __future__ import annotations

from hub_hubspot.tests.answers import slow_down
from hub_hubspot.tests.rig import HubspotRig

from hub.sdk.connector import Cursor
from hub.sdk.faults import Receive, Scope, Send

SAME = "2026-11-10T12:00:00.000Z"


def bulk(rig: HubspotRig, count: int) -> None:
    """So many contacts, all changed in the same millisecond."""
    for number in range(20_001, 20_001 + count):
        held = {"email": f"p{number}@example.test", "createdate": SAME}
        held |= {"lastmodifieddate": SAME, "hs_object_id": str(number)}
        row = {"id": str(number), "properties": held, "updatedAt": SAME, "archived": False}
        rig.vendor.tables["contacts"][number] = row


async def read(rig: HubspotRig, cursor: Cursor | None = None) -> tuple[list[str], Cursor]:
    ids: list[str] = []
    async for page in rig.connector.pull(rig.context(), "customers", cursor):
        ids += [s.raw["id"] for s in page.sightings if s.raw]
        cursor = page.cursor
    assert cursor is not None
    return ids, cursor


async def test_more_rows_than_a_search_gives_are_read_all(rig: HubspotRig) -> None:
    rig.vendor.most_rows = 12
    bulk(rig, 40)
    ids, cursor = await read(rig)
    assert sorted(ids, key=int) == [str(n) for n in sorted(rig.vendor.tables["contacts"])]
    assert len(ids) == len(set(ids))
    again, _ = await read(rig, cursor)
    assert len(again) == 40, "what changed in the last minutes is read again, no more"


async def test_a_row_that_changes_while_it_is_read_comes_with_the_next_run(rig: HubspotRig) -> None:
    pages = rig.connector.pull(rig.context(), "customers", None)
    seen = [await anext(pages)]
    rig.clock.advance(3600)
    rig.vendor.save("contacts", 1001, firstname="Elias")  # not read yet
    rig.vendor.save("contacts", 51, firstname="Anna")  # read already
    seen += [page async for page in pages]
    ids = [s.raw["id"] for page in seen for s in page.sightings if s.raw]
    assert set(ids) == {"51", "101", "151", "201", "1051"}
    news, _ = await read(rig, seen[-1].cursor)
    assert {"51", "1001"} <= set(news)


async def test_a_page_without_rows_is_not_the_end(rig: HubspotRig) -> None:
    rig.vendor.stale["contacts"] = {51, 101}
    ids, _ = await read(rig)
    assert set(ids) == {"151", "201", "1001", "1051"}


async def test_what_the_index_learned_late_is_read_by_the_next_run(rig: HubspotRig) -> None:
    rig.clock.advance(60)
    rig.vendor.save("contacts", 151, firstname="Jörgen")
    rig.clock.advance(60)
    rig.vendor.save("contacts", 51, firstname="Anna")
    rig.vendor.stale["contacts"] = {151}
    _, cursor = await read(rig)
    rig.vendor.stale["contacts"] = set()
    ids, _ = await read(rig, cursor)
    assert "151" in ids


async def test_an_old_archived_row_is_told_once(rig: HubspotRig) -> None:
    ids, cursor = await read(rig)
    assert "1051" in ids
    ids, cursor = await read(rig, cursor)
    assert "1051" not in ids
    rig.vendor.archive("contacts", 201)
    ids, _ = await read(rig, cursor)
    assert "201" in ids


async def test_deals_are_left_alone_unless_they_are_wanted(rig: HubspotRig) -> None:
    ctx = rig.context(deals="no")
    found = [page async for page in rig.connector.pull(ctx, "orders", None)]
    assert [page.sightings for page in found] == [()]
    assert rig.faults.log == []


async def test_an_empty_account_is_read_too(rig: HubspotRig) -> None:
    rig.vendor.tables["contacts"] = {}
    ids, cursor = await read(rig)
    assert ids == []
    rig.vendor.save("contacts", 51, email="ann@example.test")
    assert (await read(rig, cursor))[0] == ["51"]


async def test_being_slowed_down_without_a_time_is_obeyed(rig: HubspotRig) -> None:
    whole, answers = rig.faults.app, [slow_down(), slow_down()]

    async def busy(scope: Scope, receive: Receive, send: Send) -> None:
        await (answers.pop() if answers else whole)(scope, receive, send)

    rig.faults.app = busy
    ids, _ = await read(rig)
    assert len(ids) == 6
    assert rig.waits.seconds == [1.0, 2.0]

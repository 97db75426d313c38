"""Changes and erasures at HubSpot."""

from __future__ import annotations

from collections.abc import Sequence

from hub_hubspot.connector import Hubspot
from hub_hubspot.tests.rig import HubspotRig

from hub.sdk.push import Change, Pushed
from hub.sdk.records import ConsentRecord, Identifier


def email(value: str) -> Identifier:
    return Identifier("", "email", value)


async def push(rig: HubspotRig, changes: Sequence[Change]) -> list[Pushed]:
    return list(await Hubspot().push(rig.context(), changes))


async def test_a_further_address_is_found_and_erased(rig: HubspotRig) -> None:
    found = await Hubspot().erase(rig.context(), [email("ann.work@example.test")])
    assert (found.state, found.reference) == ("done", "51")
    assert 51 not in rig.vendor.tables["contacts"]


async def test_the_recycle_bin_is_erased_too(rig: HubspotRig) -> None:
    found = await Hubspot().erase(rig.context(), [email("gone@example.test")])
    assert found.state == "done"
    assert 1051 not in rig.vendor.tables["contacts"]


async def test_what_hubspot_refuses_to_erase_is_left_to_a_person(rig: HubspotRig) -> None:
    rig.vendor.erases_archived = False
    found = await Hubspot().erase(rig.context(), [email("gone@example.test")])
    assert found.state == "manual"
    assert "1051" in found.note


async def test_a_part_of_an_address_erases_nobody(rig: HubspotRig) -> None:
    for text in ("work@example.test", "*@example.test", "ann.work@example"):
        assert (await Hubspot().erase(rig.context(), [email(text)])).state == "nothing"
    other_shop = Identifier("other", "customer", "51")
    assert (await Hubspot().erase(rig.context(), [other_shop])).state == "nothing"
    assert len(rig.vendor.tables["contacts"]) == 6
    assert rig.vendor.blocked == []


async def test_one_bad_address_does_not_hold_up_the_others(rig: HubspotRig) -> None:
    rig.vendor.blocked = ["bo@example.test"]
    results = {one.key: one for one in await push(rig, rig.changes())}
    assert [results[key].state for key in ("c1", "c2", "c3")] == ["done", "refused", "done"]
    assert "invalid" in results["c2"].reason
    assert results["c1"].reference == "51"
    assert rig.vendor.tables["contacts"][51]["properties"]["city"] == "Aalst"


async def test_somebody_new_is_made(rig: HubspotRig) -> None:
    at = rig.clock.now()
    change = Change("n", (email("Noor@Example.test"),), at, {"first_name": "Noor"})
    assert [one.state for one in await push(rig, [change])] == ["done"]
    made = rig.vendor.tables["contacts"][1101]["properties"]
    assert (made["email"], made["firstname"]) == ("noor@example.test", "Noor")


async def test_what_hubspot_has_no_place_for_is_said(rig: HubspotRig) -> None:
    who, at = (email("ann@example.test"),), rig.clock.now()
    consent = ConsentRecord(who[0], "marketing", "email", "withdrawn", at)
    changes = [
        Change("a", who, at, {"city": "Brugge", "shoe_size": 39}),
        Change("b", who, at, consents=(consent,)),
        Change("c", (Identifier("", "phone", "+32470000001"),), at, {"city": "Brugge"}),
    ]
    results = await push(rig, changes)
    assert [one.state for one in results] == ["refused"] * 3
    assert "shoe_size" in results[0].reason
    assert "consents" in results[1].reason
    assert rig.vendor.tables["contacts"][51]["properties"]["city"] == "Brugge"

"""One order from many sightings: the same end in any order, counted once, money exact."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.catalogue.orders import (
    OrderState,
    moments,
    see_deleted,
    see_order,
    see_refunds,
)
from hub.catalogue.ranks import BROWSER, CONNECTOR, IMPORT
from hub.clock import to_ms
from hub.sdk.money import exponent
from hub.sdk.records import Order, Refund

DAY = datetime(2026, 11, 23, 12, tzinfo=UTC)
REFUND = Refund("r1", 500, DAY + timedelta(hours=9))
ANN, STRANGER = 4, 9


def order(hours: int, status: Any, **values: Any) -> Order:
    fields = {"currency": "EUR", "total": 1995, **values}
    return Order(
        shop="linen", order_id="1001", status=status, placed_at=DAY,
        updated_at=DAY + timedelta(hours=hours), **fields,
    )  # fmt: skip


@dataclass(frozen=True)
class Sighting:
    order: Order
    rank: int
    node: int | None


PAGE = Sighting(order(0, "pending", total=1900), BROWSER, STRANGER)
FILE = Sighting(order(1, "pending"), IMPORT, ANN)
PAID = Sighting(order(2, "paid", total=1990), CONNECTOR, ANN)
SENT = Sighting(order(3, "fulfilled"), CONNECTOR, None)
BACK = Sighting(order(9, "refunded", refunds=(REFUND,)), CONNECTOR, ANN)
FIVE = (PAGE, FILE, PAID, SENT, BACK)


def see(state: OrderState, sighting: Sighting, seq: int) -> None:
    see_order(
        state, sighting.order, rank=sighting.rank, seq=seq, node_id=sighting.node,
        settled=sighting.rank > BROWSER,
    )  # fmt: skip


def after(sightings: tuple[Sighting, ...]) -> OrderState:
    state = OrderState(1, "linen", "1001")
    for seq, sighting in enumerate(sightings, start=1):
        see(state, sighting, seq)
    return state


def plain(state: OrderState) -> dict[str, Any]:
    """The state without the numbers of the log's places, which are those of arrival."""
    found: dict[str, Any] = msgspec.to_builtins(state)
    found["status"] = state.status
    for key in ("version", "owner"):
        found[key] = found.get(key, [0, 0, 0])[:2]
    return found


def test_every_order_of_five_sightings_ends_alike() -> None:
    wanted = plain(after(FIVE))
    for permutation in itertools.permutations(FIVE):
        assert plain(after(permutation)) == wanted
    assert (wanted["status"], wanted["total"], wanted["node_id"]) == ("refunded", 1995, ANN)
    assert wanted["refunds"]["r1"]["amount"] == 500


@given(st.lists(st.sampled_from(FIVE), max_size=12), st.randoms(use_true_random=False))
def test_twins_and_any_subset_end_alike(seen: list[Sighting], random: Any) -> None:
    twice = [*seen, *seen]
    random.shuffle(twice)
    wanted = after(tuple(dict.fromkeys(seen)))
    found = after(tuple(twice))
    assert plain(found) == plain(wanted)
    assert moments(found) == moments(wanted)


def test_an_order_of_a_page_is_a_provisional_one() -> None:
    state = after((PAGE,))
    assert (state.provisional, state.counted, state.node_id) == (True, False, STRANGER)
    assert [m.name for m in moments(state)] == ["Order Completed"]
    see(state, PAID, 2)
    assert (state.provisional, state.counted, state.total) == (False, True, 1990)


@pytest.mark.parametrize("first", [True, False])
def test_a_page_claims_a_number_only_until_the_shop_reports_the_order(first: bool) -> None:
    guest = Sighting(order(2, "paid"), CONNECTOR, None)
    state = after((PAGE, guest) if first else (guest, PAGE))
    assert state.node_id is None


def test_an_order_counts_once_at_its_own_moment() -> None:
    state = after((PAID, SENT, PAID, BACK, SENT))
    completed = [m for m in moments(state) if m.name == "Order Completed"]
    assert [m.at for m in completed] == [to_ms(DAY)]


def test_an_unpaid_order_is_no_purchase() -> None:
    state = after((Sighting(order(1, "pending"), CONNECTOR, ANN),))
    assert moments(state) == []
    cancelled = after((Sighting(order(1, "cancelled"), CONNECTOR, ANN),))
    assert [m.name for m in moments(cancelled)] == ["Order Cancelled"]


def test_a_test_order_happened_to_nobody() -> None:
    assert moments(after((Sighting(order(1, "test"), CONNECTOR, ANN),))) == []


def test_refunds_may_come_before_their_order() -> None:
    early, late = OrderState(1, "linen", "1001"), OrderState(1, "linen", "1001")
    see_refunds(early, (REFUND,))
    assert moments(early) == []
    see(early, PAID, 2)
    see(late, PAID, 2)
    see_refunds(late, (REFUND,))
    assert plain(early) == plain(late)
    assert [(m.name, m.ref) for m in moments(early)] == [
        ("Order Completed", ""), ("Order Refunded", "r1"),
    ]  # fmt: skip
    assert (early.refunded, late.refunded) == (500, 500)


def test_an_order_refunded_without_a_list_went_back_whole() -> None:
    assert after((Sighting(order(1, "refunded"), CONNECTOR, ANN),)).refunded == 1995
    assert after((BACK,)).refunded == 500


@pytest.mark.parametrize("sequence", list(itertools.permutations((0, 1, 2))))
def test_a_deletion_stands_whenever_it_arrives(sequence: tuple[int, ...]) -> None:
    state = OrderState(1, "linen", "1001")
    at = to_ms(DAY + timedelta(hours=5))
    steps = [
        lambda: see(state, PAID, 1), lambda: see(state, SENT, 2), lambda: see_deleted(state, at),
    ]  # fmt: skip
    for number in sequence:
        steps[number]()
    assert state.status == "cancelled"
    assert [(m.name, m.at) for m in moments(state)] == [
        ("Order Completed", to_ms(DAY)), ("Order Cancelled", at),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("currency", "total", "written"),
    [("EUR", 1995, 19.95), ("JPY", 1995, 1995.0), ("KWD", 1995, 1.995), ("XXX", 1995, 19.95)],
)
def test_amounts_have_the_digits_of_their_currency(
    currency: str, total: int, written: float
) -> None:
    state = after((Sighting(order(1, "paid", currency=currency, total=total), CONNECTOR, ANN),))
    assert moments(state)[0].properties["total"] == written
    assert 10 ** exponent(currency) * written == pytest.approx(total)

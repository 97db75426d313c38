"""First and last touch: what a page view tells, and the same answer in every order."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.profiles.state import NodeState, combine
from hub.profiles.touch import KEPT_MS, Touch, add_touch, last_touch, read_touch

SHOP = "https://www.shop.example/p/1"


def told(url: str = SHOP, referrer: str = "", **context: Any) -> Touch | None:
    body = {"context": {**context, "page": {"url": url, "referrer": referrer}}}
    return read_touch(body, 5, 7)


@pytest.mark.parametrize(("query", "referrer", "kind", "source", "campaign"), [
    ("", "", "direct", "", ""),
    ("", "https://www.google.co.uk/", "search", "google.co.uk", ""),
    ("", "https://duckduckgo.com/", "search", "duckduckgo.com", ""),
    ("", "https://t.co/abc", "social", "t.co", ""),
    ("", "https://l.facebook.com/l.php", "social", "l.facebook.com", ""),
    ("", "https://mail.google.com/", "email", "mail.google.com", ""),
    ("", "https://blog.example.org/post", "referral", "blog.example.org", ""),
    ("?utm_source=news&utm_medium=email&utm_campaign=May", "https://x.example", "email", "news",
     "May"),
    ("?utm_source=google&utm_medium=cpc", "", "paid", "google", ""),
    ("?utm_campaign=flyer", "", "campaign", "", "flyer"),
    ("?gclid=abc", "https://www.google.com/", "paid", "google", ""),
    ("?fbclid=abc", "https://l.facebook.com/", "social", "facebook", ""),
    ("?gclid=", "", "direct", "", ""),
])  # fmt: skip
def test_a_page_view_tells_how_somebody_came(
    query: str, referrer: str, kind: str, source: str, campaign: str
) -> None:
    touch = told(SHOP + query, referrer)
    assert touch is not None
    assert (touch.kind, touch.source, touch.campaign) == (kind, source, campaign)
    assert touch.landing == "/p/1"


@pytest.mark.parametrize("referrer", [
    "https://www.shop.example/", "https://checkout.shop.example/", "https://shop.example/x",
    "https://www.paypal.com/checkout", "https://pay.mollie.com/",
])  # fmt: skip
def test_from_the_shop_itself_or_from_paying_is_no_touch(referrer: str) -> None:
    assert told(referrer=referrer) is None


def test_what_other_sdks_say_of_a_campaign_counts_too() -> None:
    touch = told(campaign={"name": "May", "source": "news", "medium": "email"})
    assert touch is not None
    assert (touch.kind, touch.source, touch.campaign) == ("email", "news", "May")


def test_the_value_of_a_click_id_is_not_kept() -> None:
    assert "secret" not in repr(told(SHOP + "?gclid=secret-1"))


@pytest.mark.parametrize("body", [
    {}, {"context": 5}, {"context": {"page": []}}, {"context": {"page": {"url": "http://["}}},
    {"context": {"page": {"url": 7, "referrer": {}}, "campaign": "x"}},
    {"context": {"page": {"url": "https://a.example/?" + "a=1&" * 5000}}},
    {"context": {"page": {"url": "https://shop.example/", "referrer": "https://[bad/"}}},
])  # fmt: skip
def test_odd_pages_do_no_harm(body: dict[str, Any]) -> None:
    touch = read_touch(body, 1, 1)
    assert touch is None or touch.kind == "direct"


def test_direct_does_not_outdo_a_campaign_of_the_last_month() -> None:
    touches: dict[str, Touch] = {}
    campaign = Touch(1000, 1, "email", "news")
    add_touch(touches, campaign)
    add_touch(touches, Touch(1000 + KEPT_MS, 2, "direct"))
    assert last_touch(touches) == campaign
    late = Touch(1001 + KEPT_MS, 3, "direct")
    add_touch(touches, late)
    assert last_touch(touches) == late
    assert touches["first"] == campaign


TOUCHES = st.lists(
    st.tuples(st.integers(0, 3 * KEPT_MS), st.sampled_from(["direct", "email", "search"])),
    min_size=1, max_size=12,
)  # fmt: skip


@given(TOUCHES, st.randoms(use_true_random=False), st.integers(1, 4))
def test_any_order_and_any_nodes_give_the_same(
    told: list[tuple[int, str]], chance: random.Random, parts: int
) -> None:
    touches = [Touch(at, seq, kind) for seq, (at, kind) in enumerate(told)]
    one = NodeState()
    for touch in touches:
        add_touch(one.touches, touch)
    chance.shuffle(touches)
    nodes = [NodeState() for _ in range(parts)]
    for touch in touches:
        add_touch(chance.choice(nodes).touches, touch)
    assert combine(nodes).touches == one.touches
    assert one.touches["first"] == min(touches, key=lambda t: (t.at, t.seq))

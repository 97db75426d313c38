"""The other contract suites: each flaw of a sample fails the test that is there for it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import pytest

from hub.sdk.channel import Channel, Message, Receipt
from hub.sdk.errors import NeedsAttention, Refused, Retryable
from hub.sdk.recommender import ShopView, VisitFacts
from hub.sdk.testing import (
    Arrival,
    ChannelContract,
    ConditionContract,
    RecommenderContract,
    Trouble,
    WidgetContract,
)
from hub.sdk.testing.recommender import VISITS, sample_shop
from hub.sdk.testing.widget import SCENES
from hub.sdk.widgets import ContentField, Scene, WidgetType
from tests.unit.sdk.testing.clocked import Clocked
from tests.unit.sdk.testing.points import (
    EXAMPLES,
    Credulous,
    Drifted,
    Hopeful,
    Points,
    Raises,
    Silent,
    Sneaky,
    Unstable,
)

FAILS = (AssertionError, pytest.fail.Exception)

# -- recommenders ------------------------------------------------------------------------------


class Ranking:
    """A recommender made of one function."""

    name, title = "sample", "Sample"

    def __init__(self, rank: Callable[[VisitFacts, ShopView], Iterable[str]], needs: bool = False):
        self._rank = rank
        self.needs_visitor = needs

    def rank(self, visit: VisitFacts, shop: ShopView) -> Iterable[str]:
        return self._rank(visit, shop)


def _cheapest_of_all(visit: VisitFacts, shop: ShopView) -> list[str]:
    def price(product: str) -> int:
        known = shop.get(product)
        return known.price or 0 if known else 0

    return sorted(shop.in_category("everything"), key=price)


_counter = itertools.count()
RANKINGS: dict[str, tuple[Callable[[VisitFacts, ShopView], Iterable[str]], str]] = {
    "unknown products": (
        lambda v, s: [f"x{n}" for n in range(9)],
        "test_most_of_what_it_ranks_exists",
    ),
    "one product again and again": (lambda v, s: ["p1"] * 9, "test_no_product_comes_twice"),
    "another order each time": (
        lambda v, s: s.popular()[next(_counter) % 7 :],
        "test_the_same_facts_give_the_same_ranking",
    ),
    "sorts what is everybody's": (
        lambda v, s: s.popular().sort(reverse=True) or s.popular(),  # type: ignore[attr-defined]
        "test_it_changes_nothing",
    ),
    "reads the whole shop": (_cheapest_of_all, "test_it_looks_at_few_products"),
}  # fmt: skip


class TestPlain(RecommenderContract):
    @pytest.fixture
    def recommender(self) -> Ranking:
        return Ranking(lambda visit, shop: iter(shop.popular()))


@pytest.mark.parametrize("flaw", RANKINGS)
def test_a_flawed_ranking_fails_its_own_test(flaw: str) -> None:
    rank, name = RANKINGS[flaw]
    run = getattr(RecommenderContract(), name)
    with pytest.raises(FAILS):
        run(Ranking(rank), VISITS["a product"])


def test_a_ranking_that_raises_on_hostile_ids_is_noticed() -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        RecommenderContract().test_hostile_ids_raise_nothing(
            Ranking(lambda v, s: [f"p{int(v.product)}"]), "' OR 1=1 --"
        )


def test_a_ranking_that_did_not_need_the_visitor_is_noticed() -> None:
    popular = Ranking(lambda v, s: s.popular(), needs=True)
    with pytest.raises(AssertionError, match="did without"):
        RecommenderContract().test_a_new_shop_and_a_first_visit_raise_nothing(popular)


def test_the_sample_shop_has_products_in_every_odd_state() -> None:
    shop = sample_shop()
    found = [product for n in range(48) if (product := shop.get(f"p{n}")) is not None]
    assert any(product.price is None for product in found)
    assert {product.stock for product in found} == {"yes", "no"}
    assert {product.published for product in found} == {product.deleted for product in found}


# -- widgets -----------------------------------------------------------------------------------

TITLE = ContentField("title", "Title", required=True, max_length=80)


class TestGreeting(WidgetContract):
    @pytest.fixture
    def widget(self) -> WidgetType:
        def arrange(content: Mapping[str, Any], scene: Scene) -> Mapping[str, Any] | None:
            return {**content, "text": "Good evening"} if scene.now.hour >= 17 else None

        return WidgetType("greeting", "Greeting", (TITLE,), sample={"title": "Hi"},
                          layout="banner", arrange=arrange)  # fmt: skip


class Leaky(WidgetType, frozen=True):
    """Keeps whatever it is given."""

    def clean(self, content: Mapping[str, Any]) -> dict[str, Any]:
        return dict(content)


def _link(content: Mapping[str, Any], scene: Scene) -> Mapping[str, Any]:
    return {"title": "x", "text": f"{datetime.now()}"}


LINK = ContentField("url", "Link", "url")
WIDGETS: dict[str, tuple[WidgetType, str]] = {
    "keeps code in links": (
        Leaky("w", "W", (TITLE, LINK), sample={"title": "x"}, layout="banner"),
        "test_links_that_run_code_or_leave_the_web_are_refused",
    ),
    "keeps unknown fields": (
        Leaky("w", "W", (TITLE,), sample={"title": "x"}), "test_unknown_fields_are_refused_by_name"
    ),
    "keeps any type": (
        Leaky("w", "W", (TITLE,), sample={"title": "x"}), "test_values_of_a_wrong_type_are_refused"
    ),
    "has no end": (
        WidgetType("w", "W", (ContentField("title", "Title", required=True, max_length=90_000),),
                   sample={"title": "x"}), "test_texts_have_an_end"
    ),
    "a wrong sample": (
        WidgetType("w", "W", (TITLE, LINK), sample={"title": "x", "url": " /a"}, layout="popup"),
        "test_it_stands_where_it_can",
    ),
    "nothing is needed": (
        WidgetType("w", "W", (LINK,), sample={}), "test_the_declaration_is_whole"
    ),
    "no label": (
        WidgetType("w", "W", (ContentField("title", "", required=True),), sample={"title": "x"}),
        "test_every_field_is_documented",
    ),
}  # fmt: skip


@pytest.mark.parametrize("flaw", WIDGETS)
def test_a_flawed_widget_fails_its_own_test(flaw: str) -> None:
    widget, name = WIDGETS[flaw]
    with pytest.raises(FAILS):
        getattr(WidgetContract(), name)(widget)


def test_a_widget_that_reads_the_clock_is_noticed() -> None:
    widget = WidgetType("w", "W", (TITLE,), sample={"title": "x"}, layout="banner", arrange=_link)
    with pytest.raises(AssertionError):
        WidgetContract().test_what_is_drawn_is_safe_and_the_same_each_time(widget, SCENES[0])


# -- conditions --------------------------------------------------------------------------------


class TestPoints(ConditionContract):
    condition = Points
    examples = EXAMPLES


CONDITIONS: dict[type[Points], str] = {
    Drifted: "test_the_query_gives_the_same_people",
    Hopeful: "test_what_is_unknown_never_helps_and_odd_values_raise_nothing",
    Raises: "test_what_is_unknown_never_helps_and_odd_values_raise_nothing",
    Sneaky: "test_who_asks_about_the_visit_asks_about_nothing_else",
    Unstable: "test_it_is_written_as_it_was_read",
    Silent: "test_it_speaks_in_sentences",
    Credulous: "test_garbage_is_refused_by_name",
}


@pytest.mark.parametrize("flawed", CONDITIONS, ids=lambda kind: kind.__name__)
def test_a_flawed_condition_fails_its_own_test(flawed: type[Points]) -> None:
    suite = type("Suite", (ConditionContract,), {"condition": flawed, "examples": EXAMPLES})()
    with pytest.raises((Exception, pytest.fail.Exception)):
        getattr(suite, CONDITIONS[flawed])()


def test_a_condition_that_reads_the_clock_is_noticed() -> None:
    suite = type("Suite", (ConditionContract,), {"condition": Clocked, "examples": EXAMPLES})()
    with pytest.raises(AssertionError, match=r"datetime\.now"):
        suite.test_it_reads_no_clock()


def test_no_example_is_no_test() -> None:
    suite = type("Suite", (ConditionContract,), {"condition": Points})()
    with pytest.raises(AssertionError, match="two examples"):
        suite.test_it_speaks_in_sentences()


# -- channels ----------------------------------------------------------------------------------


class Post:
    """The other side: what it took, and the trouble it makes."""

    def __init__(self) -> None:
        self.taken: list[Arrival] = []
        self.trouble: Trouble = ""


class Pigeon:
    """A channel without a network; `flaw` names what it does wrong."""

    name = "pigeon"
    secret = "coo-4711"

    def __init__(self, post: Post, flaw: str = "", key: str = "") -> None:
        self._post, self._flaw, self._key = post, flaw, key

    def configure(self, settings: Mapping[str, object]) -> None:
        if not isinstance(settings.get("key"), str) or len(str(settings["key"])) > 100:
            raise NeedsAttention("key: write the loft's key")
        if not str(settings["key"]).isprintable():
            raise NeedsAttention("key: has odd letters")
        self._key = str(settings["key"])

    async def send(self, message: Message) -> Receipt:
        post, flaw = self._post, self._flaw
        if not self._key:
            raise NeedsAttention("pigeon: key is not set")
        hint = self.secret if flaw == "leaks" else "***"
        errors: dict[str, Exception] = {
            "later": Refused("later") if flaw == "gives up" else Retryable("later"),
            "down": Retryable("down"), "recipient": Refused("nobody"), "echo": Refused(hint),
            "settings": Refused("no") if flaw == "blames her" else NeedsAttention("key is refused"),
        }  # fmt: skip
        if post.trouble in errors:
            raise errors[post.trouble]
        if not message.to or not message.to.isalnum():
            raise Refused("no such loft")
        known = [arrival.key for arrival in post.taken]
        if message.key in known and flaw != "forgets keys":
            return Receipt("done", message.key)
        text = message.text[:20] if flaw == "cuts" else message.text
        post.taken.append(Arrival(message.to, text, message.key))
        if flaw == "adds" and "\n" in message.subject:
            post.taken.append(Arrival("eve", text, message.key))
        if post.trouble == "lost":
            if flaw == "says lost":
                raise Refused("lost")
            return Receipt("done" if flaw == "says done" else "unknown", message.key)
        return Receipt("done", message.key)


class PigeonRig:
    idempotent = True
    secrets = (Pigeon.secret,)

    def __init__(self, flaw: str = "") -> None:
        self._post, self._flaw = Post(), flaw
        self.channel: Channel = Pigeon(self._post, flaw, Pigeon.secret)

    def message(self) -> Message:
        return Message("k1", "anna", "Hi", "Hello")

    def other_address(self) -> str:
        return "bob"

    def arrived(self) -> Sequence[Arrival]:
        return self._post.taken

    def make(self, trouble: Trouble) -> None:
        self._post.trouble = trouble

    def unset(self) -> Channel:
        return Pigeon(self._post, self._flaw)

    def wrong_settings(self) -> Mapping[str, Mapping[str, object]]:
        return {"key": {}}


class TestPigeon(ChannelContract):
    @pytest.fixture
    def rig(self) -> PigeonRig:
        return PigeonRig()


CHANNELS = {
    "gives up": "test_come_back_later_is_retryable",
    "blames her": "test_refused_settings_need_attention",
    "cuts": "test_a_message_arrives_once_and_whole",
    "forgets keys": "test_the_same_key_is_known_again",
    "says done": "test_an_unknown_fate_is_said",
    "says lost": "test_an_unknown_fate_is_said",
}


@pytest.mark.parametrize("flaw", CHANNELS)
async def test_a_flawed_channel_fails_its_own_test(flaw: str) -> None:
    with pytest.raises((Exception, pytest.fail.Exception)):
        await getattr(ChannelContract(), CHANNELS[flaw])(PigeonRig(flaw))


async def test_a_channel_that_adds_a_recipient_is_noticed() -> None:
    with pytest.raises(AssertionError):
        await ChannelContract().test_no_text_adds_a_recipient(PigeonRig("adds"), "subject", "\n")


async def test_a_channel_that_shows_its_key_is_noticed(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(AssertionError):
        await ChannelContract().test_no_secret_is_ever_shown(PigeonRig("leaks"), caplog)

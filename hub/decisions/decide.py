"""Which widgets a page shows, and why the others lost. Pure: the same inputs, the same answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from hub.decisions.answers import Answers, why_not
from hub.decisions.published import Published
from hub.decisions.widget import OVERLAY, Widget
from hub.gate.verdict import PERSONALISATION, Output, Standing, refusal
from hub.profiles.state import Consent
from hub.sdk.conditions import Condition, Facts

DAY_MS = 86_400_000
# (widget, products wanted) -> the products to show
Recommender = Callable[[Widget], Sequence[dict[str, Any]]]


class Visit(msgspec.Struct, frozen=True):
    """The request of one page view. `slots` empty: the page did not say which it has."""

    shop: str
    locale: str = ""
    slots: tuple[str, ...] = ()


class Standpoint(msgspec.Struct, frozen=True):
    """What is known of the one who looks: nothing at all without consent."""

    consents: Mapping[str, Consent]
    shown: Mapping[str, Sequence[int]]
    paused: bool = False


class Loser(msgspec.Struct, frozen=True):
    widget: str
    version: int
    slot: str
    reason: str


class Drawn(msgspec.Struct, frozen=True):
    """What the snippet draws: a form it knows, and its texts. `reason`: why nothing after all."""

    layout: str
    content: dict[str, Any]
    reason: str = ""


# A widget and its texts in the visitor's language -> what is drawn.
Draw = Callable[[Widget, dict[str, Any]], Drawn]


class Winner(msgspec.Struct, frozen=True):
    widget: Widget
    layout: str
    content: dict[str, Any]
    products: Sequence[dict[str, Any]]


def as_written(widget: Widget, content: dict[str, Any]) -> Drawn:
    """For types that the snippet draws itself."""
    return Drawn(widget.text.type, content)


class Outcome(msgspec.Struct, frozen=True):
    winners: tuple[Winner, ...]
    losers: tuple[Loser, ...]


def decide(  # noqa: PLR0917  (the inputs of a decision, each of its own kind)
    published: Published,
    visit: Visit,
    standpoint: Standpoint,
    facts: Facts,
    recommend: Recommender,
    now: int,
    person: Answers | None = None,
    page: Answers | None = None,
    draw: Draw = as_written,
) -> Outcome:
    """One winner per slot and one overlay; each loser with its first reason.

    `person` and `page`: answers kept for exactly these facts, if any are.
    """
    winners: dict[str, Winner] = {}
    losers: list[Loser] = []
    gate = _Gate(standpoint, now)
    rules = _Rules(published, facts, now, person, page)
    for widget in published.ordered:
        reason = _against(widget, visit, gate, rules)
        slot = widget.text.slot
        if not reason and slot in winners:
            reason = f"slot taken by {winners[slot].widget.key}, which has more priority"
        if not reason:
            winner, reason = _fill(widget, visit, recommend, draw)
            if winner is not None:
                winners[slot] = winner
        if reason:
            losers.append(Loser(widget.key, widget.version, slot, reason))
    return Outcome(tuple(winners.values()), tuple(losers))


class _Gate:
    """The gate's word on each widget for this visitor: asked once for all that have no cap."""

    def __init__(self, standpoint: Standpoint, now: int) -> None:
        self._standpoint = standpoint
        self._now = now
        self._uncapped: dict[bool, str] = {}

    def refuses(self, widget: Widget) -> str:
        if widget.text.caps is not None:
            return self._ask(widget)
        known = self._uncapped.get(widget.personal)
        if known is None:
            known = self._uncapped[widget.personal] = self._ask(widget)
        return known

    def _ask(self, widget: Widget) -> str:
        caps = widget.text.caps
        standpoint = self._standpoint
        recent = 0
        if caps is not None:
            since = self._now - caps.days * DAY_MS
            recent = sum(at >= since for at in standpoint.shown.get(widget.key, ()))
        refused = refusal(
            Output(widget.key, "site", PERSONALISATION, widget.personal),
            Standing(
                standpoint.consents,
                standpoint.paused,
                recent=recent,
                cap=caps.per_visitor if caps is not None else None,
            ),
        )
        return "" if refused is None else refused.reason


class _Rules:
    """Why a widget's rule does not hold; out of the kept answers where they know."""

    def __init__(
        self,
        published: Published,
        facts: Facts,
        now: int,
        person: Answers | None,
        page: Answers | None,
    ) -> None:
        self._facts = facts
        self._now = now
        self._person = person.about(published, facts.zone) if person is not None else None
        self._page = page.about(published, facts.zone) if page is not None else None
        self._of_person, self._of_page = published.of_person, published.of_page

    def against(self, widget: Widget, when: Condition) -> str:
        kept = None
        if widget.key in self._of_person:
            kept = self._person
        elif widget.key in self._of_page:
            kept = self._page
        if kept is None:
            return why_not(when.evaluate(self._facts, self._now))
        return kept.reason(widget, self._now, lambda: when.evaluate(self._facts, self._now))


def _against(widget: Widget, visit: Visit, gate: _Gate, rules: _Rules) -> str:
    if visit.slots and widget.text.slot not in (OVERLAY, *visit.slots):
        return "the page has no such slot"
    refused = gate.refuses(widget)
    if refused or widget.when is None:
        return refused
    return rules.against(widget, widget.when)


def _fill(
    widget: Widget, visit: Visit, recommend: Recommender, draw: Draw
) -> tuple[Winner | None, str]:
    drawn = draw(widget, localised(widget.text.content, visit.locale))
    if drawn.reason:
        return None, drawn.reason
    products: Sequence[dict[str, Any]] = ()
    if widget.text.recommend is not None:
        products = recommend(widget)
        if not products:
            return None, "no product can be shown here"
    return Winner(widget, drawn.layout, drawn.content, products), ""


def localised(content: Mapping[str, dict[str, Any]], locale: str) -> dict[str, Any]:
    """The texts for `nl-BE`: its own, else `nl`, else English, else the first written."""
    for candidate in (locale, locale.partition("-")[0], "en"):
        if candidate in content:
            return content[candidate]
    return next(iter(content.values()))

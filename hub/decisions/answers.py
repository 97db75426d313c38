"""What rules answered before: most pages ask the same rules about the same facts."""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo

from hub.decisions.widget import Widget
from hub.sdk.conditions import Context, Verdict

MAX_PAGES = 1000
Evaluate = Callable[[], Verdict]


class Answers:
    """The reasons against widgets, for one state of a person or for one page.

    Whoever keeps it drops it when those facts change; each answer also ends at the moment after
    which it may be another.
    """

    __slots__ = ("_reasons", "_version", "_zone")

    def __init__(self) -> None:
        self._version: object = None
        self._zone: ZoneInfo | None = None
        self._reasons: dict[str, tuple[str, int, int | None]] = {}

    def about(self, version: object, zone: ZoneInfo) -> Answers:
        """These answers, if they were given under this configuration; else none yet."""
        if self._version is not version or self._zone is not zone:
            self._version, self._zone = version, zone
            self._reasons = {}
        return self

    def reason(self, widget: Widget, now: int, evaluate: Evaluate) -> str:
        """Why the widget's rule does not hold, or "". Asks `evaluate` only when it must."""
        known = self._reasons.get(widget.key)
        if known is not None:
            reason, since, until = known
            if since <= now and (until is None or now < until):
                return reason
        verdict = evaluate()
        reason = why_not(verdict)
        self._reasons[widget.key] = (reason, now, verdict.until)
        return reason


class Pages:
    """Answers for the pages that were opened lately, whoever opened them."""

    def __init__(self) -> None:
        self._answers: dict[object, Answers] = {}

    def of(self, context: Context) -> Answers:
        """The answers for exactly this page, device, campaign and language."""
        key = (
            context.device, context.locale, tuple(context.page.items()),
            tuple(context.campaign.items()),
        )  # fmt: skip
        answers = self._answers.get(key)
        if answers is None:
            if len(self._answers) >= MAX_PAGES:  # addresses can be made up without end
                self._answers.clear()
            answers = self._answers[key] = Answers()
        return answers


def why_not(verdict: Verdict) -> str:
    """The condition's own words for what is missing; "" when nothing is."""
    return "" if verdict.ok else f"the rule does not hold: {verdict.needs}"

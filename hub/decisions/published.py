"""The live configuration, as decisions and the projector use it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from hub.conditions.counters import counter_leaves, walk
from hub.decisions.answers import Pages
from hub.decisions.widget import Widget
from hub.sdk.conditions import Condition, DidLeaf


class Published:
    """All live widgets, and the counters their conditions need. Replaced whole, never changed.

    `pages` remembers what rules about the open page answered under this configuration.
    """

    def __init__(self, widgets: Iterable[Widget] = (), version: int = 0) -> None:
        self.version = version
        self.widgets: Mapping[str, Widget] = {w.key: w for w in widgets}
        # The order of decisions: the strongest first, a tie by key.
        self.ordered = sorted(
            self.widgets.values(), key=lambda widget: (-widget.text.priority, widget.key)
        )
        self.versions: Mapping[str, int] = {w.key: w.version for w in self.ordered}
        # Rules that ask only about the person, and rules that ask only about the open page.
        ruled = {w.key: rule_groups(w.when) for w in self.ordered if w.when is not None}
        self.of_person = frozenset(k for k, groups in ruled.items() if "visit" not in groups)
        self.of_page = frozenset(k for k, groups in ruled.items() if groups <= {"visit"})
        self.pages = Pages()
        conditions = [w.when for w in self.ordered if w.when is not None]
        self.leaves: Mapping[str, DidLeaf] = {
            leaf.key: leaf for leaf in counter_leaves(*conditions)
        }
        self.keeps: Mapping[str, int] = {key: leaf.keep for key, leaf in self.leaves.items()}
        self.by_event: dict[str, list[DidLeaf]] = {}
        for leaf in self.leaves.values():
            self.by_event.setdefault(leaf.match.event, []).append(leaf)


def rule_groups(condition: Condition) -> set[str]:
    """What the leaves of a rule ask about, as their forms say."""
    return {part.describe().group for part in walk(condition) if not part.parts()}

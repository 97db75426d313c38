"""The live configuration, as decisions and the projector use it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from hub.conditions.counters import counter_leaves
from hub.decisions.widget import Widget
from hub.sdk.conditions import DidLeaf


class Published:
    """All live widgets, and the counters their conditions need. Replaced whole, never changed."""

    def __init__(self, widgets: Iterable[Widget] = (), version: int = 0) -> None:
        self.version = version
        self.widgets: Mapping[str, Widget] = {w.key: w for w in widgets}
        # The order of decisions: the strongest first, a tie by key.
        self.ordered = sorted(
            self.widgets.values(), key=lambda widget: (-widget.text.priority, widget.key)
        )
        conditions = [w.when for w in self.ordered if w.when is not None]
        self.leaves: Mapping[str, DidLeaf] = {
            leaf.key: leaf for leaf in counter_leaves(*conditions)
        }
        self.keeps: Mapping[str, int] = {key: leaf.keep for key, leaf in self.leaves.items()}
        self.by_event: dict[str, list[DidLeaf]] = {}
        for leaf in self.leaves.values():
            self.by_event.setdefault(leaf.match.event, []).append(leaf)

"""Moving in from another collector: what becomes of each place that got events from it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal, get_args

import msgspec

from hub.imports.old_settings import OldDestination, OldSettings

Fate = Literal["lost", "own tag", "connector", "was off"]


class Moved(msgspec.Struct, frozen=True):
    """One old destination, what becomes of it, and what to do."""

    name: str
    fate: Fate
    remedy: str


class Known(msgspec.Struct, frozen=True):
    """A connector of this hub. `sends`: it can also write to its vendor."""

    name: str
    title: str
    sends: bool


def what_moves(old: OldSettings, ours: Sequence[Known]) -> list[Moved]:
    """Each destination once, the ones that need work first."""
    lines = [_fate(destination, ours) for destination in old.destinations]
    order = get_args(Fate)
    return sorted(lines, key=lambda line: (order.index(line.fate), line.name))


def _fate(destination: OldDestination, ours: Sequence[Known]) -> Moved:
    name = destination.name
    if not destination.enabled:
        return Moved(name, "was off", "nothing to do")
    for connector in ours:
        if _plain(connector.title) in _plain(name) or _plain(connector.name) in _plain(name):
            return Moved(name, "connector", _by(connector))
    if destination.mode == "browser":
        remedy = "its script came with the old library: put its own tag on the pages, with consent"
        return Moved(name, "own tag", remedy)
    remedy = "the old service sent this from its servers: connect it to the shop directly"
    return Moved(name, "lost", remedy)


def _by(connector: Known) -> str:
    found = f"connect {connector.title} under Connections: the hub reads it"
    if connector.sends:
        return f"{found} and can write to it; single events are not passed on"
    return f"{found} but does not write to it: keep the old way for that"


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())

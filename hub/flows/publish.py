"""publish: a draft text becomes the live version. Its counters are filled before it goes live."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson

from hub.clock import to_ms
from hub.conditions.counters import counter_leaves, observe
from hub.core import Hub
from hub.decisions.published import Published
from hub.decisions.widget import (
    InvalidWidget,
    Widget,
    read_text,
    read_widget,
    write_text,
)
from hub.sdk.conditions import DidLeaf
from hub.sdk.widgets import InvalidContent

log = logging.getLogger("hub.publish")
WIDGET = "widget"
LIVE_SQL = (
    "SELECT c.key, c.version, c.yaml FROM config_version c JOIN (SELECT kind, key, MAX(version) AS "
    "newest FROM config_version WHERE kind = ? GROUP BY kind, key) n "
    "ON c.kind = n.kind AND c.key = n.key AND c.version = n.newest ORDER BY c.key"
)
# An empty text is a version too: it takes the widget off the shop.
RETIRED = ""
Counter = Callable[[dict[str, list[int]], int, Mapping[str, Any]], None]


class Conflict(Exception):
    """Somebody published a newer version meanwhile."""

    def __init__(self, key: str, newest: int) -> None:
        super().__init__(f"{key}: version {newest} was published meanwhile; look at it first")
        self.newest = newest


async def load_published(hub: Hub) -> None:
    """Read what is live. A text that can not be read any more is left out and logged."""
    rows = await hub.database.fetch(LIVE_SQL, (WIDGET,))
    widgets = []
    for key, version, text in rows:
        if text == RETIRED:
            continue
        try:
            widgets.append(read(hub, key, version, text))
        except InvalidWidget as error:  # the plugin of its type or condition is gone
            log.error("the widget %s v%s is left out: %s", key, version, error)
    hub.published = Published(widgets, hub.published.version + 1)


def read(hub: Hub, key: str, version: int, text: str) -> Widget:
    """One widget from its text. Raises InvalidWidget naming the field."""

    def clean(kind: str, content: Mapping[str, Any], field: str) -> dict[str, Any]:
        declared = hub.plugins.widgets.get(kind)
        if declared is None:
            known = ", ".join(sorted(hub.plugins.widgets))
            raise InvalidWidget("type", f"'{kind}' is not one of {known}")
        try:
            cleaned: dict[str, Any] = declared.clean(content)
            return cleaned
        except InvalidContent as error:
            raise InvalidWidget(f"{field}.{error.field}", error.message) from error

    return read_widget(
        key, version, text, hub.language, clean, recommenders=hub.plugins.recommenders
    )


async def publish(hub: Hub, key: str, text: str, *, base_version: int, author: str) -> Widget:
    """Make `text` the live version of a widget. Raises InvalidWidget or Conflict."""
    version = base_version + 1
    canonical = write_text(read_text(text))
    widget = read(hub, key, version, canonical)
    async with hub.views.lock:
        await _backfill(hub, widget)
        await _insert(hub, key, version, canonical, author)
        await load_published(hub)
    return widget


async def retire(hub: Hub, key: str, *, base_version: int, author: str) -> None:
    """Take a widget off the shop; its versions stay."""
    async with hub.views.lock:
        await _insert(hub, key, base_version + 1, RETIRED, author)
        await load_published(hub)


async def _insert(hub: Hub, key: str, version: int, text: str, author: str) -> None:
    async with hub.database.transaction() as transaction:
        rows = await transaction.fetch(
            "SELECT COALESCE(MAX(version), 0) FROM config_version WHERE kind = ? AND key = ?",
            (WIDGET, key),
        )
        if rows[0][0] != version - 1:
            raise Conflict(key, rows[0][0])
        await transaction.execute(
            "INSERT INTO config_version (kind, key, version, yaml, published_at, author) "
            "VALUES (?,?,?,?,?,?)",
            (WIDGET, key, version, text, to_ms(hub.clock.now()), author),
        )
        await transaction.execute("DELETE FROM draft WHERE kind = ? AND key = ?", (WIDGET, key))


async def _backfill(hub: Hub, widget: Widget) -> None:
    """Fill the counters that the widget's condition needs and nobody kept so far."""
    if widget.when is None:
        return
    keeps = hub.published.keeps
    missing = [leaf for leaf in counter_leaves(widget.when) if keeps.get(leaf.key, 0) < leaf.keep]
    for leaf in missing:
        await hub.views.replace_counters(await _count(hub, leaf))


async def _count(hub: Hub, leaf: DidLeaf) -> dict[int, dict[str, list[int]]]:
    rows = await hub.database.fetch(
        "SELECT node_id, at, body FROM log WHERE kind = 'event' AND name = ? "
        "AND node_id IS NOT NULL AND seq <= ?",
        (leaf.match.event, hub.views.seq),
    )
    found: dict[int, dict[str, list[int]]] = {}
    for node_id, at, body in rows:
        properties = orjson.loads(body).get("properties") or {}
        if not leaf.match.matches(leaf.match.event, properties):
            continue
        counters = found.setdefault(node_id, {leaf.key: []})
        times = observe(leaf, leaf.match.event, at, properties, counters[leaf.key])
        counters[leaf.key] = list(times)
    return found


def counters_of(published: Published) -> Mapping[str, list[Counter]]:
    """By event name: what the projector calls for each such event."""
    return {
        name: [_counter(leaf) for leaf in leaves] for name, leaves in published.by_event.items()
    }


def _counter(leaf: DidLeaf) -> Counter:
    def count(counters: dict[str, list[int]], at: int, properties: Mapping[str, Any]) -> None:
        times: Sequence[int] = counters.get(leaf.key, ())
        newer = observe(leaf, leaf.match.event, at, properties, times)
        if newer is not times:
            counters[leaf.key] = list(newer)

    return count


async def save_draft(hub: Hub, key: str, text: str, *, base_version: int, author: str) -> None:
    """Keep unpublished work; anything may be saved, also what can not be published yet."""
    await hub.database.write([(
        "INSERT INTO draft (kind, key, yaml, base_version, updated_at, author) "
        "VALUES (?,?,?,?,?,?) ON CONFLICT (kind, key) DO UPDATE SET yaml = excluded.yaml, "
        "base_version = excluded.base_version, updated_at = excluded.updated_at, "
        "author = excluded.author",
        [(WIDGET, key, text, base_version, to_ms(hub.clock.now()), author)],
    )])  # fmt: skip

"""widgets as people edit them: drafts beside live versions, and what a text would show."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from typing import Any

import msgspec
import yaml

from hub.clock import to_ms
from hub.core import Hub
from hub.decisions.widget import KEY, OVERLAY, InvalidWidget, Widget, read_text, write_text
from hub.flows.draw import drawn
from hub.flows.log_window import first_seq_since
from hub.flows.publish import LIVE_SQL, RETIRED, WIDGET, read, save_draft
from hub.flows.recommend import PRICE_MAX_AGE_MS
from hub.sdk.records import Product
from hub.sdk.widgets import Scene, WidgetType

STATS_DAYS = 30
DAY_MS = 86_400_000
SAMPLE_PRODUCTS = (
    ("Linen apron", 3900),
    ("Ceramic teapot", 5450),
    ("Oak serving board", 2795),
    ("Beeswax candles", 1450),
    ("Stoneware mug", 1850),
    ("Cotton tea towel", 1250),
)


class WidgetLine(msgspec.Struct, frozen=True):
    """`status`: live, changed (live, with a draft), draft (never live) or retired."""

    key: str
    name: str
    type: str
    slot: str
    priority: int
    status: str
    version: int
    updated_at: int
    viewed: int
    clicked: int
    rule: str


class VersionLine(msgspec.Struct, frozen=True):
    version: int
    published_at: int
    author: str
    text: str
    retired: bool


class Editing(msgspec.Struct, frozen=True):
    """`text` is the draft if there is one, else what is live; it began from `base_version`."""

    key: str
    text: str
    live_text: str
    live_version: int
    base_version: int
    has_draft: bool
    draft_at: int
    draft_author: str
    retired: bool


async def list_widgets(hub: Hub) -> list[WidgetLine]:
    """All widgets ever published or begun: live ones first, then by slot and priority."""
    live = {row[0]: (row[1], row[2]) for row in await hub.database.fetch(LIVE_SQL, (WIDGET,))}
    dates: dict[str, int] = dict(
        await hub.database.fetch(
            "SELECT key, MAX(published_at) FROM config_version WHERE kind = ? GROUP BY key",
            (WIDGET,),
        )
    )
    drafts = {
        key: (text, at)
        for key, text, at in await hub.database.fetch(
            "SELECT key, yaml, updated_at FROM draft WHERE kind = ?", (WIDGET,)
        )
    }
    stats = await widget_stats(hub)
    lines = []
    for key in sorted(live.keys() | drafts.keys()):
        version, text = live.get(key, (0, RETIRED))
        draft, draft_at = drafts.get(key, ("", 0))
        status = _status(version, text, bool(draft))
        shown = loose(text if text != RETIRED else draft)
        viewed, clicked = stats.get(key, (0, 0))
        lines.append(
            WidgetLine(
                key, str(shown.get("name") or key), str(shown.get("type") or ""),
                str(shown.get("slot") or ""), _whole(shown.get("priority")), status, version,
                max(int(dates.get(key) or 0), draft_at), viewed, clicked, rule_words(hub, shown),
            )
        )  # fmt: skip
    order = {"live": 0, "changed": 0, "draft": 1, "retired": 2}
    return sorted(lines, key=lambda w: (order[w.status], w.slot, -w.priority, w.key))


async def widget_stats(hub: Hub) -> dict[str, tuple[int, int]]:
    """Views and clicks per widget over the last 30 days."""
    since = await first_seq_since(hub, to_ms(hub.clock.now()) - STATS_DAYS * DAY_MS)
    path = (
        "json_extract(body, '$.properties.promotion_id')"
        if hub.database.dialect == "sqlite"
        else "body->'properties'->>'promotion_id'"
    )
    rows = await hub.database.fetch(
        f"SELECT {path}, name, COUNT(*) FROM log WHERE seq >= ? AND kind = 'event' "  # noqa: S608
        "AND name IN ('Promotion Viewed', 'Promotion Clicked') GROUP BY 1, 2",
        (since,),
    )
    stats: dict[str, tuple[int, int]] = {}
    for key, name, n in rows:
        viewed, clicked = stats.get(str(key), (0, 0))
        more = (
            (viewed + int(n), clicked) if name == "Promotion Viewed" else (viewed, clicked + int(n))
        )
        stats[str(key)] = more
    return stats


async def load_widget(hub: Hub, key: str) -> Editing | None:
    """What the editor shows, or None when there is no such widget."""
    versions = await widget_versions(hub, key, 1)
    rows = await hub.database.fetch(
        "SELECT yaml, base_version, updated_at, author FROM draft WHERE kind = ? AND key = ?",
        (WIDGET, key),
    )
    if not versions and not rows:
        return None
    live = versions[0] if versions else VersionLine(0, 0, "", RETIRED, False)
    text, base, at, author = rows[0] if rows else (live.text, live.version, 0, "")
    if not rows and live.retired:
        older = [v for v in await widget_versions(hub, key, 20) if not v.retired]
        text = older[0].text if older else ""
    return Editing(key, text, live.text, live.version, base, bool(rows), at, author, live.retired)


async def widget_versions(hub: Hub, key: str, limit: int = 100) -> list[VersionLine]:
    """Published versions, the newest first."""
    rows = await hub.database.fetch(
        "SELECT version, published_at, author, yaml FROM config_version "
        "WHERE kind = ? AND key = ? ORDER BY version DESC LIMIT ?",
        (WIDGET, key, limit),
    )
    return [VersionLine(v, at, by, text, text == RETIRED) for v, at, by, text in rows]


async def begin_widget(hub: Hub, kind: str, *, name: str, author: str) -> str:
    """A new draft with the type's sample content; its key. Raises InvalidWidget."""
    declared = hub.plugins.widgets.get(kind)
    if declared is None:
        raise InvalidWidget("type", "choose what to make")
    key = await free_key(hub, name or declared.title)
    await save_draft(hub, key, sample_text(declared, name or declared.title), base_version=0,
                     author=author)  # fmt: skip
    return key


async def copy_widget(hub: Hub, key: str, *, author: str) -> str:
    """A draft with another widget's text; its key. Raises InvalidWidget."""
    editing = await load_widget(hub, key)
    if editing is None:
        raise InvalidWidget("key", "there is no such widget")
    data = loose(editing.text)
    data["name"] = f"{data.get('name') or key} 2"
    fresh = await free_key(hub, str(data["name"]))
    await save_draft(hub, fresh, dump(data), base_version=0, author=author)
    return fresh


async def drop_draft(hub: Hub, key: str) -> None:
    """Forget unpublished changes."""
    sql = "DELETE FROM draft WHERE kind = ? AND key = ?"
    await hub.database.write([(sql, [(WIDGET, key)])])


async def free_key(hub: Hub, name: str) -> str:
    """A key made of the name that no widget ever had."""
    stem = re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-")[:60] or "widget"
    stem = stem if KEY.match(stem) else "widget"
    taken = {
        row[0]
        for row in await hub.database.fetch(
            "SELECT key FROM config_version WHERE kind = ? "
            "UNION SELECT key FROM draft WHERE kind = ?",
            (WIDGET, WIDGET),
        )
    }
    return next(k for k in (stem, *(f"{stem}-{i}" for i in range(2, 10_000))) if k not in taken)


def sample_text(declared: WidgetType, name: str) -> str:
    """A text of this type that can be published as it stands."""
    slot = OVERLAY if declared.placement == "overlay" else "home-top"
    data: dict[str, Any] = {"type": declared.name, "name": name, "slot": slot, "priority": 10}
    if slot == OVERLAY:
        data["trigger"] = {"on": "delay", "value": 5}
        data["caps"] = {"per_visitor": 3, "days": 7}
    if declared.uses_products:
        data["recommend"] = {"strategy": "also_viewed", "limit": 4, "fallback": "popular"}
    data["content"] = {"en": dict(declared.sample)}
    return dump(data)


def check(hub: Hub, key: str, text: str) -> Widget:
    """Read a draft as publishing would. Raises InvalidWidget naming the field."""
    return read(hub, key, 0, write_text(read_text(text)))


def faults(hub: Hub, key: str, text: str) -> dict[str, str]:
    """What keeps a draft from being published, by field; empty when nothing does."""
    try:
        check(hub, key, text)
    except InvalidWidget as error:
        return {error.field: str(error).partition(": ")[2]}
    return {}


def preview(hub: Hub, key: str, text: str, locale: str) -> dict[str, Any] | None:
    """The decision a page would be given, for the preview frame; None when it can not be read.

    Texts that can not be published yet are shown all the same, the frame itself is harmless.
    """
    data = loose(text)
    declared = hub.plugins.widgets.get(str(data.get("type")))
    content = data.get("content")
    if declared is None or not isinstance(content, Mapping):
        return None
    texts: Any = content.get(locale) or next(iter(content.values()), {})
    if not isinstance(texts, Mapping):
        return None
    slot = str(data.get("slot") or "")
    decision: dict[str, Any] = {
        "slot": None if slot == OVERLAY else slot or "preview",
        "widget": key,
        "version": 0,
        "type": declared.name,
        "trigger": {"on": "load"},
        "content": {str(k): v for k, v in texts.items() if isinstance(v, str)},
    }
    if declared.layout:
        now = hub.clock.now().astimezone(hub.workspace.zone)
        known = {field.key: field.default for field in declared.fields}
        found = drawn(declared, {**known, **texts}, Scene(locale, now))
        decision |= {"type": declared.layout, "content": found.content or {"title": found.reason}}
    if declared.uses_products:
        decision["products"] = _products(hub, data)
    return decision


def diff(old: str, new: str) -> list[tuple[str, str]]:
    """Line by line: (sign, line) with sign "+", "-" or " "; long equal stretches left out."""
    lines = difflib.unified_diff(old.splitlines(), new.splitlines(), lineterm="", n=2)
    found = [line for line in lines if not line.startswith(("---", "+++"))]
    return [("…", "") if line.startswith("@@") else (line[:1], line[1:]) for line in found][1:]


def loose(text: str) -> dict[str, Any]:
    """A draft as plain data, whatever is wrong with it; empty when it is no mapping."""
    try:
        data = yaml.safe_load(text) if len(text) < 65_536 else None
    except (yaml.YAMLError, RecursionError):
        return {}
    return {str(k): v for k, v in data.items()} if isinstance(data, dict) else {}


def dump(data: Mapping[str, Any]) -> str:
    """The text of plain data, in its order."""
    return yaml.safe_dump(dict(data), sort_keys=False, allow_unicode=True, width=100)


def rule_words(hub: Hub, data: Mapping[str, Any]) -> str:
    """The rule of a text in words; "" when it has none or can not be read."""
    if data.get("when") is None:
        return ""
    try:
        return hub.language.read(data["when"]).sentence()
    except Exception:  # a draft may hold anything, and a plugin's condition may too
        return ""


def _products(hub: Hub, data: Mapping[str, Any]) -> list[dict[str, Any]]:
    wanted = data.get("recommend")
    limit = _whole(wanted.get("limit")) if isinstance(wanted, Mapping) else 4
    limit = min(max(limit, 1), 12)
    now = to_ms(hub.clock.now())
    found = [
        _card(state.product)
        for state in hub.catalogue
        if hub.catalogue.showable(
            state.product.shop, state.product.product_id, now=now, price_max_age=PRICE_MAX_AGE_MS
        )
    ]
    samples = [
        {"product_id": f"sample-{i}", "title": title, "url": "/", "image_url": "",
         "price": price, "list_price": None, "currency": hub.workspace.currency}
        for i, (title, price) in enumerate(SAMPLE_PRODUCTS * 2)
    ]  # fmt: skip
    return (found or samples)[:limit]


def _card(product: Product) -> dict[str, Any]:
    names = ("product_id", "title", "url", "image_url", "price", "list_price", "currency")
    return {name: getattr(product, name) for name in names}


def _status(version: int, text: str, has_draft: bool) -> str:
    if not version:
        return "draft"
    if text == RETIRED:
        return "draft" if has_draft else "retired"
    return "changed" if has_draft else "live"


def _whole(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0

"""dictionary, as people read it: every event name, its fields, how often, and what to look at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from hub.clock import to_ms
from hub.core import Hub
from hub.flows.dictionary import read_kind
from hub.schema.seen import DAY_MS, DAYS, OTHERS, Field, Kind
from hub.store.database import Row

ROWS_SQL = "SELECT id, source_id, scope, name, data FROM seen_kind ORDER BY source_id, scope, name"


class KindLine(msgspec.Struct, frozen=True):
    """One event name of one source, or its traits (`scope`: event or traits). `name` is "" for
    all names that found no room. `recent`: in the last 30 days. Times in ms."""

    id: int
    source_id: int
    source: str
    scope: str
    name: str
    n: int
    recent: int
    first: int
    last: int
    fields: int
    personal: int


class KindList(msgspec.Struct, frozen=True):
    kinds: list[KindLine]
    total: int


class FieldLine(msgspec.Struct, frozen=True):
    """`share`: of the events that carry it, 0 to 1. `types` -> events with such a value.
    `personal`: what it looks like it holds of a person. `rule`: what becomes of it at the door:
    drop, hash, keep, or "" for nothing said."""

    path: str
    n: int
    share: float
    types: dict[str, int]
    personal: str
    first: int
    last: int
    examples: list[str]
    rule: str = ""


class KindPage(msgspec.Struct, frozen=True):
    """`crowded`: events with more fields than are kept apart."""

    kind: KindLine
    fields: list[FieldLine]
    crowded: int


async def list_kinds(hub: Hub, query: str = "", source: str = "") -> KindList:
    """What arrived, the most frequent first; `query` is sought in names and in paths."""
    rows = await hub.database.fetch(ROWS_SQL)
    return kinds_of(rows, _names(hub), today(hub), query, source)


async def kind_page(hub: Hub, row_id: int) -> KindPage | None:
    """One event with its fields, or None."""
    rows = await hub.database.fetch(
        "SELECT id, source_id, scope, name, data FROM seen_kind WHERE id = ?", (row_id,)
    )
    if not rows:
        return None
    source = hub.sources.get(rows[0][1])
    rules = source.fields.rules if source and source.fields else ()
    place = tuple(rows[0][2:4])
    mine = {rule.path: rule.action for rule in rules if (rule.scope, rule.name) == place}
    return page_of(rows[0], _names(hub), today(hub), mine)


def kinds_of(
    rows: Iterable[Row], sources: Mapping[int, str], day: int, query: str = "", source: str = ""
) -> KindList:
    """The lines for rows of ROWS_SQL; `day`: today, in days since 1970."""
    words = query.casefold().split()
    found = []
    total = 0
    for row in rows:
        total += 1
        kind = read_kind(row[4])
        said = f"{row[3]} {' '.join(kind.fields)}".casefold() if words else ""
        if (source and source != str(row[1])) or not all(word in said for word in words):
            continue
        found.append(_line(row, kind, sources, day))
    found.sort(key=lambda line: (line.name == OTHERS, -line.recent, -line.n, line.name, line.id))
    return KindList(found, total)


def page_of(
    row: Row, sources: Mapping[int, str], day: int, rules: Mapping[str, str] | None = None
) -> KindPage:
    """One row of ROWS_SQL with its fields, as they stand in each other."""
    kind = read_kind(row[4])
    said = rules or {}
    fields = [
        _field(path, field, kind.n, said.get(path, ""))
        for path, field in sorted(kind.fields.items())
    ]
    return KindPage(_line(row, kind, sources, day), fields, kind.crowded)


def today(hub: Hub) -> int:
    """Days since 1970, UTC."""
    return to_ms(hub.clock.now()) // DAY_MS


def _names(hub: Hub) -> dict[int, str]:
    return {row.id: row.name for row in hub.sources.values()}


def _line(row: Row, kind: Kind, sources: Mapping[int, str], day: int) -> KindLine:
    recent = sum(n for d, n in kind.days.items() if d > day - DAYS)
    personal = sum(bool(field.personal) for field in kind.fields.values())
    return KindLine(
        row[0], row[1], sources.get(row[1], ""), row[2], row[3], kind.n, recent, kind.first,
        kind.last, len(kind.fields), personal,
    )  # fmt: skip


def _field(path: str, field: Field, n: int, rule: str) -> FieldLine:
    types = dict(sorted(field.types.items(), key=lambda item: (-item[1], item[0])))
    examples = [example.value for example in field.examples]
    return FieldLine(
        path, field.n, round(field.n / max(n, 1), 4), types, field.personal, field.first,
        field.last, examples, rule,
    )  # fmt: skip

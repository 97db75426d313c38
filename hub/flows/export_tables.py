"""What an export of everything holds: every table of the models, but for what is named here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec
import orjson
from tortoise import fields
from tortoise.models import Model

from hub.clock import from_ms
from hub.flows.erase_here import held_models
from hub.registry import Held

# Table -> why it stays out.
LEFT_OUT: dict[str, str] = {
    "dedupe": "hashes of message ids: made anew from the messages when they are read in again",
    "cursor": "how far this database read its own log",
    "used_token": "links that were used up: they work on this hub alone",
    "login_attempt": "only slows down who guesses passwords",
    "staff_session": "who is signed in on this hub now",
    "suppression": "hashes keyed with this hub's own key: they mean nothing elsewhere",
    "job_run": "which nightly jobs this hub ran",
}
# Names for --what; a table in none of them is asked for by its own name.
GROUPS: dict[str, tuple[str, ...]] = {
    "events": ("log",),
    "people": ("node", "node_person", "node_state", "link", "person"),
    "orders": ("shop_order", "order_line", "order_event"),
    "products": ("product",),
    "consents": ("consent",),
    "decisions": ("decision", "refusal"),
    "messages": ("outbox",),
    "settings": ("workspace", "source", "connection", "config_version", "draft", "staff"),
}
# Tables of moments, that --since and --until cut; the others say how things stand.
DATED: dict[str, str] = {
    "log": "at",
    "consent": "at",
    "decision": "at",
    "refusal": "at",
    "outbox": "updated_at",
    "audit": "at",
}
COMMON: dict[str, str] = {
    "id_type": "VARCHAR", "id_value": "VARCHAR", "person_id": "BIGINT", "url": "VARCHAR",
    "product_id": "VARCHAR", "order_id": "VARCHAR", "value": "DOUBLE", "currency": "VARCHAR",
}  # fmt: skip
LOG_SQL = (
    "FROM log t LEFT JOIN node n ON n.id = t.node_id "
    "LEFT JOIN node_person p ON p.node_id = t.node_id"
)
Make = Callable[[Any], Any]


class UnknownName(Exception):
    """There is no such part to export; the message lists what there is."""


class Column(msgspec.Struct, frozen=True):
    """`type`: as DuckDB calls it. `holds`: the class of the data map."""

    name: str
    type: str
    holds: str


class Plan(msgspec.Struct, frozen=True):
    """One table to export. `makers`: what becomes of each value, in the order of the columns."""

    table: str
    columns: tuple[Column, ...]
    makers: tuple[Make | None, ...]
    sql: str
    order: str
    withheld: tuple[str, ...]
    dated: str


def plan_tables(what: Iterable[str] = ()) -> list[Plan]:
    """The tables of these groups or names; of all when there are none. Raises UnknownName."""
    models = {model._meta.db_table: (model, held) for model, held in held_models()}
    wanted: set[str] = set()
    names = list(what)
    for name in names:
        tables = GROUPS.get(name, (name,))
        for table in tables:
            if table in LEFT_OUT:
                raise UnknownName(f"{table} is never exported: {LEFT_OUT[table]}")
            if table not in models:
                rest = sorted(
                    models.keys() - LEFT_OUT.keys() - {t for g in GROUPS.values() for t in g}
                )
                raise UnknownName(
                    f"there is no '{name}' to export: name {', '.join([*GROUPS, *rest])}"
                )
        wanted.update(tables)
    if not names:
        wanted = models.keys() - LEFT_OUT.keys()
    return [_plan(table, *models[table]) for table in sorted(wanted)]


def _plan(table: str, model: type[Model], held: Held) -> Plan:
    classes = held.classes
    names = [name for name in model._meta.fields_map if classes.get(name) != "secret"]
    withheld = tuple(name for name in model._meta.fields_map if classes.get(name) == "secret")
    found = [(name, *_type(name, model._meta.fields_map[name])) for name in names]
    columns = [Column(name, kind, classes.get(name, "")) for name, kind, _ in found]
    key = model._meta.pk_attr
    listed = ", ".join(f't."{name}"' for name in names)
    sql = f'SELECT {listed} FROM "{table}" t'  # noqa: S608
    if table == "log":
        columns += [Column(name, kind, "identifier" if name.startswith(("id_", "person")) else
                           "behaviour") for name, kind in COMMON.items()]  # fmt: skip
        sql = f"SELECT {listed}, n.type, n.value, p.person_id {LOG_SQL}"
    return Plan(table, tuple(columns), tuple(make for *_, make in found), sql, key, withheld,
                DATED.get(table, ""))  # fmt: skip


def _type(name: str, field: Any) -> tuple[str, Make | None]:
    if isinstance(field, fields.JSONField):
        return "JSON", _json
    if isinstance(field, fields.BooleanField):
        return "BOOLEAN", bool
    if isinstance(field, fields.BinaryField):
        return "VARCHAR", bytes.hex
    if isinstance(field, fields.FloatField):
        return "DOUBLE", None
    if isinstance(field, fields.BigIntField) and is_moment(name):
        return "TIMESTAMP", _moment
    if isinstance(field, fields.BigIntField | fields.IntField | fields.SmallIntField):
        return "BIGINT", None
    return "VARCHAR", None


def is_moment(name: str) -> bool:
    """Whether a whole number of this name is milliseconds since 1970."""
    return name == "at" or name.endswith(("_at", "_seen", "_until"))


def _json(text: str) -> Any:
    return orjson.Fragment(text) if text else None


def _moment(ms: int) -> str | None:
    return from_ms(ms).isoformat(timespec="milliseconds").replace("+00:00", "Z") if ms else None


def line_of(plan: Plan, row: tuple[Any, ...]) -> bytes:
    """One row as a line of JSON."""
    line: dict[str, Any] = {
        column.name: make(value) if make is not None and value is not None else value
        for column, make, value in zip(plan.columns, plan.makers, row, strict=False)
    }
    if plan.table == "log":
        n = len(plan.makers)
        line["id_type"], line["id_value"], line["person_id"] = row[n : n + 3]
        line.update(_common(row[[c.name for c in plan.columns].index("body")]))
    return orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE)


def _common(text: str) -> dict[str, Any]:
    """What most events tell, in columns of their own; null where one does not."""
    body = orjson.loads(text)
    body = body if isinstance(body, dict) else {}
    said = _dict(body.get("properties"))
    page = _dict(_dict(body.get("context")).get("page"))
    value = said.get("value", said.get("total", said.get("revenue")))
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return {
        "url": _text(page.get("url") or said.get("url")),
        "product_id": _text(said.get("product_id")),
        "order_id": _text(said.get("order_id")),
        "value": value if number else None,
        "currency": _text(said.get("currency")),
    }


def _dict(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str | None:
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else None

"""The rule builder: a rule as rows of a form, and back. Any condition a plugin declares fits in.

A form names its inputs by place: `w.0.1.op` is the input `op` of the second row in the first
group. What a row can not express makes `from_data` answer None, and the text editor takes over.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hub.sdk.conditions import Form

ROOT = "w"
GROUPS = ("all", "any", "none", "not_all")
MAX_ROWS = 100
CLAUSE = ("property", "op", "value", "as")
NUMBER_OPS = ("gt", "gte", "lt", "lte")


@dataclass(slots=True)
class Row:
    """One condition of the builder; `values` are its inputs as text."""

    kind: str
    negated: bool = False
    values: dict[str, str] = field(default_factory=dict)
    where: list[dict[str, str]] = field(default_factory=list)


@dataclass(slots=True)
class Group:
    kind: str = "all"
    rows: list[Row | Group] = field(default_factory=list)


def from_form(form: Mapping[str, str], place: str = ROOT, depth: int = 0) -> Group:
    """The rows as posted."""
    kind = form.get(f"{place}.kind", "all")
    group = Group(kind if kind in GROUPS else "all")
    for i in range(MAX_ROWS):
        spot = f"{place}.{i}"
        inner = form.get(f"{spot}.kind")
        if inner is None:
            break
        if inner in GROUPS:
            if depth < 18:
                group.rows.append(from_form(form, spot, depth + 1))
        else:
            group.rows.append(_row(form, spot, inner))
    return group


def _row(form: Mapping[str, str], place: str, kind: str) -> Row:
    row = Row(kind, form.get(f"{place}.not") == "yes")
    prefix = f"{place}."
    for key, value in form.items():
        name = key.removeprefix(prefix)
        if key.startswith(prefix) and not name.startswith("where.") and name not in ("kind", "not"):
            row.values[name] = value
    for i in range(20):
        spot = f"{place}.where.{i}"
        if f"{spot}.property" not in form:
            break
        row.where.append({n: form.get(f"{spot}.{n}", "") for n in CLAUSE})
    return row


def change(group: Group, op: str) -> None:
    """Do what a button says: `add:w.0`, `group:w`, `remove:w.0.1`, `where:w.1`, `drop:w.1.0`."""
    verb, _, place = op.partition(":")
    steps = [int(step) for step in place.split(".")[1:] if step.isdecimal() and len(step) < 4]
    try:
        if verb in ("add", "group"):
            target = _group_at(group, steps)
            target.rows.append(Row("page") if verb == "add" else Group("any", [Row("page")]))
        elif verb == "remove":
            del _group_at(group, steps[:-1]).rows[steps[-1]]
        elif verb == "where":
            _row_at(group, steps).where.append({"property": "", "op": "is", "value": "", "as": ""})
        elif verb == "drop":
            del _row_at(group, steps[:-1]).where[steps[-1]]
    except (IndexError, TypeError):
        return  # the page was older than the form; nothing to do


def _group_at(group: Group, steps: Sequence[int]) -> Group:
    for step in steps:
        inner = group.rows[step]
        if not isinstance(inner, Group):
            raise TypeError
        group = inner
    return group


def _row_at(group: Group, steps: Sequence[int]) -> Row:
    inner = _group_at(group, steps[:-1]).rows[steps[-1]]
    if not isinstance(inner, Row):
        raise TypeError
    return inner


def to_data(group: Group, forms: Mapping[str, Form]) -> dict[str, Any] | None:
    """The rule in its own language; None for no rule at all."""
    return _group_data(group, forms) if any(_says(row) for row in group.rows) else None


def _says(row: Row | Group) -> bool:
    return not isinstance(row, Group) or any(_says(inner) for inner in row.rows)


def _group_data(group: Group, forms: Mapping[str, Form]) -> dict[str, Any]:
    parts = [
        _group_data(row, forms) if isinstance(row, Group) else _row_data(row, forms)
        for row in group.rows
        # A group that is still empty says nothing.
        if _says(row)
    ]
    if group.kind in ("none", "not_all"):
        return {"not": {"any" if group.kind == "none" else "all": parts}}
    return {group.kind: parts}


def _row_data(row: Row, forms: Mapping[str, Form]) -> dict[str, Any]:
    body: dict[str, Any] = {}
    form = forms.get(row.kind)
    for spot in form.fields if form else ():
        value = _field_data(row, spot.name, spot.type)
        if value is not None:
            body[spot.name] = value
        elif spot.required and spot.type != "where":
            body[spot.name] = ""
    data: dict[str, Any] = {row.kind: body}
    return {"not": data} if row.negated else data


def _field_data(row: Row, name: str, kind: str) -> Any:
    text = row.values.get(name, "").strip()
    if kind == "value":
        return typed(text, row.values.get("op", "is"), row.values.get("as", ""))
    if kind == "count":
        n = row.values.get(f"{name}.n", "").strip()
        return {row.values.get(f"{name}.how", "at_least"): _number(n)} if n else None
    if kind == "window":
        n = row.values.get(f"{name}.n", "").strip()
        return {row.values.get(f"{name}.unit", "days"): _number(n)} if n else None
    if kind == "number":
        return _number(text) if text else None
    if kind == "where":
        return [_clause(clause) for clause in row.where] or None
    if kind == "operator":
        return text or "is"
    return text or None


def _clause(clause: Mapping[str, str]) -> dict[str, Any]:
    data: dict[str, Any] = {"property": clause["property"].strip(), "op": clause["op"] or "is"}
    value = typed(clause["value"].strip(), data["op"], clause["as"])
    return data if value is None else {**data, "value": value}


def typed(text: str, op: str, as_type: str) -> Any:
    """A written value as the type its operator asks for; None where the operator takes none."""
    if op == "exists":
        return None
    if op == "in":
        return [_one(part.strip(), as_type) for part in text.split(",") if part.strip()]
    if op in NUMBER_OPS:
        return _number(text)
    return _one(text, as_type)


def _one(text: str, as_type: str) -> Any:
    if as_type == "number":
        return _number(text)
    if as_type == "boolean" and text.casefold() in ("yes", "no", "true", "false"):
        return text.casefold() in ("yes", "true")
    return text


def _number(text: str) -> Any:
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return text


def from_data(data: Any, forms: Mapping[str, Form]) -> Group | None:
    """The rows of a rule; None when the builder can not show it whole."""
    if data is None:
        return Group()
    read = _read(data, forms, 0)
    if read is None:
        return None
    return read if isinstance(read, Group) else Group("all", [read])


def _read(data: Any, forms: Mapping[str, Form], depth: int) -> Row | Group | None:
    if not isinstance(data, Mapping) or len(data) != 1 or depth > 18:
        return None
    ((kind, body),) = data.items()
    if kind in ("all", "any"):
        return _read_group(kind, body, forms, depth)
    if kind != "not":
        return _read_row(str(kind), body, forms)
    inner = _read(body, forms, depth + 1)
    if isinstance(inner, Row) and not inner.negated:
        inner.negated = True
        return inner
    if isinstance(inner, Group) and inner.kind in ("all", "any"):
        inner.kind = "none" if inner.kind == "any" else "not_all"
        return inner
    return None if inner is None else Group("not_all", [inner])


def _read_group(kind: str, body: Any, forms: Mapping[str, Form], depth: int) -> Group | None:
    if not isinstance(body, list) or len(body) > MAX_ROWS or not (body or depth == 0):
        return None
    rows = [_read(part, forms, depth + 1) for part in body]
    found = [row for row in rows if row is not None]
    return Group(kind, found) if len(found) == len(rows) else None


def _read_row(kind: str, body: Any, forms: Mapping[str, Form]) -> Row | None:
    form = forms.get(kind)
    if form is None or not isinstance(body, Mapping):
        return None
    types = {spot.name: spot.type for spot in form.fields}
    row = Row(kind)
    for name, value in body.items():
        if not _read_field(row, str(name), types.get(str(name), ""), value):
            return None
    return row


def _read_field(row: Row, name: str, kind: str, value: Any) -> bool:
    if kind in ("count", "window"):
        if not isinstance(value, Mapping) or len(value) != 1:
            return False
        ((unit, n),) = value.items()
        row.values[f"{name}.how" if kind == "count" else f"{name}.unit"] = str(unit)
        row.values[f"{name}.n"] = str(n)
    elif kind == "where":
        if not isinstance(value, list) or not all(isinstance(c, Mapping) for c in value):
            return False
        row.where = [
            {"property": str(c.get("property", "")), "op": str(c.get("op", "is")),
             "value": written(c.get("value")), "as": type_of(c.get("value"))}
            for c in value
        ]  # fmt: skip
    elif kind == "value":
        row.values[name] = written(value)
        row.values["as"] = type_of(value)
    elif kind in ("text", "choice", "operator", "event", "number"):
        row.values[name] = written(value)
    else:
        return False
    return True


def written(value: Any) -> str:
    """A stored value as its input shows it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(written(member) for member in value)
    return "" if value is None else str(value)


def type_of(value: Any) -> str:
    """Which type a written value is to be read back as."""
    if isinstance(value, list) and value:
        return type_of(value[0])
    if isinstance(value, bool):
        return "boolean"
    return "number" if isinstance(value, int | float) else ""

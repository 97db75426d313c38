"""Writing the next migration: what the models have and the steps so far do not."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from hub.store.migrations import Dialect, Migration

_TABLE = re.compile(r'CREATE TABLE (?:IF NOT EXISTS )?"(\w+)" \((.*)\n\);', re.S)
_INDEX = re.compile(r'CREATE INDEX (?:IF NOT EXISTS )?"(\w+)" ON "(\w+)"')
_COLUMN = re.compile(r'ALTER TABLE "(\w+)" ADD COLUMN "(\w+)" (.*);', re.S)
_BARRED = ("UNIQUE", "PRIMARY KEY", "REFERENCES", "CHECK")


class NotExpandOnly(Exception):
    """The change would take something away; the message says what to do instead."""


class Tables(msgspec.Struct):
    """A schema as text: columns and constraints by table, indexes by name."""

    columns: dict[str, dict[str, str]] = {}
    constraints: dict[str, set[str]] = {}
    indexes: dict[str, str] = {}
    created: dict[str, str] = {}


def read_tables(steps: Sequence[Migration]) -> Tables:
    """The tables after these steps. Raises NotExpandOnly for a statement that does not add."""
    tables = Tables()
    for step in steps:
        for statement in step.statements:
            _read(tables, statement, step.name)
    return tables


def _read(tables: Tables, statement: str, where: str) -> None:
    if found := _TABLE.fullmatch(statement):
        lines = [line.strip().rstrip(",") for line in found[2].strip().splitlines()]
        rows = [line[1:].split('" ', 1) for line in lines if line.startswith('"')]
        tables.columns[found[1]] = {name: definition for name, definition in rows}
        tables.constraints[found[1]] = {line for line in lines if not line.startswith('"')}
        tables.created[found[1]] = statement
    elif found := _INDEX.match(statement):
        tables.indexes[found[1]] = statement
    elif found := _COLUMN.fullmatch(statement):
        check_column(found[1], found[2], found[3])
        tables.columns[found[1]][found[2]] = found[3]
    elif not re.match(r"(INSERT INTO|UPDATE) ", statement):
        raise NotExpandOnly(
            f"{where}: a migration only adds (CREATE TABLE, CREATE INDEX, ALTER TABLE ... ADD "
            f"COLUMN, INSERT, UPDATE); this does not: {statement.splitlines()[0]}"
        )


def check_column(table: str, column: str, definition: str) -> None:
    """Refuse a column that rows already there can not have."""
    if "NOT NULL" in definition and " DEFAULT " not in definition:
        raise NotExpandOnly(
            f"{table}.{column} is new and must be filled in, but rows are there already: "
            "give the field null=True, or db_default=... (default= alone is not in the database)"
        )
    for word in _BARRED:
        if word in definition:
            raise NotExpandOnly(
                f"{table}.{column} is new and says {word}: neither database adds that to a table "
                "with rows. Put it into a new table"
            )


def draft(models: str, steps: Sequence[Migration]) -> str:
    """The SQL that takes `steps` to `models`; "" when nothing changed. Raises NotExpandOnly."""
    old, new = read_tables(steps), read_tables([Migration("models", models)])
    parts: list[str] = []
    for table in old.columns:
        _refuse_losses(old, new, table)
    for table, columns in new.columns.items():
        if table not in old.columns:
            parts.append(new.created[table])
            continue
        for column, definition in columns.items():
            if column not in old.columns[table]:
                check_column(table, column, definition)
                parts.append(f'ALTER TABLE "{table}" ADD COLUMN "{column}" {definition};')
    parts.extend(sql for name, sql in new.indexes.items() if name not in old.indexes)
    return "".join(f"{part}\n" for part in parts)


def _refuse_losses(old: Tables, new: Tables, table: str) -> None:
    keep = "Migrations only add: SQLite would make the table anew and lose rows that belong to it"
    if table not in new.columns:
        raise NotExpandOnly(f"the table {table} is gone. {keep}. Leave the model, unused")
    for column, definition in old.columns[table].items():
        now = new.columns[table].get(column)
        if now is None:
            raise NotExpandOnly(f"{table}.{column} is gone. {keep}. Leave the field, unused")
        if now != definition:
            raise NotExpandOnly(
                f"{table}.{column} changed from {definition} to {now}. {keep}. "
                "Add a column of another name and fill it"
            )
    if changed := old.constraints[table] ^ new.constraints[table]:
        raise NotExpandOnly(f"{table} changed {sorted(changed)[0]}. {keep}. Use a new table")
    for name, sql in old.indexes.items():
        if f' ON "{table}"' in sql and new.indexes.get(name) != sql:
            raise NotExpandOnly(f"the index {name} changed or is gone. Leave it, or add another")


def next_name(steps: Sequence[Migration], name: str) -> str:
    """The file name of the next step, without its ending."""
    slug = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
    if not slug:
        raise ValueError("a migration needs a name of letters, such as suppression")
    number = int(steps[-1].name[:4]) + 1 if steps else 1
    return f"{number:04d}_{slug}"


DIALECTS: tuple[Dialect, ...] = ("sqlite", "postgres")

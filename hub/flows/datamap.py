"""The data map as people read it: the record of what is kept, why, how long, and how it goes."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from hub.flows.erase_here import held_models
from hub.registry import Held
from hub.sdk.connector import Connector
from hub.settings import Retention
from hub.store.folder import FILES

EXPORTS = {
    "no": "no", "rows": "whole rows", "identifiers": "each identifier", "log": "each entry",
    "orders": "her orders", "order_parts": "with her orders",
}  # fmt: skip
ERASES = {
    "no": "no", "delete": "removed", "release": "the name is cut off",
    "blank": "emptied, the row stays for the sums", "tombstone": "replaced by a number",
    "log": "removed; orders stay without a name", "links": "removed",
    "orders": "stays without a name", "order_parts": "stays without a name",
    "scrub": "blanked where it names her", "tokens": "removed",
    "examples": "values of hers are removed", "letters": "removed where they name her",
}  # fmt: skip
KEPT = {
    "person": "until the person is erased", "books": "for good, for the books",
    "proof": "for good, as proof; names nobody", "workspace": "as long as the hub",
}  # fmt: skip


class DataLine(msgspec.Struct, frozen=True):
    """One table, file or plugin key. `classes`: data class -> columns."""

    place: str
    purpose: str
    classes: dict[str, list[str]]
    kept: str
    export: str
    erase: str
    personal: bool
    note: str = ""


class DataMap(msgspec.Struct, frozen=True):
    tables: list[DataLine]
    files: list[DataLine]
    plugins: list[DataLine]


def data_map(connectors: Mapping[str, Connector], retention: Retention) -> DataMap:
    """Everything that is kept, as declared beside what keeps it."""
    tables = [_table(model._meta.db_table, held, retention) for model, held in held_models()]
    tables.append(
        DataLine(
            "hub_migration", "Which steps of its tables this database has taken",
            {"technical": ["name", "version"]}, KEPT["workspace"], "no", "no", False,
        )
    )  # fmt: skip
    files = [
        DataLine(f.name, f.purpose, {f.data_class: []}, _kept(f.kept, retention), f.export, f.erase,
                 f.kept not in ("workspace", "technical", "proof"))
        for f in FILES
    ]  # fmt: skip
    plugins = [
        DataLine(
            f"{name}: {key.key}", key.purpose, {}, KEPT["person" if key.personal else "workspace"],
            "whole rows" if key.personal else "no", "removed" if key.personal else "no",
            key.personal,
        )
        for name, connector in sorted(connectors.items())
        for key in getattr(connector, "state_keys", ())
    ]  # fmt: skip
    return DataMap(tables, files, plugins)


def _table(name: str, held: Held, retention: Retention) -> DataLine:
    classes = {kind: names.split() for kind, names in held.columns.items()}
    return DataLine(
        name, held.purpose, classes, _kept(held.kept, retention), EXPORTS[held.export],
        ERASES[held.erase], held.personal, held.note,
    )  # fmt: skip


def _kept(kept: str, retention: Retention) -> str:
    if kept in KEPT:
        return KEPT[kept]
    days = int(getattr(retention, f"{kept}_days"))
    return f"{days} days" if days else KEPT["person"]

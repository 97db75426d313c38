"""What an append to the log reads and writes on SQLite, inside its transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence

from hub.sdk.records import Identifier
from hub.store.blocks import run_rows
from hub.store.database import (
    DEDUPE_AGAIN_SQL,
    DEDUPE_SQL,
    Entry,
    Row,
    dedupe_rows,
    link_text,
)


def identifiers_of(entries: Sequence[Entry]) -> list[Identifier]:
    found: dict[Identifier, None] = {}
    for entry in entries:
        if entry.subject is not None:
            found[entry.subject] = None
        for link in entry.links:
            found[link.to] = None
    return list(found)


def insert(
    connection: sqlite3.Connection,
    entries: Sequence[Entry],
    seqs: Sequence[int],
    ids: Mapping[Identifier, int],
    newest: Mapping[bytes, tuple[int, int]],
) -> list[Row]:
    rows = [
        (
            seq,
            e.kind,
            e.name,
            None if e.subject is None else ids[e.subject],
            link_text(e.links, ids),
            e.at,
            e.received_at,
            e.source_id,
            e.body,
        )
        for seq, e in zip(seqs, entries, strict=True)
    ]
    run_rows(
        connection,
        "INSERT INTO log (seq, kind, name, node_id, links, at, received_at, source_id, body) "
        "VALUES (?,?,?,?,?,?,?,?,?)",
        rows,
    )
    fresh, again = dedupe_rows(entries, seqs, newest)
    run_rows(connection, DEDUPE_SQL, fresh)
    run_rows(connection, DEDUPE_AGAIN_SQL, again)
    return rows


def newest_sightings(
    connection: sqlite3.Connection, entries: Sequence[Entry]
) -> dict[bytes, tuple[int, int]]:
    """For each thing that is sighted: seq and time of the sighting in force."""
    things = list({entry.thing for entry in entries if entry.thing is not None})
    found: dict[bytes, tuple[int, int]] = {}
    for start in range(0, len(things), 500):
        part = things[start : start + 500]
        marks = ",".join("?" * len(part))
        sql = (
            "SELECT d.key, d.seq, l.at FROM dedupe d JOIN log l ON l.seq = d.seq "  # noqa: S608
            f"WHERE d.key IN ({marks})"
        )
        found.update((key, (seq, at)) for key, seq, at in connection.execute(sql, part))
    return found

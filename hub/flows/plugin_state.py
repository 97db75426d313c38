"""What plugins remember, in rows of the hub: of a person under her node, else under the plugin."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from hub.core import Hub
from hub.sdk.connector import Connector
from hub.sdk.errors import HubError
from hub.sdk.records import Identifier
from hub.sdk.state import MAX_BYTES, StateKey, check_key

# Kept by the hub in a connection's name.
OWN_KEYS = (StateKey("cursor:*", "How far each stream was read"),)


def state_keys(connector: Connector) -> tuple[StateKey, ...]:
    """The keys under which a connection may remember something."""
    return (*OWN_KEYS, *getattr(connector, "state_keys", ()))


class StoredState:
    """A connector's memory, in rows of the hub. `keys`: those that it declared."""

    def __init__(self, hub: Hub, owner: str, keys: Sequence[StateKey]) -> None:
        self._hub = hub
        self._owner = owner
        self._keys = keys

    async def get(self, key: str, person: Identifier | None = None) -> Any | None:
        if person is None:
            rows = await self._hub.database.fetch(
                "SELECT value FROM plugin_state WHERE plugin = ? AND key = ?", (self._owner, key)
            )
        else:
            rows = await self._hub.database.fetch(
                "SELECT s.value FROM plugin_person_state s JOIN node n ON n.id = s.node_id "
                "WHERE s.plugin = ? AND s.key = ? "
                "AND n.namespace = ? AND n.type = ? AND n.value = ?",
                (self._owner, key, person.namespace, person.type, person.value),
            )
        if not rows:
            return None
        value = rows[0][0]
        # SQLite keeps a bare number in a JSON column as the number itself.
        return orjson.loads(value) if isinstance(value, str) else value

    async def put(self, key: str, value: Any, person: Identifier | None = None) -> None:
        check_key(self._keys, key, person)
        text = orjson.dumps(value).decode()
        if len(text.encode()) > MAX_BYTES:
            raise HubError(f"state '{key}': larger than {MAX_BYTES} bytes")
        if person is None:
            await self._hub.database.write([(
                "INSERT INTO plugin_state (plugin, key, value) VALUES (?,?,?) "
                "ON CONFLICT (plugin, key) DO UPDATE SET value = excluded.value",
                [(self._owner, key, text)],
            )])  # fmt: skip
            return
        async with self._hub.database.transaction() as transaction:
            # In one transaction with the look: an erasure in between leaves nothing behind.
            rows = await transaction.fetch(
                "SELECT id FROM node WHERE namespace = ? AND type = ? AND value = ?",
                (person.namespace, person.type, person.value),
            )
            if not rows or person in self._hub.suppressed:
                raise HubError(f"state '{key}': the hub knows nobody by this {person.type}")
            await transaction.execute(
                "INSERT INTO plugin_person_state (plugin, key, node_id, value) VALUES (?,?,?,?) "
                "ON CONFLICT (plugin, key, node_id) DO UPDATE SET value = excluded.value",
                (self._owner, key, rows[0][0], text),
            )

    async def delete(self, key: str, person: Identifier | None = None) -> None:
        if person is None:
            sql = "DELETE FROM plugin_state WHERE plugin = ? AND key = ?"
            await self._hub.database.write([(sql, [(self._owner, key)])])
            return
        sql = (
            "DELETE FROM plugin_person_state WHERE plugin = ? AND key = ? AND node_id IN "
            "(SELECT id FROM node WHERE namespace = ? AND type = ? AND value = ?)"
        )
        row = (self._owner, key, person.namespace, person.type, person.value)
        await self._hub.database.write([(sql, [row])])

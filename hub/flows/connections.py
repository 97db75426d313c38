"""Connections to the shop's own systems: tested before they are saved, secrets sealed."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

import orjson

from hub.core import Hub
from hub.flows.sources import create_source
from hub.sdk.client import HttpClient
from hub.sdk.connector import CheckResult, Connector, Context, form_errors
from hub.sdk.errors import HubError
from hub.sdk.guard import Guard
from hub.sdk.secret import SecretText
from hub.store.models import Connection

MAX_STATE_BYTES = 64 * 1024


class UnknownConnector(HubError):
    """No loaded plugin offers this connector."""


class InvalidForm(HubError):
    """Fields of the set-up form are missing or wrong; `errors` names each."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{field}: {text}" for field, text in errors.items()))
        self.errors = dict(errors)


class StoredState:
    """A connector's memory, in rows of the hub."""

    def __init__(self, hub: Hub, owner: str) -> None:
        self._hub = hub
        self._owner = owner

    async def get(self, key: str) -> Any | None:
        rows = await self._hub.database.fetch(
            "SELECT value FROM plugin_state WHERE plugin = ? AND key = ?", (self._owner, key)
        )
        return orjson.loads(rows[0][0]) if rows else None

    async def put(self, key: str, value: Any) -> None:
        text = orjson.dumps(value).decode()
        if len(text) > MAX_STATE_BYTES:
            raise ValueError(f"state {key}: larger than {MAX_STATE_BYTES} bytes")
        await self._hub.database.write([(
            "INSERT INTO plugin_state (plugin, key, value) VALUES (?,?,?) "
            "ON CONFLICT (plugin, key) DO UPDATE SET value = excluded.value",
            [(self._owner, key, text)],
        )])  # fmt: skip

    async def delete(self, key: str) -> None:
        sql = "DELETE FROM plugin_state WHERE plugin = ? AND key = ?"
        await self._hub.database.write([(sql, [(self._owner, key)])])


def connector_named(hub: Hub, name: str) -> Connector:
    """Raises UnknownConnector."""
    found = hub.plugins.connectors.get(name)
    if found is None:
        known = ", ".join(sorted(hub.plugins.connectors)) or "none"
        raise UnknownConnector(f"no connector is named '{name}'; loaded are: {known}")
    connector: Connector = found
    return connector


async def check_connection(
    hub: Hub, connector_name: str, config: Mapping[str, str], secret: Mapping[str, str]
) -> CheckResult:
    """Try the settings against the real system. Raises InvalidForm or UnknownConnector."""
    connector = connector_named(hub, connector_name)
    errors = form_errors(connector.fields, {**config, **secret})
    if errors:
        raise InvalidForm(errors)
    client = _client(hub)
    try:
        return await connector.check(
            Context(config, _hidden(secret), client, StoredState(hub, "check"), hub.clock, "check")
        )
    finally:
        await client.aclose()


async def save_connection(
    hub: Hub,
    connector_name: str,
    *,
    name: str,
    shop: str,
    config: Mapping[str, str],
    secret: Mapping[str, str],
) -> int:
    """Test, then store; answer the connection's id. Raises HubError with the check's words."""
    result = await check_connection(hub, connector_name, config, secret)
    if not result.ok:
        raise HubError(result.message)
    source = await create_source(hub, name=name, kind="connector", shop=shop)
    sealed = {**secret, "webhook_secret": secrets.token_urlsafe(32)}
    connection = await Connection.create(
        connector=connector_name,
        name=name,
        source_id=source.id,
        config={**config, **result.learned},
        secret=hub.vault.seal(f"source {source.id}", sealed),
        progress={},
    )
    return connection.id


async def open_context(hub: Hub, connection: Connection) -> Context:
    """What the connector is given for one run. Close `client` afterwards."""
    shop = hub.sources[connection.source_id].shop
    config = connection.config if isinstance(connection.config, dict) else {}
    return Context(
        config,
        _hidden(secrets_of(hub, connection)),
        _client(hub),
        StoredState(hub, f"connection {connection.id}"),
        hub.clock,
        shop,
    )


def secrets_of(hub: Hub, connection: Connection) -> dict[str, str]:
    """The connection's secrets in the clear. Raises WrongKey."""
    return hub.vault.open(f"source {connection.source_id}", connection.secret)


def webhook_url(hub: Hub, connection_id: int) -> str:
    """Where the shop is told to send its webhooks."""
    return f"{hub.settings.origin}/hooks/{connection_id}"


def _hidden(secret: Mapping[str, str]) -> dict[str, SecretText]:
    return {key: SecretText(value) for key, value in secret.items()}


def _client(hub: Hub) -> HttpClient:
    return HttpClient(hub.clock, guard=Guard(frozenset(hub.settings.private_hosts)))

"""Connections to the shop's own systems: tested before they are saved, secrets sealed."""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from hub.core import Hub
from hub.flows.plugin_run import Terms, hired, plugin_of
from hub.flows.sources import create_source
from hub.sdk.connector import CheckResult, Connector, form_errors
from hub.sdk.errors import HubError
from hub.store.models import Connection

WEBHOOK_SECRET = "webhook_secret"  # noqa: S105  (its name)


class InvalidForm(HubError):
    """Fields of the set-up form are missing or wrong; `errors` names each."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{field}: {text}" for field, text in errors.items()))
        self.errors = dict(errors)


def connector_named(hub: Hub, name: str) -> Connector:
    """What the connector declares; it runs elsewhere. Raises UnknownConnector."""
    plugin_of(hub, name)
    connector: Connector = hub.plugins.connectors[name]
    return connector


async def check_connection(
    hub: Hub, connector_name: str, config: Mapping[str, str], secret: Mapping[str, str]
) -> CheckResult:
    """Try the settings against the real system. Raises InvalidForm or UnknownConnector."""
    connector = connector_named(hub, connector_name)
    errors = form_errors(connector.fields, {**config, **secret})
    if errors:
        raise InvalidForm(errors)
    terms = Terms(connector_name, config, secret, "check", f"check {connector_name}")
    async with hired(hub, terms) as remote:
        return await remote.check()


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
    sealed = {**secret, WEBHOOK_SECRET: _webhook_secret(hub, connector_name, secret)}
    connection = await Connection.create(
        connector=connector_name,
        name=name,
        source_id=source.id,
        config={**config, **result.learned},
        secret=hub.vault.seal(f"source {source.id}", sealed),
        progress={},
    )
    return connection.id


def own_secret(connector: Connector) -> bool:
    """Whether the vendor makes the secret of its webhooks itself: the form asks for it."""
    return any(f.key == WEBHOOK_SECRET and f.kind == "secret" for f in connector.fields)


def _webhook_secret(hub: Hub, connector_name: str, secret: Mapping[str, str]) -> str:
    given = secret.get(WEBHOOK_SECRET, "").strip()
    asked = own_secret(connector_named(hub, connector_name))
    # Left empty it is one that nobody knows: with none, a careless connector might accept all.
    return given if given and asked else secrets.token_urlsafe(32)


def webhook_url(hub: Hub, connection_id: int) -> str:
    """Where the shop is told to send its webhooks."""
    return f"{hub.settings.origin}/hooks/{connection_id}"

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


def webhook_url(hub: Hub, connection_id: int) -> str:
    """Where the shop is told to send its webhooks."""
    return f"{hub.settings.origin}/hooks/{connection_id}"

"""HubSpot: contacts as customers and, where wished, deals as orders; webhooks, changes, erasure."""

from __future__ import annotations

from collections.abc import Sequence

from hub.sdk.connector import Connector
from hub.sdk.hookspecs import hookimpl
from hub_hubspot.connector import Hubspot

requires_sdk = ">=1.0,<2"


@hookimpl
def register_connectors() -> Sequence[Connector]:
    """The HubSpot connector."""
    return [Hubspot()]

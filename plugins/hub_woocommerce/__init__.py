"""WooCommerce: customers, products, variations, orders, refunds and webhooks."""

from __future__ import annotations

from collections.abc import Sequence

from hub.sdk.connector import Connector
from hub.sdk.hookspecs import hookimpl
from hub_woocommerce.connector import WooCommerce

requires_sdk = ">=1.0,<2"


@hookimpl
def register_connectors() -> Sequence[Connector]:
    """The WooCommerce connector."""
    return [WooCommerce()]

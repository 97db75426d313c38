"""WooCommerce in small steps: takes the place of the bundled plugin of the same name."""

from __future__ import annotations

from collections.abc import Sequence

from hub_woocommerce.connector import WooCommerce

from hub.sdk.connector import Connector
from hub.sdk.hookspecs import hookimpl

requires_sdk = ">=1.0,<2"


@hookimpl
def register_connectors() -> Sequence[Connector]:
    return [WooCommerce(page_size=3)]

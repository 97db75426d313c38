"""WooCommerce withstands what every connector must."""

from hub.sdk.testing import ConnectorContract


class TestWooCommerce(ConnectorContract):
    pass

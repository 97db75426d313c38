"""Hubspot withstands what every connector must."""

from hub.sdk.testing import ConnectorContract


class TestHubspot(ConnectorContract):
    pass

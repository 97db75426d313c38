"""A plugin that fails while it declares."""

from hub.sdk.hookspecs import hookimpl

requires_sdk = ">=1.0,<2"


@hookimpl
def register_connectors():
    raise KeyError("connectors")

"""Every hook of the hub, on one page.

`register_*` hooks are called once, at start, and return declarations; what these do lives in the
declared objects. No hook is called while an event waits to be acknowledged.
"""

from __future__ import annotations

from collections.abc import Sequence

import pluggy

from hub.sdk.channel import Channel
from hub.sdk.conditions import Condition
from hub.sdk.connector import Connector
from hub.sdk.widgets import WidgetType

hookspec = pluggy.HookspecMarker("hub")
hookimpl = pluggy.HookimplMarker("hub")


@hookspec
def register_connectors() -> Sequence[Connector]:
    """Systems to read customers, products and orders from. Used by `hub_woocommerce`."""
    return ()


@hookspec
def register_channels() -> Sequence[Channel]:
    """Ways to reach a person. Used by `hub_email`."""
    return ()


@hookspec
def register_widgets() -> Sequence[WidgetType]:
    """Things to show on a page. Used by `hub_widgets`."""
    return ()


@hookspec
def register_conditions() -> Sequence[type[Condition]]:
    """Conditions beyond the built-in ones."""
    return ()

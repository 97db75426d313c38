"""Every hook of the hub, on one page.

`register_*` hooks are called once, at start, and return declarations; what these do lives in the
declared objects. No hook is called while an event waits to be acknowledged. A plugin that still
uses a deprecated hook works, and the health page names it together with the replacement.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pluggy

from hub.sdk.channel import Channel
from hub.sdk.conditions import Condition
from hub.sdk.connector import Connector
from hub.sdk.recommender import Recommender
from hub.sdk.widgets import WidgetType

hookspec = pluggy.HookspecMarker("hub")
hookimpl = pluggy.HookimplMarker("hub")

# An old name of a hook -> the present one. Kept until the first number of the SDK's version grows.
RENAMED: Final = {"register_widget_types": "register_widgets"}


def _renamed(old: str) -> DeprecationWarning:
    return DeprecationWarning(f"{old} is deprecated: rename it to {RENAMED[old]}")


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
    """Rules beyond and, or, not, traits and behaviour. Used by `hub_visit`."""
    return ()


@hookspec
def register_recommenders() -> Sequence[Recommender]:
    """Ways to choose products for a page. Used by `hub_recommend`."""
    return ()


@hookspec(warn_on_impl=_renamed("register_widget_types"))
def register_widget_types() -> Sequence[WidgetType]:
    """Deprecated: the former name of `register_widgets`, which returns the same."""
    return ()

"""The bundled widgets: banner, pop-up with e-mail capture, product recommendations."""

from __future__ import annotations

from collections.abc import Sequence

from hub.sdk.hookspecs import hookimpl
from hub.sdk.widgets import WidgetType
from hub_widgets.types import BANNER, POPUP, RECOMMENDATIONS

requires_sdk = ">=1.0,<2"


@hookimpl
def register_widgets() -> Sequence[WidgetType]:
    """The three widgets that the snippet can draw."""
    return (BANNER, POPUP, RECOMMENDATIONS)

"""Every hook of Regulars, on one page."""

from __future__ import annotations

from collections.abc import Sequence

import pluggy

from hub.sdk.connector import Connector

hookspec = pluggy.HookspecMarker("hub")
hookimpl = pluggy.HookimplMarker("hub")


@hookspec
def register_connectors() -> Sequence[Connector]:  # type: ignore[empty-body]
    """Shops, CRMs and other systems that records are read from."""

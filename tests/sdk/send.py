"""Drives one published Python library: send.py LIBRARY HOST KEY."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

AT = datetime(2026, 11, 23, 11, 59, tzinfo=UTC)


def main(library: str, host: str, key: str) -> None:
    """One call of each kind, sent before the process ends."""
    sdk: Any = import_module(f"{library}.analytics")
    sdk.write_key = key
    sdk.gzip = True
    setattr(sdk, "host" if library == "segment" else "dataPlaneUrl", host)
    who = {"user_id": "u1", "anonymous_id": "a1", "timestamp": AT}
    sdk.identify(**who, traits={"plan": "gold"})
    sdk.track(**who, event="Order Completed", properties={"order_id": "o1", "total": 12.5})
    sdk.page(**who, name="Home")
    sdk.screen(**who, name="Start")
    sdk.group(**who, group_id="g1")
    sdk.alias(previous_id="a1", user_id="u1", timestamp=AT)
    sdk.shutdown()


if __name__ == "__main__":
    main(*sys.argv[1:])

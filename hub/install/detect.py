"""What the machine tells by itself, so that nobody need be asked."""

from __future__ import annotations

import os
import shutil
import socket
import stat
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path
from zoneinfo import available_timezones

from babel.core import get_global
from babel.numbers import get_territory_currencies

FIRST_PORT = 8700
LAST_PORT = 8799
SPOKEN = ("en", "nl")


def time_zone(root: Path = Path("/")) -> str:
    """The machine's time zone; UTC when it does not say."""
    file = root / "etc/timezone"
    link = root / "etc/localtime"
    named = [os.environ.get("TZ", "").removeprefix(":")]
    if file.is_file():
        named.append(file.read_text().strip())
    if link.is_symlink():
        named.append(str(link.readlink()).partition("zoneinfo/")[2])
    known = available_timezones()
    return next((zone for zone in named if zone in known), "UTC")


def currency_of(zone: str) -> str:
    """What people pay with there; EUR where a zone is no country."""
    territory = get_global("zone_territories").get(zone, "")
    found = get_territory_currencies(territory) if territory and len(territory) == 2 else []
    return str(found[0]) if found else "EUR"


def language() -> str:
    """The machine's language, where the hub speaks it."""
    wish = (os.environ.get("LC_ALL") or os.environ.get("LANG") or "")[:2].lower()
    return wish if wish in SPOKEN else "en"


def installed(program: str) -> bool:
    """Whether a program can be run, also by an account without /usr/sbin in its path."""
    path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin", "/sbin"])
    return shutil.which(program, path=path) is not None


def running(program: str, proc: Path = Path("/proc")) -> bool:
    """Whether a program of this name runs here."""
    for name in proc.glob("[0-9]*/comm"):
        try:
            if name.read_text().strip() == program:
                return True
        except OSError:  # it ended while we looked
            continue
    return False


def systemd_runs() -> bool:
    """Whether systemd looks after this machine."""
    return Path("/run/systemd/system").is_dir()


def has_ipv6() -> bool:
    """Whether anything can listen on an IPv6 address here."""
    return Path("/proc/net/if_inet6").exists()


def free_port(folders: Path, own: Path, wanted: int = FIRST_PORT) -> int:
    """The first port from `wanted` that no other hub was given and nobody listens on."""
    given = {_port_of(file) for file in folders.glob("*/hub.toml") if file.parent != own}
    for port in range(wanted, LAST_PORT + 1):
        if port not in given and _is_free(port):
            return port
    raise OSError(f"every port from {wanted} to {LAST_PORT} is taken: name another with --port")


def _port_of(file: Path) -> int:
    try:
        return int(tomllib.loads(file.read_text()).get("port", FIRST_PORT))
    except (OSError, ValueError):
        return 0


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def own_program() -> Path:
    """Where the `hub` command of this installation lies."""
    return Path(sys.executable).absolute().parent / "hub"


def own_files() -> list[Path]:
    """One file of each place that this installation is read from: program, Python, libraries."""
    import hub

    found = [
        sys.executable,
        os.__file__,
        stat.__file__,
        hub.__file__,
        get_global.__code__.co_filename,
    ]
    return [own_program(), *(Path(str(file)) for file in found)]


def closed_folder(files: Iterable[Path]) -> Path | None:
    """The folder that keeps other accounts away from a file, such as /root; None: all may go."""
    for file in files:
        for folder in (*reversed(file.parents), *reversed(file.resolve().parents)):
            if not folder.stat().st_mode & stat.S_IXOTH:
                return folder
    return None

"""Limits of a runner, set from inside before any code of the plugin is loaded.

Plugins are code that the operator installs: this isolates faults, not malice. It takes away what
is cheap to take away: memory without end, files of the hub, other processes' environments.
"""

from __future__ import annotations

import ctypes
import os
import resource
import struct
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

MB = 1024 * 1024
NICE = 5  # the pages of the shop come first
_PDEATHSIG, _SUBREAPER, _NO_NEW_PRIVILEGES = 1, 36, 38
_CREATE, _ADD, _RESTRICT = 444, 445, 446  # Landlock's system calls, the same on every machine
_BENEATH = 1
_READ = 0b1101  # execute, read a file, list a folder
_WRITE = 0b1_1111_1111_0010  # write, remove, make
_MOVE, _TRUNCATE = 1 << 13, 1 << 14
_SCOPES = 0b11  # no signal and no abstract socket to processes outside
_READ_FILE = 0b0101
_WRITABLE = ("/dev/null",)


def libc() -> ctypes.CDLL:
    """The C library, with its error numbers."""
    return ctypes.CDLL(None, use_errno=True)


def confine(memory_mb: int, hidden: Iterable[str]) -> None:
    """Limit memory, files and what can be seen. What this system does not offer is left out."""
    # macOS takes the limit of memory and does not enforce it: there only deadlines hold.
    for limit in (resource.RLIMIT_AS, resource.RLIMIT_DATA):
        _limit(limit, memory_mb * MB)
    _limit(resource.RLIMIT_CORE, 0)  # a core file would hold the secret
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_NOFILE, 256)
    os.nice(NICE)
    if sys.platform == "linux":
        libc().prctl(_PDEATHSIG, 9, 0, 0, 0)
        hide_files(["/proc", *hidden])


def adopt_orphans() -> None:
    """What a runner leaves behind becomes a child of this process, to be ended with it."""
    if sys.platform == "linux":
        libc().prctl(_SUBREAPER, 1, 0, 0, 0)


def hide_files(hidden: Iterable[str]) -> bool:
    """Make `hidden` unreadable and everything unwritable for this process and all that it
    starts, for good. False where the kernel has no Landlock."""
    c = libc()
    version = c.syscall(_CREATE, None, ctypes.c_size_t(0), 1)
    handled = _READ | _WRITE | (_MOVE if version > 1 else 0) | (_TRUNCATE if version > 2 else 0)
    rules = struct.pack("=QQQ", handled, 0, _SCOPES) if version > 5 else struct.pack("=Q", handled)
    ruleset = c.syscall(_CREATE, rules, ctypes.c_size_t(len(rules)), 0)
    if ruleset < 0:
        return False
    try:
        for place in visible(Path(each) for each in hidden):
            _allow(c, ruleset, place, _READ if place.is_dir() else _READ_FILE)
        for name in _WRITABLE:
            _allow(c, ruleset, Path(name), 0b0010)
        c.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
        done: int = c.syscall(_RESTRICT, ruleset, 0)
        return done == 0
    finally:
        os.close(ruleset)


def visible(hidden: Iterable[Path]) -> Iterator[Path]:
    """The largest folders and files that hold nothing hidden: there is no rule "all but"."""
    closed = {Path(os.path.realpath(path)) for path in hidden}
    open_up = {parent for path in closed for parent in path.parents}
    waiting = [Path("/")]
    while waiting:
        folder = waiting.pop()
        try:
            inside = list(folder.iterdir())
        except OSError:
            continue
        for path in inside:
            if path in closed or path.is_symlink():  # a link is judged where it leads
                continue
            if path in open_up:
                waiting.append(path)
            else:
                yield path


def _allow(c: ctypes.CDLL, ruleset: int, place: Path, rights: int) -> None:
    try:
        handle = os.open(place, getattr(os, "O_PATH", 0) | os.O_CLOEXEC)
    except OSError:
        return
    try:
        c.syscall(_ADD, ruleset, _BENEATH, struct.pack("=Qi", rights, handle), 0)
    finally:
        os.close(handle)


def _limit(which: int, value: int) -> None:
    try:
        _, most = resource.getrlimit(which)
        if most != resource.RLIM_INFINITY:
            value = min(value, most)
        resource.setrlimit(which, (value, most if which == resource.RLIMIT_NOFILE else value))
    except (OSError, ValueError):  # not offered here
        return

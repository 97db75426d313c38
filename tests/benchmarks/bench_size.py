"""Targets 14, 15, 17: what a hub weighs: memory, time to the first page, room on the disk.

`quick` fills few people and leaves the installation out.
"""

from __future__ import annotations

import os
import subprocess
import sysconfig
import tempfile
import time
import urllib.error
import urllib.request
import venv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from hub.demo.run import PORTS as DEMO_PORTS
from tests.benchmarks.filled import fill
from tests.benchmarks.servers import Server, running
from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
WARM_REQUESTS = 200


def run(quick: bool) -> list[dict[str, Any]]:
    """Each figure beside its control: a bare Starlette process, or an environment with only it."""
    people = 2_000 if quick else 1_000_000
    with tempfile.TemporaryDirectory(prefix="hub-size-") as name:
        folder = Path(name)
        with running("tests.benchmarks.bare") as control:
            bare = control.memory_mb()
        idle = _memory(folder / "idle")
        fill(folder / "full", people=people)
        full = _memory(folder / "full")
        starts = [_first_page(folder / f"demo{i}") for i in range(1 if quick else 3)]
        installed = [] if quick else _installed(folder)
    label = f"14 memory at {people:,} people"
    return [
        _row("14 memory, idle", idle, "MB", f"bare {bare:.0f} MB", 150),
        _row(label, full, "MB", f"bare {bare:.0f} MB", 600),
        _row("15 hub demo, to the first page", median(starts), "s", "", 5),
        *installed,
    ]


def _row(name: str, value: float, unit: str, control: str, target: float) -> dict[str, Any]:
    return {"name": name, "value": value, "unit": unit, "control": control,
            "target": f"<= {target:g}", "met": value <= target}  # fmt: skip


def _memory(data: Path) -> float:
    """Of all processes of a `hub serve` that was asked a few things: the sum, in MB."""
    with _served(["serve", "--data", str(data)], "/health") as (server, _):
        for _ in range(WARM_REQUESTS):
            urllib.request.urlopen(f"http://127.0.0.1:{server.port}/health").read()
        return server.memory_mb() + sum(_child_memory(server.pid))


def _child_memory(pid: int) -> Iterator[float]:
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        yield Server(0, int(child), {}).memory_mb()
        yield from _child_memory(int(child))


def _first_page(data: Path) -> float:
    with _served(["demo", "--data", str(data)], "/admin/login") as (_, seconds):
        return seconds


@contextmanager
def _served(command: Sequence[str], path: str) -> Iterator[tuple[Server, float]]:
    """A command of the hub, up: the server, and seconds from its start to a page."""
    port = free_port(DEMO_PORTS)
    hub = Path(sysconfig.get_path("scripts")) / "hub"
    start = time.perf_counter()
    process = subprocess.Popen(
        [str(hub), *command, "--port", str(port)], stdout=subprocess.DEVNULL, cwd=ROOT
    )
    try:
        _wait_for(f"http://127.0.0.1:{port}{path}", process)
        yield Server(port, process.pid, {}), time.perf_counter() - start
    finally:
        process.terminate()
        process.wait(30)


def _wait_for(url: str, process: subprocess.Popen[bytes], patience: float = 600) -> None:
    end = time.perf_counter() + patience
    while time.perf_counter() < end:
        if process.poll() is not None:
            raise RuntimeError(f"the hub left with {process.returncode}")
        try:
            urllib.request.urlopen(url).read()
            return
        except urllib.error.HTTPError:
            return  # an answer, though not a friendly one
        except OSError:
            time.sleep(0.02)
    raise TimeoutError(url)


def _installed(folder: Path) -> list[dict[str, Any]]:
    """The hub in an empty environment, beside Starlette alone."""
    base, quickest = _install(folder / "alone", "starlette")
    size, seconds = _install(folder / "whole", str(ROOT))
    return [
        _row("17 installed size", size, "MB", f"starlette alone {base:.0f} MB", 450),
        _row("17 install time, warm cache", seconds, "s", f"starlette alone {quickest:.0f} s", 90),
    ]


def _install(place: Path, what: str) -> tuple[float, float]:
    venv.create(place, with_pip=True)
    before = _megabytes(place)
    start = time.perf_counter()
    subprocess.run(
        [place / "bin" / "pip", "install", "-q", "--disable-pip-version-check", what], check=True
    )
    return _megabytes(place) - before, time.perf_counter() - start


def _megabytes(folder: Path) -> float:
    total = sum(
        entry.stat(follow_symlinks=False).st_size
        for root, _, files in os.walk(folder)
        for entry in map(Path(root).joinpath, files)
    )
    return total / 1e6

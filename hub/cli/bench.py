"""`hub bench NAME`: run a benchmark of the source checkout and print its table."""

from __future__ import annotations

import importlib.util
import inspect
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click
import orjson
from rich.console import Console
from rich.table import Table

FOLDER = Path(__file__).resolve().parents[2] / "tests" / "benchmarks"


def run_bench(name: str, more: Sequence[str] = (), *, quick: bool, as_json: bool) -> None:
    """Each benchmark is a module with `run(quick) -> list of {name, value, unit, control, target,
    met}`; its other parameters, which have defaults, are options of the command."""
    known = sorted(f.stem.removeprefix("bench_") for f in FOLDER.glob("bench_*.py"))
    if not known:
        raise click.ClickException("benchmarks come with a source checkout, not with the package")
    if name not in known:
        raise click.ClickException(f"no benchmark '{name}': there are {', '.join(known)}")
    sys.path.insert(0, str(FOLDER.parents[1]))
    spec = importlib.util.spec_from_file_location(f"bench_{name}", FOLDER / f"bench_{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    options = _options(name, module.run, more)
    try:
        rows: list[dict[str, Any]] = module.run(quick, **options)
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(orjson.dumps(rows, option=orjson.OPT_INDENT_2).decode())
    else:
        Console().print(_table(name, rows))


def _options(name: str, run: Callable[..., Any], more: Sequence[str]) -> dict[str, Any]:
    known = {p.name: p.default for p in list(inspect.signature(run).parameters.values())[1:]}
    found: dict[str, Any] = {}
    for option, value in zip(more[::2], [*more[1::2], ""], strict=False):
        key = option.removeprefix("--")
        if not option.startswith("--") or key not in known:
            has = ", ".join(f"--{key}" for key in known) or "none of its own"
            raise click.ClickException(f"{name} has no option '{option}': there are {has}")
        if isinstance(known[key], int) and not value.isdigit():
            raise click.ClickException(f"{option}: '{value}' is not a number")
        found[key] = int(value) if isinstance(known[key], int) else value
    return found


def _table(name: str, rows: list[dict[str, Any]]) -> Table:
    table = Table(title=f"hub bench {name}")
    for heading in ("figure", "value", "unit", "control", "target", "met"):
        table.add_column(heading, justify="left" if heading == "figure" else "right")
    for row in rows:
        met = {True: "yes", False: "NO", None: ""}[row["met"]]
        value = f"{row['value']:.3g}" if isinstance(row["value"], float) else str(row["value"])
        table.add_row(row["name"], value, row["unit"], str(row["control"]), str(row["target"]), met)
    return table

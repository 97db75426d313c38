"""`hub dev check-plugin`: run a plugin's tests, and say in words which rules it keeps."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import click

from hub.scaffold.load import NoPlugin, plugin_folder
from hub.sdk.quality import Entry, InvalidSheet, read_sheet, rules_of, sheet_faults

HEADINGS = {
    "done": "Shown by its tests",
    "exempt": "Need not be kept",
    "todo": "To be done",
    "": "Missing in quality.toml: say done, todo or exempt",
}


@click.command("check-plugin")
@click.argument("folder", type=click.Path(path_type=Path))
def check_plugin(folder: Path) -> None:
    """Run the tests of a plugin's folder, and list its rules.

    It fails when a test fails, or when quality.toml claims what no test showed.
    """
    try:
        found = plugin_folder(folder)
        status = run_tests(found)
        lines = rule_lines(found)
    except (NoPlugin, InvalidSheet) as error:
        raise click.ClickException(str(error)) from None
    click.echo("\n".join(lines))
    faults = sheet_faults(found)
    for fault in faults:
        click.echo(f"quality.toml: {fault}", err=True)
    if status or faults:
        raise click.ClickException("the plugin does not keep what it promises: see above")


def run_tests(folder: Path) -> int:
    """Pytest's status over the folder's tests, with the sheet held against them."""
    if importlib.util.find_spec("pytest") is None:
        raise NoPlugin("the tests need pytest: pip install 'regulars[test]'")
    command = [
        sys.executable, "-m", "pytest", str(folder), "-q", "--rootdir", str(folder),
        "--import-mode=importlib", "-o", "asyncio_mode=auto", "-p", "hub.sdk.testing.evidence",
        "-p", "no:cacheprovider",
    ]  # fmt: skip
    path = os.pathsep.join(filter(None, (str(folder.parent), os.environ.get("PYTHONPATH", ""))))
    return subprocess.run(  # noqa: S603
        command, check=False, env={**os.environ, "PYTHONPATH": path}
    ).returncode


def rule_lines(folder: Path) -> list[str]:
    """Every rule of the plugin's kinds in words, those to be done last."""
    sheet = read_sheet(folder)
    lines = []
    rules = {name: rule.says for name, rule in rules_of(sheet.kinds).items()}
    own = {name: entry.says for name, entry in sheet.own.items()}
    entries = {**sheet.rules, **sheet.own}
    for state, heading in HEADINGS.items():
        chosen = [
            (says, entries.get(name))
            for name, says in {**rules, **own}.items()
            if _state(entries.get(name)) == state
        ]
        if chosen:
            lines.append(f"\n{heading} ({len(chosen)}):")
            lines += [f"  - {says}{_because(entry)}" for says, entry in chosen]
    return lines


def _state(entry: Entry | None) -> str:
    return entry.state if entry is not None else ""


def _because(entry: Entry | None) -> str:
    if entry is not None and entry.needs:
        return f" (where there is {entry.needs})"
    return f" ({entry.reason})" if entry is not None and entry.reason else ""

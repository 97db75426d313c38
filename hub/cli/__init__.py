"""The command line: `hub`, also called `regulars`."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from hub import __version__
from hub.settings import SettingsError
from hub.store.lockfile import DataFolderInUse
from hub.store.migrations import DatabaseTooNew, ForeignTable
from hub.store.reach import DatabaseUnreachable


def _as_its_owner(_: click.Context, __: click.Parameter, folder: Path | None) -> Path | None:
    """As root, become the account that owns the data folder.

    A file that root leaves in it could not be opened by the hub afterwards.
    """
    place = folder or Path(os.environ.get("HUB_DATA_DIR", "data"))
    if os.geteuid() == 0 and place.is_dir() and place.stat().st_uid != 0:
        from hub.install.detect import closed_folder, own_files

        closed = closed_folder(own_files())
        if closed:
            raise click.ClickException(
                f"{place} belongs to another account, which can not use this installation below "
                f"{closed}: install it in /opt, or run this as that account"
            )
        owner = place.stat()
        os.setgroups([])
        os.setgid(owner.st_gid)
        os.setuid(owner.st_uid)
    return folder


DATA_OPTION = click.option(
    "--data",
    "data",
    type=click.Path(path_type=Path),
    default=None,
    callback=_as_its_owner,
    help="The data folder (else $HUB_DATA_DIR, else ./data).",
)


# Commands that live in a module of their own, loaded when they are asked for: group -> name ->
# "module:command". `hub --help` and `hub serve` stay quick however many there are.
ELSEWHERE: dict[str, dict[str, str]] = {
    "cli": {
        "backup": "hub.cli.backup:backup_command",
        "dead-letters": "hub.cli.dead_letters:dead_letters",
        "export": "hub.cli.export:export_command",
        "field-rules": "hub.cli.field_rules:field_rules",
        "lake": "hub.cli.lake:lake",
        "person": "hub.cli.person:person",
        "retention": "hub.cli.retention:retention_command",
        "audit": "hub.cli.audit:audit",
        "datamap": "hub.cli.datamap:datamap_command",
        "restore": "hub.cli.restore:restore_command",
        "upgrade": "hub.cli.upgrade:upgrade_command",
        "schema": "hub.cli.schema:schema_command",
        "setup": "hub.cli.setup:setup_command",
        "tracking-plan": "hub.cli.tracking_plan:tracking_plan",
        "doctor": "hub.cli.doctor:doctor_command",
        "plugins": "hub.cli.plugins:plugins_command",
        "new-plugin": "hub.cli.new_plugin:new_plugin",
        "migrate-from": "hub.cli.migrate_from:migrate_from_command",
    },
    "person": {
        "merges": "hub.cli.person_merges:merges_command",
        "unmerge": "hub.cli.person_merges:unmerge_command",
        "release": "hub.cli.person_merges:release_command",
    },
    "import": {"orders": "hub.cli.import_:import_orders_command"},
    "dev": {
        "check-plugin": "hub.cli.check_plugin:check_plugin",
        "migration": "hub.cli.migration:migration_command",
        "plugin": "hub.cli.dev_plugin:dev_plugin",
        "proxy": "hub.cli.proxy:proxy_command",
        "deploy-files": "hub.cli.deploy_files:deploy_files_command",
    },
}


class LazyGroup(click.Group):
    """A group that also offers the commands of ELSEWHERE."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *ELSEWHERE.get(self.name or "", {})})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        place = ELSEWHERE.get(self.name or "", {}).get(cmd_name)
        if place is None:
            return super().get_command(ctx, cmd_name)
        module, _, attribute = place.partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="regulars")
def cli() -> None:
    """Know your regulars, and greet each of them."""


@cli.command()
@DATA_OPTION
@click.option("--host", default=None, help="Address to listen on (127.0.0.1).")
@click.option("--port", type=click.IntRange(1, 65535), default=None,
              help="Port to listen on (8700).")  # fmt: skip
def serve(data: Path | None, host: str | None, port: int | None) -> None:
    """Run the hub."""
    from hub.cli.serve import run_serve

    run_serve(data, host, port)


@cli.command()
@click.option("--data", type=click.Path(path_type=Path), default=Path("regulars-demo"),
              show_default=True, help="The demo's own data folder.")  # fmt: skip
@click.option("--port", type=int, default=8700, show_default=True,
              help="First of four ports: hub, shop, the shop's back office, mailbox.")  # fmt: skip
@click.option("--rate", type=float, default=30.0, show_default=True,
              help="Page views per minute of the simulated shoppers; 0 for none.")  # fmt: skip
@click.option("--seed", type=int, default=7, show_default=True,
              help="Another number, other shoppers and customers.")  # fmt: skip
@click.option("--check", is_flag=True, help="Try everything once on free ports, then leave.")
def demo(data: Path, port: int, rate: float, seed: int, check: bool) -> None:
    """A whole shop to play with, on this computer."""
    from hub.cli.demo import run_demo

    sys.exit(run_demo(data, port=port, rate=rate, seed=seed, check=check))


@cli.command()
@DATA_OPTION
def rebuild(data: Path | None) -> None:
    """Make every projection again from the log. Stop the hub first."""
    from hub.cli.maintain import run_rebuild

    run_rebuild(data)


@cli.command("login-link")
@DATA_OPTION
@click.argument("email")
def login_link(data: Path | None, email: str) -> None:
    """A one-time link to enter without a password.

    For a colleague who lost it, owners included. The hub may be running.
    """
    from hub.cli.maintain import run_login_link

    run_login_link(data, email)


@cli.group("import", cls=LazyGroup)
def import_group() -> None:
    """Bring in what happened before."""


@cli.group(cls=LazyGroup)
def dev() -> None:
    """For people who work on Regulars itself."""


@dev.command()
def browser() -> None:
    """Make sure that there is a Chromium for the browser tests."""
    from hub.cli.browser import run_browser

    run_browser()


@cli.command(context_settings={"ignore_unknown_options": True})
@click.argument("name")
@click.argument("more", nargs=-1, type=click.UNPROCESSED, metavar="[--OPTION VALUE]...")
@click.option("--quick", is_flag=True, help="A small run, to see that it works.")
@click.option("--json", "as_json", is_flag=True, help="Print a list instead of a table.")
def bench(name: str, more: tuple[str, ...], quick: bool, as_json: bool) -> None:
    """Measure this machine: ingest, decide, kills. Needs a source checkout."""
    from hub.cli.bench import run_bench

    run_bench(name, more, quick=quick, as_json=as_json)


def main() -> None:
    """Entry point. Expected faults are one line on stderr, not a stack trace."""
    _run(cli)


def _run(command: Callable[..., Any]) -> None:
    try:
        command()
    except DataFolderInUse as error:
        click.echo(f"hub: {error}", err=True)
        sys.exit(3)
    except (SettingsError, DatabaseTooNew, DatabaseUnreachable, ForeignTable) as error:
        click.echo(f"hub: {error}", err=True)
        sys.exit(2)

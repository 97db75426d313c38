"""`hub new-plugin`: a folder with a plugin that works, to be changed into your own."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

import click

from hub.scaffold.write import CanNotWrite, write_plugin
from hub.sdk.quality import KINDS

WHAT = {
    "connector": "reads customers, products and orders of another system",
    "widget": "something new to show on the shop's pages",
    "condition": "a new rule for who sees what",
    "recommender": "a new way to choose products",
    "channel": "a new way to send messages",
}


@click.command("new-plugin")
@click.argument("kind", type=click.Choice(KINDS))
@click.argument("name")
@click.option("--in", "parent", type=click.Path(path_type=Path), default=Path(),
              help="Make the folder in this one (else here).")  # fmt: skip
def new_plugin(kind: str, name: str, parent: Path) -> None:
    """Write a new plugin: a folder hub_NAME that works at once.

    KIND is what it adds to the hub; NAME its name, such as my_shop. The folder has its own tests
    and runs as it is: change it step by step, with the preview open.
    """
    try:
        folder = write_plugin(kind, name, parent)
    except (CanNotWrite, OSError) as error:
        raise click.ClickException(str(error)) from None
    shown = shlex.quote(os.fspath(folder))
    click.echo(f"{folder}: a {kind} that works: {WHAT[kind]}. It is yours to change.\n\nNext:")
    for command, words in (
        (f"pytest {shown}", "what every such plugin must withstand"),
        (f"hub dev plugin {shown}", "see it at work; the page follows each change"),
        (f"hub dev check-plugin {shown}", "which rules it keeps, and what is to be done"),
    ):
        click.echo(f"  {command}\n      {words}")

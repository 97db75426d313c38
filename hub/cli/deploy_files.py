"""`hub dev deploy-files`: config/deploy is what `hub setup` writes."""

from __future__ import annotations

from pathlib import Path

import click

from hub.install.examples import examples

FOLDER = Path("config/deploy")


@click.command("deploy-files")
def deploy_files_command() -> None:
    """Write config/deploy anew from what `hub setup` writes."""
    for name, text in examples().items():
        (FOLDER / name).write_text(text)
        click.echo(FOLDER / name)

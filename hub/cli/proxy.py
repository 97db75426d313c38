"""`hub dev proxy`: find Caddy and nginx, or install Debian's packages."""

from __future__ import annotations

import os
import shutil

import click

from hub.install import detect, machine

PROXIES = ("caddy", "nginx")


@click.command("proxy")
def proxy_command() -> None:
    """Make sure that there is a Caddy and an nginx for the tests of the installation."""
    may_install = shutil.which("apt-get") is not None and os.geteuid() == 0
    missing = []
    for name in PROXIES:
        if not detect.installed(name) and may_install:
            try:
                machine.install_proxy(name, click.echo)
            except machine.Failed as error:
                click.echo(str(error), err=True)
        if detect.installed(name):
            click.echo(f"{name}: found")
        else:
            missing.append(name)
    if missing:
        click.echo(
            f"not here: {', '.join(missing)}; the tests of the installation will skip them. On "
            f"Debian, as root: apt-get install {' '.join(missing)}",
            err=True,
        )

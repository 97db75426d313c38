"""`hub dev browser`: find a Chromium, or install one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import click

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"


def find_chromium() -> str:
    """The path of a Chromium that is installed already, or ""."""
    named = os.environ.get("REGULARS_CHROMIUM", "")
    for candidate in (named, *(shutil.which(name) or "" for name in NAMES), MAC):
        if candidate and Path(candidate).exists():
            return candidate
    return _playwrights()


def _playwrights() -> str:
    cache = Path(
        os.environ.get("PLAYWRIGHT_BROWSERS_PATH", "")
        or Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache")
    )
    folders = [cache, cache / "ms-playwright"]
    patterns = ("chromium-*/chrome-linux*/chrome", "chromium-*/chrome-mac*/*/Contents/MacOS/*")
    found = [hit for f in folders for pattern in patterns for hit in sorted(f.glob(pattern))]
    return str(found[-1]) if found else ""


def run_browser() -> None:
    """Find one; else let Playwright fetch its own; else Debian's package, as root."""
    for attempt in (_nothing, _install_playwrights, _install_debians):
        attempt()
        found = find_chromium()
        if found:
            click.echo(f"Chromium: {found}")
            return
    raise click.ClickException(
        "no Chromium was found or could be installed: install one (on Debian: "
        "apt-get install chromium) or name it in $REGULARS_CHROMIUM"
    )


def _nothing() -> None:
    return


def _install_playwrights() -> None:
    click.echo("No Chromium here: asking Playwright for one ...")
    command = [sys.executable, "-m", "playwright", "install", "chromium"]
    subprocess.run(command, check=False, timeout=300, capture_output=True)  # noqa: S603


def _install_debians() -> None:
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0:
        return
    click.echo("Installing Debian's package chromium ...")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (["update", "-qq"], ["install", "-y", "-qq", "chromium"]):
        subprocess.run(  # noqa: S603
            [apt, *arguments], check=False, env=environment, stdout=subprocess.DEVNULL
        )

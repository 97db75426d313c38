"""`hub dev plugin`: a page that shows a plugin's folder at work and follows each change."""

from __future__ import annotations

import asyncio
import contextlib
import webbrowser
from pathlib import Path

import click

from hub.scaffold.load import NoPlugin, plugin_folder
from hub.scaffold.preview import new_token, preview_app
from hub.scaffold.watch import Watched
from hub.web.server import PortInUse, bind, serving


@click.command("plugin")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--port", type=click.IntRange(0, 65535), default=0,
              help="Port of the page (else any free one).")  # fmt: skip
@click.option("--open/--no-open", "show", default=True, help="Open it in the browser.")
def dev_plugin(folder: Path, port: int, show: bool) -> None:
    """See a plugin of a folder at work.

    The page shows it on its own stand-in, on this computer only, and follows each change of a
    file. Faults of the plugin are shown with their place. Ctrl-C ends it.
    """
    try:
        found = plugin_folder(folder)
        asyncio.run(_run(found, port, show))
    except (NoPlugin, PortInUse) as error:
        raise click.ClickException(str(error)) from None
    except KeyboardInterrupt:
        click.echo("")


async def _run(folder: Path, port: int, show: bool) -> None:
    watched, token = Watched(folder), new_token()
    following = asyncio.create_task(watched.follow())
    try:
        async with serving(preview_app(watched, token), bind("127.0.0.1", port)) as bound:
            url = f"http://127.0.0.1:{bound}/{token}/"
            click.echo(f"{folder.name}: {url}\nCtrl-C ends it.")
            if show:
                await asyncio.to_thread(webbrowser.open, url)
            await following
    finally:
        following.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await following

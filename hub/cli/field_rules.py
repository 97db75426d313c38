"""`hub field-rules`: what becomes of single fields at the door, on the command line."""

from __future__ import annotations

from pathlib import Path

import click

from hub.cli import DATA_OPTION
from hub.cli.stopped import BY, run_stopped
from hub.core import Hub
from hub.flows.dictionary_read import list_kinds
from hub.flows.field_rules import set_field_rule
from hub.ingest.field_rules import ACTIONS
from hub.sdk.errors import HubError


@click.group("field-rules")
def field_rules() -> None:
    """Fields that are left out or hashed at the door. Stop the hub first.

    Beside a running hub use its page "Events".
    """


@field_rules.command("list")
@DATA_OPTION
def list_command(data: Path | None) -> None:
    """List the rules of all sources."""

    async def lines(hub: Hub) -> list[str]:
        return [
            f"{source.name}  {rule.name}  {rule.path}  {rule.action}"
            for source in hub.sources.values()
            if source.fields is not None
            for rule in source.fields.rules
        ] or ["No field has a rule."]

    run_stopped(data, lines)


@field_rules.command("set")
@click.argument("source")
@click.argument("event")
@click.argument("path")
@click.argument("action", type=click.Choice([*ACTIONS, "none"]))
@DATA_OPTION
def set_command(source: str, event: str, path: str, action: str, data: Path | None) -> None:
    """From now on do ACTION with the field PATH of EVENT ("Traits": what is said of people), as
    `hub schema EVENT` writes it. What is stored already stays."""

    async def lines(hub: Hub) -> list[str]:
        await hub.dictionary.caught_up()
        kinds = [
            kind
            for kind in (await list_kinds(hub)).kinds
            if (kind.source, kind.name) == (source, event)
        ]
        if not kinds:
            raise HubError(f"nothing of the name '{event}' has come from '{source}'")
        await set_field_rule(hub, kinds[0].id, path, "" if action == "none" else action, by=BY)
        return [f"{source}  {event}  {path}  {action}"]

    run_stopped(data, lines)

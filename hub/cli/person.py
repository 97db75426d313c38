"""`hub person`: what is kept of somebody, erasing it, and proving that it was."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import click

from hub.cli import DATA_OPTION, LazyGroup
from hub.clock import SystemClock
from hub.flows.erase import carry_on, request_erasure
from hub.flows.erase_subject import Subject, UnknownPerson, find_subject
from hub.flows.export_person import Export, export_person, write_zip
from hub.flows.run import open_hub
from hub.privacy.keys import PrivacyKeys
from hub.privacy.receipt import BadReceipt, Receipt, verify
from hub.settings import Settings, load_secret, load_settings
from hub.store.models import Erasure, ErasureStep

BY = "command line"
NOTES = {
    "manual": "a person must do it, and has not said that it is done",
    "by-hand": "somebody said that it was done by hand",
    "nothing": "knew nobody",
}
_FILE = click.Path(path_type=Path, dir_okay=False)


@click.group("person", cls=LazyGroup)
def person() -> None:
    """Export, erase or part what is kept of a person, and check a receipt."""


@person.command("export")
@click.argument("who", metavar="EMAIL|NUMBER")
@click.option("--to", type=_FILE, required=True, help="The ZIP file to write.")
@click.option("--claimed", is_flag=True,
              help="Also the browsers that only said they were this person.")  # fmt: skip
@DATA_OPTION
def export_command(who: str, to: Path, claimed: bool, data: Path | None) -> None:
    """Write all that is kept of a person into a ZIP file. Stop the hub first.

    Make sure before that it is she who asks: the file holds everything.
    """
    if to.exists():
        raise click.ClickException(f"{to} exists already: name another file with --to")
    try:
        export = asyncio.run(_export(load_settings(data), who, claimed))
    except UnknownPerson as error:
        raise click.ClickException(str(error)) from error
    handle = os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as stream:
        stream.write(write_zip(export))
    lines = sum(len(section) for section in export.sections.values())
    click.echo(f"Wrote {to}: {lines} lines about {export.title}.")
    if export.left_out:
        click.echo(f"{export.left_out} browser(s) that only claimed to be this person are left "
                   "out; --claimed takes them along.")  # fmt: skip


async def _export(settings: Settings, who: str, claimed: bool) -> Export:
    async with open_hub(settings, SystemClock()) as hub:
        return await export_person(hub, who, BY, claimed=claimed)


@person.command("erase")
@click.argument("who", metavar="EMAIL|NUMBER")
@click.option("--yes", is_flag=True, help="Do not ask to type the address again.")
@click.option("--receipt", "to", type=_FILE, default=None, help="Where the receipt is written.")
@DATA_OPTION
def erase_command(who: str, yes: bool, to: Path | None, data: Path | None) -> None:
    """Erase a person here and in the connected systems. Stop the hub first.

    Orders stay for the books, without a name. What a connected system can not do now is tried
    again while the hub runs. There is no way back.
    """
    try:
        lines, receipt, state = asyncio.run(_erase(load_settings(data), who, yes))
    except UnknownPerson as error:
        raise click.ClickException(str(error)) from error
    for line in lines:
        click.echo(line)
    if receipt and to is not None:
        to.write_text(receipt)
        click.echo(f"The receipt is in {to}.")
    elif state == "running":
        click.echo("Not done yet: start the hub, it goes on by itself. See the page Privacy.")


async def _erase(settings: Settings, who: str, yes: bool) -> tuple[list[str], str, str]:
    async with open_hub(settings, SystemClock()) as hub:
        subject = await find_subject(hub, who)
        if not yes:
            _confirm(subject)
        number = await request_erasure(hub, who, BY)
        state = await carry_on(hub, number, at_once=True)
        steps = await ErasureStep.filter(erasure_id=number).order_by("id")
        lines = [f"{s.system}: {s.state}{': ' + s.note if s.note else ''}" for s in steps]
        return [f"Erasure {number}", *lines], (await Erasure.get(id=number)).receipt, state


def _confirm(subject: Subject) -> None:
    wanted = subject.email or str(subject.person_id)
    click.echo(f"This erases {subject.title}: {len(subject.all)} identifiers and all under them.")
    said = click.prompt(f"Type {wanted} to go on")
    if said.strip().casefold() != wanted.casefold():
        raise click.ClickException("that is something else: nothing was erased")


@person.command("verify")
@click.argument("receipt", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--key", default="", help="The public key from the page Privacy of the hub.")
@click.option("--data", type=click.Path(path_type=Path), default=None,
              help="A data folder: its hub must have signed the receipt.")  # fmt: skip
def verify_command(receipt: Path, key: str, data: Path | None) -> None:
    """Check that a RECEIPT is genuine. Needs no hub and no network."""
    if data is not None:
        if not (data / "secret.key").exists():
            raise click.ClickException(f"{data} is no data folder: it has no secret.key")
        key = key or PrivacyKeys(load_secret(data)).public
    try:
        found, signed_by = verify(receipt.read_bytes(), key)
    except BadReceipt as error:
        raise click.ClickException(f"{receipt}: {error}") from error
    _tell(found)
    click.echo(f"Signed with the key {signed_by}.")
    if not key:
        click.echo("Compare this key with the one on the page Privacy of the hub that erased.")


def _tell(found: Receipt) -> None:
    click.echo(f"Genuine: erasure {found.request} of {found.workspace}, asked {found.asked_at}, "
               f"finished {found.finished_at}.")  # fmt: skip
    for system in found.systems:
        click.echo(f"  {system.name}: {NOTES.get(system.state, system.state)}")

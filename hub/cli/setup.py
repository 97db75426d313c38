"""`hub setup`: a hub behind https on this machine, with no file edited by hand."""

from __future__ import annotations

import asyncio
import os
import sys
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
import msgspec

from hub.clock import SystemClock
from hub.flows.begin import Begun, begin, begun_before
from hub.flows.run import open_hub
from hub.install import detect, machine
from hub.install.account import as_account
from hub.install.answers import (
    CONSENTS,
    Answers,
    Wrong,
    read_consent,
    read_currency,
    read_domain,
    read_listening,
    read_name,
    read_path,
    read_shop_url,
    read_smtp,
    read_timezone,
)
from hub.install.certificate import check_certificate
from hub.install.files import DATA, Plan, make_plan
from hub.settings import load_settings
from hub.store.lockfile import DataFolderInUse


@dataclass
class Asking:
    """An option wins; else the person is asked, offered what the last run or the machine says."""

    yes: bool
    earlier: dict[str, Any] = field(default_factory=dict)

    def get(
        self, given: str | None, text: str, default: str, read: Callable[[str], Any],
        key: str = "",
    ) -> Any:  # fmt: skip
        """One answer, checked. `key` is its name in hub.toml."""
        if given is not None:
            return read(given)
        default = str(self.earlier.get(key, default)) if key else default
        if self.yes:
            return read(default)

        def value(answer: str) -> Any:
            try:
                return read(answer)
            except Wrong as error:
                raise click.BadParameter(str(error)) from error

        return click.prompt(text, default=default, value_proc=value, show_default=bool(default))


OPTIONS = (
    click.option("--domain", required=True, help="Where browsers reach the hub: hub.shop.example."),
    click.option("--path", default="", help="A path on the shop's own domain instead: /r."),
    click.option("--name", help="Name of this hub's unit and data folder (from the domain)."),
    click.option("--shop", help="The shop's address: https://www.shop.example."),
    click.option("--timezone", help="The shop's time zone (the machine's)."),
    click.option("--currency", help="What the shop counts in (that of the time zone)."),
    click.option("--consent", help=f"Who asks visitors for consent: {', '.join(CONSENTS)}."),
    click.option("--smtp", envvar="HUB_SETUP_SMTP", show_envvar=True,
                 help="Mail server: smtp://user:password@mail.shop.example:587."),
    click.option("--sender", help="The address that mails come from."),
    click.option("--proxy", type=click.Choice(["caddy", "nginx", "none"]),
                 help="Which proxy does https (the one that is installed)."),
    click.option("--tls", type=click.Choice(["auto", "internal"]), default="auto",
                 help="internal: a certificate of Caddy's own authority, for trials."),
    click.option("--cert", type=click.Path(exists=True, dir_okay=False, resolve_path=True),
                 help="A certificate of your own (full chain, PEM)."),
    click.option("--key", type=click.Path(exists=True, dir_okay=False, resolve_path=True),
                 help="Its private key."),
    click.option("--port", type=click.IntRange(1, 65535), help="The hub's own port (a free one)."),
    click.option("--listen", help="Address that the hub listens on (127.0.0.1)."),
    click.option("--trust", multiple=True, help="Address of a proxy on another machine."),
    click.option("--root", type=click.Path(path_type=Path, file_okay=False),
                 help="Write below this folder only, and start nothing."),
    click.option("--dry-run", is_flag=True, help="Show every file; write nothing."),
    click.option("--yes", is_flag=True, help="Take the proposed answers, and replace files."),
)  # fmt: skip


def _with_options(function: Callable[..., None]) -> Callable[..., None]:
    for option in reversed(OPTIONS):
        function = option(function)
    return function


@click.command("setup")
@_with_options
def setup_command(**given: Any) -> None:
    """Install a hub on this machine, behind https.

    Writes its settings, a systemd unit and a site for Caddy or nginx, and starts them. Asks at
    most five questions; each is also an option. A second run changes nothing that is right.
    """
    try:
        _setup(given)
    except (Wrong, machine.Failed, OSError, tomllib.TOMLDecodeError) as error:
        raise click.ClickException(str(error)) from error


def _setup(given: dict[str, Any]) -> None:
    root = given["root"].absolute() if given["root"] else Path("/")
    real = given["root"] is None and not given["dry_run"]
    program = detect.own_program()
    if real:
        _check_machine()
    answers = _ask(given, root)
    if real and answers.proxy != "none":
        machine.install_proxy(answers.proxy, click.echo)
    plan = make_plan(root, answers, program)
    if given["dry_run"]:
        _show(plan)
        return
    changes = _agreed(plan, given["yes"])
    if changes is None:
        raise click.ClickException("nothing was changed")
    machine.write(plan, changes, click.echo)
    if real:
        machine.make_account(click.echo)
        machine.give(plan.folder)
    begun = _begun(plan, as_root=real)
    started = real and detect.systemd_runs()
    if started:
        machine.start(plan, changes, click.echo)
    _say_next(plan, begun, program, started)


def _check_machine() -> None:
    if os.geteuid() != 0:
        raise Wrong("this writes into /etc: run it with sudo, or look first with --dry-run")
    closed = detect.closed_folder(detect.own_files())
    if closed:
        raise Wrong(
            f"this hub, or its Python, lies below {closed}, where the hub's own account may not "
            "read. Install it in /opt: /usr/bin/python3 -m venv /opt/regulars && "
            "/opt/regulars/bin/pip install regulars, then run /opt/regulars/bin/hub setup"
        )


def _ask(given: dict[str, Any], root: Path) -> Answers:
    host, https_port = read_domain(given["domain"])
    path = read_path(given["path"])
    name = read_name(given["name"] or f"{host}{path.replace('/', '-')}".lower())
    folder = root / DATA / name
    file = folder / "hub.toml"
    earlier = tomllib.loads(file.read_text()) if file.is_file() else {}
    asking = Asking(given["yes"], earlier)
    # hub.shop.example most likely belongs to shop.example.
    guess = host if path or host.count(".") < 2 else host.partition(".")[2]
    # Below a path of the shop's own domain the shop needs no asking for.
    known = given["shop"] or (f"https://{given['domain']}" if path else None)
    shop = asking.get(known, "The shop's address", f"https://{guess}", read_shop_url)
    zone = asking.get(given["timezone"], "Its time zone", detect.time_zone(), read_timezone,
                      "timezone")  # fmt: skip
    currency = asking.get(given["currency"], "Its currency", detect.currency_of(zone),
                          read_currency, "currency")  # fmt: skip
    consent = asking.get(given["consent"], _CONSENT, "own", read_consent, "consent")
    sender = given["sender"] or f"shop@{guess.removeprefix('www.')}"
    smtp = read_smtp("", sender)
    if given["smtp"] is not None or not earlier.get("smtp"):
        smtp = asking.get(given["smtp"], _SMTP, "later", lambda text: read_smtp(text, sender))
    # A sender that was named wins over the one that was worked out.
    if given["sender"] and smtp.host:
        smtp.sender = given["sender"]
    proxy = machine.choose_proxy(given["proxy"] or "")
    tls, cert, key = _certificate(given, proxy, host, path)
    listen, trusted = read_listening(given["listen"], given["trust"], earlier)
    answers = Answers(
        name=name, host=host, https_port=https_port, path=path, shop_url=shop, timezone=zone,
        currency=currency, consent=consent, smtp=smtp, proxy=proxy, tls=tls, cert=cert, key=key,
        locale=str(earlier.get("locale") or detect.language()),
        port=given["port"] or earlier.get("port") or detect.free_port(root / DATA, folder),
        listen=listen, trusted=trusted, title=str(earlier.get("workspace") or ""),
    )  # fmt: skip
    return answers


_FIRST_START = """
Name, time zone, currency and language count at a hub's first start. This one has started before:
change them on its admin pages."""
_SHARED = """
The admin pages share the shop's domain here: whoever may change the shop's scripts could act in
them. A sub-domain keeps the two apart."""
_CONSENT = """
Who asks visitors whether they want to be remembered?
  own      the hub's own banner
  auto     the consent tool on your pages, whichever it is
  gcm, shopify, wp, tcf   that tool, by Google Consent Mode, Shopify, WordPress or IAB TCF
  off      your pages, by calling regulars('consent', ...)
Choose"""
_SMTP = "\nMail server, like smtp://user:password@mail.shop.example:587, or later"


def _certificate(given: dict[str, Any], proxy: str, host: str, path: str) -> tuple[Any, str, str]:
    """tls, certificate, key. Raises Wrong where nginx would have none."""
    cert, key = given["cert"] or "", given["key"] or ""
    if bool(cert) != bool(key):
        raise Wrong("certificate: give both --cert and --key")
    if cert:
        check_certificate(Path(cert), Path(key), host, SystemClock().now())
        return "files", cert, key
    if given["tls"] == "internal" and proxy == "nginx":
        raise Wrong("tls: only Caddy makes certificates of its own; use --cert and --key")
    if proxy != "nginx" or path:
        return given["tls"], "", ""
    folder = Path("/etc/letsencrypt/live") / host
    if not (folder / "fullchain.pem").exists() and not given["dry_run"]:
        raise Wrong(
            f"certificate: nginx needs one for {host}. Get it with `certbot certonly --nginx -d "
            f"{host}`, or name your own with --cert and --key; --proxy caddy needs none"
        )
    return "files", str(folder / "fullchain.pem"), str(folder / "privkey.pem")


def _late(plan: Plan) -> bool:
    """Whether an answer was changed that a hub takes up at its first start only."""
    file = plan.files[0]
    before, after = tomllib.loads(file.before or ""), tomllib.loads(file.text)
    names = ("workspace", "timezone", "currency", "locale")
    return any(name in before and before[name] != after[name] for name in names)


def _show(plan: Plan) -> None:
    for file in plan.files:
        state = "as it is" if not file.changed else "new" if file.before is None else "changed"
        click.secho(f"\n# {file.place} ({state})", bold=True)
        click.echo(file.diff() if state == "changed" else _covered(file.text))


def _covered(text: str) -> str:
    from hub.install.settings_file import veiled

    return veiled(text).rstrip()


def _agreed(plan: Plan, yes: bool) -> list[Any] | None:
    """The files to write: new ones, and those that the person lets us change. None: stop.

    A new hub may add its line to the proxy's main file; the shop's own site is asked about.
    """
    new_hub = plan.files[0].before is None
    for file in plan.changes:
        if file.before is None:
            continue
        click.echo(f"\n{file.diff()}\n")
        harmless = new_hub and file.only_adds and not plan.answers.path
        if not yes and not harmless and not click.confirm(f"Change {file.place}?", default=True):
            return None
    return plan.changes


def _begun(plan: Plan, *, as_root: bool) -> Begun | None:
    def work() -> bytes:
        return msgspec.json.encode(asyncio.run(_begin(plan)))

    return msgspec.json.decode(as_account(work) if as_root else work(), type=Begun | None)


async def _begin(plan: Plan) -> Begun | None:
    """Source and owner's link of the hub; while it runs, what can be read beside it."""
    settings = load_settings(plan.folder)
    try:
        async with open_hub(settings, SystemClock()) as hub:
            return await begin(hub, plan.answers.shop_url)
    except DataFolderInUse:
        return await begun_before(settings)


def _say_next(plan: Plan, begun: Begun | None, program: Path, started: bool) -> None:
    url = plan.answers.public_url
    say = click.echo
    if not started:
        say("\nNo systemd looks after this folder. Start the hub and the proxy with:")
        for line in machine.commands_by_hand(plan, program):
            say(f"  {line}")
    if plan.answers.proxy == "none":
        here = f"http://{plan.answers.listen}:{plan.answers.port}"
        say(f"\nLet your proxy send {url}/ to {here}, with the headers")
        say("Host, X-Forwarded-For and X-Forwarded-Proto.")
    if begun and begun.owner:
        say(f"\nMake the owner's account (the link works for a day):\n  {begun.owner}")
    else:
        say(f"\nThe hub:\n  {url}/admin/")
    if begun:
        say(f"\nPut this line on every page of the shop, high in the head:\n  {begun.snippet}")
    if _late(plan):
        say(_FIRST_START)
    if plan.answers.path:
        say(_SHARED)
    say(f"\nThen see whether all is well:\n  {program} doctor --public --data {plan.folder}")
    sys.stdout.flush()

"""Doing it: accounts, checks of the proxy's files, starting; each step can be looked at first."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from hub.install import detect
from hub.install.answers import Proxy, Wrong
from hub.install.files import CADDYFILE, Plan, Planned

ACCOUNT = "regulars"
_SBIN = "/usr/local/sbin:/usr/sbin:/sbin"
Say = Callable[[str], None]


class Failed(Exception):
    """A step did not work; what was written is taken back."""


def run(command: Sequence[str], **more: str) -> tuple[bool, str]:
    """Whether a program succeeded, and what it said."""
    environment = {**os.environ, "PATH": f"{os.environ.get('PATH', '')}:{_SBIN}", **more}
    try:
        done = subprocess.run(  # noqa: S603  (programs of ours to name, no shell)
            list(command), check=False, text=True, env=environment, timeout=600,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        return False, str(error)
    return done.returncode == 0, done.stdout.strip()


def choose_proxy(wish: str) -> Proxy:
    """The proxy to write for: the one asked for, else the one that runs or is installed."""
    if wish in ("caddy", "nginx", "none"):
        return wish  # type: ignore[return-value]
    found: list[Proxy] = [name for name in ("caddy", "nginx") if detect.installed(name)]
    if len(found) > 1:
        found = [name for name in found if detect.running(name)] or found
    if len(found) > 1:
        raise Wrong("proxy: Caddy and nginx are both here; say which: --proxy caddy or nginx")
    return found[0] if found else "caddy"


def install_proxy(name: str, say: Say) -> None:
    """Debian's package of a proxy that is missing. Raises Failed."""
    if detect.installed(name):
        return
    if shutil.which("apt-get") is None:
        raise Failed(f"{name} is not installed: install it, then run this again")
    say(f"Installing {name} ...")
    run(["apt-get", "update", "-qq"], DEBIAN_FRONTEND="noninteractive")
    done, output = run(["apt-get", "install", "-y", "-qq", name], DEBIAN_FRONTEND="noninteractive")
    if not done or not detect.installed(name):
        last = output.splitlines()[-1:] or ["no reason given"]
        raise Failed(f"{name} could not be installed ({last[0]}): install it, then run this again")


def write(plan: Plan, changes: Sequence[Planned], say: Say) -> None:
    """Write the files and have the proxy check them; a refusal takes all of them back."""
    for place in (plan.folder, plan.folder / "hub.toml"):
        _no_trap(place)
    plan.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for file in changes:
        file.write()
    fault = refused_by_proxy(plan)
    if fault:
        for file in changes:
            file.undo()
        raise Failed(f"{plan.answers.proxy} refuses its new files, so nothing was changed: {fault}")
    for file in plan.files:
        say(f"  {'wrote' if file in changes else 'as it was'}  {file.place}")


def _no_trap(place: Path) -> None:
    """A link that the hub's account made could lead root into /etc. Raises Failed."""
    if place.is_symlink() and place.lstat().st_uid not in (0, os.geteuid()):
        raise Failed(f"{place} is a link that root did not make: remove it, then run this again")


def refused_by_proxy(plan: Plan) -> str:
    """What the proxy says against its files; "" when it takes them, or is not here to ask."""
    name = plan.answers.proxy
    if name == "none" or not detect.installed(name):
        return ""
    if name == "nginx":
        main = plan.root / "etc/nginx/nginx.conf"
        done, output = run(["nginx", "-t", "-q", "-c", str(main)])
    else:
        # Checking makes certificates of the internal kind: not where the real ones lie.
        with tempfile.TemporaryDirectory() as folder:
            command = ["caddy", "validate", "--adapter", "caddyfile", "--config",
                       str(plan.root / CADDYFILE)]  # fmt: skip
            done, output = run(command, XDG_DATA_HOME=folder, XDG_CONFIG_HOME=folder)
    return "" if done else "; ".join(output.splitlines()[-2:])


def make_account(say: Say) -> None:
    """The account that hubs run under. Raises Failed."""
    try:
        pwd.getpwnam(ACCOUNT)
    except KeyError:
        done, output = run(["useradd", "--system", "--user-group", "--no-create-home",
                            "--home-dir", "/var/lib/regulars", "--shell", "/usr/sbin/nologin",
                            ACCOUNT])  # fmt: skip
        if not done:
            raise Failed(f"the account {ACCOUNT} could not be made: {output}") from None
        say(f"  made   the account {ACCOUNT}")


def give(folder: Path) -> None:
    """Everything in a data folder belongs to the account, and nobody else may look."""
    account = pwd.getpwnam(ACCOUNT)
    _no_trap(folder)
    os.chown(folder.parent, account.pw_uid, account.pw_gid)
    top = folder.resolve() if folder.is_symlink() else folder
    # By open folders and never through a link: the account may change what stands in its own.
    for path, folders, files, here in os.fwalk(top, follow_symlinks=False):
        os.fchown(here, account.pw_uid, account.pw_gid)
        for name in (*folders, *files):
            os.chown(name, account.pw_uid, account.pw_gid, dir_fd=here, follow_symlinks=False)
        if path == str(top):
            os.fchmod(here, 0o700)


def start(plan: Plan, changes: Sequence[Planned], say: Say) -> None:
    """Start the hub under systemd and reload the proxy. Raises Failed naming the next command."""
    unit = f"regulars@{plan.answers.name}"
    for command in (["daemon-reload"], ["enable", "--quiet", unit],
                    ["restart" if changes else "start", unit]):  # fmt: skip
        done, output = run(["systemctl", *command])
        if not done:
            raise Failed(
                f"{unit} did not start ({output}): see why with journalctl -u {unit} -n 50"
            )
    say(f"  runs   {unit}")
    if plan.answers.proxy != "none":
        done, output = run(["systemctl", "reload-or-restart", plan.answers.proxy])
        if not done:
            raise Failed(f"{plan.answers.proxy} did not start: {output}")
        say(f"  runs   {plan.answers.proxy}")


def commands_by_hand(plan: Plan, program: Path) -> list[str]:
    """What to type where no systemd runs: the hub, and the proxy."""
    lines = [f"{program} serve --data {plan.folder}"]
    if plan.answers.proxy == "caddy":
        word = "reload" if detect.running("caddy") else "run"
        lines.append(f"caddy {word} --adapter caddyfile --config {plan.root / CADDYFILE}")
    elif plan.answers.proxy == "nginx":
        signal = " -s reload" if detect.running("nginx") else ""
        lines.append(f"nginx -c {plan.root / 'etc/nginx/nginx.conf'}{signal}")
    return lines

"""The files of an installation: their place, their text, and how they differ from what is there."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from hub.install.answers import Answers, Wrong
from hub.install.blocks import into_caddy, into_nginx
from hub.install.detect import has_ipv6
from hub.install.settings_file import merge, owned, veiled

DATA = Path("var/lib/regulars")
UNIT = Path("etc/systemd/system/regulars@.service")
CADDYFILE = Path("etc/caddy/Caddyfile")
MEMORY = "2G"
_templates = Environment(  # noqa: S701  (no page: settings of programs)
    loader=FileSystemLoader(Path(__file__).parent / "templates"), undefined=StrictUndefined,
    trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Planned:
    """One file: what shall stand in it, and what stands there now (None: there is none)."""

    place: Path
    text: str
    before: str | None
    mode: int = 0o644

    @property
    def changed(self) -> bool:
        return self.before != self.text

    @property
    def only_adds(self) -> bool:
        """Whether every line that stands there now stays."""
        old, new = (self.before or "").splitlines(), self.text.splitlines()
        return all(line[:1] != "-" for line in difflib.ndiff(old, new))

    def diff(self) -> str:
        """The lines that would change, secrets covered."""
        old, new = veiled(self.before or "").splitlines(), veiled(self.text).splitlines()
        name = str(self.place)
        return "\n".join(difflib.unified_diff(old, new, name, name, lineterm="", n=2))

    def write(self) -> None:
        """Put the text in its place at once, never half."""
        self.place.parent.mkdir(parents=True, exist_ok=True)
        new = self.place.with_name(f".{self.place.name}.new")
        new.unlink(missing_ok=True)
        # We may be root in a folder of the hub's account: what it put there leads us nowhere.
        handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, self.mode)
        with os.fdopen(handle, "w") as stream:
            stream.write(self.text)
            if self.before is not None:
                old = self.place.stat()
                os.fchown(handle, old.st_uid, old.st_gid)
            os.fchmod(handle, self.mode)
        new.replace(self.place)

    def undo(self) -> None:
        """What stood there before."""
        if self.before is None:
            self.place.unlink(missing_ok=True)
        else:
            self.place.write_text(self.before)


@dataclass(slots=True)
class Plan:
    """All files of one hub below `root`."""

    root: Path
    answers: Answers
    files: list[Planned] = field(default_factory=list)

    @property
    def folder(self) -> Path:
        return self.root / DATA / self.answers.name

    def add(self, place: Path, text: str, mode: int = 0o644) -> None:
        place = self.root / place
        before = place.read_text() if place.is_file() else None
        self.files.append(Planned(place, text, before, mode))

    @property
    def changes(self) -> list[Planned]:
        return [file for file in self.files if file.changed]


def make_plan(root: Path, answers: Answers, program: Path) -> Plan:
    """Every file that this hub needs. Raises Wrong when the proxy's own files leave no place."""
    plan = Plan(root, answers)
    place = DATA / answers.name / "hub.toml"
    file = root / place
    plan.add(place, merge(file.read_text() if file.is_file() else "", owned(answers)), 0o600)
    plan.add(UNIT, unit_text(program))
    if answers.proxy == "caddy":
        _plan_caddy(plan)
    elif answers.proxy == "nginx":
        _plan_nginx(plan)
    return plan


def unit_text(program: Path) -> str:
    """The systemd unit."""
    return written(UNIT.name, program=program)


def written(template: str, **values: object) -> str:
    """One of the templates, filled in."""
    return _templates.get_template(template).render(memory=MEMORY, **values)


def site_text(answers: Answers, *, ipv6: bool = True) -> str:
    """The site of the proxy, or what goes into the shop's own site for a path."""
    passing = _templates.get_template("passing.nginx").render(a=answers).rstrip()
    name = f"{'path' if answers.path else 'site'}.{answers.proxy}"
    return _templates.get_template(name).render(a=answers, ipv6=ipv6, passing=passing)


def _plan_caddy(plan: Plan) -> None:
    answers = plan.answers
    main = plan.root / CADDYFILE
    text = main.read_text() if main.is_file() else ""
    folder = "regulars-paths" if answers.path else "regulars"
    if not answers.path:
        line = "import regulars/*.caddy"
        if line not in (part.strip() for part in text.splitlines()):
            text = f"{text.rstrip()}\n\n{line}\n" if text.strip() else f"{line}\n"
    else:
        line = f"import {folder}/{answers.name}.caddy"
        inside = into_caddy(text, answers.host, answers.https_port, line)
        if inside is None:
            raise _no_site(answers, [main])
        text = inside
    plan.add(Path("etc/caddy") / folder / f"{answers.name}.caddy", site_text(answers))
    plan.add(CADDYFILE, text)


def _plan_nginx(plan: Plan) -> None:
    answers = plan.answers
    folder = Path("etc/nginx")
    if not answers.path:
        plan.add(folder / f"conf.d/regulars-{answers.name}.conf",
                 site_text(answers, ipv6=has_ipv6()))  # fmt: skip
        return
    line = f"include snippets/regulars-{answers.name}.conf;"
    places = sites_of_nginx(plan.root / folder)
    for file in places:
        changed = into_nginx(file.read_text(), answers.host, answers.https_port, line)
        if changed is not None:
            plan.add(folder / f"snippets/regulars-{answers.name}.conf", site_text(answers))
            plan.add(file.resolve().relative_to(plan.root.resolve()), changed)
            return
    raise _no_site(answers, [plan.root / folder / "sites-enabled", plan.root / folder / "conf.d"])


def sites_of_nginx(folder: Path) -> list[Path]:
    """The files in which sites are written, as Debian and nginx.org lay them out."""
    found: Iterable[Path] = (
        *sorted((folder / "sites-enabled").glob("*")),
        *sorted((folder / "conf.d").glob("*.conf")),
        folder / "nginx.conf",
    )
    return [file for file in found if file.is_file()]


def _no_site(answers: Answers, places: list[Path]) -> Wrong:
    return Wrong(
        f"path: no https site of {answers.site} was found in "
        f"{' or '.join(str(place) for place in places)}. A path of the shop's own domain is served "
        "by the shop's own proxy: run this on that machine; or use --proxy none and let that proxy "
        f"send {answers.path}/ here; or give the hub a sub-domain of its own"
    )

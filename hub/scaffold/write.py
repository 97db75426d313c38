"""Writing a new plugin: a folder that works at once, to be changed step by step."""

from __future__ import annotations

import importlib.util
import keyword
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from hub.sdk.quality import FILE as QUALITY
from hub.sdk.quality import starter_sheet
from hub.sdk.version import VERSION

TEMPLATES: Final = Path(__file__).parent / "templates"
EVERY: Final = "every"  # what all kinds have
# Why the new plugin need not keep a rule.
EXEMPT: Final = {
    "connector": {
        "push_once": "it only reads: it has not the ability push",
        "erase_leaves_nothing": "it only reads: the hub tells a person to erase by hand",
        "erase_nobody_else": "it only reads: it has not the ability erase",
        "state_declared": "it remembers nothing",
    },
    "condition": {"visit_only": "it asks about the person, not about the visit"},
}
NAME: Final = re.compile(r"[a-z][a-z0-9_]{1,35}")
PREFIX: Final = "hub_"


class CanNotWrite(Exception):
    """The folder can not be made; the message says why and what to do."""


def check_name(name: str) -> None:
    """Raises CanNotWrite, with a name that would do."""
    if NAME.fullmatch(name) and not keyword.iskeyword(name) and not name.endswith("_"):
        return
    mended = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_").lstrip("0123456789_")[:36]
    usable = NAME.fullmatch(mended) and not keyword.iskeyword(mended)
    hint = f", such as {mended.rstrip('_')}" if usable else ""
    raise CanNotWrite(
        f"'{name}' can not be the name of a plugin: use 2 to 36 small letters, digits and _, "
        f"beginning with a letter{hint}"
    )


def write_plugin(kind: str, name: str, parent: Path) -> Path:
    """Write the plugin `name` of a kind into a new folder of `parent`; answer the folder.

    Raises CanNotWrite, and then has written nothing.
    """
    name = name.removeprefix(PREFIX)
    check_name(name)
    package = PREFIX + name
    folder = parent / package
    _check_place(folder, package)
    words = name.split("_")
    values = {
        "name": name,
        "package": package,
        "cls": "".join(word.capitalize() for word in words),
        "title": " ".join(words).capitalize(),
        "kind": kind,
        "sdk_range": _sdk_range(),
    }
    environment = Environment(  # Python text, no HTML  # noqa: S701
        loader=FileSystemLoader(TEMPLATES), undefined=StrictUndefined, keep_trailing_newline=True
    )
    texts = {
        path: environment.get_template(source).render(values) for source, path in _sources(kind)
    }
    texts[QUALITY] = starter_sheet(kind, f"Test{values['cls']}", EXEMPT.get(kind))
    for path, text in sorted(texts.items()):
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return folder


def _check_place(folder: Path, package: str) -> None:
    if folder.exists():
        raise CanNotWrite(f"{folder} exists already: choose another name, or --in another folder")
    if importlib.util.find_spec(package) is not None:
        raise CanNotWrite(f"a plugin {package} is installed here already: choose another name")
    if folder.parent.exists() and not folder.parent.is_dir():
        raise CanNotWrite(f"{folder.parent} is not a folder")


def _sources(kind: str) -> Iterator[tuple[str, str]]:
    """(template, path in the new folder) of every file of a kind."""
    for part in (EVERY, kind):
        for file in sorted((TEMPLATES / part).rglob("*")):
            if file.is_file() and "__pycache__" not in file.parts:
                path = file.relative_to(TEMPLATES / part).as_posix()
                yield f"{part}/{path}", path.removesuffix(".jinja")


def _sdk_range() -> str:
    major = int(VERSION.partition(".")[0])
    return f">={VERSION},<{major + 1}"

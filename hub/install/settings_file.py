"""hub.toml as set-up writes it: owned lines are set, everything else stays as it stands."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from typing import Any

from hub.install.answers import Answers, Wrong

HEAD = """\
# The settings of this hub, written by `hub setup`. Run it again to change an answer, or edit this
# file and restart the hub. The other settings are explained in config/hub.toml of the sources.
"""
_PRIVATE = re.compile(r'(?m)^([ +-]?\s*(?:password|metrics_token|database_url)\s*=\s*)".+"')


def owned(answers: Answers) -> dict[str, Any]:
    """What set-up decides: name -> value, tables as mappings."""
    values: dict[str, Any] = {
        "public_url": answers.public_url,
        "host": answers.listen,
        "port": answers.port,
        "trusted_proxies": list(answers.trusted),
        "workspace": answers.workspace,
        "timezone": answers.timezone,
        "currency": answers.currency,
        "locale": answers.locale,
        "consent": answers.consent,
    }
    if answers.smtp.host:
        smtp = answers.smtp
        values["smtp"] = {
            "host": smtp.host, "port": smtp.port, "user": smtp.user, "password": smtp.password,
            "security": smtp.security, "sender": smtp.sender,
        }  # fmt: skip
    return values


def merge(text: str, values: Mapping[str, Any]) -> str:
    """The file with these values in it. Raises Wrong when its form does not allow that."""
    before = tomllib.loads(text)
    new = text or HEAD
    for name, value in values.items():
        if isinstance(value, Mapping):
            for key, inner in value.items():
                new = _set(new, name, key, inner, before.get(name, {}))
        else:
            new = _set(new, "", name, value, before)
    wanted = {**before, **values}
    for name, value in values.items():
        if isinstance(value, Mapping):
            wanted[name] = {**before.get(name, {}), **value}
    try:
        right = tomllib.loads(new) == wanted
    except tomllib.TOMLDecodeError:
        right = False
    if not right:
        raise Wrong(
            "hub.toml was written in a form that set-up can not change: write each setting on a "
            "line of its own, then try again"
        )
    return new


def veiled(text: str) -> str:
    """The text with its secrets covered, to be shown."""
    return _PRIVATE.sub(r'\1"********"', text)


def _set(text: str, table: str, key: str, value: Any, before: Mapping[str, Any]) -> str:
    if before.get(key) == value and key in before:
        return text
    line = f"{key} = {_toml(value)}"
    start, end = _section(text, table)
    if start < 0:
        return f"{text.rstrip()}\n\n[{table}]\n{line}\n"
    section = text[start:end]
    found = re.search(rf"(?m)^{key}[ \t]*=.*$", section)
    if found:
        section = section[: found.start()] + line + section[found.end() :]
    else:
        section = f"{section.rstrip()}\n{line}\n" + ("\n" if end < len(text) else "")
    return text[:start] + section + text[end:]


def _section(text: str, table: str) -> tuple[int, int]:
    """Where the lines of a table stand; "" is what comes before the first one."""
    heads = [(m[1].strip(), m.start(), m.end() + 1) for m in re.finditer(r"(?m)^\[(.+)\].*$", text)]
    starts = [("", 0, 0), *heads]
    for number, (name, _, begin) in enumerate(starts):
        if name == table:
            following = starts[number + 1 :]
            return min(begin, len(text)), following[0][1] if following else len(text)
    return -1, -1


def _toml(value: Any) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(_toml(inner) for inner in value) + "]"
    # A basic string of TOML is one of JSON, but for this one character.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")

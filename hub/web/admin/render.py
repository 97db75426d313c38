"""Templates and how values are written in them."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson
from babel.dates import format_datetime, format_timedelta
from babel.numbers import format_currency, format_decimal
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jinja2.ext import Extension

from hub import __version__
from hub.clock import from_ms, to_ms
from hub.core import Hub
from hub.sdk.money import exponent
from hub.web.admin import words

FOLDER = Path(__file__).parent.parent / "templates"
_ADDRESS = re.compile(
    r"""\b((?:href|src|action|formaction|data-[a-z-]+|hx-(?:get|post|put|patch|delete))=")/(?!/)"""
)


class Rooted(Extension):
    """Templates write addresses from the hub's own root; below a path each begins with it."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        root = str(getattr(self.environment, "hub_root", ""))
        return _ADDRESS.sub(rf"\g<1>{root}/", source) if root else source


def make_environment(hub: Hub) -> Environment:
    """Autoescaping, strict about unknown names, with the hub's way of writing values."""
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", Rooted],
    )
    environment.extend(hub_root=hub.settings.root)
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        words._, words.ngettext, newstyle=True
    )
    clock = Written(hub)
    environment.filters.update(
        money=money, number=number, when=clock.when, day=clock.day, ago=clock.ago, brief=brief,
        pretty=pretty, iso=iso, amount=amount,
    )  # fmt: skip
    environment.globals.update(
        version=__version__, languages=words.LANGUAGES, root=hub.settings.root
    )
    return environment


class Written:
    """Times as the workspace writes them."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def when(self, ms: int) -> str:
        """A moment in the workspace's zone."""
        return self._format(ms, "d MMM y HH:mm") if ms else "–"

    def day(self, ms: int) -> str:
        """The day of a moment."""
        return self._format(ms, "d MMM y") if ms else "–"

    def ago(self, ms: int) -> str:
        """How long ago, in one unit."""
        if not ms:
            return words._("never")
        past = from_ms(min(ms, to_ms(self._hub.clock.now()))) - self._hub.clock.now()
        return format_timedelta(past, add_direction=True, locale=words.language())

    def _format(self, ms: int, pattern: str) -> str:
        moment: datetime = from_ms(ms).astimezone(self._hub.workspace.zone)
        return format_datetime(moment, pattern, locale=words.language())


def money(minor: int | None, currency: str) -> str:
    """An amount in minor units as people write it."""
    if minor is None:
        return "–"
    amount = Decimal(minor).scaleb(-exponent(currency))
    if not currency:
        return format_decimal(amount, locale=words.language())
    return format_currency(amount, currency, locale=words.language())


def amount(value: Any, currency: str) -> str:
    """An amount in whole units, as events have it, as people write it."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    if not currency:
        return format_decimal(value, locale=words.language())
    return format_currency(value, currency, locale=words.language())


def number(value: float) -> str:
    """A number with the separators of the language."""
    return format_decimal(value, locale=words.language())


def brief(value: Any, limit: int = 80) -> str:
    """Any stored value on one short line."""
    if isinstance(value, dict):
        value = ", ".join(f"{key}: {brief(inner)}" for key, inner in list(value.items())[:20])
    text = value if isinstance(value, str) else orjson.dumps(value, default=str).decode()
    return text if len(text) <= limit else text[: limit - 1] + "…"


def pretty(value: Any) -> str:
    """Data to be read by a person."""
    return orjson.dumps(value, option=orjson.OPT_INDENT_2, default=str).decode()


def iso(ms: int) -> str:
    """The moment for a <time> element."""
    return from_ms(ms).isoformat(timespec="seconds") if ms else ""

"""The words of the admin pages in the language of whoever looks; English where none is written."""

from __future__ import annotations

from contextvars import ContextVar
from functools import lru_cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

FOLDER = Path(__file__).parent.parent / "locale"
LANGUAGES = {"en": "English", "nl": "Nederlands"}

_current: ContextVar[str] = ContextVar("admin_language", default="en")


def speak(language: str) -> None:
    """Use this language for the rest of the request."""
    _current.set(language if language in LANGUAGES else "en")


def language() -> str:
    """The language in use."""
    return _current.get()


def preferred(cookie: str, header: str) -> str:
    """The chosen language, else the first one of an Accept-Language header that is spoken here."""
    if cookie in LANGUAGES:
        return cookie
    for part in header.split(",")[:20]:
        tag = part.partition(";")[0].strip().lower().partition("-")[0]
        if tag in LANGUAGES:
            return tag
    return "en"


def _(text: str) -> str:
    """The text in the language in use."""
    return _translations(language()).gettext(text)


def ngettext(one: str, many: str, n: int) -> str:
    """The text for this number of things."""
    return _translations(language()).ngettext(one, many, n)


@lru_cache(maxsize=8)
def _translations(tag: str) -> NullTranslations:
    file = FOLDER / tag / "hub.po"
    if not file.exists():
        return NullTranslations()
    with file.open("rb") as stream:
        catalog = read_po(stream, locale=tag)
    compiled = BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return GNUTranslations(compiled)

"""Which of the languages a text is written in fits its reader best."""

from __future__ import annotations

from collections.abc import Container

FALLBACK = "en"


def pick_locale(written: Container[str], *wishes: str) -> str:
    """The first wish (`nl-BE`, `de_AT`, `en`) whose language is among the written ones."""
    for wish in wishes:
        language = wish.strip().lower().replace("_", "-").partition("-")[0]
        if language in written:
            return language
    return FALLBACK

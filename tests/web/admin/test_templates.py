"""What no template may contain, and that every word of them can be translated."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[3]
TEMPLATES = sorted((ROOT / "hub/web/templates").rglob("*.html"))
LOCALE = ROOT / "hub/web/locale"
FORBIDDEN = {
    "an inline script": r"<script(?![^>]*\bsrc=)",
    "an inline style": r"<style|\sstyle\s*=",
    "an event attribute": r"\son[a-z]+\s*=",
    "code for htmx": r"hx-on|\bjs:|javascript:",
    "unescaped output": r"\|\s*safe\b|Markup\(|autoescape\s+false",
    "another site's file": r"(?:src|href)=\"https?:",
}


@pytest.mark.parametrize("file", TEMPLATES, ids=lambda file: str(file.relative_to(ROOT)))
def test_nothing_in_it_needs_a_weaker_policy(file: Path) -> None:
    text = file.read_text()
    for what, pattern in FORBIDDEN.items():
        assert not re.search(pattern, text), f"{what} in {file.name}"


def test_there_are_templates_to_look_at() -> None:
    assert len(TEMPLATES) > 25


def test_every_form_that_changes_something_carries_the_token() -> None:
    for file in TEMPLATES:
        for form in re.findall(r"<form[^>]*method=\"post\".*?</form>", file.read_text(), re.S):
            assert "csrf_field(csrf)" in form, file.name


def test_the_list_of_words_is_complete() -> None:
    methods = [("**.py", "python"), ("**.html", "jinja2.ext:babel_extract")]
    found = {
        message[2] if isinstance(message[2], str) else message[2][0]
        for message in extract_from_dir(ROOT / "hub/web", methods)
    }
    with (LOCALE / "hub.pot").open("rb") as stream:
        listed = {m.id if isinstance(m.id, str) else m.id[0] for m in read_po(stream) if m.id}
    assert found == listed


def test_the_dutch_words_keep_their_blanks() -> None:
    with (LOCALE / "nl/hub.po").open("rb") as stream:
        catalog = read_po(stream, locale="nl")
    written = [m for m in catalog if m.id and m.string]
    assert len(written) > 100
    for message in written:
        blanks = set(re.findall(r"%\((\w+)\)s", str(message.id)))
        assert set(re.findall(r"%\((\w+)\)s", str(message.string))) == blanks, message.id

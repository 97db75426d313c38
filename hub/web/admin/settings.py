"""Settings: the workspace, and the words in which visitors are asked for their consent."""

from __future__ import annotations

from starlette.responses import Response

from hub.flows.workspace_admin import (
    WORDS,
    WrongSetting,
    change_consent_words,
    change_workspace,
    consent_words,
    first_words,
    zones,
)
from hub.web.admin.ask import Ask, Line

FIELDS = ("name", "timezone", "currency", "locale")


async def show(ask: Ask) -> Response:
    return _page(ask, {}, {}, ask.query("language"))


async def change(ask: Ask) -> Response:
    values = {name: ask.said(name) for name in FIELDS}
    try:
        await change_workspace(ask.hub, **values)
    except WrongSetting as error:
        return _page(ask, values, {error.field: str(error)}, "")
    return ask.go("/settings", "saved")


async def change_words(ask: Ask) -> Response:
    language = ask.said("language").strip().lower()
    words = {key: ask.said(f"w.{key}") for key in WORDS}
    try:
        await change_consent_words(ask.hub, language, words, author=ask.staff.email)
    except WrongSetting as error:
        place = error.field if error.field == "language" else f"w.{error.field}"
        values = {"language": language, **{f"w.{key}": text for key, text in words.items()}}
        return _page(ask, values, {place: str(error)}, language)
    return ask.go(f"/settings?language={language}", "saved")


def _page(ask: Ask, values: dict[str, str], errors: dict[str, str], language: str) -> Response:
    hub = ask.hub
    written = consent_words(hub)
    chosen = language if language in written else hub.workspace.locale
    words = written.get(chosen) or first_words()
    now = {name: getattr(hub.workspace, name) for name in FIELDS}
    now |= {"language": chosen, **{f"w.{key}": words.get(key, "") for key in WORDS}}
    return ask.page(
        "settings/page.html", 422 if errors else 200, values={**now, **values}, errors=errors,
        languages_written=sorted(written), zones=zones(), limits=WORDS,
        mode=hub.settings.consent, version=hub.workspace.consent.get("text_version", ""),
    )  # fmt: skip


LINES = (
    Line("GET", "/settings", show, "owner"),
    Line("POST", "/settings", change, "owner"),
    Line("POST", "/settings/consent", change_words, "owner"),
)

"""The widget editor: a form beside a live preview, a draft that saves itself, publishing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from starlette.responses import JSONResponse, Response

from hub.decisions.widget import InvalidWidget
from hub.flows.publish import Conflict, publish, save_draft
from hub.flows.try_widget import try_widget
from hub.flows.widgets_admin import (
    Editing,
    diff,
    dump,
    faults,
    load_widget,
    loose,
    preview,
    rule_words,
)
from hub.sdk.widgets import WidgetType
from hub.web.admin import rules
from hub.web.admin.ask import Ask, Line, NotFound
from hub.web.admin.widget_form import (
    COMMON_EVENTS,
    LOCALES,
    fallbacks,
    read_form,
    row_forms,
    shown,
    ways,
)


async def show(ask: Ask) -> Response:
    editing = await _editing(ask)
    errors = faults(ask.hub, editing.key, editing.text) if ask.query("check") else {}
    return _page(ask, editing, errors)


async def save(ask: Ask) -> Response:
    """Keep the draft. The page asks for JSON while somebody types, else for itself."""
    editing = await _editing(ask)
    text = _written(ask, editing)
    base = _base(ask, editing)
    await save_draft(ask.hub, editing.key, text, base_version=base, author=ask.staff.email)
    if ask.request.headers.get("accept", "").startswith("application/json"):
        return JSONResponse({
            "decision": preview(ask.hub, editing.key, text, ask.said("locale")),
            "errors": faults(ask.hub, editing.key, text),
            "rule": rule_words(ask.hub, loose(text)),
        })  # fmt: skip
    tab = "?tab=text" if ask.said("tab") == "text" else ""
    return ask.go(f"/widgets/{editing.key}{tab}", "saved")


async def show_preview(ask: Ask) -> Response:
    editing = await _editing(ask)
    decision = preview(ask.hub, editing.key, editing.text, ask.query("locale"))
    return JSONResponse({"decision": decision})


async def build_rule(ask: Ask) -> Response:
    """One button of the rule builder; answers the builder anew."""
    form = _plain(ask)
    group = rules.from_form(form)
    rules.change(group, form.get("op", ""))
    data = rules.to_data(group, row_forms(ask.hub))
    words = rule_words(ask.hub, {"when": data})
    return ask.page("widget_edit/rule.html", rule=group, words=words, **_choices(ask), errors={})


async def publish_draft(ask: Ask) -> Response:
    editing = await _editing(ask)
    text = _written(ask, editing)
    base = _base(ask, editing)
    try:
        await publish(ask.hub, editing.key, text, base_version=base, author=ask.staff.email)
    except InvalidWidget as error:
        await save_draft(ask.hub, editing.key, text, base_version=base, author=ask.staff.email)
        kept = msgspec.structs.replace(editing, text=text, base_version=base, has_draft=True)
        errors = {error.field: str(error).partition(": ")[2]}
        return _page(ask, kept, errors, status=422)
    except Conflict as error:
        await save_draft(ask.hub, editing.key, text, base_version=base, author=ask.staff.email)
        live = await load_widget(ask.hub, editing.key)
        assert live is not None
        return ask.page(
            "widget_edit/conflict.html", 409, key=editing.key, newest=error.newest, text=text,
            changes=diff(live.live_text, text),
        )  # fmt: skip
    return ask.go(f"/widgets/{editing.key}", "published")


async def try_on(ask: Ask) -> Response:
    """What the draft would have done for a decision of the past."""
    editing = await _editing(ask)
    try:
        found = await try_widget(ask.hub, editing.key, editing.text, ask.query("decision").strip())
        error = ""
    except InvalidWidget as fault:
        found, error = None, str(fault)
    return ask.page("widget_edit/tried.html", found=found, error=error)


async def _editing(ask: Ask) -> Editing:
    editing = await load_widget(ask.hub, ask.path("key"))
    if editing is None:
        raise NotFound
    return editing


def _page(ask: Ask, editing: Editing, errors: Mapping[str, str], status: int = 200) -> Response:
    data = loose(editing.text)
    declared = _declared(ask, data)
    rule = rules.from_data(data.get("when"), row_forms(ask.hub)) if data else None
    as_text = ask.query("tab") == "text" or declared is None or ask.said("tab") == "text"
    return ask.page(
        "widget_edit/text.html" if as_text else "widget_edit/form.html",
        status,
        editing=editing,
        declared=declared,
        draft=shown(data),
        rule=rule,
        words=rule_words(ask.hub, data),
        errors=errors,
        locales=LOCALES,
        slots=sorted({w.slot for w in ask.hub.published.ordered} - {"overlay"}),
        changes=diff(editing.live_text, editing.text) if editing.has_draft else [],
        **_choices(ask),
    )


def _choices(ask: Ask) -> dict[str, Any]:
    known = [leaf.match.event for leaf in ask.hub.published.leaves.values()]
    return {
        "forms": row_forms(ask.hub),
        "ways": ways(ask.hub),
        "fallbacks": fallbacks(ask.hub),
        "events": sorted({*COMMON_EVENTS, *known}),
        "rule_path": f"/widgets/{ask.path('key')}/rule",
    }


def _written(ask: Ask, editing: Editing) -> str:
    """The draft as the page says it: the text itself, or what the form makes of it."""
    if ask.said("tab") == "text":
        return ask.said("text").replace("\r\n", "\n")[:65_536]
    data = loose(editing.text)
    declared = _declared(ask, data)
    if declared is None or "name" not in ask.form:
        return editing.text
    return dump(read_form(_plain(ask), data, declared, row_forms(ask.hub)))


def _declared(ask: Ask, data: Mapping[str, Any]) -> WidgetType | None:
    found: WidgetType | None = ask.hub.plugins.widgets.get(str(data.get("type")))
    return found


def _base(ask: Ask, editing: Editing) -> int:
    """The version that the page was opened on: publishing over a newer one is a conflict."""
    said = ask.said("base_version")
    return int(said) if said.isdecimal() and len(said) < 9 else editing.base_version


def _plain(ask: Ask) -> dict[str, str]:
    return {key: value for key, value in ask.form.items() if isinstance(value, str)}


LINES = (
    Line("GET", "/widgets/{key}", show),
    Line("POST", "/widgets/{key}", save, "editor"),
    Line("GET", "/widgets/{key}/preview", show_preview),
    Line("POST", "/widgets/{key}/rule", build_rule, "editor"),
    Line("POST", "/widgets/{key}/publish", publish_draft, "editor"),
    Line("GET", "/widgets/{key}/try", try_on),
)

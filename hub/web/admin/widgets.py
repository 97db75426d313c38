"""Widgets: the list, new ones, copies, versions and going back to one."""

from __future__ import annotations

from starlette.responses import Response

from hub.decisions.widget import InvalidWidget
from hub.flows.publish import Conflict, publish, retire, save_draft
from hub.flows.widgets_admin import (
    begin_widget,
    copy_widget,
    diff,
    drop_draft,
    list_widgets,
    load_widget,
    widget_versions,
)
from hub.web.admin.ask import Ask, Line, NotFound


async def show_all(ask: Ask) -> Response:
    lines = await list_widgets(ask.hub)
    types = sorted(ask.hub.plugins.widgets.values(), key=lambda t: str(t.title))
    return ask.page("widgets/list.html", lines=lines, types=types)


async def begin(ask: Ask) -> Response:
    try:
        key = await begin_widget(
            ask.hub, ask.said("type"), name=ask.said("name").strip(), author=ask.staff.email
        )
    except InvalidWidget:
        return ask.go("/widgets", "type")
    return ask.go(f"/widgets/{key}", "begun")


async def duplicate(ask: Ask) -> Response:
    try:
        key = await copy_widget(ask.hub, ask.path("key"), author=ask.staff.email)
    except InvalidWidget:
        raise NotFound from None
    return ask.go(f"/widgets/{key}", "copied")


async def discard(ask: Ask) -> Response:
    key = ask.path("key")
    await drop_draft(ask.hub, key)
    left = await load_widget(ask.hub, key)
    return ask.go(f"/widgets/{key}" if left else "/widgets", "discarded")


async def take_off(ask: Ask) -> Response:
    key = ask.path("key")
    editing = await load_widget(ask.hub, key)
    if editing is None or not editing.live_version or editing.retired:
        raise NotFound
    try:
        await retire(ask.hub, key, base_version=editing.live_version, author=ask.staff.email)
    except Conflict:
        return ask.go(f"/widgets/{key}/versions", "changed")
    return ask.go("/widgets", "retired")


async def versions(ask: Ask) -> Response:
    key = ask.path("key")
    found = await widget_versions(ask.hub, key)
    if not found:
        raise NotFound
    older = [*found[1:], None]
    changes = [
        (version, diff(before.text if before else "", version.text))
        for version, before in zip(found, older, strict=True)
    ]
    return ask.page("widgets/versions.html", key=key, changes=changes)


async def go_back(ask: Ask) -> Response:
    """Publish an old version anew, as the newest one."""
    key, number = ask.path("key"), ask.path("version")
    found = await widget_versions(ask.hub, key)
    chosen = [version for version in found if version.version == number and not version.retired]
    if not chosen:
        raise NotFound
    try:
        await publish(
            ask.hub, key, chosen[0].text, base_version=found[0].version, author=ask.staff.email
        )
    except InvalidWidget:
        # What was valid then is not any more: open it as a draft, with the fault at its field.
        await save_draft(ask.hub, key, chosen[0].text, base_version=found[0].version,
                         author=ask.staff.email)  # fmt: skip
        return ask.go(f"/widgets/{key}?check=1", "invalid")
    except Conflict:
        return ask.go(f"/widgets/{key}/versions", "changed")
    return ask.go(f"/widgets/{key}/versions", "restored")


LINES = (
    Line("GET", "/widgets", show_all),
    Line("POST", "/widgets", begin, "editor"),
    Line("POST", "/widgets/{key}/duplicate", duplicate, "editor"),
    Line("POST", "/widgets/{key}/discard", discard, "editor"),
    Line("POST", "/widgets/{key}/retire", take_off, "editor"),
    Line("GET", "/widgets/{key}/versions", versions),
    Line("POST", "/widgets/{key}/versions/{version:int}", go_back, "editor"),
)

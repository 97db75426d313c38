"""Connections: set up, tested before they are saved, and watched while they sync."""

from __future__ import annotations

from starlette.responses import Response

from hub.flows.connections import InvalidForm, check_connection, save_connection
from hub.flows.connections_read import connection_page, list_connections
from hub.sdk.connector import Connector, form_errors, split_form
from hub.sdk.errors import HubError
from hub.web.admin.ask import Ask, Line, NotFound
from hub.web.admin.words import _


async def show_all(ask: Ask) -> Response:
    connectors = sorted(ask.hub.plugins.connectors.values(), key=lambda c: str(c.title))
    lines = await list_connections(ask.hub)
    return ask.page("connections/list.html", lines=lines, connectors=connectors)


async def set_up(ask: Ask) -> Response:
    return _form(ask, _connector(ask), {}, {})


async def test(ask: Ask) -> Response:
    """Try the settings without saving anything."""
    connector = _connector(ask)
    values, errors = _read(ask, connector)
    if errors:
        return _form(ask, connector, values, errors, status=422)
    config, secret = split_form(connector.fields, values)
    try:
        plain = {key: text.reveal() for key, text in secret.items()}
        result = await check_connection(ask.hub, connector.name, config, plain)
    except InvalidForm as error:
        return _form(ask, connector, values, error.errors, status=422)
    except (HubError, TimeoutError) as error:
        return _form(ask, connector, values, {}, failed=str(error), status=422)
    if not result.ok:
        return _form(ask, connector, values, {}, failed=result.message, status=422)
    if ask.said("op") != "save":
        return _form(ask, connector, values, {}, found=result)
    return await _save(ask, connector, values)


async def _save(ask: Ask, connector: Connector, values: dict[str, str]) -> Response:
    config, secret = split_form(connector.fields, values)
    try:
        connection_id = await save_connection(
            ask.hub, connector.name, name=values["name"], shop=values["shop"], config=config,
            secret={key: text.reveal() for key, text in secret.items()},
        )  # fmt: skip
    except InvalidForm as error:
        return _form(ask, connector, values, error.errors, status=422)
    except (HubError, ValueError, TimeoutError) as error:
        return _form(ask, connector, values, {}, failed=str(error), status=422)
    ask.hub.runs.start(connection_id)
    return ask.go(f"/connections/{connection_id}", "connected")


async def show(ask: Ask) -> Response:
    line = await connection_page(ask.hub, ask.path("id"))
    if line is None:
        raise NotFound
    template = "connections/progress.html" if ask.htmx else "connections/connection.html"
    return ask.page(template, line=line)


async def sync_now(ask: Ask) -> Response:
    line = await connection_page(ask.hub, ask.path("id"))
    if line is None:
        raise NotFound
    started = ask.hub.runs.start(line.id)
    return ask.go(f"/connections/{line.id}", "syncing" if started else "underway")


def _connector(ask: Ask) -> Connector:
    found: Connector | None = ask.hub.plugins.connectors.get(ask.path("connector"))
    if found is None:
        raise NotFound
    return found


def _read(ask: Ask, connector: Connector) -> tuple[dict[str, str], dict[str, str]]:
    values = {field.key: ask.said(f"field.{field.key}").strip() for field in connector.fields}
    errors = form_errors(connector.fields, values)
    values |= {"name": ask.said("name").strip(), "shop": ask.said("shop").strip()}
    if not values["name"]:
        errors["name"] = _("Give the connection a name.")
    if not values["shop"]:
        errors["shop"] = _("Name the shop, the same as on its browser source.")
    return values, errors


def _form(
    ask: Ask,
    connector: Connector,
    values: dict[str, str],
    errors: dict[str, str],
    *,
    failed: str = "",
    found: object = None,
    status: int = 200,
) -> Response:
    # A secret goes back to the page only while it is being tested, never once it is saved.
    shops = sorted({source.shop for source in ask.hub.sources.values()})
    return ask.page(
        "connections/form.html", status, connector=connector, values=values, errors=errors,
        failed=failed, found=found, shops=shops,
    )  # fmt: skip


LINES = (
    Line("GET", "/connections", show_all),
    Line("GET", "/connections/new/{connector}", set_up, "owner"),
    Line("POST", "/connections/new/{connector}", test, "owner"),
    Line("GET", "/connections/{id:int}", show),
    Line("POST", "/connections/{id:int}/sync", sync_now, "editor"),
)

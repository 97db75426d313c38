"""Dead letters: refused events by reason; one of them; mending, taking in, dropping."""

from __future__ import annotations

from starlette.responses import Response

from hub.flows.letters_replay import (
    CanNotReplay,
    drop_letters,
    letter_page,
    list_groups,
    list_letters,
    replay,
    replay_like,
)
from hub.web.admin.ask import Ask, Line, NotFound

PLACE = "/dead-letters"


async def groups(ask: Ask) -> Response:
    return ask.page("letters/list.html", groups=await list_groups(ask.hub))


async def show(ask: Ask, fault: str = "", text: str | None = None) -> Response:
    number = ask.path("id")
    page = await letter_page(ask.hub, number)
    if page is None:
        raise NotFound
    others = await list_letters(ask.hub, number)
    body = page.body if text is None else text
    status = 422 if fault else 200
    return ask.page("letters/letter.html", status, view=page, others=others, body=body, fault=fault)


async def take_in(ask: Ask) -> Response:
    number = ask.path("id")
    text = ask.said("body").replace("\r\n", "\n")
    try:
        await replay(ask.hub, number, by=ask.staff.email, body=text)
    except CanNotReplay as error:
        return await show(ask, str(error), text)
    return ask.go(PLACE, "replayed")


async def take_in_all(ask: Ask) -> Response:
    number = ask.path("id")
    if await letter_page(ask.hub, number) is None:
        raise NotFound
    done = await replay_like(ask.hub, number, by=ask.staff.email)
    if done.failed:
        return await show(ask, done.first_fault)
    return ask.go(PLACE, "replayed")


async def drop(ask: Ask) -> Response:
    number = ask.path("id")
    if await letter_page(ask.hub, number) is None:
        raise NotFound
    await drop_letters(ask.hub, number, by=ask.staff.email, alike=ask.said("alike") == "yes")
    return ask.go(PLACE, "dropped")


async def show_one(ask: Ask) -> Response:
    return await show(ask)


LINES = (
    Line("GET", PLACE, groups, "editor"),
    Line("GET", f"{PLACE}/{{id:int}}", show_one, "editor"),
    Line("POST", f"{PLACE}/{{id:int}}/replay", take_in, "editor"),
    Line("POST", f"{PLACE}/{{id:int}}/replay-all", take_in_all, "editor"),
    Line("POST", f"{PLACE}/{{id:int}}/drop", drop, "editor"),
)

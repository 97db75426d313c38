"""Privacy: requests of people, what is kept and how long, and who saw whom."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.responses import Response

from hub.clock import to_ms
from hub.flows.audit import list_audit, note, verify_audit
from hub.flows.datamap import data_map
from hub.flows.erase import carry_on, done_by_hand, request_erasure
from hub.flows.erase_read import kept_now, list_requests, receipt_of
from hub.flows.erase_subject import Subject, UnknownPerson, find_subject
from hub.flows.export_person import export_person, write_zip
from hub.flows.staff import Throttled, login
from hub.sdk.errors import HubError
from hub.web.admin.ask import Ask, Line, NotFound
from hub.web.admin.words import _

Errors = dict[str, str]


async def show(ask: Ask) -> Response:
    before = ask.query("before")
    kept, ran_at = await kept_now(ask.hub)
    return ask.page(
        "privacy/page.html",
        requests=await list_requests(ask.hub, int(before) if before.isdecimal() else 0),
        kept=kept,
        ran_at=ran_at,
        key=ask.hub.privacy.public,
        suppressed=len(ask.hub.suppressed),
        now=to_ms(ask.hub.clock.now()),
        asked=ask.query("who"),
        errors={"who": _("Nobody here has this address or number.")} if ask.query("who") else {},
    )


async def find(ask: Ask) -> Response:
    """From an address to the person's page, where the buttons are."""
    try:
        subject = await find_subject(ask.hub, ask.said("who")[:320])
    except UnknownPerson:
        kept, ran_at = await kept_now(ask.hub)
        return ask.page(
            "privacy/page.html", 404,
            requests=await list_requests(ask.hub), kept=kept, ran_at=ran_at,
            key=ask.hub.privacy.public, suppressed=len(ask.hub.suppressed),
            now=to_ms(ask.hub.clock.now()), asked=ask.said("who")[:320],
            errors={"who": _("Nobody here has this address or number.")},
        )  # fmt: skip
    return ask.go(f"/people/{subject.person_id}")


async def show_map(ask: Ask) -> Response:
    found = data_map(ask.hub.plugins.connectors, ask.hub.settings.retention)
    return ask.page("privacy/map.html", map=found)


async def show_audit(ask: Ask) -> Response:
    before = ask.query("before")
    lines = await list_audit(
        ask.hub, subject=ask.query("subject"),
        before=int(before) if before.isdecimal() and len(before) < 16 else 0,
    )  # fmt: skip
    verdict = await verify_audit(ask.hub) if ask.query("check") else None
    return ask.page("privacy/audit.html", lines=lines, verdict=verdict)


async def receipt(ask: Ask) -> Response:
    text = await receipt_of(ask.path("id"))
    if not text:
        raise NotFound
    return _file(text.encode(), f"erasure-{ask.path('id')}.json", "application/json")


async def by_hand(ask: Ask) -> Response:
    number = ask.said("request")
    if not number.isdecimal() or len(number) > 12:
        raise NotFound
    try:
        await done_by_hand(ask.hub, int(number), ask.path("id"), ask.staff.email)
    except HubError as error:
        raise NotFound from error
    return ask.go("/privacy", "saved")


async def ask_export(ask: Ask) -> Response:
    return await _person_page(ask, "privacy/export.html", {})


async def export(ask: Ask) -> Response:
    async def go(subject: Subject) -> Response:
        made = await export_person(
            ask.hub, str(subject.person_id), ask.staff.email, claimed=ask.said("claimed") == "yes"
        )
        return _file(write_zip(made), f"person-{subject.person_id}.zip", "application/zip")

    return await _sure(ask, "privacy/export.html", go)


async def ask_erase(ask: Ask) -> Response:
    return await _person_page(ask, "privacy/erase.html", {})


async def erase(ask: Ask) -> Response:
    async def go(subject: Subject) -> Response:
        wanted = subject.email or str(subject.person_id)
        if ask.said("typed").strip().casefold() != wanted.casefold():
            errors = {"typed": _("This is something else. Nothing was erased.")}
            return await _person_page(ask, "privacy/erase.html", errors)
        number = await request_erasure(ask.hub, str(subject.person_id), ask.staff.email)
        # Other systems may take their time: the hub asks them in the background.
        await carry_on(ask.hub, number, here=True)
        return ask.go("/privacy", "erased")

    return await _sure(ask, "privacy/erase.html", go)


async def _sure(ask: Ask, template: str, go: Callable[[Subject], Awaitable[Response]]) -> Response:
    """Only with the password once more: a screen left open must not give anybody away."""
    address = ask.request.client.host if ask.request.client else ""
    try:
        staff = await login(
            ask.hub, email=ask.staff.email, password=ask.said("password"), address=address
        )
    except Throttled:
        text = _("Too many attempts. Wait a quarter of an hour, then try again.")
        return await _person_page(ask, template, {"password": text})
    subject = await _subject(ask)
    if staff is None:
        return await _person_page(ask, template, {"password": _("This is not your password.")})
    return await go(subject)


async def _subject(ask: Ask) -> Subject:
    try:
        return await find_subject(ask.hub, str(ask.path("id")))
    except UnknownPerson as error:
        raise NotFound from error


async def _person_page(ask: Ask, template: str, errors: Errors) -> Response:
    subject = await _subject(ask)
    return ask.page(template, 422 if errors else 200, subject=subject, errors=errors)


def _file(content: bytes, name: str, kind: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=kind, headers=headers)


async def saw(ask: Ask, person_id: int) -> None:
    """Put down that this member of staff looked at this person."""
    await note(ask.hub, ask.staff.email, "view", str(person_id))


LINES = (
    Line("GET", "/privacy", show, "editor"),
    Line("POST", "/privacy/find", find, "editor"),
    Line("GET", "/privacy/map", show_map, "viewer"),
    Line("GET", "/privacy/audit", show_audit, "owner"),
    Line("GET", "/privacy/receipts/{id:int}", receipt, "owner"),
    Line("POST", "/privacy/steps/{id:int}", by_hand, "owner"),
    Line("GET", "/people/{id:int}/export", ask_export, "owner"),
    Line("POST", "/people/{id:int}/export", export, "owner"),
    Line("GET", "/people/{id:int}/erase", ask_erase, "owner"),
    Line("POST", "/people/{id:int}/erase", erase, "owner"),
)

"""subscribe: an address typed into a pop-up asks its owner by mail, and says nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from hub.clock import to_ms
from hub.core import Hub, SourceRow
from hub.flows.device import consent_entry
from hub.flows.draw import shown_texts
from hub.flows.suppress_return import Wish, ask_mailbox
from hub.gate.verdict import MARKETING
from hub.ingest.limits import BadInput
from hub.sdk.identifiers import clean_email, email_identifier
from hub.sdk.records import Identifier, Link


class SubscribePage(msgspec.Struct):
    url: str = ""


class SubscribeRequest(msgspec.Struct):
    writeKey: str
    widget: str
    version: int
    email: str
    text_version: str = ""
    token: str | None = None
    locale: str = ""
    page: SubscribePage = msgspec.field(default_factory=SubscribePage)


async def subscribe(
    hub: Hub,
    source: SourceRow,
    request: SubscribeRequest,
    allow: Callable[[int], None] = lambda now: None,
) -> None:
    """Record the request; the projector plans the mail. The caller answers alike for everybody.

    Raises BadInput for an address that can not be one, or a widget that asks for none, and
    whatever `allow` raises, which is asked before a mail is planned.
    """
    email = clean_email(request.email)
    if not email:
        raise BadInput("email: this does not look like an e-mail address")
    widget = hub.published.widgets.get(request.widget)
    now = to_ms(hub.clock.now())
    layout, content = shown_texts(hub, widget, request.locale, now) if widget else ("", {})
    if widget is None or layout != "popup":
        raise BadInput("widget: no published pop-up has this key")
    allow(now)
    if email_identifier(email) in hub.suppressed:
        await ask_mailbox(hub, _wish(source, request, email, content, now))
        return
    did = hub.signer.device(request.token) if request.token else ""
    entry = consent_entry(
        source_id=source.id,
        subject=email_identifier(email),
        state="requested",
        at=now,
        links=(Link(Identifier("", "device", did), "claimed"),) if did else (),
        body={
            "purpose": str(content.get("purpose") or MARKETING),
            "channel": "email",
            "basis": "consent",
            # What the visitor was shown, by the hub's own record, not by the browser's word.
            "text_version": str(content.get("text_version", ""))[:64],
            "source": f"widget {widget.key} v{widget.version}",
            "form": {
                "email": email,
                "locale": request.locale[:12],
                "widget": widget.key,
                "consent_text": str(content.get("consent_label", ""))[:1000],
                "page": request.page.url[:500],
                "source_id": source.id,
            },
        },
    )
    await hub.writer.append([entry])


def _wish(
    source: SourceRow, request: SubscribeRequest, email: str, content: Mapping[str, Any], now: int
) -> Wish:
    """Of somebody who was erased: nothing of it goes into the log before she confirms."""
    return Wish(
        email=email,
        locale=request.locale[:12],
        purpose=str(content.get("purpose") or MARKETING),
        text_version=str(content.get("text_version", ""))[:64],
        consent_text=str(content.get("consent_label", "")),
        page=request.page.url,
        source_id=source.id,
        asked_at=now,
    )

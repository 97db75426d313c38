"""unsubscribe: the link below every marketing mail takes a consent back, at once and for good."""

from __future__ import annotations

import contextlib

import msgspec

from hub.clock import to_ms
from hub.core import Hub
from hub.flows.confirm import Forged
from hub.flows.device import consent_entry
from hub.sdk.identifiers import email_identifier


class Farewell(msgspec.Struct, frozen=True):
    """What an unsubscribe link stands for. It never gets too old and may be used again."""

    email: str
    purpose: str
    source_id: int
    locale: str


def make_unsubscribe_link(
    hub: Hub, *, email: str, purpose: str, source_id: int, locale: str
) -> str:
    """The signed address for one mailbox and one purpose."""
    claims: dict[str, str | int] = {
        "email": email,
        "purpose": purpose,
        "src": source_id,
        "loc": locale,
    }
    return f"{hub.settings.origin}/unsubscribe/{hub.signer.seal('unsubscribe', claims)}"


def unsubscribe_headers(link: str) -> dict[str, str]:
    """Headers with which a mail program offers its own button (RFC 8058)."""
    return {
        "List-Unsubscribe": f"<{link}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def read_unsubscribe_link(hub: Hub, token: str) -> Farewell:
    """Look at a link without using it. Raises Forged."""
    claims = hub.signer.open("unsubscribe", token)
    if claims is None:
        raise Forged("this link was not made by this shop")
    return Farewell(
        email=str(claims["email"]),
        purpose=str(claims["purpose"]),
        source_id=int(claims["src"]),
        locale=str(claims["loc"]),
    )


async def unsubscribe(hub: Hub, token: str) -> Farewell:
    """Record the withdrawal, once however often it is asked; answer whose it was. Raises Forged."""
    farewell = read_unsubscribe_link(hub, token)
    if email_identifier(farewell.email) in hub.suppressed:
        return farewell  # erased: she gets nothing, and her address is not written down again
    if await _state(hub, farewell) == "withdrawn":
        return farewell
    entry = consent_entry(
        source_id=farewell.source_id,
        subject=email_identifier(farewell.email),
        state="withdrawn",
        at=to_ms(hub.clock.now()),
        body={
            "purpose": farewell.purpose,
            "channel": "email",
            "basis": "consent",
            "source": "unsubscribe link",
        },
    )
    (stored,) = await hub.writer.append([entry])
    with contextlib.suppress(TimeoutError):  # it is on record, only not yet in every view
        await hub.views.reached(stored.seq)
    return farewell


async def _state(hub: Hub, farewell: Farewell) -> str:
    rows = await hub.database.fetch(
        "SELECT c.state FROM consent c JOIN node n ON n.id = c.node_id WHERE n.namespace = '' "
        "AND n.type = 'email' AND n.value = ? AND c.purpose = ? AND c.channel = 'email' "
        "ORDER BY c.at DESC, c.seq DESC LIMIT 1",
        (farewell.email, farewell.purpose),
    )
    return str(rows[0][0]) if rows else ""

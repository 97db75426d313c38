"""confirm: the owner of a mailbox pressed the button; her consent is on record with its proof."""

from __future__ import annotations

import secrets
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import msgspec

from hub.clock import to_ms
from hub.core import Hub
from hub.flows.device import consent_entry, use_once
from hub.gate.verdict import MARKETING
from hub.ingest.identifiers import email_identifier

VALID_MS = 7 * 86_400_000
LINK_VALID_MS = 3_600_000


class Invitation(msgspec.Struct, frozen=True):
    """What a confirmation link stands for."""

    email: str
    seq: int
    source_id: int
    text_version: str
    page: str
    jti: str


class Expired(Exception):
    """The link is genuine but too old, or was used before."""


class Forged(Exception):
    """The link was not made by this hub."""


def make_link(
    hub: Hub, *, email: str, seq: int, source_id: int, text_version: str, page: str
) -> str:
    """The address in the mail: signed, single use, readable by nobody else's key."""
    claims: dict[str, str | int] = {
        "email": email,
        "seq": seq,
        "src": source_id,
        "text": text_version,
        "page": page,
        "exp": to_ms(hub.clock.now()) + VALID_MS,
        "jti": f"confirm-{seq}",
    }
    return f"{hub.settings.origin}/confirm/{hub.signer.seal('confirm', claims)}"


def read_link(hub: Hub, token: str) -> Invitation:
    """Look at a link without using it (a mail scanner may do so). Raises Forged or Expired."""
    claims = hub.signer.open("confirm", token)
    if claims is None:
        raise Forged("this link was not made by this shop")
    if int(claims["exp"]) < to_ms(hub.clock.now()):
        raise Expired("this link is too old")
    return Invitation(
        email=str(claims["email"]),
        seq=int(claims["seq"]),
        source_id=int(claims["src"]),
        text_version=str(claims["text"]),
        page=str(claims["page"]),
        jti=str(claims["jti"]),
    )


async def confirm(hub: Hub, token: str) -> str:
    """Use the link; answer the shop's address to go back to. Raises Forged or Expired.

    The address carries a short-lived key: the browser that opens the shop with it, and holds a
    device token, proves to be this mailbox owner's own.
    """
    invitation = read_link(hub, token)
    now = to_ms(hub.clock.now())
    if not await use_once(hub, invitation.jti, now):
        raise Expired("this link was used before")
    entry = consent_entry(
        source_id=invitation.source_id,
        subject=email_identifier(invitation.email),
        state="granted",
        at=now,
        body={
            "purpose": MARKETING,
            "channel": "email",
            "basis": "consent",
            "text_version": invitation.text_version,
            "source": "confirmed by mail",
            "proof": f"request {invitation.seq}, link {invitation.jti}, pressed at {now}",
            "proved": True,
        },
    )
    (stored,) = await hub.writer.append([entry])
    await hub.views.reached(stored.seq)
    return _back_to_shop(hub, invitation, now)


def _back_to_shop(hub: Hub, invitation: Invitation, now: int) -> str:
    source = hub.sources.get(invitation.source_id)
    shop = source.shop_url if source else ""
    page = invitation.page
    # Only ever back to the shop itself: the page came from a browser.
    if not shop or urlsplit(page)[:2] != urlsplit(shop)[:2]:
        page = shop
    if not page:
        return ""
    key = hub.signer.seal(
        "link",
        {"email": invitation.email, "exp": now + LINK_VALID_MS, "jti": secrets.token_hex(8)},
    )
    parts = urlsplit(page)
    query = [(k, v) for k, v in parse_qsl(parts.query) if k != "rgl_k"]
    return urlunsplit(parts._replace(query=urlencode([*query, ("rgl_k", key)])))

"""confirm: the owner of a mailbox pressed the button; her consent is on record with its proof."""

from __future__ import annotations

import secrets
from hashlib import sha256
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import msgspec
import orjson

from hub.clock import to_ms
from hub.core import Hub
from hub.flows.device import append_once, consent_entry, use_once
from hub.flows.suppress import come_back
from hub.flows.suppress_return import open_wish
from hub.sdk.identifiers import email_identifier

VALID_MS = 7 * 86_400_000
LINK_VALID_MS = 3_600_000


class Invitation(msgspec.Struct, frozen=True):
    """What a confirmation link stands for: the request `seq` in the ledger, or the sealed wish
    of somebody who was erased."""

    seq: int
    locale: str
    jti: str
    sealed: str = ""


class Question(msgspec.Struct, frozen=True):
    """What its reader is asked to agree to, by the hub's own record."""

    invitation: Invitation
    email: str
    purpose: str
    text_version: str
    text: str
    source_id: int
    page: str
    asked: str  # the request on record


class Expired(Exception):
    """The link is genuine but too old, or was used before. `locale`: the language of its mail."""

    def __init__(self, message: str, locale: str) -> None:
        super().__init__(message)
        self.locale = locale


class Forged(Exception):
    """The link was not made by this hub."""


def make_link(hub: Hub, *, seq: int, locale: str) -> str:
    """The address in the mail: signed, single use, and it tells no server log who reads it."""
    claims: dict[str, str | int] = {
        "seq": seq,
        "loc": locale,
        "exp": to_ms(hub.clock.now()) + VALID_MS,
        "jti": f"confirm-{seq}",
    }
    return f"{hub.settings.origin}/confirm/{hub.signer.seal('confirm', claims)}"


def make_return_link(hub: Hub, *, sealed: str, locale: str) -> str:
    """The same for somebody who was erased: the request is in the link, for this hub to read."""
    claims: dict[str, str | int] = {
        "seq": 0,
        "loc": locale,
        "exp": to_ms(hub.clock.now()) + VALID_MS,
        "jti": f"return-{sha256(sealed.encode()).hexdigest()[:40]}",
        "sealed": sealed,
    }
    return f"{hub.settings.origin}/confirm/{hub.signer.seal('confirm', claims)}"


def read_link(hub: Hub, token: str) -> Invitation:
    """Look at a link without using it (a mail scanner may do so). Raises Forged or Expired."""
    claims = hub.signer.open("confirm", token)
    if claims is None:
        raise Forged("this link was not made by this shop")
    invitation = Invitation(
        int(claims["seq"]), str(claims["loc"]), str(claims["jti"]), str(claims.get("sealed", ""))
    )
    if int(claims["exp"]) < to_ms(hub.clock.now()):
        raise Expired("this link is too old", invitation.locale)
    return invitation


async def read_question(hub: Hub, token: str) -> Question:
    """What the link asks. Changes nothing. Raises Forged or Expired."""
    invitation = read_link(hub, token)
    if await hub.database.fetch("SELECT 1 FROM used_token WHERE jti = ?", (invitation.jti,)):
        raise Expired("this link was used before", invitation.locale)
    if invitation.sealed:
        return _wished(hub, invitation)
    rows = await hub.database.fetch(
        "SELECT n.value, l.source_id, l.body FROM log l JOIN node n ON n.id = l.node_id "
        "WHERE l.seq = ? AND l.kind = 'consent' AND l.name = 'requested' AND n.type = 'email'",
        (invitation.seq,),
    )
    if not rows:
        raise Expired("the request is no longer on record", invitation.locale)
    email, source_id, text = rows[0]
    body = orjson.loads(text)
    form = body.get("form") or {}
    return Question(
        invitation=invitation,
        email=email,
        purpose=str(body["purpose"]),
        text_version=str(body.get("text_version", "")),
        text=str(form.get("consent_text", "")),
        source_id=source_id,
        page=str(form.get("page", "")),
        asked=f"request {invitation.seq}",
    )


def _wished(hub: Hub, invitation: Invitation) -> Question:
    wish = open_wish(hub, invitation.sealed)
    if wish is None:
        raise Forged("this link was not made by this shop")
    return Question(
        invitation=invitation,
        email=wish.email,
        purpose=wish.purpose,
        text_version=wish.text_version,
        text=wish.consent_text,
        source_id=wish.source_id,
        page=wish.page,
        asked=f"asked at {wish.asked_at}",
    )


async def confirm(hub: Hub, token: str) -> str:
    """Use the link; answer the shop's address to go back to. Raises Forged or Expired.

    The address carries a short-lived key: the browser that opens the shop with it, and holds a
    device token, proves to be this mailbox owner's own.
    """
    question = await read_question(hub, token)
    invitation = question.invitation
    now = to_ms(hub.clock.now())
    if not await use_once(hub, invitation.jti, now):
        raise Expired("this link was used before", invitation.locale)
    if email_identifier(question.email) in hub.suppressed:
        await come_back(hub, email_identifier(question.email), f"double opt-in {invitation.jti}")
    entry = consent_entry(
        source_id=question.source_id,
        subject=email_identifier(question.email),
        state="granted",
        at=now,
        body={
            "purpose": question.purpose,
            "channel": "email",
            "basis": "consent",
            "text_version": question.text_version,
            "source": "confirmed by mail",
            "proof": f"{question.asked}, link {invitation.jti}, pressed at {now}",
            "proved": True,
        },
    )
    seq = await append_once(hub, entry, invitation.jti)
    return _back_to_shop(hub, question, seq, now)


def _back_to_shop(hub: Hub, question: Question, seq: int, now: int) -> str:
    source = hub.sources.get(question.source_id)
    shop = source.shop_url if source else ""
    page = question.page if _same_site(question.page, shop) else shop
    if not page:
        return ""
    # No address in it: it stands in the shop's address bar, where other scripts read along.
    claims: dict[str, str | int] = {
        "seq": seq,
        "exp": now + LINK_VALID_MS,
        "jti": secrets.token_hex(8),
    }
    key = hub.signer.seal("link", claims)
    parts = urlsplit(page)
    given = parse_qsl(parts.query, keep_blank_values=True)
    query = [(k, v) for k, v in given if k != "rgl_k"]
    return urlunsplit(parts._replace(query=urlencode([*query, ("rgl_k", key)])))


def _same_site(page: str, shop: str) -> bool:
    """Only ever back to the shop itself: the page came from a browser."""
    try:
        return bool(shop) and urlsplit(page)[:2] == urlsplit(shop)[:2]
    except ValueError:
        return False

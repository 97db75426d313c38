"""device, consent, link: what a browser may say about itself."""

from __future__ import annotations

from typing import Any

import msgspec
import orjson

from hub.clock import to_ms
from hub.core import Hub, SourceRow
from hub.ingest.limits import BadInput
from hub.sdk.records import Identifier, Link
from hub.store.database import Entry

PURPOSES = ("analytics", "personalisation")
SOURCES = ("banner", "gcm", "api", "tcf", "wp")


class ConsentChoice(msgspec.Struct):
    purposes: dict[str, bool]
    text_version: str = ""
    source: str = "api"


class DeviceRequest(msgspec.Struct):
    writeKey: str
    consent: ConsentChoice


class ConsentRequest(msgspec.Struct):
    writeKey: str
    token: str
    purposes: dict[str, bool]
    text_version: str = ""
    source: str = "api"


class LinkRequest(msgspec.Struct):
    writeKey: str
    token: str
    k: str


async def mint_device(hub: Hub, source: SourceRow, choice: ConsentChoice) -> str:
    """A token for a browser whose visitor agreed to something; "" when she agreed to nothing.

    The agreement is in the ledger before the token leaves the hub.
    """
    if not any(choice.purposes.values()):
        return ""
    token = hub.signer.mint_device()
    await _record(hub, source, hub.signer.device(token), choice)
    return token


async def change_consent(hub: Hub, source: SourceRow, request: ConsentRequest) -> bool:
    """Record the visitor's new choice; answer whether the token may be kept."""
    did = hub.signer.device(request.token)
    if not did:
        raise BadInput("token: not a device token of this hub")
    choice = ConsentChoice(request.purposes, request.text_version, request.source)
    seq = await _record(hub, source, did, choice)
    await hub.views.reached(seq)
    return any(choice.purposes.values())


async def link_device(hub: Hub, source: SourceRow, request: LinkRequest) -> bool:
    """A confirmed mail link was opened in this browser: the device is that person's, verified."""
    did = hub.signer.device(request.token)
    claims = hub.signer.open("link", request.k)
    now = to_ms(hub.clock.now())
    if not did or claims is None or int(claims["exp"]) < now:
        return False
    if not await use_once(hub, str(claims["jti"]), now):
        return False
    email = Identifier("", "email", str(claims["email"]))
    entry = Entry(
        kind="link",
        name="mail link",
        subject=Identifier("", "device", did),
        links=(Link(email, "verified"),),
        at=now,
        received_at=now,
        source_id=source.id,
        body="{}",
    )
    (stored,) = await hub.writer.append([entry])
    await hub.views.reached(stored.seq)
    return True


async def use_once(hub: Hub, jti: str, now: int) -> bool:
    """True for the first caller with this id, and for nobody after."""
    async with hub.database.transaction() as transaction:
        return bool(
            await transaction.execute(
                "INSERT INTO used_token (jti, at) VALUES (?, ?) ON CONFLICT (jti) DO NOTHING",
                (jti, now),
            )
        )


async def _record(hub: Hub, source: SourceRow, did: str, choice: ConsentChoice) -> int:
    unknown = set(choice.purposes) - set(PURPOSES)
    if unknown:
        raise BadInput(f"purposes: '{sorted(unknown)[0][:40]}' is not one of {', '.join(PURPOSES)}")
    if choice.source not in SOURCES:
        raise BadInput(f"source: '{choice.source[:40]}' is not one of {', '.join(SOURCES)}")
    now = to_ms(hub.clock.now())
    entries = [
        consent_entry(
            source_id=source.id,
            subject=Identifier("", "device", did),
            state="granted" if granted else "withdrawn",
            at=now,
            body={"purpose": purpose, "channel": "site", "basis": "consent",
                  "text_version": choice.text_version[:64], "source": choice.source},
        )
        for purpose, granted in choice.purposes.items()
    ]  # fmt: skip
    stored = await hub.writer.append(entries)
    return stored[-1].seq if stored else 0


def consent_entry(
    *,
    source_id: int,
    subject: Identifier,
    state: str,
    at: int,
    body: dict[str, Any],
    links: tuple[Link, ...] = (),
) -> Entry:
    """One line for the consent ledger."""
    text = orjson.dumps(body).decode()
    return Entry("consent", state, subject, links, at, at, source_id, text)

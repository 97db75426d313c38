"""An erased person asks to come back: her mailbox is asked, and until she presses nothing of her is
kept in the clear. The request travels, encrypted, in the link itself.
"""

from __future__ import annotations

import msgspec
import orjson

from hub.clock import to_ms
from hub.core import Hub
from hub.sdk.identifiers import email_identifier
from hub.store.database import DAY_MS
from hub.store.vault import WrongKey

KIND = "return_opt_in"
PLACE = "return"
MAX_TEXT = 700  # what a link can carry
MAX_PAGE = 200


class Wish(msgspec.Struct, frozen=True):
    """What was typed into the pop-up, and what its reader was shown."""

    email: str
    locale: str
    purpose: str
    text_version: str
    consent_text: str
    page: str
    source_id: int
    asked_at: int


async def ask_mailbox(hub: Hub, wish: Wish) -> None:
    """Plan the mail, one a day at most: anybody may type in anybody's address."""
    short = msgspec.structs.replace(
        wish, consent_text=wish.consent_text[:MAX_TEXT], page=wish.page[:MAX_PAGE]
    )
    hashed = hub.privacy.hash(email_identifier(wish.email))
    now = to_ms(hub.clock.now())
    payload = orjson.dumps({"sealed": seal_wish(hub, short)}).decode()
    await hub.database.write([(
        "INSERT INTO outbox (key, channel, kind, purpose, node_id, payload, state, attempts, "
        "next_at, lease_until, reason, receipt, created_at, updated_at) "
        "VALUES (?,'email',?,'service',NULL,?,'planned',0,?,0,'','',?,?) "
        "ON CONFLICT (key) DO NOTHING",
        [(f"{KIND}:{hashed[:32]}:{now // DAY_MS}", KIND, payload, now, now, now)],
    )])  # fmt: skip


def seal_wish(hub: Hub, wish: Wish) -> str:
    """The wish, readable by this hub alone."""
    return hub.vault.seal(PLACE, {"wish": msgspec.json.encode(wish).decode()})


def open_wish(hub: Hub, sealed: str) -> Wish | None:
    """The wish again, or None when it is not one of this hub."""
    try:
        return msgspec.json.decode(hub.vault.open(PLACE, sealed)["wish"], type=Wish)
    except (WrongKey, KeyError, ValueError, msgspec.DecodeError):
        return None

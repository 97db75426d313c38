"""What the hub sees of a request that comes in from outside, told to its own doctor only."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

import msgspec

from hub.clock import to_ms
from hub.core import Hub
from hub.flows.device import use_once
from hub.ingest.tokens import Signer

PATH = "/health/echo"
LIFE = timedelta(minutes=1)
MAX_TOKEN = 500


class Echo(msgspec.Struct, frozen=True):
    """Scheme, host and client as the hub believes them, and whether a trusted proxy spoke.

    `seen` says when each source called last, in ms: the database learns it a little later.
    """

    scheme: str
    host: str
    client: str
    trusted: bool
    forwarded: bool
    seen: dict[str, int] = {}


def echo_token(signer: Signer, now: datetime) -> str:
    """A token that works once, within a minute; only who holds secret.key can make it."""
    return signer.seal("echo", {"exp": to_ms(now + LIFE), "jti": secrets.token_hex(12)})


async def may_hear(hub: Hub, token: str) -> bool:
    """Whether a token is genuine, in time and new."""
    claims = hub.signer.open("echo", token[:MAX_TOKEN])
    now = to_ms(hub.clock.now())
    if claims is None or not isinstance(claims.get("exp"), int) or int(claims["exp"]) < now:
        return False
    return await use_once(hub, f"echo-{claims.get('jti', '')}"[:64], now)

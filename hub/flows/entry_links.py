"""One-time links by which a person enters without a password: at set-up, and after losing it."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from hub.clock import to_ms
from hub.core import Hub
from hub.ingest.tokens import Signer
from hub.sdk.clock import Clock
from hub.settings import Settings, load_secret
from hub.store.database import Row
from hub.store.once import read_once

SETUP_MS = 24 * 3_600_000
LOGIN_MS = 3_600_000
LOST_MS = 15 * 60_000
STAFF_SQL = "SELECT id FROM staff WHERE email = ?"


def setup_link(hub: Hub) -> str:
    """Where the first account is made; only who sees the terminal knows it."""
    claims: dict[str, str | int] = {"exp": to_ms(hub.clock.now()) + SETUP_MS}
    return f"{hub.settings.origin}/admin/setup?token={hub.signer.seal('setup', claims)}"


async def login_link(hub: Hub, email: str) -> str:
    """A single-use link for an existing account. Raises LookupError."""
    rows = await hub.database.fetch(STAFF_SQL, (email.strip().casefold(),))
    return _login(hub.settings, hub.signer, hub.clock, email, rows, lost=False)


async def lost_password_link(settings: Settings, clock: Clock, email: str) -> str:
    """The same from outside, also while the hub runs; it leads to a form that sets another
    password without asking for the old one. Raises LookupError."""
    signer = Signer(load_secret(settings.data_dir))
    rows = await read_once(settings.url, STAFF_SQL, (email.strip().casefold(),))
    return _login(settings, signer, clock, email, rows, lost=True)


def _login(
    settings: Settings, signer: Signer, clock: Clock, email: str, rows: Sequence[Row], *, lost: bool
) -> str:
    if not rows:
        raise LookupError(f"no account has the address {email}")
    claims: dict[str, str | int] = {
        "staff": rows[0][0],
        "exp": to_ms(clock.now()) + LOGIN_MS,
        "jti": secrets.token_hex(12),
        "lost": int(lost),
    }
    return f"{settings.origin}/admin/enter?token={signer.seal('login', claims)}"


def pass_for_password(hub: Hub, staff_id: int, session: str) -> str:
    """Proof, for a quarter of an hour and this session, that its holder came by such a link."""
    claims: dict[str, str | int] = {
        "staff": staff_id,
        "exp": to_ms(hub.clock.now()) + LOST_MS,
        "session": hub.signer.mac("lost", session),
    }
    return hub.signer.seal("lost", claims)


def is_pass_for_password(hub: Hub, text: str, staff_id: int, session: str) -> bool:
    """Whether the text is such a proof."""
    claims = hub.signer.open("lost", text) or {}
    return (
        claims.get("staff") == staff_id
        and claims.get("session") == hub.signer.mac("lost", session)
        and int(claims.get("exp", 0)) > to_ms(hub.clock.now())
    )

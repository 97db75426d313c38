"""One-time links by which a person enters without a password: at set-up, and after losing it."""

from __future__ import annotations

import secrets

from hub.clock import to_ms
from hub.core import Hub

SETUP_MS = 24 * 3_600_000
LOGIN_MS = 3_600_000


def setup_link(hub: Hub) -> str:
    """Where the first account is made; only who sees the terminal knows it."""
    claims: dict[str, str | int] = {"exp": to_ms(hub.clock.now()) + SETUP_MS}
    return f"{hub.settings.origin}/admin/setup?token={hub.signer.seal('setup', claims)}"


async def login_link(hub: Hub, email: str) -> str:
    """A single-use link for an existing account. Raises LookupError."""
    rows = await hub.database.fetch(
        "SELECT id FROM staff WHERE email = ?", (email.strip().casefold(),)
    )
    if not rows:
        raise LookupError(f"no account has the address {email}")
    claims: dict[str, str | int] = {
        "staff": rows[0][0],
        "exp": to_ms(hub.clock.now()) + LOGIN_MS,
        "jti": secrets.token_hex(12),
    }
    return f"{hub.settings.origin}/admin/enter?token={hub.signer.seal('login', claims)}"

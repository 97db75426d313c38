"""account: what a colleague does with the own account: another password, other sessions."""

from __future__ import annotations

import asyncio

import msgspec

from hub.clock import to_ms
from hub.core import Hub
from hub.flows.entry_links import is_pass_for_password
from hub.flows.staff import (
    ABSOLUTE_MS,
    IDLE_MS,
    StaffError,
    hash_password,
    is_password,
    session_digest,
    throttle,
)


class SessionRow(msgspec.Struct, frozen=True):
    """A browser that is signed in."""

    created_at: int
    used_at: int
    own: bool


async def list_sessions(hub: Hub, staff_id: int, token: str) -> list[SessionRow]:
    """Where this account is signed in, the newest first; `own` is the one of `token`."""
    now = to_ms(hub.clock.now())
    rows = await hub.database.fetch(
        "SELECT token_hash, created_at, used_at FROM staff_session WHERE staff_id = ? "
        "AND created_at > ? AND used_at > ? ORDER BY used_at DESC",
        (staff_id, now - ABSOLUTE_MS, now - IDLE_MS),
    )
    own = session_digest(token)
    return [SessionRow(row[1], row[2], row[0] == own) for row in rows]


async def close_other_sessions(hub: Hub, staff_id: int, token: str) -> None:
    """Sign the account out everywhere but here."""
    sql = "DELETE FROM staff_session WHERE staff_id = ? AND token_hash <> ?"
    await hub.database.write([(sql, [(staff_id, session_digest(token))])])


async def change_password(
    hub: Hub, staff_id: int, *, old: str, new: str, token: str, proof: str = ""
) -> None:
    """Take another password and end every other session. Raises StaffError, Throttled.

    The old one is asked for: whoever finds an open page must not lock its owner out. `proof`
    replaces it for a person who came by a link because the password is lost.
    """
    rows = await hub.database.fetch(
        "SELECT email, password_hash FROM staff WHERE id = ?", (staff_id,)
    )
    if not is_pass_for_password(hub, proof, staff_id, token):
        keys = {"account": hub.signer.mac("password", str(staff_id))}
        await throttle(hub, keys, to_ms(hub.clock.now()))
        if not rows or not await asyncio.to_thread(is_password, rows[0][1], old):
            raise StaffError("old", "this is not your password of today")
    hashed = await hash_password(new, rows[0][0])
    await hub.database.write([
        ("UPDATE staff SET password_hash = ? WHERE id = ?", [(hashed, staff_id)]),
        ("DELETE FROM staff_session WHERE staff_id = ? AND token_hash <> ?",
         [(staff_id, session_digest(token))]),
    ])  # fmt: skip

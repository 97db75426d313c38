"""staff: the people who work in the admin pages, how they sign in, and what they may do."""

from __future__ import annotations

import asyncio
import secrets
from hashlib import sha256
from typing import Literal, cast

import msgspec
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from hub.clock import to_ms
from hub.core import Hub
from hub.flows.device import use_once
from hub.store.database import Row

Role = Literal["owner", "editor", "viewer"]
ROLES: tuple[Role, ...] = ("viewer", "editor", "owner")  # each may do what those before it may
IDLE_MS = 12 * 3_600_000
ABSOLUTE_MS = 14 * 86_400_000
MINUTE_MS = 60_000
MIN_PASSWORD = 12
MAX_PASSWORD = 200
ATTEMPTS = {"account": 8, "address": 30}
ATTEMPT_WINDOW_MS = 15 * MINUTE_MS
STAFF_COLUMNS = "id, email, name, role, disabled, created_at"

_hasher = PasswordHasher()
# Checked when nobody has the address, so that the answer takes as long as a wrong password.
_nobody = _hasher.hash(secrets.token_urlsafe(16))


class StaffError(Exception):
    """The form can not be taken; `field` names the place."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class Throttled(Exception):
    """Too many attempts lately, for this account or from this address."""


class SetupClosed(Exception):
    """Somebody made the first account already."""


class StaffRow(msgspec.Struct, frozen=True):
    id: int
    email: str
    name: str
    role: Role
    disabled: bool
    created_at: int

    def may(self, role: str) -> bool:
        """Whether this person may do what `role` may."""
        return ROLES.index(self.role) >= ROLES.index(cast(Role, role))


async def setup_open(hub: Hub) -> bool:
    """Whether the first account is still to be made."""
    return not await hub.database.fetch("SELECT 1 FROM staff LIMIT 1")


async def create_owner(hub: Hub, *, email: str, name: str, password: str) -> StaffRow:
    """The first account. Raises SetupClosed when there is one, StaffError for a wrong field."""
    row = await _new_row(hub, email, name, password, "owner")
    async with hub.database.transaction() as transaction:
        if await transaction.fetch("SELECT 1 FROM staff LIMIT 1"):
            raise SetupClosed
        await transaction.execute(_INSERT, row)
    return await _by_email(hub, row[0])


async def add_staff(hub: Hub, *, email: str, name: str, password: str, role: str) -> StaffRow:
    """One more account. Raises StaffError naming the field."""
    row = await _new_row(hub, email, name, password, role)
    async with hub.database.transaction() as transaction:
        if await transaction.fetch("SELECT 1 FROM staff WHERE email = ?", (row[0],)):
            raise StaffError("email", "there is an account with this address already")
        await transaction.execute(_INSERT, row)
    return await _by_email(hub, row[0])


async def list_staff(hub: Hub) -> list[StaffRow]:
    """All accounts, by address."""
    rows = await hub.database.fetch(f"SELECT {STAFF_COLUMNS} FROM staff ORDER BY email")  # noqa: S608
    return [_staff(row) for row in rows]


async def set_disabled(hub: Hub, staff_id: int, disabled: bool) -> None:
    """Shut an account out at once, or let it in again. Raises StaffError for the last owner."""
    async with hub.database.transaction() as transaction:
        if disabled:
            others = await transaction.fetch(
                "SELECT 1 FROM staff WHERE role = 'owner' AND disabled = ? AND id <> ? LIMIT 1",
                (False, staff_id),
            )
            if not others:
                raise StaffError("disabled", "the last owner can not be shut out")
            await transaction.execute("DELETE FROM staff_session WHERE staff_id = ?", (staff_id,))
        await transaction.execute(
            "UPDATE staff SET disabled = ? WHERE id = ?", (disabled, staff_id)
        )


async def login(hub: Hub, *, email: str, password: str, address: str) -> StaffRow | None:
    """The account of this e-mail address and password, or None. Raises Throttled.

    `address` is the network that the caller comes from, cut.
    """
    email = email.strip().casefold()[:320]
    now = to_ms(hub.clock.now())
    # Keyed: nobody who reads the table finds the address by trying them all.
    keys = {
        kind: hub.signer.mac(kind, of) for kind, of in (("account", email), ("address", address))
    }
    await throttle(hub, keys, now)
    rows = await hub.database.fetch(
        f"SELECT {STAFF_COLUMNS}, password_hash FROM staff WHERE email = ?",  # noqa: S608
        (email,),
    )
    hashed = rows[0][6] if rows else _nobody
    # Off the loop: the hash takes its time on purpose, and pages must not wait for it.
    right = await asyncio.to_thread(is_password, hashed, password) and bool(rows)
    if not right or _staff(rows[0][:6]).disabled:
        return None
    await hub.database.write([("DELETE FROM login_attempt WHERE key = ?", [(keys["account"],)])])
    return _staff(rows[0][:6])


async def enter(hub: Hub, token: str) -> tuple[StaffRow, bool] | None:
    """The account of a one-click link that is genuine, in time, and used for the first time;
    and whether it was asked for because the password is lost."""
    claims = hub.signer.open("login", token)
    now = to_ms(hub.clock.now())
    if claims is None or not isinstance(claims.get("exp"), int) or int(claims["exp"]) < now:
        return None
    if not await use_once(hub, f"login-{claims.get('jti', '')}"[:64], now):
        return None
    rows = await hub.database.fetch(
        f"SELECT {STAFF_COLUMNS} FROM staff WHERE id = ?",  # noqa: S608
        (int(claims["staff"]),),
    )
    staff = _staff(rows[0]) if rows else None
    return None if staff is None or staff.disabled else (staff, bool(claims.get("lost")))


async def open_session(hub: Hub, staff: StaffRow) -> str:
    """A new session; its cookie's value. Only the hash is stored."""
    token = secrets.token_urlsafe(32)
    now = to_ms(hub.clock.now())
    await hub.database.write([
        ("DELETE FROM staff_session WHERE created_at < ? OR used_at < ?",
         [(now - ABSOLUTE_MS, now - IDLE_MS)]),
        ("INSERT INTO staff_session (token_hash, staff_id, created_at, used_at) VALUES (?,?,?,?)",
         [(session_digest(token), staff.id, now, now)]),
    ])  # fmt: skip
    return token


async def session_staff(hub: Hub, token: str) -> StaffRow | None:
    """Whose session this is, or None when it is unknown, over, or its account is disabled."""
    if not token or len(token) > 100:
        return None
    now = to_ms(hub.clock.now())
    columns = ", ".join(f"s.{name}" for name in STAFF_COLUMNS.split(", "))
    rows = await hub.database.fetch(
        f"SELECT {columns}, x.used_at FROM staff_session x JOIN staff s ON s.id = x.staff_id "  # noqa: S608
        "WHERE x.token_hash = ? AND x.created_at > ? AND x.used_at > ? AND s.disabled = ?",
        (session_digest(token), now - ABSOLUTE_MS, now - IDLE_MS, False),
    )
    if not rows:
        return None
    if now - rows[0][6] > MINUTE_MS:
        sql = "UPDATE staff_session SET used_at = ? WHERE token_hash = ?"
        await hub.database.write([(sql, [(now, session_digest(token))])])
    return _staff(rows[0][:6])


async def close_session(hub: Hub, token: str) -> None:
    """End one session."""
    sql = "DELETE FROM staff_session WHERE token_hash = ?"
    await hub.database.write([(sql, [(session_digest(token),)])])


_INSERT = (
    "INSERT INTO staff (email, name, role, password_hash, disabled, created_at) "
    "VALUES (?,?,?,?,?,?)"
)


async def _new_row(hub: Hub, email: str, name: str, password: str, role: str) -> Row:
    email = email.strip().casefold()
    local, _, domain = email.rpartition("@")
    if not local or "." not in domain or len(email) > 320 or any(c.isspace() for c in email):
        raise StaffError("email", "write an e-mail address, like anna@shop.example")
    if role not in ROLES:
        raise StaffError("role", f"one of {', '.join(ROLES)}")
    hashed = await hash_password(password, email)
    return (email, name.strip()[:100], role, hashed, False, to_ms(hub.clock.now()))


async def hash_password(password: str, email: str) -> str:
    """The stored form of a new password. Raises StaffError for one that is easy to guess."""
    if len(password) < MIN_PASSWORD:
        raise StaffError("password", f"at least {MIN_PASSWORD} characters; a sentence is fine")
    if len(password) > MAX_PASSWORD:
        raise StaffError("password", f"at most {MAX_PASSWORD} characters")
    if len(set(password)) < 5 or password.casefold() in (email, email.rpartition("@")[0]):
        raise StaffError("password", "too easy to guess; take a few words that others do not know")
    return await asyncio.to_thread(_hasher.hash, password)


async def _by_email(hub: Hub, email: str) -> StaffRow:
    rows = await hub.database.fetch(
        f"SELECT {STAFF_COLUMNS} FROM staff WHERE email = ?",  # noqa: S608
        (email,),
    )
    return _staff(rows[0])


async def throttle(hub: Hub, keys: dict[str, str], now: int) -> None:
    """Note one attempt per key (kind -> keyed hash). Raises Throttled."""
    since = now - ATTEMPT_WINDOW_MS
    for kind, key in keys.items():
        rows = await hub.database.fetch(
            "SELECT COUNT(*) FROM login_attempt WHERE key = ? AND at > ?", (key, since)
        )
        if rows[0][0] >= ATTEMPTS[kind]:
            raise Throttled
    await hub.database.write([
        ("DELETE FROM login_attempt WHERE at <= ?", [(since,)]),
        ("INSERT INTO login_attempt (key, at) VALUES (?, ?)", [(k, now) for k in keys.values()]),
    ])  # fmt: skip


def is_password(hashed: str, password: str) -> bool:
    """Whether the password is the one of this stored form. Slow on purpose."""
    try:
        return _hasher.verify(hashed, password[:MAX_PASSWORD])
    except (VerificationError, InvalidHashError):
        return False


def session_digest(text: str) -> str:
    """What is stored of a session's cookie."""
    return sha256(text.encode()).hexdigest()


def _staff(row: Row) -> StaffRow:
    return StaffRow(row[0], row[1], row[2], row[3], bool(row[4]), row[5])

"""deliver: outbox row -> gate -> channel. planned = waiting + done + failed + suppressed + unknown.

A row is leased just before it leaves and settled just after; a row that is still leased when its
time is over has an unknown fate and is never sent again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from email.utils import format_datetime

import msgspec
import orjson

from hub.clock import to_ms
from hub.core import Hub
from hub.flows.decision_log import REFUSAL_SQL
from hub.flows.double_opt_in import opt_in_message, return_message
from hub.flows.outbox import ATTENTION, Due
from hub.flows.suppress_return import KIND as RETURN
from hub.gate.verdict import MARKETING, Output, Standing, refusal
from hub.profiles.state import Consent, request_key
from hub.sdk.channel import Channel, Message, Receipt
from hub.sdk.errors import NeedsAttention, Refused, Retryable
from hub.store.database import StoreUnavailable

log = logging.getLogger("hub.deliver")

LEASE_MS = 600_000
SEND_SECONDS = 300  # well within the lease: a row must not be parked while it is being sent
BATCH = 20
# 30 s, 1 min, 2 min ... 4 h: a day and a half hour in all, then it has failed.
MAX_ATTEMPTS = 15
FIRST_PAUSE_MS = 30_000
LONGEST_PAUSE_MS = 4 * 3_600_000
# How long a channel rests whose settings a person must mend: its server must not be hammered.
ATTENTION_PAUSE_MS = 5 * 60_000
DAY_MS = 86_400_000
# Confirmation mails one address may get in a day, whoever types it in.
CAPS_PER_DAY = {"double_opt_in": 3}
# An answer that comes this late only puzzles its reader.
MAX_AGE_MS = {"double_opt_in": 3 * DAY_MS, RETURN: 3 * DAY_MS}

Composer = Callable[[Hub, Due], Awaitable[Message]]
COMPOSERS: dict[str, Composer] = {"double_opt_in": opt_in_message, RETURN: return_message}


async def deliver_due(hub: Hub) -> int:
    """Send what is due now; answer how many rows were dealt with. Paused output waits."""
    now = to_ms(hub.clock.now())
    await _park_lost(hub, now)
    if hub.workspace.pause_output:
        return 0
    await _let_rest(hub, now)
    rows = await hub.database.fetch(
        "SELECT id, key, channel, kind, purpose, node_id, attempts, created_at, payload "
        "FROM outbox WHERE state = 'planned' AND next_at <= ? ORDER BY next_at, id LIMIT ?",
        (now, BATCH),
    )
    for row in rows:
        if hub.workspace.pause_output:
            break
        values = (*row[:-1], orjson.loads(row[-1]))
        await _deliver(hub, Due(*values), now)
    return len(rows)


async def _deliver(hub: Hub, due: Due, now: int) -> None:
    reason = _too_old(due, now) or await _refusal(hub, due, now)
    if reason:
        await _suppress(hub, due, now, reason)
        return
    channel = hub.plugins.channels.get(due.channel)
    if channel is None:
        await _call_person(hub, due.channel, now, "no plugin offers this channel")
        return
    message = await _compose(hub, due)
    if message is not None and await _lease(hub, due, now):
        await _send(hub, due, channel, message, now)


async def _compose(hub: Hub, due: Due) -> Message | None:
    """The message, or None when it can not be written: then the row has failed."""
    try:
        message = await COMPOSERS[due.kind](hub, due)
    except StoreUnavailable:
        raise
    except Exception as error:  # one row that can not be written must not stop the others
        log.exception("outbox row %s can not be written", due.id)
        await _settle(hub, due, "failed", f"can not be written: {type(error).__name__}: {error}")
        return None
    date = {"Date": format_datetime(hub.clock.now())} if due.channel == "email" else {}
    return msgspec.structs.replace(message, headers={**date, **message.headers})


async def _send(hub: Hub, due: Due, channel: Channel, message: Message, now: int) -> None:
    try:
        async with asyncio.timeout(SEND_SECONDS):
            receipt = _checked(await channel.send(message))
    except Refused as error:
        await _settle(hub, due, "failed", str(error))
    except Retryable as error:
        await _again(hub, due, now, error)
    except NeedsAttention as error:
        await _release(hub, due, now + ATTENTION_PAUSE_MS, ATTENTION + str(error), due.attempts)
        await _call_person(hub, due.channel, now, str(error))
    except Exception as error:  # a broken plugin: whether the message left is not known
        log.exception("channel %s broke on outbox row %s", due.channel, due.id)
        await _settle(hub, due, "unknown", f"the channel broke: {type(error).__name__}")
    else:
        reason = "" if receipt.state == "done" else "the other side did not say whether it took it"
        await _settle(hub, due, receipt.state, reason, receipt.reference)
        hub.attention.pop(_part(due.channel), None)


def _checked(receipt: object) -> Receipt:
    if not isinstance(receipt, Receipt) or receipt.state not in ("done", "unknown"):
        raise TypeError("a channel answers with a Receipt")
    return receipt


def _too_old(due: Due, now: int) -> str:
    limit = MAX_AGE_MS.get(due.kind)
    return "too old to be sent" if limit and now - due.created_at > limit else ""


async def _refusal(hub: Hub, due: Due, now: int) -> str:
    sent = await hub.database.fetch(
        "SELECT COUNT(*) FROM outbox WHERE node_id = ? AND kind = ? AND id <> ? "
        "AND state IN ('leased','done','unknown') AND updated_at > ?",
        (due.node_id, due.kind, due.id, now - DAY_MS),
    )
    consents, asked = await _consents(hub, due)
    refused = refusal(
        Output(due.kind, due.channel, due.purpose, asked=asked),
        Standing(consents, recent=sent[0][0], cap=CAPS_PER_DAY.get(due.kind)),
    )
    return refused.reason if refused is not None else ""


async def _consents(hub: Hub, due: Due) -> tuple[dict[str, Consent], str]:
    """What the ledger says of this very address, and the purpose of the request it answers.

    Of the address, not of the person: who agreed with one mailbox has not agreed with another.
    """
    if due.kind == RETURN:  # of who was erased nothing is on record; the row is her request
        asked_now = Consent("requested", "consent", due.created_at, 0, "")
        return {request_key(MARKETING, due.channel): asked_now}, MARKETING
    rows = await hub.database.fetch(
        "SELECT seq, purpose, state, basis, at, text_version FROM consent "
        "WHERE node_id = ? AND channel = ? ORDER BY at, seq",
        (due.node_id, due.channel),
    )
    newest: dict[str, Consent] = {}
    asked = ""
    for seq, purpose, state, basis, at, text_version in rows:
        if seq == due.payload.get("seq"):
            asked = purpose
        key = f"{purpose}/{due.channel}"
        if state == "requested":
            key = request_key(purpose, due.channel)
        newest[key] = Consent(state, basis, at, seq, text_version)
    return newest, asked


async def _suppress(hub: Hub, due: Due, now: int, reason: str) -> None:
    refused = (now, due.kind, due.purpose, reason[:64], due.node_id)
    settled = ("suppressed", reason, "", now, due.id)
    await hub.database.write([(SETTLE_SQL, [settled]), (REFUSAL_SQL, [refused])])


async def _lease(hub: Hub, due: Due, now: int) -> bool:
    """Take the row for one try; False when it went to somebody else or must wait after all."""
    async with hub.database.transaction() as transaction:
        return bool(
            await transaction.execute(
                "UPDATE outbox SET state = 'leased', lease_until = ?, updated_at = ? "
                "WHERE id = ? AND state = 'planned' AND next_at <= ?",
                (now + LEASE_MS, now, due.id, now),
            )
        )


async def _again(hub: Hub, due: Due, now: int, error: Retryable) -> None:
    """A passing fault: the message waits, longer each time, then it has failed."""
    if due.attempts + 1 >= MAX_ATTEMPTS:
        await _settle(hub, due, "failed", f"given up after {MAX_ATTEMPTS} tries: {error}")
        return
    pause = min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2**due.attempts)
    if error.after:
        pause = max(pause, min(round(error.after * 1000), DAY_MS))
    await _release(hub, due, now + pause, str(error), due.attempts + 1)


async def _release(hub: Hub, due: Due, next_at: int, reason: str, attempts: int) -> None:
    now = to_ms(hub.clock.now())
    await hub.database.write([(
        "UPDATE outbox SET state = 'planned', next_at = ?, reason = ?, attempts = ?, "
        "updated_at = ? WHERE id = ?",
        [(next_at, reason[:500], attempts, now, due.id)],
    )])  # fmt: skip


async def _call_person(hub: Hub, channel: str, now: int, reason: str) -> None:
    """Let the whole channel rest: no other message would fare better, and none loses a try."""
    hub.attention[_part(channel)] = reason
    await _rest(hub, channel, now, now + ATTENTION_PAUSE_MS, ATTENTION + reason)


async def _let_rest(hub: Hub, now: int) -> None:
    """What was planned meanwhile for a resting channel waits with the others."""
    rows = await hub.database.fetch(
        "SELECT channel, MAX(next_at), MAX(reason) FROM outbox WHERE state = 'planned' "
        "AND next_at > ? AND reason LIKE ? GROUP BY channel",
        (now, f"{ATTENTION}%"),
    )
    for channel, until, reason in rows:
        hub.attention.setdefault(_part(channel), reason.removeprefix(ATTENTION))
        await _rest(hub, channel, now, until, reason)


async def _rest(hub: Hub, channel: str, now: int, until: int, reason: str) -> None:
    await hub.database.write([(
        "UPDATE outbox SET next_at = ?, reason = ? "
        "WHERE state = 'planned' AND channel = ? AND next_at <= ?",
        [(until, reason[:500], channel, now)],
    )])  # fmt: skip


def _part(channel: str) -> str:
    return f"channel {channel}"


SETTLE_SQL = "UPDATE outbox SET state = ?, reason = ?, receipt = ?, updated_at = ? WHERE id = ?"


async def _settle(hub: Hub, due: Due, state: str, reason: str, receipt: str = "") -> None:
    now = to_ms(hub.clock.now())
    tried = "UPDATE outbox SET attempts = attempts + 1 WHERE id = ? AND state = 'leased'"
    settled = (state, reason[:500], receipt[:500], now, due.id)
    await hub.database.write([(tried, [(due.id,)]), (SETTLE_SQL, [settled])])


async def _park_lost(hub: Hub, now: int) -> None:
    """A row still leased after its time: the hub stopped between sending and noting it."""
    await hub.database.write([(
        "UPDATE outbox SET state = 'unknown', reason = 'the hub stopped while sending', "
        "attempts = attempts + 1, updated_at = ? WHERE state = 'leased' AND lease_until < ?",
        [(now, now)],
    )])  # fmt: skip

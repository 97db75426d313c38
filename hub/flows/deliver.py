"""deliver: outbox row -> gate -> channel. planned = done + failed + suppressed + unknown."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import orjson

from hub.clock import to_ms
from hub.core import Hub
from hub.flows.decision_log import REFUSAL_SQL
from hub.flows.double_opt_in import opt_in_message
from hub.gate.verdict import Output, Standing, refusal
from hub.sdk.channel import Message
from hub.sdk.errors import NeedsAttention, Refused, Retryable

LEASE_MS = 60_000
BATCH = 20
# Then a person must look: the mail server has refused for a day.
MAX_ATTEMPTS = 12
FIRST_PAUSE_MS = 10_000
LONGEST_PAUSE_MS = 4 * 3_600_000
# Confirmation mails one address may get in a day, whoever types it in.
REQUESTS_PER_DAY = 3
DAY_MS = 86_400_000


class Due(msgspec.Struct, frozen=True):
    id: int
    key: str
    channel: str
    kind: str
    purpose: str
    node_id: int
    payload: dict[str, Any]
    attempts: int


Composer = Callable[[Hub, Due], Awaitable[Message]]
COMPOSERS: dict[str, Composer] = {"double_opt_in": opt_in_message}


async def deliver_due(hub: Hub) -> int:
    """Send what is due now; answer how many rows were dealt with."""
    now = to_ms(hub.clock.now())
    await _park_lost(hub, now)
    rows = await hub.database.fetch(
        "SELECT id, key, channel, kind, purpose, node_id, payload, attempts FROM outbox "
        f"WHERE state = 'planned' AND next_at <= ? ORDER BY next_at, id LIMIT {BATCH}",
        (now,),
    )
    for row in rows:
        due = Due(*row[:6], orjson.loads(row[6]), row[7])
        await _deliver(hub, due, now)
    return len(rows)


async def _deliver(hub: Hub, due: Due, now: int) -> None:
    reason = await _refusal(hub, due, now)
    if reason:
        await _settle(hub, due, "suppressed", reason)
        refused = (now, due.kind, due.purpose, reason[:64], due.node_id)
        await hub.database.write([(REFUSAL_SQL, [refused])])
        return
    channel = hub.plugins.channels.get(due.channel)
    if channel is None:
        await _settle(hub, due, "failed", f"no plugin offers the channel {due.channel}")
        return
    message = await COMPOSERS[due.kind](hub, due)
    await _lease(hub, due, now)
    try:
        receipt = await channel.send(message)
    except Refused as error:
        await _settle(hub, due, "failed", str(error))
    except (Retryable, NeedsAttention) as error:
        await _again(hub, due, now, error)
    except Exception as error:  # a broken plugin: whether the mail left is not known
        await _settle(hub, due, "unknown", f"{type(error).__name__}: {error}")
    else:
        await _settle(hub, due, receipt.state, "", receipt.reference)


async def _refusal(hub: Hub, due: Due, now: int) -> str:
    view, _ = await hub.views.person_view(due.node_id)
    sent = await hub.database.fetch(
        "SELECT COUNT(*) FROM outbox WHERE node_id = ? AND kind = ? AND state IN ('done','unknown') "
        "AND updated_at > ?",
        (due.node_id, due.kind, now - DAY_MS),
    )
    refused = refusal(
        Output(due.kind, due.channel, due.purpose),
        Standing(
            view.consents,
            hub.workspace.pause_output,
            recent=sent[0][0],
            cap=REQUESTS_PER_DAY if due.kind == "double_opt_in" else None,
        ),
    )
    return refused.reason if refused is not None else ""


async def _lease(hub: Hub, due: Due, now: int) -> None:
    await hub.database.write([(
        "UPDATE outbox SET state = 'leased', lease_until = ?, attempts = attempts + 1, "
        "updated_at = ? WHERE id = ? AND state = 'planned'",
        [(now + LEASE_MS, now, due.id)],
    )])  # fmt: skip


async def _again(hub: Hub, due: Due, now: int, error: Exception) -> None:
    """A passing fault, or settings a person must mend: the message waits, longer each time."""
    if due.attempts + 1 >= MAX_ATTEMPTS:
        await _settle(hub, due, "failed", str(error))
        return
    pause = min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2**due.attempts)
    if isinstance(error, Retryable) and error.after:
        pause = max(pause, round(error.after * 1000))
    await hub.database.write([(
        "UPDATE outbox SET state = 'planned', next_at = ?, reason = ?, updated_at = ? WHERE id = ?",
        [(now + pause, str(error)[:500], now, due.id)],
    )])  # fmt: skip


async def _settle(hub: Hub, due: Due, state: str, reason: str, receipt: str = "") -> None:
    now = to_ms(hub.clock.now())
    await hub.database.write([(
        "UPDATE outbox SET state = ?, reason = ?, receipt = ?, updated_at = ? WHERE id = ?",
        [(state, reason[:500], receipt[:500], now, due.id)],
    )])  # fmt: skip


async def _park_lost(hub: Hub, now: int) -> None:
    """A row still leased after its time: the hub died between sending and noting it."""
    await hub.database.write([(
        "UPDATE outbox SET state = 'unknown', reason = 'the hub stopped while sending', "
        "updated_at = ? WHERE state = 'leased' AND lease_until < ?",
        [(now, now)],
    )])  # fmt: skip

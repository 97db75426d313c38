"""retention: what is kept longer than [retention] allows goes, each night, with counts."""

from __future__ import annotations

import msgspec
import orjson

from hub.clock import to_ms
from hub.core import Hub
from hub.flows.dictionary import old_examples
from hub.flows.log_window import first_seq_since
from hub.flows.retention_behaviour import old_behaviour
from hub.flows.suppress_return import KIND as RETURN
from hub.store.database import DAY_MS

JOB = "retention"
NIGHT_HOUR = 4  # after the backup
# A link in a mail lives seven days: what was used must be remembered that long.
LEAST_TOKEN_DAYS = 8
SETTLED = "state IN ('done', 'failed', 'suppressed', 'unknown')"


class Rule(msgspec.Struct, frozen=True):
    """`change`: "" removes the rows, else what is set. `where` has one `?`: the oldest moment."""

    table: str
    kept: str
    where: str
    change: str = ""
    least_days: int = 0


RULES = (
    Rule("decision", "decision", "at < ?"),
    Rule(
        "outbox",
        "message",
        f"updated_at < ? AND {SETTLED} AND (node_id IS NOT NULL OR payload <> '{{}}')",
        "payload = '{}', reason = '', receipt = '', node_id = NULL",
    ),
    Rule("refusal", "message", "at < ?"),
    Rule("used_token", "technical", "at < ?", least_days=LEAST_TOKEN_DAYS),
    Rule("login_attempt", "technical", "at < ?"),
    Rule("dead_letter", "technical", "at < ?"),
    Rule("staff_session", "technical", "used_at < ?"),
    Rule("import_run", "technical", "done AND updated_at < ? AND report <> '{}'", "report = '{}'"),
)


class Removed(msgspec.Struct, frozen=True):
    """What one rule removed, or would remove."""

    kept: str
    table: str
    days: int
    rows: int


async def retention(hub: Hub, *, dry: bool = False) -> list[Removed]:
    """Apply the settings once; `dry` only counts."""
    now = to_ms(hub.clock.now())
    found = []
    for rule in RULES:
        days = _days(hub, rule.kept)
        if not days:
            continue
        days = max(days, rule.least_days)
        rows = await _apply(hub, rule, now - days * DAY_MS, dry=dry)
        found.append(Removed(rule.kept, rule.table, days, rows))
    if days := _days(hub, "behaviour"):
        oldest = now - days * DAY_MS
        bound = await first_seq_since(hub, oldest)
        rows = await old_behaviour(hub, oldest, bound, dry=dry)
        found.append(Removed("behaviour", "log", days, rows))
        rows = await old_examples(hub.database, hub.dictionary, oldest, dry=dry)
        found.append(Removed("behaviour", "seen_kind", days, rows))
    if not dry:
        await _blank_wishes(hub)
        await hub.database.forget([r.table for r in found if r.rows])
    return found


def _days(hub: Hub, kept: str) -> int:
    return int(getattr(hub.settings.retention, f"{kept}_days"))


async def _apply(hub: Hub, rule: Rule, oldest: int, *, dry: bool) -> int:
    if dry:
        sql = f"SELECT COUNT(*) FROM {rule.table} WHERE {rule.where}"  # noqa: S608
        return int((await hub.database.fetch(sql, (oldest,)))[0][0])
    action = f"UPDATE {rule.table} SET {rule.change}"  # noqa: S608
    if not rule.change:
        action = f"DELETE FROM {rule.table}"  # noqa: S608
    async with hub.database.transaction() as transaction:
        return await transaction.execute(f"{action} WHERE {rule.where}", (oldest,))


async def _blank_wishes(hub: Hub) -> None:
    """The sealed wishes of people who may come back: once sent, the mail holds them."""
    sql = f"UPDATE outbox SET payload = '{{}}' WHERE kind = ? AND {SETTLED}"  # noqa: S608
    await hub.database.write([(sql, [(RETURN,)])])


async def retention_due(hub: Hub) -> bool:
    """Run once a night, whoever else asks: the slot is a row."""
    local = hub.clock.now().astimezone(hub.workspace.zone)
    if local.hour < NIGHT_HOUR:
        return False
    slot = f"{local:%Y-%m-%d}"
    async with hub.database.transaction() as transaction:
        first = await transaction.execute(
            "INSERT INTO job_run (job, slot, started_at, finished_at, counts) "
            "VALUES (?, ?, ?, 0, '{}') ON CONFLICT (job, slot) DO NOTHING",
            (JOB, slot, to_ms(hub.clock.now())),
        )
    if not first:
        return False
    removed = await retention(hub)
    counts = orjson.dumps({r.table: r.rows for r in removed}).decode()
    await hub.database.write([(
        "UPDATE job_run SET finished_at = ?, counts = ? WHERE job = ? AND slot = ?",
        [(to_ms(hub.clock.now()), counts, JOB, slot)],
    )])  # fmt: skip
    return True

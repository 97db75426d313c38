"""Requests to erase as people read them: how far each is, and what is to be done."""

from __future__ import annotations

import msgspec
import orjson

from hub.clock import to_ms
from hub.core import Hub
from hub.flows.erase import LATE_MS, OPEN
from hub.flows.retention import JOB, RULES
from hub.store.models import Erasure, ErasureStep

PAGE = 50


class StepView(msgspec.Struct, frozen=True):
    """`next_at`: when it is tried again, of a step that failed."""

    id: int
    system: str
    state: str
    note: str
    attempts: int
    next_at: int


class RequestView(msgspec.Struct, frozen=True):
    """`subject`: a keyed hash, shortened; the name is gone. `late`: open for too long."""

    id: int
    subject: str
    asked_at: int
    asked_by: str
    state: str
    finished_at: int
    steps: list[StepView]
    receipt: bool
    late: bool


class KeptView(msgspec.Struct, frozen=True):
    """A table with a time to live. `days` 0: for good. `removed`: by the last night's job."""

    kept: str
    table: str
    days: int
    rows: int
    removed: int | None


async def list_requests(hub: Hub, before: int = 0) -> list[RequestView]:
    """The newest requests first."""
    query = Erasure.filter(id__lt=before) if before else Erasure.all()
    now = to_ms(hub.clock.now())
    found = []
    for row in await query.order_by("-id").limit(PAGE):
        steps = [
            StepView(
                s.id, s.system, s.state, s.note, s.attempts, s.next_at if s.state in OPEN else 0
            )
            for s in await ErasureStep.filter(erasure_id=row.id).order_by("id")
        ]
        found.append(
            RequestView(
                row.id, row.subject[:12], row.asked_at, row.asked_by, row.state, row.finished_at,
                steps, bool(row.receipt), row.state == "running" and row.asked_at < now - LATE_MS,
            )
        )  # fmt: skip
    return found


async def receipt_of(erasure_id: int) -> str:
    """The signed receipt, "" while there is none."""
    row = await Erasure.get_or_none(id=erasure_id)
    return row.receipt if row else ""


async def kept_now(hub: Hub) -> tuple[list[KeptView], int]:
    """What has a time to live, and when the job ran last (0: never)."""
    runs = await hub.database.fetch(
        "SELECT finished_at, counts FROM job_run WHERE job = ? AND finished_at > 0 "
        "ORDER BY id DESC LIMIT 1",
        (JOB,),
    )
    counts = orjson.loads(runs[0][1]) if runs else {}
    tables = [(rule.kept, rule.table) for rule in RULES] + [("behaviour", "log")]
    found = []
    for kept, table in tables:
        days = int(getattr(hub.settings.retention, f"{kept}_days"))
        # Of the log by its last number: counting millions of rows is not worth a page.
        what = "COALESCE(MAX(seq), 0)" if table == "log" else "COUNT(*)"
        rows = await hub.database.fetch(f"SELECT {what} FROM {table}")  # noqa: S608
        found.append(KeptView(kept, table, days, rows[0][0], counts.get(table)))
    return found, runs[0][0] if runs else 0

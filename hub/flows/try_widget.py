"""try: what a draft would have done for one decision of the past, with its reasons."""

from __future__ import annotations

from typing import Any

import msgspec

from hub.conditions.facts import EventFacts
from hub.core import Hub
from hub.flows.decide import Record, context_of
from hub.flows.facts import trait_values
from hub.flows.why import as_of
from hub.flows.widgets_admin import check


class Tried(msgspec.Struct, frozen=True):
    """`ok`: the draft's rule would have held. `tree` has the reasons, part by part."""

    decision: str
    url: str
    at: int
    ok: bool
    tree: dict[str, Any] | None


async def try_widget(hub: Hub, key: str, text: str, decision_id: str = "") -> Tried | None:
    """Ask a draft about a decision, the newest if none is named; None when none is on record.

    Raises InvalidWidget when the draft can not be read.
    """
    widget = check(hub, key, text)
    await hub.decisions.flush()
    where, params = ("WHERE id = ?", (decision_id,)) if decision_id else ("", ())
    rows = await hub.database.fetch(
        f"SELECT id, at, seq, record FROM decision {where} ORDER BY at DESC LIMIT 1",  # noqa: S608
        params,
    )
    if not rows:
        return None
    found_id, at, seq, record_text = rows[0]
    record = msgspec.json.decode(record_text, type=Record)
    state, events = await as_of(hub, record.nodes, seq)
    facts = EventFacts(
        events, trait_values(state), zone=hub.workspace.zone, context=context_of(record.request)
    )
    url = record.request.page.url
    if widget.when is None:
        return Tried(found_id, url, at, True, None)
    verdict = widget.when.evaluate(facts, record.now)
    return Tried(found_id, url, at, verdict.ok, verdict.reason().dump())

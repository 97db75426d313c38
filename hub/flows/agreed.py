"""agreed: what the visitor of one browser agreed to, by the ledger of that browser alone."""

from __future__ import annotations

import orjson

from hub.core import Hub
from hub.flows.decide import node_of
from hub.gate.verdict import ANALYTICS
from hub.sdk.records import Identifier

SITE = "site"
_NEWEST = 20


async def analytics_agreed(hub: Hub, did: str) -> bool:
    """Whether events of this device may be kept. No record means no."""
    node_id = await node_of(hub, Identifier("", "device", did))
    if node_id is None:
        return False
    # Another browser of the same person does not speak for this one.
    consent = (await hub.views.own_state(node_id)).consents.get(f"{ANALYTICS}/{SITE}")
    if consent is not None:
        return consent.state == "granted"
    return await _just_said(hub, node_id)


async def _just_said(hub: Hub, node_id: int) -> bool:
    """A fresh token may be used before the projector has read its consent."""
    rows = await hub.database.get(
        "SELECT name, body FROM log WHERE node_id = ? AND kind = 'consent' "
        "ORDER BY seq DESC LIMIT ?",
        (node_id, _NEWEST),
    )
    for state, text in rows:
        body = orjson.loads(text)
        if (body.get("purpose"), body.get("channel")) == (ANALYTICS, SITE):
            return bool(state == "granted")
    return False

"""field rules: what becomes of single fields at the door, per source; set, taken back, noted."""

from __future__ import annotations

from hub.clock import to_ms
from hub.core import Hub
from hub.flows.audit import note
from hub.flows.dictionary_read import kind_page
from hub.flows.sources import load_sources
from hub.ingest.field_rules import ACTIONS
from hub.sdk.errors import HubError

SET_SQL = (
    "INSERT INTO field_rule (source_id, scope, name, path, action, author, at) "
    "VALUES (?,?,?,?,?,?,?) "
    "ON CONFLICT (source_id, scope, name, path) DO UPDATE SET action = excluded.action, "
    "author = excluded.author, at = excluded.at"
)
DROP_SQL = "DELETE FROM field_rule WHERE source_id = ? AND scope = ? AND name = ? AND path = ?"


class NoSuchField(HubError):
    """The dictionary does not know this field, or the action is none."""


async def set_field_rule(hub: Hub, kind_id: int, path: str, action: str, *, by: str) -> None:
    """From now on do this with a field of an event; "" takes the rule back. What is stored
    already stays. Raises NoSuchField."""
    page = await kind_page(hub, kind_id)
    if page is None or all(field.path != path for field in page.fields):
        raise NoSuchField("path: the dictionary knows no such field")
    if action and action not in ACTIONS:
        raise NoSuchField(f"action: one of {', '.join(ACTIONS)}, or nothing")
    kind = page.kind
    place = (kind.source_id, kind.scope, kind.name, path)
    if action:
        await hub.database.write([(SET_SQL, [(*place, action, by, to_ms(hub.clock.now()))])])
    else:
        await hub.database.write([(DROP_SQL, [place])])
    await note(hub, by, "field rule", f"{kind.source}: {kind.name}", path=path, rule=action)
    await load_sources(hub)

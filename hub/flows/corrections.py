"""corrections: what staff know better than the systems, until they release it again."""

from __future__ import annotations

import math
from collections.abc import Sequence

import orjson

from hub.clock import to_ms
from hub.core import Hub
from hub.flows.audit import note
from hub.flows.people import identifiers_of, living_person, person_nodes
from hub.profiles.state import MAX_TRAITS, storable
from hub.sdk.errors import HubError
from hub.sdk.records import Identifier as Name
from hub.store.database import Entry

KEY_CHARS = 128
Value = str | int | float | bool | None


class CanNotCorrect(HubError):
    """The correction is not possible; `field` and the message say why."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


async def correct_trait(hub: Hub, person_id: int, key: str, value: Value, *, by: str) -> None:
    """From now on the trait has this value, whatever any system says; None: it has none.
    Raises CanNotCorrect, LookupError where nobody has this number."""
    _check(key, value)
    nodes = await _nodes(hub, person_id)
    state, _ = await hub.views.person_view(nodes[0])
    if key not in state.corrected and len(state.corrected) >= MAX_TRAITS:
        raise CanNotCorrect("key", f"{MAX_TRAITS} facts of this person are corrected already")
    body = {"key": key, "value": value, "by": by}
    await _append(hub, "set", [nodes[0]], body)
    await note(hub, by, "correct", str(person_id), key=key)


async def release_trait(hub: Hub, person_id: int, key: str, *, by: str) -> None:
    """The systems have their say again. Raises CanNotCorrect, LookupError."""
    nodes = await _nodes(hub, person_id)
    states = [(node, await hub.views.own_state(node)) for node in nodes]
    holding = [node for node, state in states if key in state.corrected]
    if not holding:
        raise CanNotCorrect("key", "this fact is not corrected")
    await _append(hub, "released", holding, {"key": key, "by": by})
    await note(hub, by, "release fact", str(person_id), key=key)


def _check(key: str, value: Value) -> None:
    if not key or len(key) > KEY_CHARS or not key.isprintable():
        raise CanNotCorrect("key", f"the name of a fact, 1 to {KEY_CHARS} printable characters")
    if key == "email":
        raise CanNotCorrect("key", "an address is an identifier: correct it in the shop itself")
    if value is None:
        return
    if isinstance(value, int | float) and not (math.isfinite(value) and abs(value) < 2**53):
        raise CanNotCorrect("value", "a number between -2^53 and 2^53")
    if not storable(value) or isinstance(value, list):
        raise CanNotCorrect("value", "text of at most 1024 characters, a number, true or false")
    if isinstance(value, str) and "\0" in value:
        raise CanNotCorrect("value", "text without NUL characters")


async def _nodes(hub: Hub, person_id: int) -> Sequence[int]:
    """The person's identifiers, the one that is known best first."""
    if await living_person(hub, person_id) != person_id:
        raise LookupError(f"nobody has the number {person_id}")
    found = await identifiers_of(hub, await person_nodes(hub, person_id))
    return [i.node_id for i in sorted(found, key=lambda i: (not i.trusted, i.node_id))]


async def _append(hub: Hub, name: str, nodes: Sequence[int], body: dict[str, Value]) -> None:
    now = to_ms(hub.clock.now())
    text = orjson.dumps(body).decode()
    entries = [
        Entry(
            kind="correction",
            name=name,
            subject=Name(i.namespace, i.type, i.value),
            links=(),
            at=now,
            received_at=now,
            source_id=min(hub.sources),
            body=text,
        )
        for i in await identifiers_of(hub, list(nodes))
    ]
    stored = await hub.writer.append(entries)
    await hub.views.reached(stored[-1].seq)

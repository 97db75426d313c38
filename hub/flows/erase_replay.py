"""After a restore: what was erased since the backup was made is erased again, before anybody is
served."""

from __future__ import annotations

from pathlib import Path

from hub.core import Hub
from hub.flows.erase import HERE, LEARNED, OPEN, begin_again, carry_on
from hub.flows.erase_ledger import Line, read_ledger
from hub.flows.erase_subject import Subject, UnknownPerson, subject_of_node
from hub.flows.suppress import load_suppressed
from hub.identity.graph import PEOPLE_TYPES
from hub.sdk.errors import HubError
from hub.sdk.records import Identifier
from hub.store.models import Erasure, ErasureStep

PAGE = 20_000
BY = "the ledger of erasures"


async def replay_erasures(hub: Hub, ledger: Path) -> int:
    """Carry out what the ledger tells and this database does not know; answer how many people
    were erased again. Raises HubError when one could not be: then nobody may be served."""
    done = 0
    for line in read_ledger(ledger):
        if line.out:
            done += await _erase_again(hub, line)
        if line.back:
            at = line.at_ms  # a later erasure of the same person is not taken back by it
            sql = (
                "UPDATE suppression SET lifted_at = ?, lifted_by = ? WHERE hash = ? "
                "AND lifted_at = 0 AND at < ?"
            )
            await hub.database.write([(sql, [(at, BY, hashed, at) for hashed in line.back])])
    for request in await Erasure.filter(state="running").order_by("id"):
        await _finish(hub, request.id)  # begun when the backup was made
    await load_suppressed(hub)
    return done


async def _erase_again(hub: Hub, line: Line) -> int:
    wanted = {hashed for _, hashed in line.out}
    known = await Erasure.filter(asked_at=line.at_ms).values_list("subject", flat=True)
    if wanted & set(known):
        return 0
    found = await _nodes(hub, wanted)
    identifiers = {who for _, who in found}
    for node_id, who in found:
        if who.type in PEOPLE_TYPES:
            identifiers |= await _around(hub, node_id)
    await _finish(hub, await begin_again(hub, sorted(identifiers), line.out, BY, line.at_ms))
    return int(bool(found))


async def _finish(hub: Hub, number: int) -> None:
    """All that needs no other system; those may be asked while the hub serves."""
    await carry_on(hub, number, at_once=True, here=True)
    own = [HERE, LEARNED]
    left = await ErasureStep.filter(erasure_id=number, state__in=OPEN, system__in=own)
    if left:
        raise HubError(f"an erasure could not be repeated ({left[0].system}): {left[0].note}")


async def _around(hub: Hub, node_id: int) -> set[Identifier]:
    """What belonged to her when the backup was made, even if it is not in the ledger."""
    try:
        subject: Subject = await subject_of_node(hub, node_id)
    except UnknownPerson:
        return set()
    return {name.who for name in subject.all}


async def _nodes(hub: Hub, wanted: set[str]) -> list[tuple[int, Identifier]]:
    found: list[tuple[int, Identifier]] = []
    last = 0
    while True:
        rows = await hub.database.fetch(
            "SELECT id, namespace, type, value FROM node WHERE id > ? ORDER BY id LIMIT ?",
            (last, PAGE),
        )
        for node_id, *parts in rows:
            if hub.privacy.digest(*parts) in wanted:
                found.append((node_id, Identifier(*parts)))
        if len(rows) < PAGE:
            return found
        last = rows[-1][0]

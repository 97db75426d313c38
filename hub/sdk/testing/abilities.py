"""What a connector must withstand that also pushes changes or erases people at its vendor."""

from __future__ import annotations

import msgspec
import pytest

from hub.sdk.errors import HubError, NeedsAttention, Retryable
from hub.sdk.push import Erased, Pushes, can_erase, can_push
from hub.sdk.records import Identifier, Sighting
from hub.sdk.testing.doubles import MemoryState
from hub.sdk.testing.picture import picture, pull_all
from hub.sdk.testing.rig import EraseRig, PushRig

__all__ = ["EraseContract", "PushContract"]

# Nobody has these names, and none of them may be taken for everybody.
STRANGERS = (
    Identifier("", "email", "nobody-7f3a@example.test"),
    Identifier("", "email", "*"),
    Identifier("", "email", "%@%"),
    Identifier("", "email", ""),
    Identifier("", "email", "' OR 1=1 --"),
    Identifier("", "email", "../customers?force=true"),
    Identifier("", "device", "d-unknown"),
)


class PushContract:
    """Part of ConnectorContract. Skipped for a connector without the ability `push`."""

    async def test_what_is_pushed_twice_arrives_once(self, rig: PushRig) -> None:
        connector = _pusher(rig)
        changes, before = rig.changes(), rig.holdings()
        assert len(changes) >= 2
        first = await connector.push(rig.context(), changes)
        held = rig.holdings()
        assert held != before, "nothing arrived"
        second = await connector.push(rig.context(), list(reversed(changes)))
        assert rig.holdings() == held, "the same keys again must change nothing"
        wanted = sorted(change.key for change in changes)
        for results in (first, second):
            assert sorted(result.key for result in results) == wanted, "one result per change"
            assert {result.state for result in results} == {"done"}
            msgspec.msgpack.encode(list(results))

    async def test_a_push_that_failed_is_done_again_as_a_whole(self, rig: PushRig) -> None:
        connector = _pusher(rig)
        changes, before = rig.changes(), rig.holdings()
        rig.faults.always = "503"
        with pytest.raises(Retryable):
            await connector.push(rig.context(), changes)
        assert rig.holdings() == before
        rig.faults.always = ""
        results = await connector.push(rig.context(), changes)
        assert {result.state for result in results} == {"done"}
        held = rig.holdings()
        await connector.push(rig.context(), changes)
        assert rig.holdings() == held

    async def test_a_push_with_a_wrong_key_needs_attention(self, rig: PushRig) -> None:
        connector = _pusher(rig)
        before = rig.holdings()
        with pytest.raises(NeedsAttention):
            await connector.push(rig.context(secret=rig.wrong_secret()), rig.changes())
        assert rig.holdings() == before

    async def test_a_push_shows_no_secret(self, rig: PushRig) -> None:
        connector = _pusher(rig)
        shown = [repr(await connector.push(rig.context(), rig.changes()))]
        for fault in ("echo", "503", "html"):
            rig.faults.always = fault
            with pytest.raises(HubError) as caught:
                await connector.push(rig.context(), rig.changes())
            shown.append(repr(caught.value))
        assert not [secret for secret in rig.secrets if secret in "\n".join(shown)]


class EraseContract:
    """Part of ConnectorContract. Skipped for a connector without the ability `erase`."""

    async def test_erasing_leaves_nothing(self, rig: EraseRig) -> None:
        if not can_erase(rig.connector):
            pytest.skip("the connector does not erase")
        ctx, person = rig.context(), rig.person()
        before, _ = await pull_all(rig.connector, ctx)
        assert _traces(before, person), "the vendor must hold the person of the rig"
        result = await rig.connector.erase(ctx, person)
        _well_said(result)
        assert result.state != "nothing", "the vendor knows this person"
        if isinstance(ctx.state, MemoryState):
            kept = ctx.state.dump().lower()
            assert not [name for name in _texts(person) if name in kept], "left in ctx.state"
        after, _ = await pull_all(rig.connector, rig.context())
        if result.state == "done":
            assert not _traces(after, person), "said done, and left these behind"
            again = await rig.connector.erase(ctx, person)
            assert again.state in {"done", "nothing"}

    async def test_erasing_a_stranger_erases_nobody(self, rig: EraseRig) -> None:
        if not can_erase(rig.connector):
            pytest.skip("the connector does not erase")
        before, _ = await pull_all(rig.connector, rig.context())
        for names in [*((name,) for name in STRANGERS), ()]:
            result = await rig.connector.erase(rig.context(), names)
            _well_said(result)
            assert result.state != "done", f"{names}: nobody was there to erase"
        after, _ = await pull_all(rig.connector, rig.context())
        assert picture(after) == picture(before)

    async def test_an_erasure_that_failed_is_not_done(self, rig: EraseRig) -> None:
        if not can_erase(rig.connector):
            pytest.skip("the connector does not erase")
        for fault in ("503", "html", "echo"):
            rig.faults.always = fault
            with pytest.raises(HubError) as caught:
                await rig.connector.erase(rig.context(), rig.person())
            shown = repr(caught.value)
            assert not [secret for secret in rig.secrets if secret in shown]
        rig.faults.always = ""
        with pytest.raises(NeedsAttention):
            await rig.connector.erase(rig.context(secret=rig.wrong_secret()), rig.person())


def _pusher(rig: PushRig) -> Pushes:
    if not can_push(rig.connector):
        pytest.skip("the connector does not push")
    return rig.connector


def _well_said(result: Erased) -> None:
    msgspec.msgpack.encode(result)
    assert result.state in {"done", "manual", "nothing"}
    if result.state == "manual":
        assert len(result.note) > 20, "say where and how a person must do it"


def _traces(sightings: list[Sighting], person: tuple[Identifier, ...]) -> list[str]:
    """The sightings in which an e-mail address or phone number of the person still stands."""
    names = _texts(person)
    found = []
    for sighting in sightings:
        text = msgspec.json.encode(sighting).decode().lower()
        found += [text[:200] for name in names if name in text]
    return found


def _texts(person: tuple[Identifier, ...]) -> list[str]:
    """The names that nothing else can be mistaken for."""
    return [name.value.lower() for name in person if name.type in {"email", "phone"}]

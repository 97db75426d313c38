"""What every connector must withstand, as a test class to inherit from.

class TestContract(ConnectorContract):
    @pytest.fixture
    async def rig(self): ...   # yields a Rig around a stand-in of the vendor
"""

from __future__ import annotations

import logging
from collections.abc import Mapping

import msgspec
import orjson
import pytest

from hub.sdk.client import HttpClient, Limits
from hub.sdk.connector import Context, Cursor
from hub.sdk.declared import faults
from hub.sdk.errors import Broken, HubError, NeedsAttention, Retryable
from hub.sdk.guard import Guard
from hub.sdk.records import Sighting
from hub.sdk.state import check_key
from hub.sdk.testing.abilities import EraseContract, PushContract
from hub.sdk.testing.deliveries import WebhookContract
from hub.sdk.testing.doubles import MemoryState
from hub.sdk.testing.picture import picture, pull_all
from hub.sdk.testing.rig import Rig, pages

__all__ = ["ConnectorContract"]


class ConnectorContract(WebhookContract, PushContract, EraseContract):
    """Inherit, give a `rig` fixture, and every test here runs against the connector. Tests of
    what the connector does not do (webhooks, push, erase) are skipped."""

    def test_the_declaration_is_whole(self, rig: Rig) -> None:
        connector = rig.connector
        assert faults("register_connectors", connector) == []
        keys = [field.key for field in connector.fields]
        streams = [stream.name for stream in connector.streams]
        assert len(set(keys)) == len(keys)
        assert len(set(streams)) == len(streams) > 0
        assert all(field.label for field in connector.fields)
        hidden = {field.key for field in connector.fields if field.kind == "secret"}
        assert set(rig.wrong_secret()) <= hidden, "what signs in must be a field of kind secret"
        assert not hidden & set(rig.context().config)

    async def test_what_it_remembers_is_declared(self, rig: Rig) -> None:
        ctx = rig.context()
        await pull_all(rig.connector, ctx)
        await rig.connector.after_connect(ctx, "https://hub.example/v1/webhooks/1")
        assert isinstance(ctx.state, MemoryState)
        for key, person in ctx.state.keys:
            check_key(getattr(rig.connector, "state_keys", ()), key, person)

    async def test_what_it_says_is_plain_data(self, rig: Rig) -> None:
        """It runs in a process of its own: all that it answers travels as msgpack."""
        msgspec.msgpack.encode(await rig.connector.check(rig.context()))
        for stream in rig.connector.streams:
            for page in await pages(rig, rig.context(), stream.name):
                msgspec.msgpack.encode(page)

    async def test_the_test_of_the_settings_names_the_shop(self, rig: Rig) -> None:
        result = await rig.connector.check(rig.context())
        assert result.ok, result.message
        assert result.details["shop"]
        if {"orders", "products"} & {stream.name for stream in rig.connector.streams}:
            assert result.details["currency"]

    async def test_a_wrong_key_needs_attention(self, rig: Rig) -> None:
        ctx = rig.context(secret=rig.wrong_secret())
        assert not (await rig.connector.check(ctx)).ok
        for stream in rig.connector.streams:
            with pytest.raises(NeedsAttention):
                await pages(rig, ctx, stream.name)
        assert rig.waits.seconds == []  # a refused key is not tried again

    async def test_reading_twice_gives_the_same(self, rig: Rig) -> None:
        first, _ = await pull_all(rig.connector, rig.context())
        second, _ = await pull_all(rig.connector, rig.context())
        assert first
        assert picture(first) == picture(second) == picture([*first, *second])

    async def test_an_interrupted_run_goes_on_from_any_cursor(self, rig: Rig) -> None:
        for stream in rig.connector.streams:
            whole = await pages(rig, rig.context(), stream.name)
            wanted = picture(s for page in whole for s in page.sightings)
            for cut in range(len(whole)):
                cursor = orjson.loads(orjson.dumps(whole[cut].cursor))
                rest = await pages(rig, rig.context(), stream.name, cursor)
                both = [*whole[: cut + 1], *rest]
                assert picture(s for page in both for s in page.sightings) == wanted

    async def test_every_page_is_read_and_the_last_one_too(self, rig: Rig) -> None:
        most = 0
        for stream in rig.connector.streams:
            found = await pages(rig, rig.context(), stream.name)
            most = max(most, sum(1 for page in found if page.sightings))
            known = picture(s for page in found for s in page.sightings)
            put_aside = {wrong.id for page in found for wrong in page.invalid}
            assert len(known) + len(put_aside) == rig.holds()[stream.name], stream.name
            assert found[-1].done >= len(put_aside)
            assert found[-1].total in {None, found[-1].done}
        assert most >= 3, "the rig must hold more than two pages of something"

    async def test_changes_are_read_from_the_cursor(self, rig: Rig) -> None:
        before, cursors = await pull_all(rig.connector, rig.context())
        rig.change()
        news, _ = await pull_all(rig.connector, rig.context(), cursors)
        fresh, _ = await pull_all(rig.connector, rig.context())
        assert picture(news, picture(before)) == picture(fresh) != picture(before)

    async def test_being_slowed_down_is_obeyed(self, rig: Rig) -> None:
        wanted = picture((await pull_all(rig.connector, rig.context()))[0])
        rig.faults.next = ["429", "503", "", "429"]
        got = picture((await pull_all(rig.connector, rig.context()))[0])
        assert got == wanted
        assert rig.waits.seconds.count(7.0) == 2
        rig.waits.seconds.clear()
        rig.faults.next = ["429-bare", "429-bare"]  # the vendor does not say how long
        assert picture((await pull_all(rig.connector, rig.context()))[0]) == wanted
        waits = rig.waits.seconds
        assert len(waits) == 2 and 0 < waits[0] < waits[1], "each wait must be longer"

    @pytest.mark.parametrize(
        ("fault", "error"),
        [
            ("429", Retryable),
            ("500", Retryable),
            ("502", Retryable),
            ("503", Retryable),
            ("truncated", Retryable),
            ("html", Broken),
            ("notice", Broken),
        ],
    )
    async def test_a_lasting_fault_stops_the_run_and_says_why(
        self, rig: Rig, fault: str, error: type[HubError]
    ) -> None:
        rig.faults.always = fault
        for stream in rig.connector.streams:
            with pytest.raises(error) as caught:
                await pages(rig, rig.context(), stream.name)
            assert "127.0.0.1" in str(caught.value)
        result = await rig.connector.check(rig.context())
        assert not result.ok
        assert "<" not in result.message

    async def test_a_broken_off_answer_is_asked_for_again(self, rig: Rig) -> None:
        wanted = picture((await pull_all(rig.connector, rig.context()))[0])
        rig.faults.next = ["truncated", "", "truncated"]
        assert picture((await pull_all(rig.connector, rig.context()))[0]) == wanted

    async def test_a_vendor_that_hangs_is_given_up(self, rig: Rig) -> None:
        rig.faults.always = "hang"
        ctx = rig.context()
        limits = Limits(connect=0.2, read=0.2, total=0.2, attempts=2)
        guard = Guard(frozenset({"127.0.0.1"}))
        client = HttpClient(rig.clock, guard=guard, limits=limits, sleep=rig.waits)
        hasty = Context(ctx.config, ctx.secret, client, ctx.state, ctx.clock, ctx.shop)
        with pytest.raises(Retryable, match="in time"):
            await pages(rig, hasty, rig.connector.streams[0].name)
        rig.faults.release()
        await client.aclose()

    async def test_a_fault_midway_keeps_what_was_read(self, rig: Rig) -> None:
        for stream in rig.connector.streams:
            whole = await pages(rig, rig.context(), stream.name)
            got: list[Sighting] = []
            cursor: Cursor | None = None
            with pytest.raises(Broken):
                async for page in rig.connector.pull(rig.context(), stream.name, None):
                    got += page.sightings
                    cursor = page.cursor
                    rig.faults.always = "html"
                raise Broken("the stream had one page only")
            rig.faults.always = ""
            rest = await pages(rig, rig.context(), stream.name, cursor)
            got += [s for page in rest for s in page.sightings]
            assert picture(got) == picture(s for page in whole for s in page.sightings)

    async def test_fields_that_we_do_not_know_stay_in_the_raw_record(self, rig: Rig) -> None:
        stream, key = rig.unknown_field
        found = await pages(rig, rig.context(), stream)
        raws = [sighting.raw or {} for page in found for sighting in page.sightings]
        assert any(_has(raw, key) for raw in raws), f"no raw record has the key {key!r}"

    async def test_no_secret_is_ever_shown(
        self, rig: Rig, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        ctx = rig.context()
        shown = [repr(ctx), str(ctx.secret), f"{list(ctx.secret.values())}"]
        _, cursors = await pull_all(rig.connector, ctx)
        shown += [repr(cursors), *_state_of(ctx)]
        for fault in ("echo", "503", "html", "truncated"):
            rig.faults.always = fault
            result = await rig.connector.check(ctx)
            shown += [repr(result), result.message]
            with pytest.raises(HubError) as caught:
                await pages(rig, ctx, rig.connector.streams[0].name)
            shown.append(repr(caught.value) + str(caught.getrepr(showlocals=False)))
        # the stand-in's own server logs what it is sent; that is the vendor's side
        ours = [r.getMessage() for r in caplog.records if not r.name.startswith("uvicorn")]
        text = "\n".join([*shown, *ours])
        for secret in rig.secrets:
            assert secret not in text


def _has(raw: object, key: str) -> bool:
    """Whether a key stands in raw JSON, however deep."""
    if isinstance(raw, Mapping):
        return key in raw or any(_has(value, key) for value in raw.values())
    return isinstance(raw, (list, tuple)) and any(_has(value, key) for value in raw)


def _state_of(ctx: Context) -> list[str]:
    return [ctx.state.dump()] if isinstance(ctx.state, MemoryState) else []

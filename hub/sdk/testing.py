"""What every connector must withstand, as a test class to inherit from.

class TestContract(ConnectorContract):
    @pytest.fixture
    async def rig(self): ...   # yields a Rig around a stand-in of the vendor
"""

from __future__ import annotations

import logging
import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import msgspec
import orjson
import pytest

from hub.sdk.client import HttpClient, Limits
from hub.sdk.connector import Connector, Context, Cursor, Page
from hub.sdk.errors import Broken, HubError, NeedsAttention, Retryable
from hub.sdk.faults import Faults
from hub.sdk.guard import Guard
from hub.sdk.records import Customer, Deleted, Order, Product, Record, RefundSighting, Sighting
from hub.sdk.secret import SecretText
from hub.sdk.webhooks import Forged

Picture = dict[tuple[str, str], Any]


class SteppingClock:
    """A clock that moves only when told to."""

    def __init__(self, at: datetime = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)) -> None:
        self._at = at

    def now(self) -> datetime:
        return self._at

    def advance(self, seconds: float) -> None:
        """Move on."""
        self._at += timedelta(seconds=seconds)


class MemoryState:
    """A plugin's state, kept as JSON text as the hub would."""

    def __init__(self) -> None:
        self._rows: dict[str, bytes] = {}

    async def get(self, key: str) -> Any | None:
        return orjson.loads(self._rows[key]) if key in self._rows else None

    async def put(self, key: str, value: Any) -> None:
        self._rows[key] = orjson.dumps(value)

    async def delete(self, key: str) -> None:
        self._rows.pop(key, None)


class Waits:
    """Stands in for sleeping: remembers how long it was asked to wait."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


@dataclass(frozen=True, slots=True)
class Sent:
    """One webhook delivery as it comes in."""

    headers: Mapping[str, str]
    body: bytes


class Rig(Protocol):
    """A connector, its stand-in vendor behind `faults`, and the settings that connect them."""

    connector: Connector
    faults: Faults
    clock: SteppingClock
    waits: Waits
    secrets: tuple[str, ...]  # every text that must never be seen
    webhook_secret: str
    unknown_field: tuple[str, str]  # (stream, a key that the vendor invented in its raw JSON)

    def context(self, *, secret: Mapping[str, SecretText] | None = None) -> Context:
        """A fresh context on the same vendor; `secret` replaces the right one."""
        ...

    def wrong_secret(self) -> Mapping[str, SecretText]:
        """A secret that the vendor refuses."""
        ...

    def change(self) -> None:
        """Change the vendor's data: at least three things, each at its own second."""
        ...

    def deliveries(self) -> list[Sent]:
        """The signed webhook deliveries that are waiting."""
        ...


def quick_client(
    clock: SteppingClock, waits: Waits, allow: Iterable[str] = ("127.0.0.1",)
) -> HttpClient:
    """A client that may call this machine, never really sleeps, and gives up soon."""
    limits = Limits(connect=2, read=5, total=5, attempts=3)
    return HttpClient(
        clock, guard=Guard(frozenset(allow)), limits=limits, sleep=waits, jitter=lambda: 0.5
    )


async def pull_all(
    connector: Connector, ctx: Context, cursors: Mapping[str, Cursor] | None = None
) -> tuple[list[Sighting], dict[str, Cursor]]:
    """Every stream from its cursor: all sightings, and the cursors to go on from."""
    sightings: list[Sighting] = []
    following: dict[str, Cursor] = {}
    for stream in connector.streams:
        cursor = (cursors or {}).get(stream.name)
        async for page in connector.pull(ctx, stream.name, cursor):
            sightings += page.sightings
            following[stream.name] = orjson.loads(orjson.dumps(page.cursor))
    return sightings, following


def picture(sightings: Iterable[Sighting], start: Picture | None = None) -> Picture:
    """What is known after these sightings: by (kind, id), the newest record; None when gone."""
    known: Picture = dict(start or {})
    ages: dict[tuple[str, str], datetime] = {}
    for key, value in known.items():
        if hasattr(value, "updated_at"):
            ages[key] = value.updated_at
    for sighting in sightings:
        key, at, value = _reading(sighting.record)
        if key in ages and at < ages[key]:
            continue
        before = known.get(key)
        if isinstance(value, Product) and value.variants is None and isinstance(before, Product):
            value = msgspec.structs.replace(value, variants=before.variants)
        known[key], ages[key] = value, at
    return known


def _reading(record: Record) -> tuple[tuple[str, str], datetime, Any]:
    match record:
        case Order(order_id=number, updated_at=at):
            return ("order", number), at, None if record.deleted else record
        case Product(product_id=number, updated_at=at):
            return ("product", number), at, None if record.deleted else record
        case Customer():
            return ("customer", record.customer_id), record.updated_at, record
        case Deleted():
            return (record.type, record.id), record.at, None
        case RefundSighting():
            newest = max((refund.at for refund in record.refunds), default=datetime.min)
            return ("refunds", record.order_id), newest.replace(tzinfo=UTC), record.refunds
    raise AssertionError(f"a connector does not report {type(record).__name__}")


class ConnectorContract:
    """Inherit, give a `rig` fixture, and every test below runs against the connector."""

    async def test_the_test_of_the_settings_names_the_shop(self, rig: Rig) -> None:
        result = await rig.connector.check(rig.context())
        assert result.ok, result.message
        assert result.details["shop"]
        assert result.details["currency"]

    async def test_a_wrong_key_needs_attention(self, rig: Rig) -> None:
        ctx = rig.context(secret=rig.wrong_secret())
        assert not (await rig.connector.check(ctx)).ok
        for stream in rig.connector.streams:
            with pytest.raises(NeedsAttention):
                await _pages(rig, ctx, stream.name)
        assert rig.waits.seconds == []  # a refused key is not tried again

    async def test_reading_twice_gives_the_same(self, rig: Rig) -> None:
        first, _ = await pull_all(rig.connector, rig.context())
        second, _ = await pull_all(rig.connector, rig.context())
        assert first
        assert picture(first) == picture(second) == picture([*first, *second])

    async def test_an_interrupted_run_goes_on_from_any_cursor(self, rig: Rig) -> None:
        for stream in rig.connector.streams:
            whole = await _pages(rig, rig.context(), stream.name)
            wanted = picture(s for page in whole for s in page.sightings)
            for cut in range(len(whole)):
                cursor = orjson.loads(orjson.dumps(whole[cut].cursor))
                rest = await _pages(rig, rig.context(), stream.name, cursor)
                pages = [*whole[: cut + 1], *rest]
                assert picture(s for page in pages for s in page.sightings) == wanted

    async def test_the_streams_take_several_pages_and_the_last_one_counts(self, rig: Rig) -> None:
        most = 0
        for stream in rig.connector.streams:
            pages = await _pages(rig, rig.context(), stream.name)
            most = max(most, sum(1 for page in pages if page.sightings))
            assert pages[-1].done >= sum(len(page.invalid) for page in pages)
            assert pages[-1].total in {None, pages[-1].done}
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

    @pytest.mark.parametrize(
        ("fault", "error"),
        [
            ("429", Retryable),
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
                await _pages(rig, rig.context(), stream.name)
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
            await _pages(rig, hasty, rig.connector.streams[0].name)
        rig.faults.release()
        await client.aclose()

    async def test_a_fault_midway_keeps_what_was_read(self, rig: Rig) -> None:
        for stream in rig.connector.streams:
            whole = await _pages(rig, rig.context(), stream.name)
            got: list[Sighting] = []
            cursor: Cursor | None = None
            with pytest.raises(Broken):
                async for page in rig.connector.pull(rig.context(), stream.name, None):
                    got += page.sightings
                    cursor = page.cursor
                    rig.faults.always = "html"
                raise Broken("the stream had one page only")
            rig.faults.always = ""
            rest = await _pages(rig, rig.context(), stream.name, cursor)
            got += [s for page in rest for s in page.sightings]
            assert picture(got) == picture(s for page in whole for s in page.sightings)

    async def test_fields_that_we_do_not_know_stay_in_the_raw_record(self, rig: Rig) -> None:
        stream, key = rig.unknown_field
        pages = await _pages(rig, rig.context(), stream)
        raws = [sighting.raw or {} for page in pages for sighting in page.sightings]
        assert any(key in raw for raw in raws)

    async def test_a_forged_delivery_is_refused(self, rig: Rig) -> None:
        rig.change()
        sent = rig.deliveries()
        assert sent
        for delivery in sent:
            body = delivery.body
            for i in range(0, len(body), max(1, len(body) // 40)):
                flipped = body[:i] + bytes([body[i] ^ 1]) + body[i + 1 :]
                with pytest.raises(Forged):
                    _receive(rig, Sent(delivery.headers, flipped))
            with pytest.raises(Forged):
                _receive(rig, delivery, secrets=["another secret"])
            with pytest.raises(Forged):
                _receive(rig, delivery, secrets=[])
            with pytest.raises(Forged):
                _receive(rig, delivery, secrets=[""])
            with pytest.raises(Forged):
                _receive(rig, Sent({}, body))

    async def test_two_secrets_are_accepted_while_one_replaces_the_other(self, rig: Rig) -> None:
        rig.change()
        for delivery in rig.deliveries():
            result = _receive(rig, delivery, secrets=["the next one", rig.webhook_secret])
            assert result.kind in {"records", "ignored"}

    async def test_any_order_of_deliveries_and_a_pull_end_in_the_same_state(self, rig: Rig) -> None:
        before, cursors = await pull_all(rig.connector, rig.context())
        rig.change()
        sent = rig.deliveries()
        pulled, _ = await pull_all(rig.connector, rig.context(), cursors)
        fresh, _ = await pull_all(rig.connector, rig.context())
        for seed in range(12):
            shuffled = [*sent, *sent]  # every delivery is replayed
            order = random.Random(seed)  # noqa: S311
            order.shuffle(shuffled)
            lost = order.choice(sent)
            seen: set[str] = set()
            told: list[Sighting] = []
            for delivery in (d for d in shuffled if d is not lost):
                result = _receive(rig, delivery)
                if result.dedupe_key not in seen:
                    told += result.sightings
                seen.add(result.dedupe_key)
            state = picture(pulled, picture(told, picture(before)))
            assert state == picture(fresh), f"seed {seed}"

    async def test_no_secret_is_ever_shown(
        self, rig: Rig, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        ctx = rig.context()
        shown = [repr(ctx), str(ctx.secret), f"{list(ctx.secret.values())}"]
        await pull_all(rig.connector, ctx)
        for fault in ("echo", "503", "html", "truncated"):
            rig.faults.always = fault
            result = await rig.connector.check(ctx)
            shown += [repr(result), result.message]
            with pytest.raises(HubError) as caught:
                await _pages(rig, ctx, rig.connector.streams[0].name)
            shown.append(repr(caught.value) + str(caught.getrepr(showlocals=False)))
        # the stand-in's own server logs what it is sent; that is the vendor's side
        ours = [r.getMessage() for r in caplog.records if not r.name.startswith("uvicorn")]
        text = "\n".join([*shown, *ours])
        for secret in rig.secrets:
            assert secret not in text


async def _pages(rig: Rig, ctx: Context, stream: str, cursor: Cursor | None = None) -> list[Page]:
    return [page async for page in rig.connector.pull(ctx, stream, cursor)]


def _receive(rig: Rig, sent: Sent, secrets: list[str] | None = None) -> Any:
    ctx = rig.context()
    return rig.connector.webhook(
        ctx.config,
        [rig.webhook_secret] if secrets is None else secrets,
        sent.headers,
        sent.body,
        shop=ctx.shop,
        received_at=rig.clock.now(),
    )

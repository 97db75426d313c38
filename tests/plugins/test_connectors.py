"""Connectors that do everything wrong: the hub goes on, knows who it was, and keeps its secrets."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hub.flows.plugin_run import hired
from hub.flows.sync import sync
from hub.flows.webhook import receive_webhook
from hub.sdk.errors import NeedsAttention
from hub.sdk.webhooks import Forged, sign_base64
from hub.store.models import Connection
from hub.watch import PluginFault, PluginOff
from tests.plugins.house import connect, line, open_house, terms, tried
from tests.shop import Shop

# Only these are waited for in vain; a busy machine may be slow with all others.
SILENT = {"hang", "sleep", "flood"}


@pytest.fixture
async def house(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Shop]:
    mode = request.node.callspec.params.get("mode") if hasattr(request.node, "callspec") else ""
    silence = {"silence_seconds": 2} if mode in SILENT else {}
    async with open_house(tmp_path, ["good", "hostile"], **silence) as shop:
        yield shop


async def test_a_good_connector_is_read_from_its_folder(house: Shop) -> None:
    connection = await connect(house, "good", size="260")
    await sync(house.hub, connection.id)
    await house.settle()
    row = await Connection.get(id=connection.id)
    assert (row.status, row.last_error) == ("ready", "")
    assert row.progress == {
        ":webhooks": {"on": True, "note": ""},
        "products": {"state": "done", "done": 260, "total": 260},
    }
    assert await house.hub.database.fetch("SELECT COUNT(*) FROM product") == [(260,)]
    assert line(house.hub, "good").state == "good"


@pytest.mark.parametrize(
    ("mode", "words"),
    [
        ("raise", "ValueError"),
        ("hang", "did not come within"),
        ("sleep", "did not come within"),
        ("exit", "ended by itself with code 3"),
        ("leave", "SystemExit"),
        ("crash", "SIGSEGV"),
        ("eat", "MemoryError"),
        ("huge", "1073741824 bytes at once"),
        ("garbage", "what nobody understands"),
        ("flood", "did not come within"),
    ],
)
async def test_whatever_it_does_the_run_ends_and_says_why(
    house: Shop, mode: str, words: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    connection = await connect(house, "hostile", mode=mode)
    await sync(house.hub, connection.id)
    row = await Connection.get(id=connection.id)
    assert (row.status, row.last_sync_at) == ("ready", 0)
    assert "the plugin hostile failed" in row.last_error and words in row.last_error
    # What came before is kept, and its cursor: the next run goes on behind it.
    assert await house.settle() > 0
    assert await house.hub.database.fetch("SELECT COUNT(*) FROM product") == [(1,)]
    assert line(house.hub, "hostile").state == "sick"
    assert "hush" not in caplog.text + row.last_error
    # The others are not concerned.
    other = await connect(house, "good")
    await sync(house.hub, other.id)
    assert (await Connection.get(id=other.id)).last_error == ""


async def test_what_it_prints_is_in_the_log_without_its_secret(
    house: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    assert (await tried(house.hub, terms("print", token="hush-token"))).ok
    assert "plugin hostile: \ufffd  garbage on the standard output" in caplog.text
    assert "my token is ***  [31mred" in caplog.text
    assert "hush" not in caplog.text
    assert max(len(r.getMessage()) for r in caplog.records) < 1000


async def test_records_that_are_none_are_put_aside(house: Shop) -> None:
    for mode, stored in (("wrong_types", 2), ("other_shop", 2)):
        before = await house.settle()
        connection = await connect(house, "hostile", mode=mode)
        await sync(house.hub, connection.id)
        assert (await Connection.get(id=connection.id)).last_error == ""
        assert await house.settle() - before < stored
    rows = await house.hub.database.fetch("SELECT shop, product_id FROM product")
    assert rows == [(house.sources["connector"].shop, "p1")]


async def test_it_is_switched_off_named_and_stays_so_over_a_restart(tmp_path: Path) -> None:
    async with open_house(tmp_path, ["hostile"]) as house:
        connection = await connect(house, "hostile", mode="raise")
        for _ in range(3):
            await sync(house.hub, connection.id)
        shown = line(house.hub, "hostile")
        assert (shown.state, "3 faults in a row" in shown.reason) == ("off", True)
        await sync(house.hub, connection.id)
        assert "is switched off" in (await Connection.get(id=connection.id)).last_error
    async with open_house(tmp_path, ["hostile"]) as house:
        assert line(house.hub, "hostile") == shown
        with pytest.raises(PluginOff, match="hostile is switched off: pull: ValueError"):
            await tried(house.hub, terms("nothing"))
        house.hub.watch.switch_on("hostile")
        assert (await tried(house.hub, terms("nothing"))).ok
    async with open_house(tmp_path, ["hostile"]) as house:
        assert line(house.hub, "hostile").state == "good"


async def test_a_run_that_goes_well_forgives(house: Shop) -> None:
    for mode in ("raise", "raise", "nothing", "raise", "raise"):
        try:
            await tried(house.hub, terms(mode))
        except PluginFault:
            continue
    assert line(house.hub, "hostile").state == "sick"


async def test_a_host_that_it_did_not_declare_is_not_called(house: Shop) -> None:
    for address in ("https://elsewhere.example/x", "https://declared.example.evil.example/"):
        with pytest.raises(NeedsAttention, match=r"hostile wants to call .*does not declare"):
            await tried(house.hub, terms("call", address))
    with pytest.raises(Exception, match=r"declared.example could not be found|has no address"):
        await tried(house.hub, terms("call", "https://declared.example/x"))


async def test_its_state_is_its_own(house: Shop) -> None:
    hub = house.hub
    await hub.database.write([(
        "INSERT INTO plugin_state (plugin, key, value) VALUES (?,?,?)",
        [("connection 1", "mine", '"of another"'), ("hub", "off:good", '"x"')],
    )])  # fmt: skip
    found = (await tried(hub, terms("state"))).details
    assert found["mine"] == "got None"
    for key in ("cursor:products", "off:good", "../mine"):
        assert found[key].startswith("got None"), key
    rows = await hub.database.fetch("SELECT plugin, key FROM plugin_state ORDER BY plugin, key")
    assert {row for row in rows if row[0] != "connection 77"} == {
        ("connection 1", "mine"), ("hub", "off:good"),
    }  # fmt: skip
    assert ("connection 77", "off:good") not in rows and ("connection 77", "../mine") not in rows


async def test_it_sees_nothing_of_the_hub(
    house: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUB_CANARY_PASSWORD", "canary")
    found = (await tried(house.hub, terms("spy", str(tmp_path), str(os.getpid())))).details
    assert found.pop("own environment") == "got {}"
    # One wire, and what the loop is made of; none of the hub's files.
    assert len(found.pop("descriptors").split(",")) <= 5
    assert "hostile-was-here" not in os.listdir("/tmp")
    refused = {"PermissionError", "FileNotFoundError"}
    assert {name: word for name, word in found.items() if word not in refused} == {}


async def test_what_it_leaves_behind_ends_with_it(house: Shop) -> None:
    async with hired(house.hub, terms("fork")) as remote:
        await remote.check()
        left = [pid for pid in _processes() if _stat(pid)[1] == await _zygote(remote.pid)]
        assert len(left) >= 2  # the runner, and its orphan
    assert [pid for pid in left if _alive(pid)] == []


def _processes() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def _stat(pid: int) -> tuple[str, int]:
    try:
        state, parent = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:2]
    except OSError:
        return "gone", 0
    return state, int(parent)


def _alive(pid: int) -> bool:
    return _stat(pid)[0] not in {"gone", "Z"}


async def _zygote(runner: int) -> int:
    return _stat(runner)[1]


async def test_deliveries_go_through_one_runner_which_is_replaced_when_it_dies(
    house: Shop,
) -> None:
    connection = await connect(house, "hostile", mode="nothing")

    async def deliver(body: bytes) -> str:
        return await receive_webhook(house.hub, connection.id, {}, body)

    first = await deliver(b"a")
    assert set(await asyncio.gather(*(deliver(b"b") for _ in range(20)))) == {first}
    with pytest.raises(PluginFault, match="code 3"):
        await deliver(b"exit")
    second = await deliver(b"c")
    assert second != first
    with pytest.raises(PluginFault, match="code 3"):
        await deliver(b"exit")
    os.kill(int(await deliver(b"d")), 9)  # between two deliveries it is nobody's fault
    while True:
        try:
            third = await deliver(b"e")
            break
        except PluginFault:  # it was not yet gone
            continue
    assert third not in {first, second}
    assert await deliver(b"f") == third


async def test_a_delivery_is_verified_in_the_runner(house: Shop) -> None:
    connection = await connect(house, "good")
    signed = {"x-signature": sign_base64("hush-hook", b"7")}
    assert await receive_webhook(house.hub, connection.id, signed, b"7") == "stored"
    assert await receive_webhook(house.hub, connection.id, signed, b"7") == "seen before"
    with pytest.raises(Forged):
        await receive_webhook(house.hub, connection.id, signed, b"8")
    assert line(house.hub, "good").state == "good"  # a forger does not switch a plugin off
    await house.settle()
    rows = await house.hub.database.fetch("SELECT product_id FROM product")
    assert rows == [("g7",)]


async def test_the_process_that_forks_may_die(house: Shop) -> None:
    async with hired(house.hub, terms("nothing")) as remote:
        os.kill(await _zygote(remote.pid), 9)
        with pytest.raises(PluginFault):
            while True:
                await remote.check()
    for _ in range(2):
        try:
            assert (await tried(house.hub, terms("nothing"))).ok
        except Exception as error:  # the first may find it gone
            assert "another is started" in str(error)
    assert (await tried(house.hub, terms("nothing"))).ok

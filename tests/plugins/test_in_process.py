"""Rules, widgets and recommenders that fail while a page waits: the page is answered without."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import orjson
import pytest

from hub.conditions.parse import ConditionLanguage
from hub.flows.plugins_admin import switch_plugin
from hub.flows.sync import start_sync
from hub.sdk.conditions import Always, InvalidCondition
from hub.watch import PluginFault, Watch
from tests.plugins.house import connect, line, open_house
from tests.shop import Shop, banner, product, viewed


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Shop]:
    async with open_house(tmp_path, ["good", "hostile"], silence_seconds=2) as shop:
        await shop.widget("plain", banner(slot="plain"))
        yield shop


async def lost(house: Shop, widget: str) -> str:
    """Why the newest decision record says that this widget was not shown."""
    await house.hub.decisions.flush()
    rows = await house.hub.database.fetch("SELECT record FROM decision ORDER BY at DESC")
    return str(orjson.loads(rows[0][0])["lost"][widget])


async def rule(house: Shop, text: str, key: str = "ruled") -> None:
    await house.widget(key, banner(slot=key, extra=[f"when: {text}"]))


async def test_a_rule_that_raises_does_not_hold_and_is_switched_off(house: Shop) -> None:
    await rule(house, "{naughty: raise}")
    token = await house.device()
    for number in range(5):
        house.later(minutes=1)
        assert await house.shown(token) == ["plain"]
        assert line(house.hub, "hostile").state == ("sick" if number < 2 else "off")
    assert "naughty.evaluate raised ValueError: no idea" in line(house.hub, "hostile").reason
    assert await lost(house, "ruled") == (
        "the rule does not hold: the plugin hostile is switched off: "
        "naughty.evaluate raised ValueError: no idea, 3 faults in a row"
    )


@pytest.mark.parametrize(
    "text",
    [
        "{not: {naughty: raise}}",
        "{any: [{naughty: raise}, {all: []}]}",
        "{any: [{all: []}, {naughty: raise}]}",
        "{all: [{not: {naughty: lie}}]}",
    ],
)
async def test_no_logic_turns_a_missing_answer_into_a_yes(house: Shop, text: str) -> None:
    await rule(house, text)
    token = await house.device()
    assert await house.shown(token) == ["plain"]
    assert line(house.hub, "hostile").state == "sick"
    switch_plugin(house.hub, "hostile", on=False)
    assert await house.shown(token) == ["plain"]


async def test_a_plugin_that_is_on_again_is_asked_again(house: Shop) -> None:
    await rule(house, "{naughty: fine}")
    token = await house.device()
    assert await house.shown(token) == ["plain", "ruled"]
    switch_plugin(house.hub, "hostile", on=False)
    # A page of the same person, of whom nothing changed, and one of nobody. An answer that was
    # kept from before counts for the facts it was given for.
    await house.send(viewed("p1"), token=token)
    assert await house.shown(token) == ["plain"]
    switch_plugin(house.hub, "hostile", on=True)
    assert await house.shown(token) == ["plain", "ruled"]


async def test_a_query_of_a_failing_rule_finds_nobody(house: Shop) -> None:
    language: ConditionLanguage = house.hub.language
    assert language.read({"not": {"naughty": "raise"}}).query(None) == Always(False)  # type: ignore[arg-type]
    assert language.read({"naughty": "fine"}).query(None) == Always(True)  # type: ignore[arg-type]
    switch_plugin(house.hub, "hostile", on=False)
    with pytest.raises(InvalidCondition, match="switched off"):
        language.read({"naughty": "fine"})


@pytest.mark.parametrize("mode", ["hang", pytest.param("stubborn", marks=pytest.mark.full)])
async def test_a_rule_that_never_answers_is_interrupted(house: Shop, mode: str) -> None:
    await rule(house, f"{{naughty: {mode}}}")
    token = await house.device()
    assert await house.shown(token) == ["plain"]
    shown = line(house.hub, "hostile")
    assert (shown.state, "did not come back" in shown.reason) == ("off", True)
    assert await house.shown(token) == ["plain"]


async def test_slow_rules_are_answered_and_counted(house: Shop) -> None:
    await rule(house, "{naughty: slow}")
    token = await house.device()
    for state in ("sick", "sick", "off"):
        assert await house.shown(token) == ["plain", "ruled"]
        assert line(house.hub, "hostile").state == state
        await house.send(viewed("p1"), token=token)  # else the answer is kept
    assert await house.shown(token) == ["plain"]


async def test_a_busy_machine_convicts_nobody() -> None:
    """Waiting for a turn is not computing."""
    watch = Watch(faults=1)
    held = threading.Event()
    timer = threading.Timer(0.2, held.set)
    timer.start()
    watch.call("slow machine", "act", held.wait)
    assert (watch.off, watch.faults) == ({}, {})
    watch.close()


async def test_what_is_thrown_never_arrives_later() -> None:
    """The interruption of a call that ends in the same moment must not hit the hub."""
    watch = Watch(faults=1000)
    for _ in range(300):
        done = threading.Event()

        def act(done: threading.Event = done) -> None:
            for call in list(watch._calls.values()):
                with watch._lock:
                    watch._interrupt(call)
            done.set()

        try:
            watch.patient("p", "act", 1e9, 1e9, act)
        except PluginFault:
            watch.switch_on("p")
        sum(range(100))  # here it would arrive
    assert watch._calls == {}
    watch.close()


async def test_a_widget_and_a_recommender_cost_only_themselves(house: Shop) -> None:
    await house.report(product("p1"))
    hub = house.hub
    text = banner(slot="hers").replace("type: banner", "type: naughty_banner")
    await house.widget("hers", text.replace(", text: Welcome", ""))
    picks = (
        "type: recommendations\nname: Picks\nslot: picks\nrecommend: {strategy: naughty_rank, "
        "fallback: popular, limit: 1}\ncontent: {en: {title: Picks}}\n"
    )
    await house.widget("picks", picks)
    token = await house.device()
    await house.send(viewed("p1"), token=token)
    assert await house.shown(token) == ["picks", "plain"]
    assert "naughty_rank.rank did not come back" in line(hub, "hostile").reason
    assert await house.shown(token) == ["picks", "plain"]


async def test_the_hub_answers_while_a_connector_does_its_worst(house: Shop) -> None:
    token = await house.device()
    for mode in ("hang", "eat", "flood", "huge", "fork"):
        connection = await connect(house, "hostile", mode=mode)
        assert await start_sync(house.hub, connection.id)
    tasks = house.hub.runs._tasks  # type: ignore[attr-defined]
    asked = 0
    while not all(task.done() for task in tasks.values()):
        assert await house.shown(token) == ["plain"]
        assert (await house.send(viewed(f"p{asked}"), token=token)).accepted == 1
        asked += 1
        await asyncio.sleep(0)
    assert asked > 10
    assert len((await house.view(token)).viewed) > 0
    assert line(house.hub, "hostile").state in {"off", "sick"}


async def test_broken_plugins_are_named_and_the_others_work(tmp_path: Path) -> None:
    async with open_house(tmp_path, ["good", "broken"]) as house:
        for name, words in (
            ("raises_at_import", "RuntimeError: no such thing"),
            ("leaves_at_import", "SystemExit: 7"),
            ("raises_in_register", "KeyError: 'connectors'"),
        ):
            shown = line(house.hub, name)
            assert (shown.state, words in shown.reason) == ("broken", True), shown
        assert line(house.hub, "good").state == "good"
        assert set(house.hub.plugins.connectors) >= {"good", "woocommerce"}


async def test_conditions_are_equal_by_what_they_say(house: Shop) -> None:
    read = house.hub.language.read
    one, other = (read({"naughty": mode}) for mode in ("fine", "raise"))
    assert one == read({"naughty": "fine"}) != other
    assert one.dump() == {"naughty": "fine"} and len({one, other}) == 2

"""`hub tracking-plan`: a plan of what arrived, and a file of events held against it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from click.testing import CliRunner, Result

from hub.cli import cli
from hub.flows.plans import set_plan
from tests.shop import open_shop

GOOD = '{"type": "track", "event": "view_item", "properties": {"product_id": "p1"}}\n'
BAD = '{"type": "track", "event": "Product Viewed", "properties": {"product_id": 5}}\n'


def run(arguments: list[str], said: str = "") -> Result:
    with ThreadPoolExecutor(1) as pool:  # the command has a loop of its own
        return pool.submit(CliRunner().invoke, cli, arguments, said).result()


async def test_made_shown_and_held_against_a_file(tmp_path: Path) -> None:
    data = tmp_path / "data"
    event = {"type": "track", "event": "Product Viewed", "userId": "7",
             "properties": {"product_id": "p1"}}  # fmt: skip
    async with open_shop(data) as shop:
        await shop.send(event, source="server")
        await shop.hub.dictionary.caught_up()
        source = shop.sources["server"]
        await set_plan(shop.hub, source.id, "mode: warn\n", by="ann@shop.example")
    made = run(["tracking-plan", "show", source.name, "--made", "--data", str(data)])
    assert made.exit_code == 0 and "Product Viewed" in made.output
    plan = tmp_path / "plan.yaml"
    plan.write_text(made.output)
    events = tmp_path / "events.ndjson"
    events.write_text(GOOD + "\n" + BAD + BAD)
    held = run(["tracking-plan", "check", str(plan), str(events)])
    assert held.exit_code == 1
    assert "2  Product Viewed  product_id  another type than planned" in held.output
    assert "3 events, 1 kinds of difference" in held.output
    assert run(["tracking-plan", "check", str(plan), "-"], GOOD).exit_code == 0
    shown = run(["tracking-plan", "show", source.name, "--data", str(data)])
    assert shown.output == "mode: warn\n"
    for arguments, fault in (
        (["show", "Nobody", "--data", str(data)], "there is no source 'Nobody'"),
        (["show", "browser", "--data", str(data)], "has no plan"),
        (["check", str(events), str(events)], "plan"),
    ):
        answer = run(["tracking-plan", *arguments])
        assert answer.exit_code == 1 and fault in answer.output
    events.write_text(GOOD + "{\n")
    assert "line 2" in run(["tracking-plan", "check", str(plan), str(events)]).output

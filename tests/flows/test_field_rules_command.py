"""`hub field-rules` and `hub tracking-plan set`: on the data of a hub that does not run."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from click.testing import CliRunner, Result

from hub.cli import cli
from tests.shop import open_shop

EVENT = {"type": "track", "event": "Asked", "userId": "7", "properties": {"note": "hi", "n": 1}}


def run(arguments: list[str], data: Path, said: str = "") -> Result:
    with ThreadPoolExecutor(1) as pool:  # the command has a loop of its own
        whole = [*arguments, "--data", str(data)]
        return pool.submit(CliRunner().invoke, cli, whole, said).result()


async def test_a_rule_and_a_plan_are_set_and_in_force(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        await shop.send(EVENT, source="server")
    assert run(["field-rules", "list"], tmp_path).output == "No field has a rule.\n"
    done = run(["field-rules", "set", "server", "Asked", "note", "drop"], tmp_path)
    assert (done.exit_code, done.output) == (0, "server  Asked  note  drop\n")
    assert run(["field-rules", "list"], tmp_path).output == "server  Asked  note  drop\n"
    for wrong, fault in (
        (["server", "Asked", "other", "drop"], "no such field"),
        (["server", "Nothing", "note", "drop"], "nothing of the name 'Nothing'"),
    ):
        answer = run(["field-rules", "set", *wrong], tmp_path)
        assert answer.exit_code == 1 and fault in answer.output
    plan = "mode: reject\nevents: {Asked: {required: [n]}}\n"
    assert run(["tracking-plan", "set", "server", "-"], tmp_path, plan).exit_code == 0
    bad = run(["tracking-plan", "set", "server", "-"], tmp_path, "mode: perhaps")
    assert bad.exit_code == 1 and "mode" in bad.output
    assert run(["tracking-plan", "set", "Nobody", "-"], tmp_path, plan).exit_code == 1
    async with open_shop(tmp_path) as shop:
        answer = await shop.send(EVENT, {**EVENT, "properties": {}}, source="server")
        assert (answer.accepted, len(answer.rejected)) == (1, 1)
        rows = await shop.hub.database.fetch("SELECT body FROM log ORDER BY seq DESC LIMIT 1")
        assert '"note"' not in rows[0][0]
    assert run(["tracking-plan", "set", "server", "-"], tmp_path, "").exit_code == 0
    assert run(["field-rules", "set", "server", "Asked", "note", "none"], tmp_path).exit_code == 0
    assert run(["field-rules", "list"], tmp_path).output == "No field has a rule.\n"

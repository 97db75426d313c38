"""The page of events, its API and the command: what they show, and what they never do."""

from __future__ import annotations

import asyncio
from pathlib import Path

from click.testing import CliRunner

from hub.cli import cli
from hub.flows.accept import accept_batch
from hub.flows.dictionary_read import list_kinds
from tests.web.admin.conftest import Desk

BAD = "<img src=x onerror=alert(1)>\x1b[2J"


async def send(desk: Desk, *events: str) -> None:
    source = next(s for s in desk.hub.sources.values() if s.kind == "server")
    raw = '{"batch": [' + ",".join(events) + "]}"
    answer = await accept_batch(desk.hub, source, raw.encode())
    assert answer.success, answer.rejected
    seq = (await desk.hub.database.fetch("SELECT MAX(seq) FROM log"))[0][0]
    await desk.hub.views.reached(seq)
    await desk.hub.dictionary.caught_up()


def event(name: str, properties: str) -> str:
    name = name.replace("\x1b", "\\u001b")
    return f'{{"type":"track","event":"{name}","userId":"1","properties":{properties}}}'


async def test_events_are_listed_searched_and_opened(desk: Desk) -> None:
    await send(desk, event("Ring Sized", '{"mm": 17, "mail": "x@y.example", "to": "x@y.example"}'))
    page = await desk.get("/events")
    assert "Ring Sized" in page.text and "Product Viewed" in page.text
    assert "Facts about people" in page.text
    part = await desk.get("/events", params={"query": "ring"}, headers={"HX-Request": "true"})
    assert "Ring Sized" in part.text and "Product Viewed" not in part.text
    assert "<html" not in part.text
    source = next(s for s in desk.hub.sources.values() if s.kind == "server").id
    part = await desk.get("/events", params={"source": str(source)})
    assert "Ring Sized" in part.text and "Product Viewed" not in part.text
    (line,) = (await list_kinds(desk.hub, "ring")).kinds
    shown = (await desk.get(f"/events/{line.id}")).text
    assert "<code>mm</code>" in shown and "100.0%" in shown and "<code>17</code>" in shown
    assert shown.count("never kept: it looks personal") == 2
    assert "x@y.example" not in shown
    assert (await desk.get("/events/999999")).status_code == 404
    assert "No event fits" in (await desk.get("/events", params={"query": "zzz"})).text


async def test_hostile_names_stay_text(desk: Desk) -> None:
    await send(desk, event(BAD, '{"<script>alert(1)</script>": "<b>bold</b>"}'))
    (line,) = (await list_kinds(desk.hub, "onerror")).kinds
    for path in ("/events", f"/events/{line.id}"):
        page = (await desk.get(path)).text
        assert "&lt;img src=x" in page
        assert "<img src=x" not in page and "<script>alert" not in page and "<b>bold" not in page


async def test_the_api_says_the_same(desk: Desk) -> None:
    await send(desk, event("Ring Sized", '{"mm": 17}'))
    answer = await desk.client.get("/api/v1/events", params={"query": "ring"})
    (line,) = answer.json()["kinds"]
    assert (line["name"], line["n"], line["recent"], line["fields"]) == ("Ring Sized", 1, 1, 1)
    page = (await desk.client.get(f"/api/v1/events/{line['id']}")).json()
    assert page["fields"][0] == {
        "path": "mm", "n": 1, "share": 1.0, "types": {"number": 1}, "personal": "",
        "first": line["first"], "last": line["last"], "examples": ["17"], "rule": "",
    }  # fmt: skip
    assert (await desk.client.get("/api/v1/events/999999")).status_code == 404


async def test_the_command_lists_them_beside_a_running_hub(desk: Desk, tmp_path: Path) -> None:
    await send(desk, event("Ring Sized", '{"mm": 17}'), event(BAD, "{}"))

    async def run(*words: str) -> tuple[int, str]:
        done = await asyncio.to_thread(
            CliRunner().invoke, cli, ["schema", *words, "--data", str(tmp_path)]
        )
        return done.exit_code, done.output

    code, said = await run()
    assert code == 0
    assert "Ring Sized  Back office  1 in all, 1 in 30 days, 1 fields" in said
    assert "\x1b" not in said
    code, said = await run("Ring Sized")
    assert "  mm  100.0%  number  such as 17" in said
    assert (await run("Ring Sized", "--source", "Web shop"))[0] == 1
    code, said = await run("--source", "nobody")
    assert (code, "there is no source 'nobody'" in said) == (1, True)
    code, said = await run("--json", "--source", "Back office")
    assert '"name":"Ring Sized"' in said


async def test_an_editor_says_what_becomes_of_a_field(desk: Desk) -> None:
    await send(desk, event("Ring Sized", '{"mail": "x@y.example"}'))
    (line,) = (await list_kinds(desk.hub, "ring")).kinds
    page = f"/events/{line.id}"
    answer = await desk.post(f"{page}/rule", {"path": "mail", "action": "drop"}, at=page)
    assert answer.headers["location"].endswith(f"{page}?done=saved")
    assert '<option value="drop" selected>' in (await desk.get(page)).text
    await send(desk, event("Ring Sized", '{"mail": "canary@y.example"}'))
    assert "canary" not in repr(await desk.hub.database.fetch("SELECT body FROM log"))
    for form in ({"path": "nope", "action": "drop"}, {"path": "mail", "action": "x"}):
        assert (await desk.post(f"{page}/rule", form)).status_code == 404
    rows = await desk.hub.database.fetch(
        "SELECT action, detail FROM audit WHERE action = 'field rule'"
    )
    assert len(rows) == 1


async def test_who_only_looks_sees_the_rule_and_no_form(viewer: Desk) -> None:
    await send(viewer, event("Ring Sized", '{"mail": "x@y.example"}'))
    (line,) = (await list_kinds(viewer.hub, "ring")).kinds
    page = (await viewer.get(f"/events/{line.id}")).text
    assert "store it" in page and "/rule" not in page
    answer = await viewer.post(f"/events/{line.id}/rule", {"path": "mail", "action": "drop"})
    assert answer.status_code == 403

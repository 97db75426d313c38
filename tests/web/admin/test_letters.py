"""The pages and the command of refused events: mended, taken in, thrown away; hostile ones."""

from __future__ import annotations

import asyncio
import html
from pathlib import Path

import pytest
from click.testing import CliRunner

from hub.cli import cli
from hub.flows.accept import accept_one
from hub.flows.letters_replay import list_groups
from hub.ingest.limits import BadInput
from tests.shop import open_shop
from tests.web.admin.conftest import Desk

HOSTILE = [
    "<script>alert(1)</script>", "</textarea><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>', "</title><svg onload=alert(1)>", "{{7*7}}${alert(1)}",
    "\x1b]0;pwned\x07", "&lt;script&gt;", "<a href=javascript:alert(1) hx-get=/admin/logout>x",
]  # fmt: skip


async def refused(desk: Desk, raw: str) -> int:
    source = next(s for s in desk.hub.sources.values() if s.kind == "server")
    with pytest.raises(BadInput):
        await accept_one(desk.hub, source, raw.encode(), kind="")
    await desk.hub.letters.flush()
    return int((await desk.hub.database.fetch("SELECT MAX(id) FROM dead_letter"))[0][0])


async def count(desk: Desk, table: str, where: str) -> int:
    rows = await desk.hub.database.fetch(f"SELECT COUNT(*) FROM {table} WHERE {where}")
    return int(rows[0][0])


async def test_mended_and_taken_in(desk: Desk) -> None:
    number = await refused(desk, '{"type":"track","event":"Mended","userId":7,"timestamp":"x"}')
    assert "timestamp: &#39;…&#39; is not" in (await desk.get("/dead-letters")).text
    place = f"/dead-letters/{number}"
    page = (await desk.get(place)).text
    assert html.escape('"timestamp":"x"') in page.replace("&#34;", "&quot;")
    still = await desk.post(f"{place}/replay", {"body": '{"type":"track"}'})
    assert still.status_code == 422
    assert "Still refused" in still.text and "{&#34;type&#34;:&#34;track&#34;}" in still.text
    mended = '{"type":"track",\r\n"event":"Mended","userId":7}'
    answer = await desk.post(f"{place}/replay", {"body": mended})
    assert answer.headers["location"].endswith("/dead-letters?done=replayed")
    assert (await desk.post(f"{place}/replay", {"body": mended})).status_code == 404
    assert await count(desk, "log", "name = 'Mended'") == 1


async def test_all_of_one_reason(desk: Desk) -> None:
    numbers = [await refused(desk, f'{{"type":"track","event":"","x":{i}}}') for i in range(3)]
    place = f"/dead-letters/{numbers[-1]}"
    answer = await desk.post(f"{place}/replay-all", {})
    assert (answer.status_code, "needs the name" in answer.text) == (422, True)
    await desk.post(f"{place}/drop", {})
    assert await count(desk, "dead_letter", f"id IN ({numbers[0]}, {numbers[1]})") == 2
    await desk.post(f"/dead-letters/{numbers[0]}/drop", {"alike": "yes"})
    assert await count(desk, "dead_letter", f"id >= {numbers[0]}") == 0
    for rest in ("", "/replay", "/replay-all", "/drop"):
        missing = f"/dead-letters/99999{rest}"
        answer = await (desk.post(missing, {}) if rest else desk.get(missing))
        assert answer.status_code == 404, rest


@pytest.mark.parametrize("payload", HOSTILE)
async def test_hostile_texts_stay_text(desk: Desk, payload: str) -> None:
    number = await refused(desk, payload)
    quoted = payload.replace('"', '\\"').replace("\x1b", "\\u001b").replace("\x07", "\\u0007")
    for raw in (
        f'{{"type":"{quoted}"}}',
        f'{{"type":"track","{quoted}":1,"timestamp":"{quoted}"}}',
    ):
        number = await refused(desk, raw)
        pages = [(await desk.get(f"/dead-letters/{number}")).text]
        pages.append((await desk.get("/dead-letters")).text)
        pages.append((await desk.post(f"/dead-letters/{number}/replay", {"body": raw})).text)
        for page in pages:
            for bad in ("<script>alert", "<img src=x", "<svg onload", "<a href=javascript", "\x1b"):
                assert bad not in page
            assert page.count("</textarea>") <= 1
            assert page.count("</title>") == 1


async def test_who_only_looks_sees_none_of_it(viewer: Desk) -> None:
    number = await refused(viewer, '{"type":"x","userId":"canary"}')
    for path in ("/dead-letters", f"/dead-letters/{number}"):
        assert (await viewer.get(path)).status_code == 403
    assert (await viewer.post(f"/dead-letters/{number}/drop", {})).status_code == 403
    assert "Refused events" not in (await viewer.get("/")).text


async def test_the_command(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    async with open_shop(folder) as shop:
        for i in range(3):
            raw = f'{{"type":"track","event":"\\u001b[2J","userId":"7","timestamp":"x{i}"}}'
            with pytest.raises(BadInput):
                await accept_one(shop.hub, shop.sources["server"], raw.encode(), kind="")
        (group,) = await list_groups(shop.hub)

    async def run(*words: str) -> tuple[int, str]:
        done = await asyncio.to_thread(
            CliRunner().invoke, cli, ["dead-letters", *words, "--data", str(folder)]
        )
        return done.exit_code, done.output

    number = str(group.id)
    code, said = await run("list")
    assert (code, f"{number}  3 times  server" in said, "\x1b" in said) == (0, True, False), said
    code, said = await run("show", number)
    assert '"timestamp":"x2"' in said
    assert (await run("show", "999"))[0] == 1
    code, said = await run("replay", number)
    assert (code, "is not an ISO 8601 time" in said) == (1, True)
    mended = tmp_path / "mended.json"
    mended.write_text('{"type":"track","event":"Mended","userId":"7"}')
    code, said = await run("replay", number, "--body", str(mended))
    assert "1 taken in, 0 known already, 0 refused" in said
    assert (await run("replay", number, "--body", str(mended)))[0] == 1
    code, said = await run("replay", "1", "--alike")
    assert "0 taken in, 0 known already, 2 refused" in said
    assert (await run("replay", "1", "--alike", "--body", str(mended)))[0] == 2
    assert "2 thrown away" in (await run("drop", "1", "--alike"))[1]
    assert "Nothing was refused." in (await run("list"))[1]

"""`hub dev plugin`: reports of a folder, and who may see the page."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from hub.scaffold.parts import Report
from hub.scaffold.preview import new_token, preview_app
from hub.scaffold.watch import Watched, file_times, look_once
from hub.scaffold.write import write_plugin
from hub.sdk.loopback import serving


def parts(report: Report) -> dict[str, str]:
    """Heading and text of every section."""
    assert report.fault is None, report.fault
    return {part.heading: part.text for thing in report.things for part in thing.parts}


@pytest.mark.full
async def test_a_connector_shows_each_record_beside_its_source(tmp_path: Path) -> None:
    folder = write_plugin("connector", "seen", tmp_path)
    report = await look_once(folder)
    shown = parts(report)
    assert shown["Test of the settings"] == "Connected to Corner Shop."
    assert shown["Stream orders"] == "5 read in 1 page"
    (orders,) = [p for p in report.things[0].parts if p.heading == "Stream orders"]
    assert '"gift_note": "For Eli"' in orders.twins[0].raw
    assert '"total": 4190' in orders.twins[0].mapped
    (hooks,) = [p for p in report.things[0].parts if p.heading.startswith("Webhooks")]
    assert len(hooks.twins) == 6 and not [twin.error for twin in hooks.twins if twin.error]
    # What can not be read is shown with its reason.
    fixture = folder / "tests" / "fixtures" / "orders.json"
    fixture.write_text(fixture.read_text().replace('"total": "41.90"', '"total": "much"'))
    report = await look_once(folder)
    assert parts(report)["Stream orders"] == "4 read in 1 page, 1 put aside"


@pytest.mark.full
@pytest.mark.parametrize(
    ("kind", "heading"),
    [
        ("widget", "At other times"),
        ("condition", "has placed exactly 3 orders"),
        ("recommender", "A stranger on the home page"),
        ("channel", "What arrived"),
    ],
)
async def test_every_kind_is_shown_at_work(kind: str, heading: str, tmp_path: Path) -> None:
    report = await look_once(write_plugin(kind, f"seen_{kind}", tmp_path))
    assert heading in parts(report)
    assert not [p.fault for thing in report.things for p in thing.parts if p.fault]
    assert len(report.decisions) == (4 if kind == "widget" else 0)


@pytest.mark.parametrize(
    ("broken", "what", "line"),
    [
        ("import nothing_of_this_name\n", "ModuleNotFoundError", 1),
        ("x = 1\ndef f(:\n", "SyntaxError", 2),
        ("\n\nraise SystemExit(3)\n", "SystemExit: 3", 3),
        ("\n1 / 0  # <script>\n", "ZeroDivisionError", 2),
    ],
)
async def test_a_fault_is_named_with_its_place(
    broken: str, what: str, line: int, tmp_path: Path
) -> None:
    folder = write_plugin("widget", "badly", tmp_path)
    (folder / "widget.py").write_text(broken)
    report = await look_once(folder)
    assert report.fault is not None
    assert report.fault.what.startswith(what)
    assert report.fault.place == f"widget.py, line {line}"


@pytest.mark.full
async def test_what_hangs_or_ends_is_ended_and_said(tmp_path: Path) -> None:
    folder = write_plugin("widget", "hanging", tmp_path)
    module = folder / "widget.py"
    module.write_text("import threading\nthreading.Event().wait()\n")
    report = await look_once(folder, patience=2)
    assert report.fault and "within 2 seconds" in report.fault.what
    module.write_text("import os\nos._exit(7)\n")
    report = await look_once(folder)
    assert report.fault and "ended with status 7" in report.fault.what


@pytest.mark.full
async def test_what_is_declared_wrongly_is_said_in_words(tmp_path: Path) -> None:
    folder = write_plugin("recommender", "declared", tmp_path)
    init = folder / "__init__.py"
    good = init.read_text()
    wrong = {
        good.replace("@hookimpl\n", ""): "write @hookimpl above it",
        good.replace("Declared()]", "Declared]"): "an instance, not the class",
        good.replace(">=1", ">=99"): "needs SDK",
        "": "it declares nothing",
    }
    for text, words in wrong.items():
        init.write_text(text)
        report = await look_once(folder)
        assert report.fault and words in report.fault.what, report.fault


def test_a_saved_file_is_noticed_and_a_cache_is_not(tmp_path: Path) -> None:
    folder = write_plugin("widget", "watched", tmp_path)
    before = file_times(folder)
    for place in ("__pycache__", ".pytest_cache"):
        (folder / place).mkdir()
        (folder / place / "x").write_text("x")
    assert file_times(folder) == before
    (folder / "tests" / "new.json").write_text("[]")
    assert file_times(folder) != before


@asynccontextmanager
async def page_of(folder: Path) -> AsyncIterator[tuple[httpx.AsyncClient, str, Watched]]:
    watched, token = Watched(folder), new_token()
    following = asyncio.create_task(watched.follow())
    async with serving(preview_app(watched, token)) as url:
        async with httpx.AsyncClient(base_url=url, timeout=60) as http:
            await http.get(f"/{token}/wait?version=0")
            yield http, token, watched
        following.cancel()


async def test_the_page_is_for_who_knows_its_address(tmp_path: Path) -> None:
    folder = write_plugin("widget", "private", tmp_path)
    async with page_of(folder) as (http, token, _):
        paths = ("", "wait?version=0", "frame?locale=en", "s.js", "page.js")
        for path in paths:
            assert (await http.get(f"/{token}/{path}")).status_code == 200, path
            for wrong in ("", "x", token[:-1], token + "x"):
                assert (await http.get(f"/{wrong}/{path}")).status_code == 404
        # A page elsewhere that points a name of its own at this machine.
        evil = await http.get(f"/{token}/", headers={"Host": "evil.example"})
        assert evil.status_code == 400
        policy = (await http.get(f"/{token}/")).headers["content-security-policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy
        assert len(token) >= 32 and token != new_token()


async def test_the_page_follows_a_fault_and_its_mending(tmp_path: Path) -> None:
    folder = write_plugin("widget", "mended", tmp_path)
    module = folder / "widget.py"
    good = module.read_text()
    async with page_of(folder) as (http, token, watched):
        assert "At other times" in (await http.get(f"/{token}/")).text
        module.write_text('raise ValueError("<script>alert(1)</script>")\n')
        await http.get(f"/{token}/wait?version={watched.version}")
        page = (await http.get(f"/{token}/")).text
        assert "widget.py, line 1" in page and "&lt;script&gt;alert" in page
        assert re.search(r"<script(?! src=)", page) is None
        module.write_text(good)
        await http.get(f"/{token}/wait?version={watched.version}")
        assert "At other times" in (await http.get(f"/{token}/")).text


async def test_odd_questions_of_a_frame_are_answered_with_nothing(tmp_path: Path) -> None:
    folder = write_plugin("widget", "odd", tmp_path)
    async with page_of(folder) as (http, token, _):
        for body in (b"", b"{}", b"[]", b'{"page": {"url": "?decision=x"}}', b'{"page": 5}',
                     b'{"page": {"url": "/?decision=99"}}', b'{"page": {"url": "/?decision=-1"}}',
                     b'{"page": {"url": "http://[/?decision=0"}}', b"\xff"):  # fmt: skip
            answer = await http.post(f"/{token}/v1/decide", content=body)
            assert answer.status_code == 200, body
            assert answer.json()["decisions"] == [], body
        good = b'{"page": {"url": "http://x/frame?decision=0"}}'
        (decision,) = (await http.post(f"/{token}/v1/decide", content=good)).json()["decisions"]
        assert decision["type"] == "banner"

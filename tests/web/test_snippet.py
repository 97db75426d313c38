"""The snippet's files: for any page, and pinned ones that outlive an upgrade."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import AsyncIterator

import pytest

from hub.flows.device import SOURCES
from hub.settings import ConsentMode
from hub.web import snippet
from tests.shop import Shop
from tests.web.door import Door, open_door


@pytest.fixture
async def door(lite: Shop) -> AsyncIterator[Door]:
    async with open_door(lite) as opened:
        yield opened


async def test_the_reader_of_consent_tools_may_be_imported_from_any_page(door: Door) -> None:
    answer = await door.http.get("/consent.js")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "export" in answer.text


async def test_a_pinned_version_is_what_its_name_and_integrity_say(door: Door) -> None:
    name, integrity = snippet.pin()
    answer = await door.http.get(f"/{name}")
    assert answer.status_code == 200
    assert "immutable" in answer.headers["cache-control"]
    digest = base64.b64encode(hashlib.sha384(answer.content).digest()).decode()
    assert integrity == f"sha384-{digest}"
    # Nothing that runs is left out of the digest.
    assert b"import(" not in answer.content


async def test_a_pinned_version_outlives_an_upgrade(
    door: Door, lite: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, _ = snippet.pin()
    before = (await door.http.get(f"/{name}")).content
    monkeypatch.setattr(snippet, "pin", lambda: ("s.0000000000000000.js", ""))
    assert (await door.http.get(f"/{name}")).content == before
    kept = lite.hub.settings.data_dir / "snippets"
    assert [file.name for file in kept.iterdir()] == [name.removeprefix("s.")]


@pytest.mark.parametrize("digest", ["0" * 16, "..%2f..%2fsecret", "x", "A" * 16])
async def test_no_other_file_is_reached_by_its_name(door: Door, digest: str) -> None:
    answer = await door.http.get(f"/s.{digest}.js")
    assert answer.status_code == 404


def test_the_hub_takes_the_word_of_every_tool_that_may_be_set() -> None:
    tools = set(ConsentMode.__args__) - {"own", "off", "auto"}
    assert tools <= set(SOURCES)

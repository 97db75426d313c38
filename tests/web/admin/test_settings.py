"""Settings and the own account: what can be changed, by whom, and what proves it afterwards."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml

from hub.flows.decide import site
from hub.flows.entry_links import lost_password_link
from hub.flows.staff import add_staff
from hub.settings import Settings
from tests.web.admin.conftest import Desk, open_client
from tests.web.admin.seed import EMAIL, PASSWORD

WORDS = {
    "w.title": "Mogen we u onthouden?", "w.text": "Wij onthouden wat u bekijkt.",
    "w.accept": "Ja", "w.decline": "Nee", "w.manage": "Kiezen", "w.analytics": "Tellen",
    "w.personalisation": "Persoonlijk", "w.save": "Bewaren",
}  # fmt: skip
FIELDS = {"name": "Linnen & Co", "timezone": "Europe/Brussels", "currency": "eur", "locale": "nl"}
NEXT = "five small boats at sea"


async def test_the_workspace_is_renamed_and_moved(desk: Desk) -> None:
    await desk.post("/settings", FIELDS, at="/settings")
    workspace = desk.hub.workspace
    assert (workspace.name, workspace.timezone) == ("Linnen & Co", "Europe/Brussels")
    assert (workspace.currency, workspace.locale) == ("EUR", "nl")
    assert "Linnen &amp; Co" in (await desk.get("/")).text


async def test_a_wrong_field_is_named_and_nothing_changes(desk: Desk) -> None:
    before = desk.hub.workspace
    for field, value in (
        ("name", " "), ("timezone", "Mars/Phobos"), ("currency", "EURO"), ("locale", "../x"),
    ):  # fmt: skip
        answer = await desk.post("/settings", {**FIELDS, field: value}, at="/settings")
        assert answer.status_code == 422
        assert f'id="fault-{field}"' in answer.text
    assert desk.hub.workspace == before


async def test_visitors_read_the_new_words_and_each_version_is_kept(desk: Desk) -> None:
    before = site(desk.hub, "en")["consent"]["title"]
    for title in ("Mogen we u onthouden?", "Onthouden?"):
        words = {**WORDS, "language": "nl", "w.title": title}
        await desk.post("/settings/consent", words, at="/settings")
    dutch = site(desk.hub, "nl-BE")["consent"]
    assert (dutch["title"], dutch["text_version"]) == ("Onthouden?", "site-2")
    assert site(desk.hub, "en")["consent"]["title"] == before
    rows = await desk.hub.database.fetch(
        "SELECT version, yaml, author FROM config_version WHERE kind = 'consent_text' "
        "ORDER BY version"
    )
    titles = [yaml.safe_load(row[1])["nl"]["title"] for row in rows]
    assert titles == ["Mogen we u onthouden?", "Onthouden?"]
    assert {row[2] for row in rows} == {EMAIL}


async def test_a_missing_word_is_named_and_no_version_is_made(desk: Desk) -> None:
    answer = await desk.post(
        "/settings/consent", {**WORDS, "language": "nl", "w.decline": ""}, at="/settings"
    )
    assert answer.status_code == 422 and "Mogen we u onthouden?" in answer.text
    assert site(desk.hub, "nl")["consent"]["text_version"] != "site-1"


async def test_only_an_owner_changes_settings(desk: Desk) -> None:
    await add_staff(desk.hub, email="ed@x.example", name="Ed", password=NEXT, role="editor")
    async with open_client(desk.hub) as client:
        editor = Desk(desk.hub, client)
        await editor.sign_in("ed@x.example", NEXT)
        assert (await editor.get("/settings")).status_code == 403
        assert (await editor.post("/settings", FIELDS)).status_code == 403
        assert (await editor.get("/account")).status_code == 200


async def test_a_new_password_ends_every_other_session(desk: Desk) -> None:
    async with open_client(desk.hub) as client:
        elsewhere = Desk(desk.hub, client)
        await elsewhere.sign_in()
        assert (await elsewhere.get("/account")).status_code == 200
        form = {"old": PASSWORD, "password": NEXT}
        assert (await desk.post("/account/password", form, at="/account")).status_code == 303
        assert (await elsewhere.get("/account")).status_code == 303
        assert (await desk.get("/account")).status_code == 200
        assert (await elsewhere.sign_in()).status_code == 401
        assert (await elsewhere.sign_in(EMAIL, NEXT)).status_code == 303


async def test_a_link_for_a_lost_password_sets_another_one_in_its_session_only(desk: Desk) -> None:
    link = urlsplit(await lost_password_link(desk.hub.settings, desk.hub.clock, EMAIL))
    async with open_client(desk.hub) as client:
        elsewhere = Desk(desk.hub, client)
        entered = await elsewhere.get(f"{link.path.removeprefix('/admin')}?{link.query}")
        onward = urlsplit(entered.headers["location"])
        proof = parse_qs(onward.query)["proof"][0]
        form = {"proof": proof, "password": NEXT}
        stolen = await desk.post("/account/password", form, at="/account")
        assert stolen.status_code == 422  # another session: the proof is worth nothing
        answer = await elsewhere.post("/account/password", form, at=f"/account?proof={proof}")
        assert answer.status_code == 303
        assert (await elsewhere.sign_in(EMAIL, NEXT)).status_code == 303


async def test_a_link_for_nobody_and_a_folder_without_a_hub_are_named(
    desk: Desk, tmp_path: Path
) -> None:
    with pytest.raises(LookupError, match="no account has the address"):
        await lost_password_link(desk.hub.settings, desk.hub.clock, "x@y.example")
    empty = Settings(data_dir=tmp_path / "nowhere")
    with pytest.raises(LookupError, match="there is no hub in"):
        await lost_password_link(empty, desk.hub.clock, EMAIL)


async def test_the_old_password_is_asked_for_and_guessing_is_throttled(desk: Desk) -> None:
    codes = []
    for _ in range(9):
        form = {"old": "not this one at all", "password": NEXT}
        codes.append((await desk.post("/account/password", form, at="/account")).status_code)
    assert codes[0] == 422 and codes[-1] == 429
    assert (await desk.sign_in()).status_code == 303  # signing in is counted apart

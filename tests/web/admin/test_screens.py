"""The screens: what they show, what their forms do, and the numbers that must add up."""

# ruff: noqa: E501
from __future__ import annotations

import asyncio
import re

import msgspec
import pytest
import yaml

from hub.flows.connections_read import HOOKS
from hub.flows.overview import overview
from hub.flows.publish import publish
from hub.store.models import Connection
from tests.web.admin.conftest import ORIGIN, Desk
from tests.web.admin.seed import EMAIL, EVERYONE

FIELDS = {
    "name": "Free delivery", "place": "slot", "slot": "home-top", "priority": "5", "c.en": "yes",
    "c.en.title": "Free delivery from 50 euro", "base_version": "1", "tab": "form", "w.kind": "all",
}  # fmt: skip


async def test_the_accounting_adds_up(desk: Desk) -> None:
    found = await overview(desk.hub)
    async with asyncio.timeout(20):  # decisions are written beside the answers
        while found.week.decisions < 3:
            await desk.hub.decisions.flush()
            found = await overview(desk.hub)
    week = found.week.intake
    assert week.received == week.stored + week.duplicate + week.rejected > 0
    assert week.rejected == sum(week.reasons.values()) == 3
    assert (found.week.decisions, found.week.viewed) == (3, 6)
    assert found.people > found.verified > 0


async def test_revenue_leaves_out_what_the_shop_has_not_confirmed(desk: Desk) -> None:
    rows = await desk.hub.database.fetch(
        "SELECT SUM(total - refunded) FROM shop_order WHERE status IN ('paid','fulfilled','refunded')"
    )
    found = (await overview(desk.hub)).week.revenue
    assert [(r.currency, r.total) for r in found] == [("EUR", rows[0][0])]


async def test_pausing_stops_everything_and_says_so(desk: Desk) -> None:
    await desk.post("/pause", {"paused": "yes"})
    assert desk.hub.workspace.pause_output
    assert "All output is paused" in (await desk.get("/people")).text
    await desk.post("/pause", {"paused": "no"})
    assert not desk.hub.workspace.pause_output


async def test_people_are_found_by_any_of_their_names(desk: Desk) -> None:
    for query in ("ANNA", "anna@example.org", "anna ceramic", "1"):
        answer = await desk.get("/people", params={"q": query}, headers={"HX-Request": "true"})
        assert f'href="/admin/people/{desk.ids["person"]}"' in answer.text, query
        assert "<html" not in answer.text


async def test_a_search_for_nothing_finds_nobody(desk: Desk) -> None:
    for query in ("%", "_", "zzz", "' OR 1=1 --", "1" * 60, "!"):
        answer = await desk.get("/people", params={"q": query}, headers={"HX-Request": "true"})
        assert "/admin/people/" not in answer.text, query
        assert "Nobody fits" in answer.text, query


async def test_the_person_page_tells_claims_from_proof(desk: Desk) -> None:
    page = (await desk.get(f"/people/{desk.ids['person']}")).text
    assert re.search(r'class="edge verified"', page)
    assert re.search(r'class="edge claimed"', page)
    traits = page.split("Known facts")[1].split("</section>")[0]
    assert traits.index("first_name") < traits.index("nickname")
    assert "the shop" in traits.split("first_name")[2][:200]
    assert "a browser" in traits.split("nickname")[2][:300]


async def test_a_merged_number_leads_to_the_person_that_is_left(desk: Desk) -> None:
    person = desk.ids["person"]
    rows = await desk.hub.database.fetch(
        "SELECT node_id FROM node_person WHERE person_id = ? AND node_id <> ?", (person, person)
    )
    answer = await desk.get(f"/people/{rows[0][0]}")
    assert answer.headers["location"] == f"/admin/people/{person}?done=merged"
    assert (await desk.get("/people/999999")).status_code == 404


async def test_the_timeline_pages_through_everything_once(desk: Desk) -> None:
    person, seen, before = desk.ids["person"], [], ""
    while True:
        path = f"/api/v1/people/{person}/timeline"
        page = (await desk.client.get(path, params={"before": before})).json()
        seen += [(m["at"], m["kind"], m["ref"], m["name"]) for m in page["moments"]]
        before = page["next"]
        if not before:
            break
    assert len(seen) == len(set(seen)) > 15
    assert [s[0] for s in seen] == sorted((s[0] for s in seen), reverse=True)


async def test_the_form_writes_the_draft_and_publishing_makes_it_live(desk: Desk) -> None:
    form = {**FIELDS, "c.en.title": "Free from 40", "w.0.kind": "device", "w.0.is": "phone",
            "caps.per_visitor": "3", "caps.days": "7"}  # fmt: skip
    answer = await desk.post("/widgets/free-delivery/publish", form)
    assert answer.headers["location"] == "/admin/widgets/free-delivery?done=published"
    live = desk.hub.published.widgets["free-delivery"]
    assert live.version == 2
    assert live.text.content["en"]["title"] == "Free from 40"
    assert live.text.when == {"all": [{"device": {"is": "phone"}}]}
    assert live.text.caps is not None and live.text.caps.per_visitor == 3


async def test_a_fault_is_named_at_its_field_and_the_draft_is_kept(desk: Desk) -> None:
    for change, field in (
        ({"c.en.title": ""}, "content.en.title"), ({"priority": "high"}, "priority"),
        ({"c.en.url": "javascript:alert(1)"}, "content.en.url"), ({"slot": "Über uns"}, "slot"),
        ({"name": " "}, "name"), ({"caps.per_visitor": "99"}, "caps"),
        ({"w.0.kind": "did", "w.0.event": ""}, "when"),
    ):  # fmt: skip
        answer = await desk.post(
            "/widgets/free-delivery/publish", {**FIELDS, "c.en.url": "", **change}
        )
        assert answer.status_code == 422, field
        assert re.search(rf'data-fault="{re.escape(field)}"[^>]*>[^<]+<', answer.text), field
        assert desk.hub.published.widgets["free-delivery"].version == 1
        page = (await desk.get("/widgets/free-delivery")).text
        assert next(iter(change.values())).strip() in page, "what was typed is not lost"


async def test_two_people_publishing_at_once_do_not_overwrite_each_other(desk: Desk) -> None:
    other = yaml.safe_dump({**EVERYONE, "priority": 7})
    await publish(desk.hub, "free-delivery", other, base_version=1, author="bo@shop.example")
    answer = await desk.post("/widgets/free-delivery/publish", FIELDS)
    assert answer.status_code == 409
    assert "priority: 7" in answer.text and "priority: 5" in answer.text
    assert desk.hub.published.widgets["free-delivery"].version == 2
    page = (await desk.get("/widgets/free-delivery")).text
    assert 'value="1"' in page, "the draft still knows what it began from"
    mine = {"tab": "text", "base_version": "2", "text": yaml.safe_dump(EVERYONE)}
    assert (await desk.post("/widgets/free-delivery/publish", mine)).status_code == 303
    assert desk.hub.published.widgets["free-delivery"].version == 3


async def test_saving_while_typing_answers_the_preview_and_the_faults(desk: Desk) -> None:
    form = {"csrf": await desk.token(), **FIELDS, "c.en.title": "", "locale": "en"}
    headers = {"Origin": ORIGIN, "Accept": "application/json"}
    answer = await desk.client.post("/admin/widgets/free-delivery", data=form, headers=headers)
    body = answer.json()
    assert body["errors"] == {"content.en.title": "write the title"}
    assert body["decision"]["type"] == "banner"
    assert body["decision"]["slot"] == "home-top"


async def test_any_text_is_kept_as_a_draft(desk: Desk) -> None:
    for text in ("{", "- a\n- b", "type: none", "a: &x 1\nb: *x", "\x00", "content: {en: 5}", ""):
        form = {"tab": "text", "text": text, "base_version": "1"}
        assert (await desk.post("/widgets/free-delivery", form)).status_code == 303
        for path in ("", "?tab=text", "?check=1", "/try", "/preview"):
            assert (await desk.get(f"/widgets/free-delivery{path}")).status_code == 200, (
                text,
                path,
            )
        assert (await desk.get("/widgets")).status_code == 200


async def test_going_back_publishes_the_old_text_anew(desk: Desk) -> None:
    await desk.post("/widgets/free-delivery/publish", {**FIELDS, "priority": "9"})
    await desk.post("/widgets/free-delivery/versions/1", {})
    live = desk.hub.published.widgets["free-delivery"]
    assert (live.version, live.text.priority) == (3, 5)
    await desk.post("/widgets/free-delivery/retire", {})
    assert "free-delivery" not in desk.hub.published.widgets
    assert (await desk.get("/widgets/free-delivery")).status_code == 200


async def test_a_new_widget_can_be_published_as_it_opens(desk: Desk) -> None:
    for kind in ("banner", "popup", "recommendations"):
        await begins_and_publishes(desk, kind)


async def begins_and_publishes(desk: Desk, kind: str) -> None:
    answer = await desk.post("/widgets", {"type": kind})
    path = answer.headers["location"].removeprefix("/admin").partition("?")[0]
    assert (await desk.get(path)).status_code == 200
    key = path.rsplit("/", 1)[1]
    published = await desk.post(f"{path}/publish", {})
    assert published.headers["location"].endswith("done=published")
    assert desk.hub.published.widgets[key].text.type == kind
    copied = await desk.post(f"{path}/duplicate", {})
    assert copied.headers["location"].endswith("done=copied")


async def test_a_draft_is_asked_about_a_visit_of_the_past(desk: Desk) -> None:
    page = await desk.get("/widgets/welcome-back/try", params={"decision": desk.ids["decision"]})
    assert "its rule would have held" in page.text
    assert "Product Viewed" in page.text


async def test_why_tells_winners_and_losers(desk: Desk) -> None:
    page = (await desk.get(f"/decisions/{desk.ids['decision']}")).text
    assert "the answer is the same" in page
    assert "taken by welcome-back" in page
    assert (await desk.get("/decisions/none")).status_code == 404


async def test_a_connection_is_tested_before_it_is_saved(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[int] = []
    monkeypatch.setattr(desk.hub, "runs", type("Runs", (), {"start": staticmethod(started.append)}))
    right = {"field.size": "3", "field.token": "right"}
    form = {**right, "name": "Shop", "shop": "myshop", "op": "save"}
    answer = await desk.post("/connections/new/good", {**form, "field.token": "wrong"})
    assert (answer.status_code, await Connection.all().count()) == (422, 0)
    assert "The token is wrong" in answer.text
    missing = await desk.post("/connections/new/good", {**form, "shop": "", "field.token": ""})
    assert 'id="fault-shop">' not in missing.text and "Name the shop" in missing.text
    tried = await desk.post("/connections/new/good", {**form, "op": "test"})
    assert "It answers" in tried.text and await Connection.all().count() == 0
    done = await desk.post("/connections/new/good", form)
    assert done.headers["location"] == "/admin/connections/1?done=connected"
    assert started == [1]


async def test_a_stored_secret_is_on_no_page(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk.hub, "runs", type("Runs", (), {"start": staticmethod(bool)}))
    form = {"field.size": "3", "field.token": "hush-token"}
    await desk.post("/connections/new/good", {**form, "name": "S", "shop": "myshop", "op": "save"})
    assert await Connection.all().count() == 1
    for path in ("/admin/connections", "/admin/connections/1", "/admin/health", "/api/v1/health"):
        page = await desk.client.get(path)
        assert page.status_code == 200
        assert "hush-" not in page.text, path


async def test_the_page_of_a_connection_says_what_became_of_its_webhooks(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk.hub, "runs", type("Runs", (), {"start": staticmethod(bool)}))
    form = {"field.size": "3", "field.token": "t", "name": "S", "shop": "myshop", "op": "save"}
    await desk.post("/connections/new/good", form)
    assert "at the first sync" in (await desk.get("/connections/1")).text
    for on, words in ((True, "by itself"), (False, "could not register")):
        progress = {HOOKS: {"on": on, "note": "Paused <b>there</b>."}}
        await Connection.filter(id=1).update(progress=progress)
        page = (await desk.get("/connections/1")).text
        assert words in page
        assert "Paused &lt;b&gt;there&lt;/b&gt;." in page


async def test_a_plugin_that_is_off_is_named_and_switched_on_again(desk: Desk) -> None:
    desk.hub.watch.switch_off("good", "pull: ValueError: no idea, 5 faults in a row")
    page = (await desk.get("/health")).text
    assert "pull: ValueError: no idea, 5 faults in a row" in page and "switched off" in page
    failed = await desk.post(
        "/connections/new/good",
        {"field.token": "right", "name": "S", "shop": "myshop", "op": "test"},
    )
    assert failed.status_code == 422 and "the plugin good is switched off" in failed.text
    answer = await desk.post("/health/plugins/good/on", {})
    assert answer.headers["location"] == "/admin/health?done=plugin_on"
    assert desk.hub.watch.off == {}
    assert (await desk.post("/health/plugins/none/on", {})).status_code == 404


async def test_a_source_is_made_and_switched_off(desk: Desk) -> None:
    wrong = {"name": "Two", "kind": "browser", "shop": "myshop", "shop_url": "javascript:1"}
    assert (await desk.post("/sources", wrong)).status_code == 422
    assert (await desk.post("/sources", {**wrong, "kind": "connector"})).status_code == 422
    answer = await desk.post("/sources", {**wrong, "shop_url": "https://two.example"})
    path = answer.headers["location"].removeprefix("/admin").partition("?")[0]
    page = (await desk.get(path)).text
    key = list(desk.hub.sources.values())[-1].write_key
    assert f"data-key=&#34;{key}&#34;" in page
    await desk.post(path, {"identify": "ignore"})
    source = list(desk.hub.sources.values())[-1]
    assert (source.enabled, source.browser_identify) == (False, "ignore")


async def test_a_secret_key_is_for_owners_only(viewer: Desk) -> None:
    server = next(s for s in viewer.hub.sources.values() if s.kind == "server")
    for path in (f"/sources/{server.id}", "/sources"):
        page = await viewer.get(path)
        assert page.status_code == 200
        assert server.write_key not in page.text


async def test_a_browser_that_speaks_dutch_gets_dutch(out: Desk) -> None:
    page = await out.get("/login", headers={"Accept-Language": "nl-BE,nl;q=0.9,en;q=0.5"})
    assert '<html lang="nl">' in page.text
    assert "Aanmelden" in page.text
    page = await out.get("/login", headers={"Accept-Language": "fr"})
    assert '<html lang="en">' in page.text


async def test_the_api_answers_as_its_description_says(desk: Desk) -> None:
    document = (await desk.client.get("/api/v1/openapi.json")).json()
    assert document["openapi"].startswith("3.1")
    ids = {"/people/{id}": desk.ids["person"], "/decisions/{id}/why": desk.ids["decision"]}
    for path, operations in document["paths"].items():
        if "get" not in operations or ("{" in path and path.removeprefix("/api/v1") not in ids):
            continue
        value = str(ids.get(path.removeprefix("/api/v1"), ""))
        answer = await desk.client.get(re.sub(r"{\w+}", value, path))
        assert answer.status_code == 200, path
    people = (await desk.client.get("/api/v1/people?q=anna")).json()["people"]
    assert people[0]["trusted"] is True


async def test_the_api_names_the_field_at_fault(desk: Desk) -> None:
    session = (await desk.client.get("/api/v1/session")).json()
    headers = {"Origin": ORIGIN, "X-CSRF": session["csrf"], "Content-Type": "application/json"}
    path = "/api/v1/widgets/free-delivery/publish"

    async def send(body: object) -> tuple[int, str]:
        content = msgspec.json.encode(body)
        answer = await desk.client.post(path, content=content, headers=headers)
        return answer.status_code, answer.json().get("error", {}).get("field", "")

    bad = yaml.safe_dump({**EVERYONE, "priority": 9999})
    assert await send({"base_version": 1, "text": bad}) == (422, "priority")
    assert await send({"base_version": 0, "text": yaml.safe_dump(EVERYONE)}) == (
        409,
        "base_version",
    )
    assert await send({"base": 1}) == (422, "body")
    assert await send({"base_version": 1}) == (200, "")
    assert desk.hub.published.widgets["free-delivery"].version == 2
    rows = await desk.hub.database.fetch("SELECT author FROM config_version WHERE version = 2")
    assert rows == [(EMAIL,)]
    assert (await desk.client.get("/api/v1/nothing")).json()["error"]["field"] == "path"

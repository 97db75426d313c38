"""The privacy pages: who may do what, what is asked twice, and what is put down."""

from __future__ import annotations

import io
import re
import zipfile

import orjson

from hub.flows.erase import carry_on_all
from hub.flows.people import find_people
from hub.privacy.receipt import verify
from hub.store.models import Erasure
from tests.web.admin.conftest import Desk
from tests.web.admin.seed import EMAIL, PASSWORD

ANNA = "anna@example.org"


async def person(desk: Desk) -> tuple[int, str]:
    """The address the shop knows best, and the number of who has it."""
    found = await find_people(desk.hub, ANNA)
    return found.people[0].id, ANNA


async def test_an_erasure_asks_for_the_address_and_the_password(desk: Desk) -> None:
    person_id, email = await person(desk)
    path = f"/people/{person_id}/erase"
    assert email in (await desk.get(path)).text
    for form, said in (
        ({"typed": email, "password": "not the right one"}, "This is not your password"),
        ({"typed": "bob@example.org", "password": PASSWORD}, "Nothing was erased"),
        ({"typed": "", "password": PASSWORD}, "Nothing was erased"),
    ):
        answer = await desk.post(path, form)
        assert answer.status_code == 422 and said in answer.text
    assert await Erasure.all().count() == 0
    answer = await desk.post(path, {"typed": email.upper(), "password": PASSWORD})
    assert answer.headers["location"] == "/admin/privacy?done=erased"
    await carry_on_all(desk.hub)
    page = await desk.get("/privacy")
    assert "Erasure 1" in page.text and EMAIL in page.text and email not in page.text
    assert (await desk.get(f"/people/{person_id}")).status_code == 404
    assert (await find_people(desk.hub, email)).people == []


async def test_the_receipt_can_be_downloaded_and_checked(desk: Desk) -> None:
    person_id, email = await person(desk)
    await desk.post(f"/people/{person_id}/erase", {"typed": email, "password": PASSWORD})
    await carry_on_all(desk.hub)
    page = await desk.get("/privacy")
    path = re.search(r'href="/admin(/privacy/receipts/\d+)"', page.text)
    assert path, "the receipt is on the page"
    key = re.search(r"--key ([0-9a-f]{64})", page.text)
    assert key
    answer = await desk.get(path[1])
    assert "attachment" in answer.headers["content-disposition"]
    receipt, _ = verify(answer.content, key[1])
    assert receipt.workspace == desk.hub.workspace.name
    assert (await desk.get("/privacy/receipts/99")).status_code == 404


async def test_an_export_is_a_file_and_asks_for_the_password(desk: Desk) -> None:
    person_id, email = await person(desk)
    path = f"/people/{person_id}/export"
    assert (await desk.get(path)).status_code == 200
    assert (await desk.post(path, {"password": "x"})).status_code == 422
    answer = await desk.post(path, {"password": PASSWORD})
    assert answer.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert email in orjson.loads(archive.read("person.json"))["title"]


async def test_looking_at_somebody_is_put_down(desk: Desk) -> None:
    person_id, _ = await person(desk)
    await desk.get(f"/people/{person_id}")
    answer = await desk.client.get(f"/api/v1/people/{person_id}")
    assert answer.status_code == 200
    rows = await desk.hub.database.fetch("SELECT who, action, subject FROM audit ORDER BY id")
    assert rows == [(EMAIL, "view", str(person_id))] * 2
    page = await desk.get("/privacy/audit?check=1")
    assert "looked at" in page.text and "The chain is whole: 2 rows" in page.text
    await desk.hub.database.write([("UPDATE audit SET who = 'eve' WHERE id = 1", [()])])
    page = await desk.get("/privacy/audit?check=1")
    assert "The chain is broken: row 1" in page.text


async def test_a_person_is_looked_up_without_her_address_in_the_url(desk: Desk) -> None:
    person_id, email = await person(desk)
    answer = await desk.post("/privacy/find", {"who": f" {email} "})
    assert answer.headers["location"] == f"/admin/people/{person_id}"
    answer = await desk.post("/privacy/find", {"who": "<b>nobody</b>@example.com"})
    assert answer.status_code == 404 and "Nobody here" in answer.text
    assert "<b>nobody" not in answer.text


async def test_the_data_map_is_readable(desk: Desk) -> None:
    page = await desk.get("/privacy/map")
    for word in ("node_state", "erasures.log", "woocommerce: products_read_from", "90 days"):
        assert word in page.text


async def test_who_only_looks_sees_no_button(viewer: Desk) -> None:
    person_id, _ = await person(viewer)
    page = await viewer.get(f"/people/{person_id}")
    assert "/erase" not in page.text and "/export" not in page.text
    assert (await viewer.get("/privacy")).status_code == 403
    for path in (f"/people/{person_id}/export", f"/people/{person_id}/erase", "/privacy/audit"):
        assert (await viewer.get(path)).status_code == 403

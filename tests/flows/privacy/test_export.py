"""The export of a person holds all of hers and nothing of anybody else."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path

import orjson
import pytest

from hub.flows.erase_subject import UnknownPerson
from hub.flows.export_person import export_person, write_zip
from tests.flows.privacy.people import furnish, make_person
from tests.shop import Shop, viewed

EMAIL = "victim@example.com"


async def test_it_holds_every_word_of_hers_and_none_of_another(
    shop: Shop, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder: Path = tmp_path_factory.mktemp("files")
    await furnish(shop)
    ann = await make_person(shop, "ann", folder, 1)
    bob = await make_person(shop, "bob", folder, 2)
    made = write_zip(await export_person(shop.hub, ann.email, "test"))
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        assert archive.testzip() is None
        tables = "\n".join(
            archive.read(n).decode() for n in archive.namelist() if n.endswith(".csv")
        )
        whole = archive.read("person.json").decode()
    for text in (whole, tables):
        assert [w for w in ann.words if w not in text] == []
        assert "canary-bob" not in text and bob.token.partition(".")[0] not in text
    sections = orjson.loads(whole)["sections"]
    assert {line["state"] for line in sections["consent"]} >= {"granted", "requested"}
    kinds = {line["kind"] for line in sections["sources"]}
    assert kinds == {"browser", "server", "connector", "import"}
    rows = await shop.hub.database.fetch("SELECT who, action, detail FROM audit WHERE who = 'test'")
    assert rows == [("test", "export", '{"claimed":false}')]


async def test_who_got_a_message_is_told(shop: Shop, tmp_path: Path) -> None:
    await furnish(shop)
    await make_person(shop, "ann", tmp_path, 1)
    sql = "UPDATE outbox SET state = 'done'"
    await shop.hub.database.write([(sql, [()])])
    export = await export_person(shop.hub, "canary-ann-mail@example.com", "test")
    assert [(line["recipient"], line["messages"]) for line in export.sections["recipients"]] == [
        ("email", 1)
    ]


async def test_claiming_an_address_exports_nothing_of_its_owner(shop: Shop) -> None:
    server = {"type": "identify", "userId": "victim-user", "traits": {"email": EMAIL}}
    await shop.send(server, viewed("her-secret-product", userId="x"), source="server")
    bought = {"type": "track", "event": "Products Searched", "userId": "victim-user",
              "properties": {"query": "her-secret-query"}}  # fmt: skip
    await shop.send(bought, source="server")
    eve = await shop.device()
    # She says that she is the victim's user, and has a mailbox of her own.
    claim = {"type": "identify", "userId": "victim-user", "traits": {"email": "eve@example.com"}}
    await shop.send(claim, viewed("eve-product"), token=eve)
    for claimed in (False, True):
        export = await export_person(shop.hub, "eve@example.com", "test", claimed=claimed)
        text = write_zip_text(export)
        assert "her-secret" not in text and EMAIL not in text
    export = await export_person(shop.hub, EMAIL, "test")
    text = write_zip_text(export)
    assert "her-secret-query" in text and "eve@" not in text


async def test_what_a_stranger_claimed_is_left_out_and_said_so(shop: Shop) -> None:
    server = {"type": "identify", "userId": "u-1234567", "traits": {"email": EMAIL}}
    await shop.send(server, source="server")
    eve = await shop.device()
    claim = {"type": "identify", "traits": {"email": EMAIL}}
    await shop.send(claim, viewed("eve-product"), token=eve)
    export = await export_person(shop.hub, EMAIL, "test")
    assert export.left_out == 1
    assert "eve-product" not in write_zip_text(export)


async def test_a_cell_is_no_formula(shop: Shop) -> None:
    said = {"type": "identify", "userId": "u-1234567",
            "traits": {"email": EMAIL, "note": "=HYPERLINK(1)"}}  # fmt: skip
    await shop.send(said, source="server")
    made = write_zip(await export_person(shop.hub, EMAIL, "test"))
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        for name in archive.namelist():
            if name.endswith(".csv"):
                for row in csv.reader(io.StringIO(archive.read(name).decode())):
                    assert not any(cell.startswith("=") for cell in row), name


@pytest.mark.parametrize("asked", ["nobody@example.com", "999999", "nonsense", ""])
async def test_an_unknown_person_is_named(lite: Shop, asked: str) -> None:
    with pytest.raises(UnknownPerson):
        await export_person(lite.hub, asked, "test")


def write_zip_text(export: object) -> str:
    from hub.flows.export_person import Export

    assert isinstance(export, Export)
    with zipfile.ZipFile(io.BytesIO(write_zip(export))) as archive:
        return "\n".join(archive.read(name).decode() for name in archive.namelist())

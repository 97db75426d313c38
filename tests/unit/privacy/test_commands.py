"""The commands: what they say, what they leave, and how they end."""

from __future__ import annotations

import asyncio
import os
import zipfile
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner, Result

from hub.cli import cli
from hub.privacy.keys import PrivacyKeys
from hub.sdk.records import Customer
from hub.settings import load_secret
from hub.store.lockfile import DataFolderInUse, LockFile
from tests.flows.privacy.people import everything
from tests.shop import SHOP, START, open_shop

ANN = "canary-ann@example.com"


def hub(*arguments: str, said: str = "") -> Result:
    return CliRunner().invoke(cli, list(arguments), input=said)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder in which somebody is known."""
    data = tmp_path / "data"
    data.mkdir()

    async def fill() -> None:
        async with open_shop(data) as shop:
            await shop.report(Customer(SHOP, "canary-c1", START, email=ANN, first_name="Ann"))

    asyncio.run(fill())
    return data


def test_a_person_is_exported_into_a_file_of_her_own(folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "ann.zip"
    done = hub("person", "export", ANN, "--to", str(target), "--data", str(folder))
    assert (done.exit_code, f"about {ANN}" in done.output) == (0, True), done.output
    assert os.stat(target).st_mode & 0o077 == 0
    with zipfile.ZipFile(target) as archive:
        assert orjson.loads(archive.read("person.json"))["title"] == ANN
    again = hub("person", "export", ANN, "--to", str(target), "--data", str(folder))
    assert again.exit_code == 1 and "exists already" in again.output
    nobody = hub("person", "export", "x@example.com", "--to", str(tmp_path / "x"), "--data",
                 str(folder))  # fmt: skip
    assert nobody.exit_code == 1 and "nobody here has the address x@example.com" in nobody.output
    assert not (tmp_path / "x").exists()


def test_a_person_is_erased_only_when_her_address_is_typed(folder: Path, tmp_path: Path) -> None:
    receipt = tmp_path / "receipt.json"
    arguments = ["person", "erase", ANN, "--receipt", str(receipt), "--data", str(folder)]
    wrong = hub(*arguments, said="canary-bob@example.com\n")
    assert wrong.exit_code == 1 and "nothing was erased" in wrong.output
    assert not receipt.exists()
    done = hub(*arguments, said=f"{ANN}\n")
    assert done.exit_code == 0 and "this hub: done" in done.output, done.output

    async def words() -> str:
        async with open_shop(folder) as shop:
            return await everything(shop, "")

    assert "canary" not in asyncio.run(words())
    key = PrivacyKeys(load_secret(folder)).public
    for more in ([], ["--key", key], ["--data", str(folder)]):
        good = hub("person", "verify", str(receipt), *more)
        assert good.exit_code == 0 and key in good.output, good.output
    receipt.write_text(receipt.read_text().replace("done", "good", 1))
    bad = hub("person", "verify", str(receipt))
    assert bad.exit_code == 1 and "was changed" in bad.output


def test_the_audit_log_is_checked(folder: Path, tmp_path: Path) -> None:
    hub("person", "export", ANN, "--to", str(tmp_path / "a.zip"), "--data", str(folder))
    whole = hub("audit", "verify", "--data", str(folder))
    assert whole.exit_code == 0 and "1 rows" in whole.output

    async def change() -> None:
        async with open_shop(folder) as shop:
            await shop.hub.database.write([("UPDATE audit SET action = 'view'", [()])])

    asyncio.run(change())
    broken = hub("audit", "verify", "--data", str(folder))
    assert broken.exit_code == 1 and "Broken: row 1 was changed" in broken.output


def test_retention_counts_before_it_removes(folder: Path) -> None:
    dry = hub("retention", "--dry-run", "--data", str(folder))
    assert dry.exit_code == 0
    assert "decision" in dry.output and "older than 90 days: 0 would go" in dry.output


def test_the_data_map_is_printed_beside_a_running_hub(folder: Path) -> None:
    lock = LockFile(folder)
    try:
        found = hub("datamap", "--json", "--data", str(folder))
        text = hub("datamap", "--data", str(folder))
    finally:
        lock.release()
    tables = {line["place"]: line for line in orjson.loads(found.output)["tables"]}
    assert tables["decision"]["kept"] == "90 days"
    assert tables["person"]["personal"] and not tables["product"]["personal"]
    assert "erasures.log" in text.output and "woocommerce: products_read_from" in text.output


@pytest.mark.parametrize(
    "arguments",
    [["person", "export", ANN, "--to", "x.zip"], ["person", "erase", ANN, "--yes"],
     ["retention"], ["audit", "verify"]],
)  # fmt: skip
def test_a_running_hub_is_left_alone(folder: Path, arguments: list[str]) -> None:
    lock = LockFile(folder)
    try:
        done = hub(*arguments, "--data", str(folder))
    finally:
        lock.release()
    # `main` says so on one line and ends with 3.
    assert isinstance(done.exception, DataFolderInUse)
    assert not Path("x.zip").exists()

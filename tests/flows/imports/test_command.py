"""`hub import orders` as it is typed: what it says, and how it exits."""

from __future__ import annotations

import sqlite3

import pytest
from click.testing import CliRunner

from hub.cli.import_ import import_orders_command
from hub.store.lockfile import DataFolderInUse, LockFile

TEXT = "InvoiceNo,InvoiceDate,StockCode,Quantity,UnitPrice\nA,2010-01-01 10:00,p,2,1.5\n"


@pytest.fixture
def run(tmp_path):
    (tmp_path / "f.csv").write_text(TEXT)

    def invoke(*arguments, name="f.csv"):
        words = [str(tmp_path / name), "--shop", "s", "--data", str(tmp_path / "d"), *arguments]
        return CliRunner().invoke(import_orders_command, words)

    return invoke


def stored(tmp_path):
    with sqlite3.connect(tmp_path / "d" / "hub.db") as connection:
        return connection.execute("SELECT order_id, total, currency FROM shop_order").fetchall()


def test_import_with_guessed_columns(run, tmp_path):
    result = run("--currency", "gbp", "--timezone", "Europe/London")
    assert result.exit_code == 0, result.output
    assert "guessed from their names: --map 'order_id=InvoiceNo'" in result.output
    assert "1 lines read: 1 in 1 whole orders, 0 put aside." in result.output
    assert "1 new, 0 replaced, 0 unchanged" in result.output
    assert stored(tmp_path) == [("A", 300, "GBP")]


def test_a_map_file_and_a_map_on_the_line(run, tmp_path):
    (tmp_path / "map.yaml").write_text(
        "order_id: InvoiceNo\nplaced_at: InvoiceDate\nproduct_id: StockCode\nquantity: Quantity\n"
    )
    result = run("--map-file", str(tmp_path / "map.yaml"))
    assert result.exit_code == 2
    assert "no column for unit_price" in result.output
    result = run("--map-file", str(tmp_path / "map.yaml"), "--map", "unit_price=UnitPrice")
    assert result.exit_code == 0, result.output
    assert len(stored(tmp_path)) == 1


def test_a_dry_run_stores_nothing(run, tmp_path):
    (tmp_path / "f.csv").write_text(TEXT + "B,2010-01-01,p,x,1\n")
    result = run("--dry-run")
    assert result.exit_code == 0
    assert "Dry run: nothing was stored." in result.output
    assert "line 3: quantity: 'x' is not a number" in result.output
    assert sorted(path.name for path in tmp_path.iterdir()) == ["f.csv"]


def test_nothing_but_errors_exits_with_1(run, tmp_path):
    (tmp_path / "f.csv").write_text(TEXT.replace(",2,", ",two,"))
    result = run()
    assert result.exit_code == 1
    assert "f.csv.errors.csv" in result.output
    assert (tmp_path / "f.csv.errors.csv").exists()


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["--map", "order_id=Nope"], "no column 'Nope'"),
        (["--map", "order_id"], "field=column"),
        (["--currency", "pounds"], "--currency"),
        (["--timezone", "Mars/Olympus"], "--timezone"),
        (["--timezone", "../../etc/passwd"], "--timezone"),
        (["--encoding", "rot13"], "--encoding"),
        (["--delimiter", "ab"], "--delimiter"),
        (["--status", "gone"], "--status"),
        (["--shop", " "], "--shop"),
    ],
)
def test_wrong_use_exits_with_2_and_names_it(run, tmp_path, arguments, word):
    result = run(*arguments)
    assert result.exit_code == 2
    assert word in result.output
    assert not (tmp_path / "d").exists()


def test_the_list_of_errors_is_not_the_file_itself(run, tmp_path):
    result = run("--errors", str(tmp_path / "f.csv"))
    assert result.exit_code == 2
    assert (tmp_path / "f.csv").read_text() == TEXT


def test_an_unreadable_file_exits_with_1(run, tmp_path):
    (tmp_path / "f.csv").write_bytes(TEXT.encode() + b"B,2010-01-01,K\xe4se,1,1\n")
    result = run()
    assert result.exit_code == 1
    assert "line 3" in result.output
    assert "--encoding cp1252" in result.output


def test_a_hub_that_runs_keeps_its_folder(run, tmp_path):
    lock = LockFile(tmp_path / "d")
    try:
        result = run()
        assert isinstance(result.exception, DataFolderInUse)  # the command line exits with 3
    finally:
        lock.release()

"""The whole of UCI Online Retail II (CC BY 4.0): killed once, gone on, repeated, and compared."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

pytestmark = pytest.mark.full

ROOT = Path(__file__).resolve().parents[3]
RECORDINGS = Path(os.environ.get("REGULARS_RECORDINGS", ROOT.parent / "shared"))
FILE = RECORDINGS / "data" / "online_retail_2" / "online_retail_2009_2011.parquet"
TOTAL = "CAST(round(Quantity * UnitPrice::DECIMAL(18,6), 2) * 100 AS BIGINT)"
HERE = (
    "SELECT count(*), sum(quantity), sum(l.total) FROM order_line l "
    "JOIN shop_order o ON o.id = l.order_pk"
)
VALID = "o.node_id IS NOT NULL AND l.quantity > 0 AND CAST(l.unit_price AS REAL) > 0"


def command(data: Path, *more: str) -> list[str]:
    columns = {"order_id": "InvoiceNo", "placed_at": "InvoiceDate", "customer_id": "CustomerID",
               "product_id": "StockCode", "title": "Description", "quantity": "Quantity",
               "unit_price": "UnitPrice", "country": "Country"}  # fmt: skip
    maps = [f"--map={field}={column}" for field, column in columns.items()]
    return [
        sys.executable, "-c", "from hub.cli import main; main()", "import", "orders", str(FILE),
        *maps, "--shop=uk", "--currency=GBP", "--timezone=Europe/London",
        f"--errors={data}.errors.csv", f"--data={data}", *more,
    ]  # fmt: skip


def finished(data: Path, *more: str) -> str:
    done = subprocess.run(command(data, *more), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def in_file(where: str) -> tuple[int, int, int]:
    return duckdb.execute(
        f"SELECT count(*), sum(Quantity), sum({TOTAL}) FROM '{FILE}' WHERE {where}"
    ).fetchone()


def in_hub(data: Path, sql: str) -> tuple[int, ...]:
    connection = sqlite3.connect(f"file:{data}/hub.db?mode=ro", uri=True)
    try:
        return connection.execute(sql).fetchone()
    finally:
        connection.close()


def kill_midway(data: Path) -> None:
    running = subprocess.Popen(command(data), stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
    for line in running.stderr:
        if re.match(rb"[23]\d\d,\d{3} of ", line):
            running.kill()
            break
    running.communicate()
    assert running.returncode == -9


def test_the_whole_file(tmp_path: Path) -> None:
    if not FILE.exists():
        pytest.skip(f"{FILE} is missing: set REGULARS_RECORDINGS to the folder of recordings")
    data = tmp_path / "data"
    kill_midway(data)
    partial = in_hub(data, "SELECT count(*) FROM shop_order")[0]
    assert 0 < partial < 48_453
    said = finished(data)
    print(said)
    assert "went on where it stopped" in said
    assert in_hub(data, HERE) == in_file("true")
    assert in_hub(data, f"{HERE} WHERE {VALID}") == in_file(
        "CustomerID > 0 AND Quantity > 0 AND UnitPrice > 0"
    )
    assert in_hub(data, "SELECT count(*), sum(total) FROM shop_order") == (
        48_453, in_file("true")[2],
    )  # fmt: skip
    assert in_hub(data, "SELECT count(*) FROM person") == (5_941,)

    # The file keeps orders of guests in its second year under the customer 0. Taken for a customer,
    # it is the 5,942nd, and just its 2,189 orders change.
    said = finished(data, "--every-customer")
    print(said)
    assert "Orders: 0 new, 2,189 replaced, 46,264 unchanged." in said
    assert in_hub(data, "SELECT count(*) FROM person") == (5_942,)
    assert in_hub(data, HERE) == in_file("true")
    valid = in_file("CustomerID IS NOT NULL AND Quantity > 0 AND UnitPrice > 0")
    assert valid[0] == 923_263
    assert in_hub(data, f"{HERE} WHERE {VALID}") == valid

    size = in_hub(data, "SELECT count(*) FROM log")
    assert "Orders: 0 new, 0 replaced, 48,453 unchanged." in finished(data, "--every-customer")
    assert in_hub(data, "SELECT count(*) FROM log") == size

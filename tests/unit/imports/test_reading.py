"""Files of all kinds become whole orders."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import duckdb
import pytest

from hub.imports.csv_lines import BadFile, Dialect
from hub.imports.orders import MAX_LINES, Given, OrderReader
from hub.imports.table import Table, read_columns
from hub.imports.values import Moments, Numbers

MAPPING = {"order_id": "no", "placed_at": "at", "customer_id": "who", "product_id": "what",
           "quantity": "n", "unit_price": "each", "title": "title"}  # fmt: skip
HEADER = "no,at,who,what,n,each,title\n"
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def read(path, scratch, mapping=MAPPING, dialect=Dialect(), after=0, comma=False, currency="GBP"):
    scratch.mkdir(exist_ok=True)
    table = Table(path, mapping, dialect, scratch)
    try:
        reader = OrderReader(
            table.fields, Given("s", currency), Numbers(decimal_comma=comma),
            Moments(ZoneInfo("UTC"), NOW),
        )  # fmt: skip
        return list(reader.read(table.rows(after)))
    finally:
        table.close()


@pytest.fixture
def csv(tmp_path):
    def make(text, **options):
        path = tmp_path / "orders.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read(path, tmp_path / "scratch", **options)

    return make


def test_lines_of_one_order_need_not_be_together(csv):
    first, second = csv(
        HEADER + "B,2010-01-02 10:00,7,p1,1,1.50,One\n"
        "A,2010-01-01 10:00,,p2,2,2.00,Two\n"
        "B,2010-01-02 09:59,7,p3,-1,0.255,Three\n"
    )
    assert (first.order.order_id, first.first, first.lines) == ("B", 2, 2)
    assert [line.product_id for line in first.order.lines] == ["p1", "p3"]
    assert first.order.placed_at == datetime(2010, 1, 2, 9, 59, tzinfo=UTC)
    assert first.order.customer_id == "7"
    assert first.order.total == 150 - 26
    assert second.order.customer_id == ""


def test_the_same_line_twice_is_two_lines(csv):
    (found,) = csv(HEADER + "A,2010-01-01,1,p,1,2,t\n" * 2)
    assert len(found.order.lines) == 2
    assert found.order.total == 400


def test_reading_goes_on_after_a_line(csv):
    text = HEADER + "A,2010-01-01,1,p,1,2,t\nB,2010-01-01,1,p,1,2,t\nA,2010-01-01,1,q,1,2,t\n"
    assert [found.order.order_id for found in csv(text, after=2)] == ["B"]


@pytest.mark.parametrize("encode", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_is_no_part_of_the_first_column(csv, encode):
    (found,) = csv((HEADER + "A,2010-01-01,1,p,1,2,Käse\n").encode(encode))
    assert found.order.lines[0].title == "Käse"


def test_semicolons_and_decimal_commas(csv):
    text = HEADER.replace(",", ";") + "A;2010-01-01;1;p;1;1.234,50;t\n"
    (found,) = csv(text, comma=True)
    assert found.order.lines[0].unit_price == "1234.50"


def test_quotes_commas_and_line_ends_inside_a_cell(csv):
    one, two = csv(
        HEADER + 'A,2010-01-01,1,p,1,2,"say ""hi"", then\r\nleave"\n'
        'B,2010-01-01,1,p,bad,2,7" RECORD\n'
    )
    assert one.order.lines[0].title == 'say "hi", then leave'
    assert two.problems[0].line == 4  # the line of the file, not the number of the record


def test_one_broken_line_puts_the_whole_order_aside(csv):
    aside, whole = csv(
        HEADER + "A,2010-01-01,1,p1,1,2,t\nA,2010-01-01,1,p2,x,2,t\nB,2010-01-01,1,p,1,2,t\n"
    )
    assert aside.order is None
    assert [(p.line, p.reason) for p in aside.problems] == [
        (2, "put aside with its order: line 3 of it can not be read"),
        (3, "quantity: 'x' is not a number"),
    ]
    assert whole.order.order_id == "B"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (",2010-01-01,1,p,1,2,t", "order_id: is empty"),
        ("A,2010-01-01,1,,1,2,t", "product_id: is empty"),
        ("A,then,1,p,1,2,t", "placed_at: 'then'"),
        ("A,2010-01-01,1,p,1,2", "has 6 cells, the header has 7"),
        ("A,2010-01-01,1,p,1,2,t,more", "has 8 cells, the header has 7"),
        (f"{'A' * 129},2010-01-01,1,p,1,2,t", "order_id: is longer than 128"),
        (f"A,2010-01-01,1,{'p' * 129},1,2,t", "product_id: is longer than 128"),
        ("A,2010-01-01,1,p,1,2,t\0", "holds a NUL character"),
    ],
)
def test_a_broken_line_says_why(csv, line, reason):
    *_, last = csv(HEADER + "Z,2010-01-01,1,p,1,2,t\n" + line + "\n")
    assert last.order is None
    assert last.problems[0].line == 3
    assert reason in last.problems[0].reason


def test_lines_without_an_order_do_not_become_one_order(csv):
    found = csv(HEADER + ",2010-01-01,1,p,1,2,t\n" * 3)
    assert [one.lines for one in found] == [1, 1, 1]


def test_one_order_has_one_customer(csv):
    (found,) = csv(HEADER + "A,2010-01-01,1,p,1,2,t\nA,2010-01-01,2,p,1,2,t\n")
    assert "customer_id: '2', but an earlier line of the same order says '1'" in [
        p.reason for p in found.problems
    ]


def test_a_quote_without_end_is_named_with_its_lines(csv):
    text = HEADER + 'A,2010-01-01,1,p,1,2,"open\n' + "B,2010-01-01,1,p,1,2,t\n" * 60
    (found,) = csv(text)
    assert found.problems[0].line == 2
    assert "does a quote lack its end?" in found.problems[0].reason


def test_blank_lines_are_passed_over(csv):
    found = csv(HEADER + "\n,,,,,,\nA,2010-01-01,1,p,1,2,t\n\n")
    assert [one.first for one in found] == [4]


def test_a_column_that_is_no_order_number_does_not_fill_the_memory(csv):
    (found,) = csv(HEADER + "UK,2010-01-01,1,p,1,2,t\n" * (MAX_LINES + 5))
    assert found.order is None
    assert found.lines == MAX_LINES + 5
    assert len(found.problems) == MAX_LINES
    assert "is it the right column?" in found.problems[0].reason


def test_minor_units_are_those_of_the_currency(csv):
    (found,) = csv(HEADER + "A,2010-01-01,1,p,2,150,t\n", currency="JPY")
    assert found.order.total == 300


def test_a_currency_on_the_last_line_only_holds_for_the_whole_order(csv):
    text = HEADER.replace("title", "cur") + "A,2010-01-01,1,p,1,150,\nA,2010-01-01,1,p,1,1,JPY\n"
    mapping = {**{k: v for k, v in MAPPING.items() if k != "title"}, "currency": "cur"}
    (found,) = csv(text, mapping=mapping)
    assert (found.order.currency, found.order.total) == ("JPY", 151)


def test_status_words_of_other_shops(csv):
    mapping = {**{k: v for k, v in MAPPING.items() if k != "title"}, "status": "title"}
    done, odd = csv(
        HEADER + "A,2010-01-01,1,p,1,2,Completed\nB,2010-01-01,1,p,1,2,lost\n", mapping=mapping
    )
    assert done.order.status == "fulfilled"
    assert "status: 'lost' is not one of pending" in odd.problems[0].reason


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "is empty"),
        (HEADER.encode(), "no lines below"),
        (b"PK\x03\x04rest", "spreadsheet"),
        (b"\x1f\x8brest", "compressed"),
        (b"PAR1 but not really PAR1", "damaged Parquet"),
        ((HEADER + "A,2010-01-01,1,p,1,2,Käse\n").encode("cp1252"), "line 2 .byte 0xe4.*cp1252"),
    ],
)
def test_a_file_that_can_not_be_read_says_why(tmp_path, content, word):
    path = tmp_path / "f.csv"
    path.write_bytes(content)
    with pytest.raises(BadFile, match=word):
        read_columns(path, Dialect())
        read(path, tmp_path / "scratch")


def test_an_encoding_can_be_named(csv):
    text = (HEADER + "A,2010-01-01,1,p,1,2,Käse\n").encode("cp1252")
    (found,) = csv(text, dialect=Dialect(encoding="cp1252"))
    assert found.order.lines[0].title == "Käse"


def test_parquet_with_types_and_a_name_full_of_patterns(tmp_path):
    path = tmp_path / "it's [a] *?.parquet"
    duckdb.execute(
        "COPY (SELECT * FROM (VALUES "
        "('A', TIMESTAMP '2010-01-01 07:45:00', 13085.0::DOUBLE, 'p1', 12, 6.95::DOUBLE, 'x'), "
        "('A', TIMESTAMP '2010-01-01 07:46:00', NULL, 'p2', -1, 0.00001::DOUBLE, NULL), "
        "('B', TIMESTAMP '2010-01-02 00:00:00', 'nan'::DOUBLE, 'p3', 1, -0.1::DOUBLE, '')"
        f") t(no, \"at\", who, what, n, each, title)) TO '{tmp_path}/x.parquet' (FORMAT parquet)"
    )
    (tmp_path / "x.parquet").rename(path)
    assert read_columns(path, Dialect()) == list(MAPPING.values())
    first, second = read(path, tmp_path / "scratch")
    assert first.order.customer_id == "13085"
    assert [line.unit_price for line in first.order.lines] == ["6.95", "0.00001"]
    assert first.order.total == 8340
    assert second.order.customer_id == ""
    assert second.order.total == -10


def test_a_column_name_can_not_break_out_of_the_query(tmp_path):
    name = 'no" FROM nowhere; --'
    quoted = '"' + name.replace('"', '""') + '"'
    duckdb.execute(
        f"COPY (SELECT 'A' AS {quoted}, '2010-01-01' AS at, '1' AS who, 'p' AS what, 1 AS n, "
        f"2 AS each, 't' AS title) TO '{tmp_path}/x.parquet' (FORMAT parquet)"
    )
    (found,) = read(tmp_path / "x.parquet", tmp_path / "scratch", {**MAPPING, "order_id": name})
    assert found.order.order_id == "A"

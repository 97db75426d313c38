"""The list of lines that were not imported."""

import csv
import stat

import pytest

from hub.imports.errors_file import ErrorsFile, NotOurs
from hub.imports.orders import Problem

PROBLEM = Problem(7, "quantity: 'x' is not a number", ("A", '=HYPERLINK("http://x")'))


def filled(path):
    errors = ErrorsFile(path, ("order_id", "title"))
    errors.start()
    errors.add([PROBLEM])
    errors.flush()
    return errors


def test_rows_can_be_read_back(tmp_path):
    filled(tmp_path / "e.csv")
    header, row = csv.reader((tmp_path / "e.csv").open())
    assert header == ["line", "reason", "row"]
    assert row[:2] == ["7", "quantity: 'x' is not a number"]
    assert row[2].startswith("{")  # a spreadsheet takes it for no formula


def test_only_the_owner_may_read_it(tmp_path):
    filled(tmp_path / "e.csv")
    assert stat.S_IMODE((tmp_path / "e.csv").stat().st_mode) == 0o600


def test_without_a_problem_there_is_no_file_and_an_old_list_goes(tmp_path):
    filled(tmp_path / "e.csv")
    errors = ErrorsFile(tmp_path / "e.csv", ())
    errors.start()
    errors.flush()
    assert not (tmp_path / "e.csv").exists()


def test_a_killed_run_goes_on_where_its_last_batch_ended(tmp_path):
    size = filled(tmp_path / "e.csv").size
    with (tmp_path / "e.csv").open("a") as stream:
        stream.write("8,written and then killed,{}\n")
    errors = ErrorsFile(tmp_path / "e.csv", ("order_id", "title"))
    errors.start(size)
    errors.add([PROBLEM])
    errors.flush()
    assert [row[0] for row in csv.reader((tmp_path / "e.csv").open())] == ["line", "7", "7"]


def test_a_file_of_something_else_is_not_overwritten(tmp_path):
    (tmp_path / "e.csv").write_text("InvoiceNo,Quantity\n1,2\n")
    with pytest.raises(NotOurs, match="--errors"):
        ErrorsFile(tmp_path / "e.csv", ()).start()
    assert (tmp_path / "e.csv").read_text().startswith("InvoiceNo")

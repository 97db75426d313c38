"""CSV as shops export it, brought into one plain form: line, fault, and the wanted cells.

Python's reader is used because it knows the line number of each record and goes on after a broken
one, so that no line of a file is lost without a word.
"""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

MAX_CELL = 4000
_DELIMITERS = ",;\t|"
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class BadFile(Exception):
    """The file can not be read as a whole; the message names the remedy."""


class Dialect(msgspec.Struct, frozen=True):
    """How a CSV file is written. An empty `delimiter` is found from the header."""

    encoding: str = "utf-8"
    delimiter: str = ""


class CsvLine(msgspec.Struct, frozen=True):
    line: int  # number of the line in the file where the record starts, the header's is 1
    fault: str
    cells: list[str]


def read_header(path: Path, dialect: Dialect) -> list[str]:
    """The names of the columns. Raises BadFile."""
    for record in _records(path, dialect):
        return [cell.strip() for cell in record.cells]
    raise BadFile(f"{path}: is empty")


def write_plain(path: Path, dialect: Dialect, wanted: Sequence[int], target: Path) -> int:
    """Write one row per record: line, fault, the wanted cells. Answers how many. Raises BadFile."""
    count = 0
    with target.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, quoting=csv.QUOTE_ALL, lineterminator="\n")
        for record in body(path, dialect):
            cells = record.cells
            fault = record.fault
            if "\0" in "".join(cells):
                fault = fault or "holds a NUL character"
            values = [_plain(cells[i]) if i < len(cells) else "" for i in wanted]
            writer.writerow([record.line, fault, *values])
            count += 1
    if not count:
        raise BadFile(f"{path}: has a header and no lines below it")
    return count


def body(path: Path, dialect: Dialect) -> Iterator[CsvLine]:
    """The records below the header; blank ones are passed over."""
    records = _records(path, dialect)
    header = next(records, None)
    width = len(header.cells) if header else 0
    for record in records:
        cells = record.cells
        if record.fault or len(cells) == width:
            if record.fault or any(cells):
                yield record
            continue
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) > width and not any(cells[width:]):
            yield CsvLine(record.line, "", cells[:width])
        else:
            yield CsvLine(record.line, f"has {len(cells)} cells, the header has {width}", cells)


def _records(path: Path, dialect: Dialect) -> Iterator[CsvLine]:
    encoding = _encoding(path, dialect)
    delimiter = dialect.delimiter or _delimiter(path, encoding)
    with path.open(encoding=encoding, newline="") as stream:
        reader = csv.reader(stream, delimiter=delimiter)
        start = 0
        while True:
            start = reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except UnicodeDecodeError as error:
                raise _wrong_encoding(path, encoding, error) from error
            except csv.Error as error:
                yield CsvLine(start, f"can not be read up to line {reader.line_num}: {error}", [])
                continue
            spans = reader.line_num - start
            if spans > 50:
                fault = f"runs on to line {reader.line_num}: does a quote lack its end?"
                yield CsvLine(start, fault, cells)
            elif cells:
                yield CsvLine(start, "", cells)


def _encoding(path: Path, dialect: Dialect) -> str:
    with path.open("rb") as stream:
        head = stream.read(4)
    return next((name for bom, name in _BOMS if head.startswith(bom)), dialect.encoding)


def _delimiter(path: Path, encoding: str) -> str:
    with path.open(encoding=encoding, newline="") as stream:
        try:
            header = stream.readline(100_000)
        except UnicodeDecodeError as error:
            raise _wrong_encoding(path, encoding, error) from error
    bare = "".join(header.split('"')[::2])  # what stands outside of quotes
    return max(_DELIMITERS, key=bare.count)


def _wrong_encoding(path: Path, encoding: str, error: UnicodeDecodeError) -> BadFile:
    where = ""
    if not encoding.startswith("utf-16"):
        with path.open("rb") as stream:
            for number, raw in enumerate(stream, 1):
                try:
                    raw.decode(encoding)
                except UnicodeDecodeError as fault:
                    byte = raw[fault.start]
                    where = f" at line {number} (byte 0x{byte:02x})"
                    break
    return BadFile(
        f"{path}: is not {encoding} text{where}; name its encoding, like --encoding cp1252 "
        f"for files from Windows ({error.reason})"
    )


def _plain(cell: str) -> str:
    if len(cell) > MAX_CELL:
        cell = cell[:MAX_CELL]
    if "\n" in cell or "\r" in cell or "\0" in cell:
        cell = cell.replace("\0", "").replace("\r\n", " ").replace("\n", " ").replace("\r", " ")
    return cell

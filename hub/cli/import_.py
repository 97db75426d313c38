"""`hub import orders`: past orders from a CSV or Parquet file."""

from __future__ import annotations

import asyncio
import resource
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn
from zoneinfo import ZoneInfo

import click

from hub.sdk.errors import InvalidRecord
from hub.sdk.money import currency_code

if TYPE_CHECKING:
    from hub.flows.import_orders import OrderFile, Progress, Report

FAILED, WRONG_USE = 1, 2
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_STATUSES = ("pending", "paid", "fulfilled", "cancelled", "refunded", "test")


@click.command("orders")
@click.argument("file", type=_FILE)
@click.option("--map", "pairs", multiple=True, metavar="FIELD=COLUMN",
              help="Which column holds a field, like order_id=InvoiceNo. Without any, the names of "
              "the columns are guessed from and the guess is shown.")  # fmt: skip
@click.option("--map-file", type=_FILE, help="The same as YAML: lines like `order_id: InvoiceNo`.")
@click.option("--shop", required=True, help="Short name of the shop that the orders belong to.")
@click.option("--currency", help="Of orders without a currency column (else the workspace's).")
@click.option("--timezone", help="Of times without a zone (else the workspace's).")
@click.option("--status", type=click.Choice(_STATUSES), default="fulfilled", show_default=True,
              help="Of orders without a status column.")  # fmt: skip
@click.option("--date-format", default="", help="Of times that are not ISO 8601: '%d/%m/%Y %H:%M'.")
@click.option("--decimal-comma", is_flag=True, help="Numbers are written 1.234,50.")
@click.option("--delimiter", default="", help="Of a CSV file (else found from its first line).")
@click.option("--encoding", default="utf-8", show_default=True, help="Of a CSV file, like cp1252.")
@click.option("--every-customer", is_flag=True,
              help="Take ids like 0, null or guest for customers too, not for guests.")  # fmt: skip
@click.option("--errors", type=click.Path(dir_okay=False, path_type=Path),
              help="Where lines that can not be imported go (else FILE.errors.csv).")  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Read and count everything, store nothing.")
@click.option("--data", type=click.Path(path_type=Path),
              help="The data folder (else $HUB_DATA_DIR, else ./data).")  # fmt: skip
def import_orders_command(
    *, file: Path, pairs: tuple[str, ...], map_file: Path | None, shop: str, currency: str | None,
    timezone: str | None, status: str, date_format: str, decimal_comma: bool, delimiter: str,
    encoding: str, every_customer: bool, errors: Path | None, dry_run: bool, data: Path | None,
) -> None:  # fmt: skip
    """Import past orders from a CSV or Parquet FILE with one line per bought product.

    An order is imported whole or, when one of its lines can not be read, not at all. A repeat
    changes nothing, a killed import goes on where it was, a mended file replaces what differs.
    Orders create no consent: nobody gets mail because of an import. Stop the hub first.

    Exit codes: 0 done, 1 nothing imported because of errors, 2 wrong use, 3 data folder in use.
    """
    from hub.settings import load_settings

    settings = load_settings(data)
    _check_text(delimiter, encoding)
    orders = _order_file(
        file, pairs, map_file, delimiter, encoding,
        shop=_shop(shop),
        currency=_currency(currency or settings.currency),
        timezone=_timezone(timezone or settings.timezone),
        status=status,
        date_format=date_format,
        decimal_comma=decimal_comma,
        every_customer=every_customer,
    )  # fmt: skip
    target = errors or file.with_name(file.name + ".errors.csv")
    if target.exists() and target.samefile(file):
        _stop("--errors: names the file that is to be read", WRONG_USE)
    _execute(orders, data, target, dry=dry_run)


def _order_file(
    file: Path, pairs: tuple[str, ...], map_file: Path | None, delimiter: str, encoding: str,
    *, shop: str, currency: str, timezone: str, status: str, date_format: str, decimal_comma: bool,
    every_customer: bool,
) -> OrderFile:  # fmt: skip
    import msgspec

    from hub.flows.import_orders import OrderFile
    from hub.imports.columns import MappingError
    from hub.imports.csv_lines import BadFile, Dialect
    from hub.imports.orders import Given

    tab = delimiter.replace("\\t", "\t")  # a tab is hard to type
    dialect = Dialect(encoding=encoding, delimiter=tab)
    try:
        mapping = _mapping(file, dialect, pairs, map_file)
    except MappingError as error:
        _stop(str(error), WRONG_USE)
    except (BadFile, OSError) as error:
        _stop(str(error), FAILED)
    click.echo(f"Shop {shop}, {currency}, times without a zone in {timezone}.")
    return OrderFile(
        path=file,
        mapping=mapping,
        given=msgspec.convert({"shop": shop, "currency": currency, "status": status}, Given),
        timezone=timezone,
        date_format=date_format,
        decimal_comma=decimal_comma,
        dialect=dialect,
        every_customer=every_customer,
    )


def _mapping(
    file: Path, dialect: object, pairs: tuple[str, ...], map_file: Path | None
) -> dict[str, str]:
    import yaml

    from hub.imports.columns import MappingError, check, from_data, guess, parse_pairs
    from hub.imports.csv_lines import Dialect
    from hub.imports.table import read_columns

    assert isinstance(dialect, Dialect)
    columns = read_columns(file, dialect)
    mapping: dict[str, str] = {}
    if map_file is not None:
        try:
            mapping = from_data(yaml.safe_load(map_file.read_text(encoding="utf-8")))
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            raise MappingError(f"{map_file}: is no YAML ({error})") from error
    mapping.update(parse_pairs(pairs))
    guessed = not mapping
    if guessed:
        mapping = guess(columns)
    said = " ".join(f"--map '{field}={column}'" for field, column in mapping.items())
    if guessed and mapping:
        click.echo(f"Columns, guessed from their names: {said}")
    check(mapping, columns)
    return mapping


def _execute(orders: OrderFile, data: Path | None, target: Path, *, dry: bool) -> None:
    from hub.clock import SystemClock
    from hub.flows.import_orders import ImportStopped
    from hub.imports.csv_lines import BadFile
    from hub.imports.errors_file import NotOurs
    from hub.store.database import StoreUnavailable

    clock = SystemClock()
    started = clock.now()
    try:
        with _progress() as progress:
            if dry:
                report = _dry(orders, started, progress)
            else:
                report = asyncio.run(_import(orders, data, target, progress))
    except NotOurs as error:
        _stop(str(error), WRONG_USE)
    except BadFile as error:
        _stop(str(error), FAILED)
    except (ImportStopped, StoreUnavailable, OSError) as error:
        _stop(f"{error}\nThe same command goes on where this one stopped.", FAILED)
    except KeyboardInterrupt:
        _stop("stopped; the same command goes on where this one stopped", 130)
    _tell(report, target, dry=dry)
    click.echo(f"{(clock.now() - started).total_seconds():.1f} s, at most {_megabytes()} MB.")
    if not report.orders and report.orders_aside:
        sys.exit(FAILED)


def _dry(orders: OrderFile, now: datetime, progress: Progress) -> Report:
    from hub.flows.import_orders import dry_run

    with tempfile.TemporaryDirectory(prefix="hub-import-") as scratch:
        return dry_run(orders, now, Path(scratch), progress)


async def _import(orders: OrderFile, data: Path | None, target: Path, progress: Progress) -> Report:
    from hub.clock import SystemClock
    from hub.flows.import_orders import import_orders
    from hub.flows.run import open_hub
    from hub.imports.errors_file import ErrorsFile
    from hub.settings import load_settings

    async with open_hub(load_settings(data), SystemClock()) as hub:
        return await import_orders(hub, orders, ErrorsFile(target, tuple(orders.mapping)), progress)


def _tell(report: Report, target: Path, *, dry: bool) -> None:
    if report.resumed:
        click.echo("An import of this file was cut short: this one went on where it stopped.")
    if report.repeated:
        click.echo("This file was imported before; it was compared again.")
    good = report.lines - report.lines_aside
    click.echo(f"{report.lines:,} lines read: {good:,} in {report.orders:,} whole orders, "
               f"{report.lines_aside:,} put aside.")  # fmt: skip
    if dry:
        click.echo("Dry run: nothing was stored.")
    else:
        click.echo(f"Orders: {report.new:,} new, {report.replaced:,} replaced, "
                   f"{report.unchanged:,} unchanged.")  # fmt: skip
    if report.emails_unusable:
        click.echo(f"{report.emails_unusable:,} orders have an unusable e-mail address; they were "
                   "imported without it.")  # fmt: skip
    if report.nobodys:
        click.echo(f"{report.nobodys:,} orders have a customer id that stands for nobody, like 0 "
                   "or guest; they count as guests' orders (else: --every-customer).")  # fmt: skip
    if report.orders_aside:
        _tell_problems(report, target, dry=dry)


def _tell_problems(report: Report, target: Path, *, dry: bool) -> None:
    click.echo(f"{report.orders_aside:,} orders were put aside whole, because a line of each can "
               "not be read:", err=True)  # fmt: skip
    for problem in report.problems:
        click.echo(f"  line {problem.line}: {problem.reason}", err=True)
    if not dry:
        click.echo(f"All of their lines, with the reasons: {target}", err=True)


@contextmanager
def _progress() -> Iterator[Progress]:
    """A bar on a terminal, a plain line per tenth elsewhere."""
    if not sys.stderr.isatty():
        yield _PlainProgress()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
               TextColumn("lines"), TimeRemainingColumn())  # fmt: skip
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Reading", total=None)
        yield lambda done, total: bar.update(
            task, completed=done, total=total, description="Importing"
        )


class _PlainProgress:
    def __init__(self) -> None:
        self._tenth = 0

    def __call__(self, done: int, total: int) -> None:
        tenth = done * 10 // max(total, 1)
        if tenth > self._tenth:
            self._tenth = tenth
            click.echo(f"{done:,} of {total:,} lines", err=True)


def _megabytes() -> int:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak // (1024 * 1024 if sys.platform == "darwin" else 1024)


def _check_text(delimiter: str, encoding: str) -> None:
    if len(delimiter.replace("\\t", "\t")) > 1 or delimiter in ('"', "\n", "\r"):
        _stop("--delimiter: must be one character", WRONG_USE)
    try:
        "".encode(encoding)
    except (LookupError, UnicodeError):
        _stop(f"--encoding: '{encoding[:40]}' is not the name of a text encoding", WRONG_USE)


def _shop(text: str) -> str:
    shop = text.strip()
    if not shop or len(shop) > 64 or not shop.isprintable():
        _stop("--shop: a short name of the shop, at most 64 characters", WRONG_USE)
    return shop


def _currency(text: str) -> str:
    try:
        return currency_code(text, "--currency")
    except InvalidRecord as error:
        _stop(str(error), WRONG_USE)


def _timezone(text: str) -> str:
    try:
        return ZoneInfo(text).key
    except (KeyError, ValueError, OSError):
        _stop(f"--timezone: '{text[:60]}' is not a zone like Europe/Amsterdam", WRONG_USE)


def _stop(message: str, code: int) -> NoReturn:
    click.echo(f"hub: {message}", err=True)
    sys.exit(code)

"""Which backups stay: a week of days, then three weeks, none older than a month."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

DAYS = 7
WEEKS = 3
OLDEST = timedelta(days=30)
_NAME = re.compile(r"regulars-(\d{8}T\d{6})Z\.backup")


def made_at(file: Path) -> datetime | None:
    """When a backup was made, by its name; None: not one of ours."""
    found = _NAME.fullmatch(file.name)
    return datetime.strptime(found[1], "%Y%m%dT%H%M%S").replace(tzinfo=UTC) if found else None


def kept(made: Iterable[datetime], now: datetime) -> set[datetime]:
    """The moments whose backups stay; the newest always does."""
    newest_first = sorted(made, reverse=True)
    days: dict[object, datetime] = {}
    weeks: dict[object, datetime] = {}
    for moment in newest_first:
        days.setdefault(moment.date(), moment)
        weeks.setdefault(moment.isocalendar()[:2], moment)
    stay = {*list(days.values())[:DAYS]}
    later = [moment for moment in weeks.values() if moment not in stay]
    stay.update(later[:WEEKS])
    return {moment for moment in stay if now - moment <= OLDEST} | set(newest_first[:1])


def rotate(folder: Path, now: datetime) -> list[Path]:
    """Remove what is not kept; the files removed. Other files in the folder are left alone."""
    known = {file: moment for file in folder.iterdir() if (moment := made_at(file))}
    stay = kept(known.values(), now)
    gone = sorted(file for file, moment in known.items() if moment not in stay)
    for file in gone:
        file.unlink()
    for part in folder.glob("regulars-*.backup.part"):
        moment = made_at(part.with_suffix(""))
        if moment and now - moment > timedelta(days=1):  # of a backup that was killed
            part.unlink()
    return gone


def newest(folder: Path) -> tuple[Path, datetime] | None:
    """The newest backup of a folder."""
    if not folder.is_dir():
        return None
    known = [(moment, file) for file in folder.iterdir() if (moment := made_at(file))]
    if not known:
        return None
    moment, file = max(known)
    return file, moment

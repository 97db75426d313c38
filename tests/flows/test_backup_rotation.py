"""Which backups stay."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from hub.flows.backup import backup_name
from hub.flows.backup_rotation import OLDEST, kept, newest, rotate

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


def put(folder: Path, moment: datetime) -> Path:
    file = folder / backup_name(moment)
    file.write_bytes(b"x")
    return file


def test_two_months_of_nights_leave_a_week_and_three_more(tmp_path: Path) -> None:
    other = tmp_path / "photos.backup"
    other.write_bytes(b"mine")
    for day in range(60, -1, -1):
        put(tmp_path, NOW - timedelta(days=day))
        rotate(tmp_path, NOW - timedelta(days=day))
    left = sorted((NOW.date() - datetime.strptime(f.name[9:17], "%Y%m%d").date()).days
                  for f in tmp_path.glob("regulars-*"))  # fmt: skip
    assert left[:7] == list(range(7))
    assert len(left) == 10
    assert 20 <= left[-1] <= 30
    assert other.exists()


def test_of_one_day_only_the_newest_stays(tmp_path: Path) -> None:
    files = [put(tmp_path, NOW - timedelta(hours=h)) for h in range(3)]
    assert rotate(tmp_path, NOW) == sorted(files[1:])


def test_the_newest_stays_however_old(tmp_path: Path) -> None:
    file = put(tmp_path, NOW - timedelta(days=400))
    assert rotate(tmp_path, NOW) == []
    assert newest(tmp_path) == (file, NOW - timedelta(days=400))
    assert newest(tmp_path / "nowhere") is None


def test_what_a_killed_backup_left_goes_after_a_day(tmp_path: Path) -> None:
    old = tmp_path / (backup_name(NOW - timedelta(days=2)) + ".part")
    running = tmp_path / (backup_name(NOW) + ".part")
    for file in (old, running):
        file.write_bytes(b"x")
    rotate(tmp_path, NOW)
    assert not old.exists()
    assert running.exists()


@given(st.lists(st.integers(0, 100 * 24)))
def test_never_more_than_ten_never_older_than_a_month(hours: list[int]) -> None:
    made = {NOW - timedelta(hours=h) for h in hours}
    stay = kept(made, NOW)
    assert len(stay) <= 10
    assert all(NOW - moment <= OLDEST for moment in stay - {max(made, default=NOW)})
    assert not made or max(made) in stay

"""Root in the folder of the hub's account: nothing that lies there leads it elsewhere."""

from __future__ import annotations

import os
import pwd
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.install import account, machine
from hub.install.account import as_account
from hub.install.files import Planned
from hub.install.machine import Failed

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another account")
NOBODY = pwd.getpwnam("nobody")


@pytest.fixture
def house(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that other accounts may enter; the hub's own is `nobody`."""
    monkeypatch.setattr(machine, "ACCOUNT", "nobody")
    monkeypatch.setattr(account, "ACCOUNT", "nobody")
    with tempfile.TemporaryDirectory() as name:
        os.chmod(name, 0o755)
        folder = Path(name) / "data"
        folder.mkdir()
        (folder / "hub.toml").write_text("port = 1\n")
        (Path(name) / "shadow").write_text("of root")
        for path in (folder, folder / "hub.toml"):
            os.chown(path, NOBODY.pw_uid, NOBODY.pw_gid)
        yield Path(name)


def test_a_link_in_the_way_of_a_new_file_is_not_followed(house: Path) -> None:
    place = house / "data" / "hub.toml"
    (house / "data" / ".hub.toml.new").symlink_to(house / "shadow")
    Planned(place, "port = 2\n", "port = 1\n", 0o600).write()
    assert place.read_text() == "port = 2\n" and not place.is_symlink()
    assert (place.stat().st_uid, place.stat().st_mode & 0o777) == (NOBODY.pw_uid, 0o600)
    assert (house / "shadow").read_text() == "of root"
    assert (house / "shadow").stat().st_uid == 0


def test_only_what_lies_in_the_folder_is_given_away(house: Path) -> None:
    folder, etc = house / "data", house / "etc"
    etc.mkdir()
    (etc / "cron").write_text("")
    (folder / "away").symlink_to(etc)
    (folder / "inner").mkdir()
    (folder / "inner" / "shadow").symlink_to(house / "shadow")
    (folder / "inner" / "file").write_text("")
    machine.give(folder)
    assert {path.lstat().st_uid for path in folder.rglob("*")} == {NOBODY.pw_uid}
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {p.stat().st_uid for p in (etc, etc / "cron", house / "shadow")} == {0}


def test_a_folder_that_became_a_link_is_refused(house: Path) -> None:
    etc, link = house / "etc", house / "hub"
    etc.mkdir(mode=0o755)
    link.symlink_to(etc)
    os.chown(link, NOBODY.pw_uid, NOBODY.pw_gid, follow_symlinks=False)
    with pytest.raises(Failed, match="is a link that root did not make"):
        machine.give(link)
    assert etc.stat().st_uid == 0
    os.chown(link, 0, 0, follow_symlinks=False)  # to a larger disk, by the machine's owner
    machine.give(link)
    assert etc.stat().st_uid == NOBODY.pw_uid


def test_the_account_does_what_its_settings_say(house: Path) -> None:
    def who() -> bytes:
        return f"{os.getuid()} {os.getgid()} {os.getgroups()}".encode()

    assert as_account(who).decode() == f"{NOBODY.pw_uid} {NOBODY.pw_gid} []"
    with pytest.raises(Failed, match="Permission denied"):
        as_account(lambda: (house / "mine").write_bytes(b"x").to_bytes(1, "big"))
    with pytest.raises(Failed, match="was ended"):
        as_account(lambda: os._exit(3))

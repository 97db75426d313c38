"""The hub as a unit of systemd: it says when it is ready; root leaves no file of its own behind."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from hub.cli.serve import tell_systemd
from hub.install.detect import closed_folder, own_files

NOBODY = 65534


@pytest.mark.parametrize("abstract", [False, True])
def test_systemd_is_told(abstract: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = f"@regulars-{os.getpid()}" if abstract else str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
        notify.bind("\0" + place[1:] if abstract else place)
        notify.settimeout(10)
        monkeypatch.setenv("NOTIFY_SOCKET", place)
        tell_systemd("READY=1")
        assert notify.recv(100) == b"READY=1"


def test_without_systemd_nobody_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    tell_systemd("READY=1")
    assert caplog.text == ""
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "gone"))
    tell_systemd("READY=1")  # a hub that runs is worth more than a manager that knows
    assert "could not be told" in caplog.text


def owner_in_a_command(folder: Path) -> subprocess.CompletedProcess[str]:
    """Under which account a command works on this folder."""
    script = (
        "import os, click\n"
        "from hub.cli import DATA_OPTION\n"
        "@click.command()\n"
        "@DATA_OPTION\n"
        "def command(data): print(os.geteuid(), os.getegid(), os.getgroups())\n"
        "command()\n"
    )
    return subprocess.run(
        [sys.executable, "-c", script, "--data", str(folder)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another account")
def test_root_becomes_the_account_that_owns_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    assert owner_in_a_command(folder).stdout.startswith("0 0 ")
    assert owner_in_a_command(tmp_path / "not there yet").stdout.startswith("0 0 ")
    os.chown(folder, NOBODY, NOBODY)
    done = owner_in_a_command(folder)
    if closed_folder(own_files()):  # that account could load nothing more of this Python
        assert done.returncode == 1 and "install it in /opt" in done.stderr
    else:
        assert done.stdout.strip() == f"{NOBODY} {NOBODY} []"

"""`hub setup`: five questions, files in their places, and a second run that changes nothing."""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hub.cli import cli
from hub.install import detect, machine
from hub.install.answers import Answers, read_domain
from hub.install.files import make_plan
from hub.settings import load_settings
from hub.store.lockfile import LockFile
from tests.machine import Machine

DATA = "var/lib/regulars"
BASE = ("--domain", "hub.shop.example", "--proxy", "caddy")


@pytest.fixture(autouse=True)
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """No HUB_* of whoever runs the tests; proxies are not asked here, but in the long tests."""
    for name in [name for name in os.environ if name.startswith("HUB_")]:
        monkeypatch.delenv(name)
    monkeypatch.setattr(machine, "refused_by_proxy", lambda plan: "")


def setup(root: Path, *options: str, typed: str = "") -> Result:
    return CliRunner().invoke(cli, ["setup", "--root", str(root), *options], input=typed)


def files(root: Path) -> dict[str, str]:
    return {
        str(f.relative_to(root)): f.read_text()
        for f in sorted((root / "etc").rglob("*")) + sorted(root.glob(f"{DATA}/*/hub.toml"))
        if f.is_file()
    }


def test_five_questions_lead_to_a_hub(tmp_path: Path) -> None:
    answers = [
        "www.shop.example", "Mars/Olympus", "europe/amsterdam", "", "gcm",
        "smtp://ann:secret@mail.example",
    ]  # fmt: skip
    result = setup(tmp_path, *BASE, typed="\n".join(answers) + "\n")
    assert result.exit_code == 0, result.output
    assert "time zone: 'Mars/Olympus' is not known" in result.output
    asked = re.findall(
        r"(?m)^(?:The shop's address|Its \w+(?: \w+)?|Choose|Mail server)", result.output
    )
    assert len(set(asked)) == 5
    folder = tmp_path / DATA / "hub.shop.example"
    settings = load_settings(folder)
    assert (settings.origin, settings.timezone, settings.currency, settings.consent) == (
        "https://hub.shop.example", "Europe/Amsterdam", "EUR", "gcm",
    )  # fmt: skip
    assert (settings.smtp.host, settings.smtp.password) == ("mail.example", "secret")
    assert settings.smtp.sender == "shop@shop.example"
    assert (folder / "hub.toml").stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700
    assert "https://hub.shop.example/admin/setup?token=" in result.output
    assert re.search(
        r'<script async src="https://hub.shop.example/s\.js" data-key="wk_', result.output
    )


def test_a_second_run_changes_nothing_and_asks_nothing_new(tmp_path: Path) -> None:
    assert setup(tmp_path, *BASE, "--timezone", "Europe/Paris", "--yes").exit_code == 0
    before = files(tmp_path)
    again = setup(tmp_path, *BASE, "--yes")
    assert again.exit_code == 0
    assert files(tmp_path) == before
    assert "wrote" not in again.output and again.output.count("as it was") == 4
    key = re.search(r'data-key="([^"]+)"', again.output)
    assert key and key[1] in setup(tmp_path, *BASE, "--yes").output


def test_a_change_is_shown_and_asked_for(tmp_path: Path) -> None:
    smtp = ("--smtp", "smtp://ann:secret@mail.example")
    assert setup(tmp_path, *BASE, *smtp, "--yes").exit_code == 0
    before = files(tmp_path)
    more = ("--consent", "tcf", "--smtp", "smtp://ann:hunter2@mail.example")
    no = setup(tmp_path, *BASE, *more, typed="\n\n\nn\n")
    assert no.exit_code == 1 and "nothing was changed" in no.output
    assert '-consent = "own"' in no.output and '+consent = "tcf"' in no.output
    assert "secret" not in no.output and "hunter2" not in no.output
    assert files(tmp_path) == before
    yes = setup(tmp_path, *BASE, *more, typed="\n\n\ny\n")
    assert yes.exit_code == 0
    text = (tmp_path / DATA / "hub.shop.example/hub.toml").read_text()
    assert tomllib.loads(text)["smtp"]["password"] == "hunter2"


def test_beside_the_running_hub_the_line_is_said_again(tmp_path: Path) -> None:
    first = setup(tmp_path, *BASE, "--yes").output
    lock = LockFile(tmp_path / DATA / "hub.shop.example")
    try:
        again = setup(tmp_path, *BASE, "--yes")
    finally:
        lock.release()
    assert again.exit_code == 0, again.output
    (line,) = re.findall("<script async .*", first)
    assert line in again.output and "/admin/setup" not in again.output


def test_the_shops_own_site_is_asked_about(tmp_path: Path) -> None:
    main = tmp_path / "etc/caddy/Caddyfile"
    main.parent.mkdir(parents=True)
    main.write_text("shop.example {\n\trespond x\n}\n")
    path = ("--domain", "shop.example", "--path", "/r", "--proxy", "caddy")
    no = setup(tmp_path, *path, typed="\n\n\n\nn\n")
    assert no.exit_code == 1 and "The shop's address" not in no.output
    assert "import" not in main.read_text()
    assert setup(tmp_path, *path, typed="\n\n\n\ny\n").exit_code == 0
    assert "\timport regulars-paths/shop.example-r.caddy" in main.read_text()
    assert "handle /r/* {" in (main.parent / "regulars-paths/shop.example-r.caddy").read_text()


def test_a_proxy_on_another_machine(tmp_path: Path) -> None:
    far = ("--domain", "shop.example", "--path", "/r", "--proxy", "none")
    result = setup(tmp_path, *far, "--listen", "10.0.0.5", "--trust", "10.0.0.2", "--yes")
    assert result.exit_code == 0, result.output
    assert "send https://shop.example/r/ to http://10.0.0.5:87" in result.output
    settings = load_settings(tmp_path / DATA / "shop.example-r")
    assert (settings.host, settings.root) == ("10.0.0.5", "/r")
    assert settings.trusted_proxies == ["127.0.0.1", "::1", "10.0.0.2"]
    assert not (tmp_path / "etc/caddy").exists()


def test_what_counts_at_the_first_start_only_is_said(tmp_path: Path) -> None:
    assert "first start" not in setup(tmp_path, *BASE, "--timezone", "UTC", "--yes").output
    again = setup(tmp_path, *BASE, "--timezone", "Europe/Paris", "--yes")
    assert "change them on its admin pages" in again.output
    assert "first start" not in setup(tmp_path, *BASE, "--consent", "tcf", "--yes").output


def test_a_password_need_not_stand_in_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUB_SETUP_SMTP", "smtps://ann:secret@mail.example")
    assert setup(tmp_path, *BASE, "--yes").exit_code == 0
    monkeypatch.delenv("HUB_SETUP_SMTP")
    assert load_settings(tmp_path / DATA / "hub.shop.example").smtp.password == "secret"


def test_several_hubs_get_ports_of_their_own(tmp_path: Path) -> None:
    ports = set()
    for domain in ("hub.one.example", "hub.two.example", "hub.three.example"):
        assert setup(tmp_path, "--domain", domain, "--proxy", "caddy", "--yes").exit_code == 0
        ports.add(load_settings(tmp_path / DATA / domain).port)
    assert len(ports) == 3
    main = (tmp_path / "etc/caddy/Caddyfile").read_text()
    assert main.count("import") == 1
    assert len(list((tmp_path / "etc/caddy/regulars").iterdir())) == 3
    assert len(list((tmp_path / "etc/systemd/system").iterdir())) == 1


def test_dry_run_shows_and_writes_nothing(tmp_path: Path) -> None:
    result = setup(tmp_path, *BASE, "--dry-run", "--yes", "--smtp", "smtp://a:secret@mail.example")
    assert result.exit_code == 0, result.output
    assert "ExecStart=" in result.output and "reverse_proxy" in result.output
    assert "secret" not in result.output.replace("secret.key", "")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("options", "remedy"),
    [
        (("--domain", "hub"), "write it like hub.shop.example"),
        (("--domain", "hub.shop.example", "--name", "../x"), "can not name a folder"),
        (("--domain", "shop.example", "--path", "/admin"), "take another path"),
        (("--domain", "shop.example", "--path", "/r"), "a sub-domain of its own"),
        (("--domain", "shop.example", "--path", "/r", "--proxy", "nginx"), "sub-domain"),
        (("--domain", "hub.shop.example", "--proxy", "nginx"), "certbot certonly"),
        (("--domain", "hub.shop.example", "--proxy", "nginx", "--tls", "internal"), "--cert"),
        (("--domain", "hub.shop.example", "--cert", __file__), "both --cert and --key"),
        (("--domain", "hub.shop.example", "--trust", "my-proxy"), "is no address"),
        (("--domain", "hub.shop.example", "--listen", "here"), "is no address"),
        (("--domain", "hub.shop.example", "--timezone", "x"), "Europe/Amsterdam"),
        (("--domain", "hub.shop.example", "--cert", __file__, "--key", __file__), "do not fit"),
    ],
)
def test_what_can_not_work_is_said_before_anything_is_written(
    options: tuple[str, ...], remedy: str, tmp_path: Path
) -> None:
    given = options if "--proxy" in options else (*options, "--proxy", "caddy")
    result = setup(tmp_path, *given, "--yes")
    assert result.exit_code == 1 and remedy in result.output, result.output
    assert list(tmp_path.iterdir()) == []


def test_a_certificate_for_another_name_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    made = Machine(other)
    files = ("--cert", str(made.cert), "--key", str(made.key), "--proxy", "caddy", "--yes")
    result = setup(tmp_path / "root", "--domain", "hub.wrong.example", *files)
    assert "is for hub.shop.test, shop.test, not for hub.wrong.example" in result.output
    odd = made.cert.rename(other / "my cert; include x.pem")
    spaced = ("--cert", str(odd), *files[2:])
    result = setup(tmp_path / "root", "--domain", "hub.shop.test", *spaced)
    assert result.exit_code == 1 and "move it to a plain path" in result.output
    odd.rename(made.cert)
    result = setup(tmp_path / "root", "--domain", "hub.shop.test", *files)
    assert result.exit_code == 0
    assert (
        f"tls {made.cert} {made.key}"
        in (tmp_path / "root/etc/caddy/regulars/hub.shop.test.caddy").read_text()
    )


def test_files_that_the_proxy_refuses_are_taken_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "etc/caddy").mkdir(parents=True)
    (tmp_path / "etc/caddy/Caddyfile").write_text("shop.example {\n}\n")
    before = files(tmp_path)
    monkeypatch.setattr(machine, "refused_by_proxy", lambda plan: "line 3: what is this")
    result = setup(tmp_path, *BASE, "--yes")
    assert result.exit_code == 1
    assert "nothing was changed: line 3: what is this" in result.output
    assert files(tmp_path) == before


def test_systemd_is_asked_in_this_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No systemd runs where tests run: a program of its name notes what it is told."""
    notes = tmp_path / "notes"
    program = tmp_path / "bin/systemctl"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\necho "$@" >> {notes}\n[ "$1" != "$FAILS" ] || exit 1\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    host, port = read_domain("hub.shop.example")
    answers = Answers(name=host, host=host, https_port=port, shop_url="https://shop.example",
                      timezone="UTC", currency="EUR")  # fmt: skip
    plan = make_plan(tmp_path, answers, Path("/opt/regulars/bin/hub"))
    machine.start(plan, plan.changes, lambda line: None)
    unit = "regulars@hub.shop.example"
    assert notes.read_text().splitlines() == [
        "daemon-reload", f"enable --quiet {unit}", f"restart {unit}", "reload-or-restart caddy",
    ]  # fmt: skip
    machine.start(plan, [], lambda line: None)
    assert f"start {unit}" in notes.read_text().splitlines()
    monkeypatch.setenv("FAILS", "restart")
    with pytest.raises(machine.Failed, match=f"journalctl -u {unit}"):
        machine.start(plan, plan.changes, lambda line: None)


def test_only_root_writes_into_etc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    result = CliRunner().invoke(cli, ["setup", *BASE, "--yes"])
    assert result.exit_code == 1 and "run it with sudo" in result.output


def test_a_program_that_the_account_can_not_read_is_refused(tmp_path: Path) -> None:
    closed = tmp_path / "home"
    program = closed / "venv" / "bin" / "hub"
    program.parent.mkdir(parents=True)
    program.touch()
    for folder in [program.parent, *program.parent.parents]:
        if tmp_path in [folder, *folder.parents]:
            folder.chmod(0o755)
    closed.chmod(0o700)
    found = detect.closed_folder([program])
    assert found is not None and (found == closed or found in closed.parents)
    link = tmp_path / "hub"
    link.symlink_to(program)
    assert detect.closed_folder([link]) == found
    assert detect.closed_folder([Path("/usr/bin/env"), Path("/etc/passwd")]) is None


def test_a_port_that_is_taken_is_passed_over(tmp_path: Path) -> None:
    first = detect.free_port(tmp_path, tmp_path / "own")
    (tmp_path / "other").mkdir()
    (tmp_path / "other/hub.toml").write_text(f"port = {first}\n")
    assert detect.free_port(tmp_path, tmp_path / "own") > first
    assert detect.free_port(tmp_path, tmp_path / "other") == first


def test_the_machine_tells_zone_and_currency(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TZ", raising=False)
    (tmp_path / "etc").mkdir()
    assert detect.time_zone(tmp_path) == "UTC"
    (tmp_path / "etc/localtime").symlink_to("/usr/share/zoneinfo/Europe/London")
    assert detect.time_zone(tmp_path) == "Europe/London"
    (tmp_path / "etc/timezone").write_text("Europe/Zurich\n")
    assert detect.time_zone(tmp_path) == "Europe/Zurich"
    found = [detect.currency_of(zone) for zone in ("Europe/London", "Europe/Zurich", "UTC")]
    assert found == ["GBP", "CHF", "EUR"]

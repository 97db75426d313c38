"""config/deploy is what set-up writes, and programs that read such files take it."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from hub.cli.setup import setup_command
from hub.install.examples import examples
from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[3]
DEPLOY = ROOT / "config" / "deploy"


def test_the_files_are_those_that_set_up_writes() -> None:
    for name, text in examples().items():
        assert (DEPLOY / name).read_text() == text, f"{name}: renew it with hub dev deploy-files"
    assert {f.name for f in DEPLOY.iterdir()} == {*examples(), "README.md"}


def test_the_readme_names_options_that_exist() -> None:
    text = (DEPLOY / "README.md").read_text()
    options = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", text))
    known = {name for param in setup_command.params for name in param.opts}
    assert options and options - {"--public", "--data"} <= known


def settings_of(unit: str) -> dict[str, str]:
    return dict(re.findall(r"(?m)^(\w+)=(.*)$", unit))


def test_the_unit_shuts_the_hub_in() -> None:
    unit = settings_of((DEPLOY / "regulars@.service").read_text())
    assert unit["User"] == "regulars" and unit["StateDirectory"] == "regulars/%i"
    assert (unit["ProtectSystem"], unit["CapabilityBoundingSet"]) == ("strict", "")
    assert unit["ExecStart"] == "/opt/regulars/bin/hub serve --data /var/lib/regulars/%i"
    assert unit["Type"] == "notify"


def test_systemd_understands_the_unit(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("no systemd-analyze on this machine")
    unit = tmp_path / "regulars@shop.service"
    text = (DEPLOY / "regulars@.service").read_text()
    unit.write_text(re.sub(r"ExecStart=\S+", f"ExecStart={sys.executable}", text))
    run = ["systemd-analyze"]
    done = subprocess.run([*run, "verify", str(unit)], capture_output=True, text=True, check=False)
    own = [line for line in done.stderr.splitlines() if "regulars" in line]
    assert own == []
    done = subprocess.run(
        [*run, "security", "--offline=true", "--threshold=30", str(unit)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-500:] + done.stderr


def test_caddy_understands_its_site(tmp_path: Path) -> None:
    if shutil.which("caddy") is None:
        pytest.skip("no caddy on this machine; to install it, type: hub dev proxy")
    done = subprocess.run(
        ["caddy", "adapt", "--adapter", "caddyfile", "--config", str(DEPLOY / "Caddyfile")],
        capture_output=True, text=True, check=False, env={**os.environ, "HOME": str(tmp_path)},
    )  # fmt: skip
    assert done.returncode == 0 and "not formatted" not in done.stderr, done.stderr
    assert "127.0.0.1:8700" in json.dumps(json.loads(done.stdout))


def test_compose_keeps_the_hub_behind_the_proxy() -> None:
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    hub = services["services"]["hub"]
    assert "ports" not in hub and hub["cap_drop"] == ["ALL"] and hub["read_only"]
    network = services["networks"]["inside"]["ipam"]["config"][0]["subnet"]
    assert hub["environment"]["HUB_TRUSTED_PROXIES"] == network
    assert (DEPLOY / hub["build"]["context"]).resolve() == ROOT
    assert (ROOT / hub["build"]["dockerfile"]).is_file()


def steps() -> list[tuple[str, str]]:
    """The Containerfile as (instruction, rest), lines joined."""
    text = (DEPLOY / "Containerfile").read_text().replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in lines)]


def test_the_container_runs_as_nobody_special() -> None:
    found = steps()
    words = [word for word, _ in found]
    assert dict(found)["USER"] == "regulars"
    assert words.index("USER") < words.index("CMD")
    for word, rest in found:
        if word == "COPY" and not rest.startswith("--from"):
            for source in rest.split()[:-1]:
                assert (ROOT / source).exists(), source


@pytest.mark.full
def test_the_steps_of_the_container_lead_to_a_hub_that_is_ready(tmp_path: Path) -> None:
    """Without a container runtime: the same copies, the same pip, the same command and check."""
    source, venv = tmp_path / "src", tmp_path / "opt/regulars"
    port = free_port()
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("HUB_", "PYTHON"))}
    commands: dict[str, list[str]] = {}
    for word, rest in steps():
        if word == "COPY" and not rest.startswith("--from"):
            *names, target = rest.split()
            for name in names:
                copy(ROOT / name, (source / target / ("" if target != "./" else name)).resolve())
        elif word == "RUN" and "useradd" not in rest:
            line = rest.replace("/opt/regulars", str(venv)).replace("python3", sys.executable)
            # The libraries are here already; the wheel test fetches them anew.
            line = line.replace("pip install", "pip install --no-deps")
            subprocess.run(shlex.split(line), cwd=source, check=True, timeout=300, env=environment)
        elif word == "ENV":
            environment |= dict(pair.split("=", 1) for pair in rest.split())
        elif word in ("CMD", "HEALTHCHECK"):
            listed = json.loads(rest[rest.index("[") :])
            commands[word] = [part.replace("/opt/regulars", str(venv)) for part in listed]
    libraries = next(p for p in sys.path if p.endswith("site-packages"))
    (next(venv.glob("lib/python*/site-packages")) / "here.pth").write_text(libraries)
    environment |= {"HUB_DATA_DIR": str(tmp_path / "data"), "HUB_PORT": str(port)}
    check = [part.replace("8700", str(port)) for part in commands["HEALTHCHECK"]]
    process = subprocess.Popen(commands["CMD"], env=environment, cwd=tmp_path)
    try:
        deadline = time.monotonic() + 60
        while subprocess.run(check, env=environment, capture_output=True, check=False).returncode:
            assert process.poll() is None and time.monotonic() < deadline
        inside = subprocess.run(
            [str(venv / "bin/python"), "-c", "import hub; print(hub.__file__)"],
            env=environment, cwd=tmp_path, capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert inside.stdout.startswith(str(venv))
    finally:
        process.terminate()
        assert process.wait(timeout=10) in (0, -15)


def copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        ignored = shutil.ignore_patterns("__pycache__", "node_modules")
        shutil.copytree(source, target, ignore=ignored)
    else:
        shutil.copyfile(source, target)

"""The walls of the house: who may import whom, and how large a room may be."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

# A module may import modules of its own layer's folder and of lower layers only. Siblings in the
# engines' layer never import each other.
LAYERS = [
    {"sdk"},
    {"settings", "clock", "registry", "meters", "watch", "runner", "personal"},
    {"store", "lake"},
    {"conditions"},
    {"ingest", "identity", "profiles", "catalogue", "segments", "decisions", "recommend",
     "messaging", "consent", "gate", "imports", "privacy", "recipes", "schema"},
    {"core", "plugins"},
    {"flows"},
    {"jobs"},
    {"web"},
    {"install"},
    {"demo"},
    {"scaffold"},
    {"cli"},
]  # fmt: skip
ENGINES = LAYERS[4]
CLOCKS = {"datetime.now", "datetime.utcnow", "time.time", "time.time_ns", "date.today"}
# Values that engines share. A decision passes the gate, and the gate reads the consents of a
# profile: data types, no behaviour.
SHARED_VALUES = {
    ("decisions", "hub.gate.verdict"),
    ("decisions", "hub.profiles.state"),
    ("gate", "hub.profiles.state"),
}


def level(name: str) -> int:
    for number, names in enumerate(LAYERS):
        if name in names:
            return number
    raise AssertionError(f"hub.{name} stands in no layer: name it in LAYERS")


def modules(folder: str) -> list[Path]:
    return sorted(
        file
        for file in (ROOT / folder).rglob("*.py")
        if not {"tests", "node_modules"} & set(file.relative_to(ROOT).parts)
    )


def imports(file: Path) -> list[tuple[str, int]]:
    tree = ast.parse(file.read_text())
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(alias.name, node.lineno) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.append((node.module, node.lineno))
            found += [(f"{node.module}.{alias.name}", node.lineno) for alias in node.names]
    return found


def hub_violations(file: Path) -> list[str]:
    parts = file.relative_to(ROOT / "hub").with_suffix("").parts
    own = parts[0]
    if own == "__init__":
        return []
    wrong = []
    for name, line in imports(file):
        target = name.split(".")
        if target[0] != "hub" or len(target) < 2 or target[1] == "__version__":
            continue
        other = target[1]
        if other == own:
            continue
        shared = any(own == a and name.startswith(b) for a, b in SHARED_VALUES)
        sideways = own in ENGINES and other in ENGINES and not shared
        if level(other) > level(own) or sideways:
            wrong.append(f"{file.relative_to(ROOT)}:{line} imports {name}")
    return wrong


def test_imports_go_downwards() -> None:
    assert [w for file in modules("hub") for w in hub_violations(file)] == []


def foreign_imports(file: Path) -> list[str]:
    return [
        f"{file.relative_to(ROOT)}:{line} imports {name}"
        for name, line in imports(file)
        if name.split(".")[0] == "hub" and name != "hub" and not name.startswith("hub.sdk")
    ]


@pytest.mark.parametrize("folder", ["plugins", "widgets"])
def test_plugins_use_only_the_sdk(folder: str) -> None:
    assert [w for file in modules(folder) for w in foreign_imports(file)] == []


FAR_SIDE = ("zygote", "cage", "child", "parts", "loading", "wire")


def forbidden_to_runners(file: Path) -> list[str]:
    """What runs a stranger's plugin sees nothing of the hub but the SDK."""
    return [
        f"{file.relative_to(ROOT)}:{line} imports {name}"
        for name, line in imports(file)
        if name.split(".")[0] == "hub"
        and name not in {"hub", "hub.runner"}
        and not name.startswith(("hub.sdk", *(f"hub.runner.{own}" for own in FAR_SIDE)))
    ]


def test_the_process_of_a_connector_knows_only_the_sdk() -> None:
    files = [ROOT / "hub" / "runner" / f"{name}.py" for name in FAR_SIDE]
    assert [w for file in files for w in forbidden_to_runners(file)] == []


def clock_readings(file: Path) -> list[str]:
    return [
        f"{file.relative_to(ROOT)}:{node.lineno} {ast.unparse(node.func)}"
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and ast.unparse(node.func) in CLOCKS
    ]


def everything() -> list[Path]:
    return [*modules("hub"), *modules("plugins"), *modules("widgets")]


def test_only_the_clock_reads_the_time() -> None:
    files = [file for file in everything() if file != ROOT / "hub" / "clock.py"]
    assert [w for file in files for w in clock_readings(file)] == []


def too_large(file: Path) -> list[str]:
    text = file.read_text()
    place = file.relative_to(ROOT)
    found = [f"{place}: {text.count(chr(10))} lines"] if text.count("\n") > 400 else []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or 0) - node.lineno + 1
            if length > 50:
                found.append(f"{place}: {node.name} has {length} lines")
    return found


def test_rooms_stay_small() -> None:
    assert [w for file in everything() for w in too_large(file)] == []


def test_no_room_is_called_after_nothing() -> None:
    vague = {"utils", "helpers", "common", "manager", "base", "service", "misc"}
    assert [str(file) for file in everything() if file.stem in vague] == []


@pytest.mark.parametrize(
    ("place", "text", "wall"),
    [
        ("hub/store/bad.py", "from hub.flows.decide import run", hub_violations),
        ("hub/gate/bad.py", "import hub.decisions.decide", hub_violations),
        ("hub/sdk/bad.py", "from hub import settings", hub_violations),
        ("plugins/hub_bad/bad.py", "from hub.store.database import Row", foreign_imports),
        ("hub/runner/bad.py", "from hub.store.database import Row", forbidden_to_runners),
        ("hub/flows/bad.py", "import time\nNOW = time.time()", clock_readings),
        ("hub/flows/bad.py", "def f():\n" + "    x = 1\n" * 51, too_large),
        ("hub/flows/bad.py", "x = 1\n" * 401, too_large),
    ],
)
def test_each_wall_is_noticed_when_it_is_broken(
    place: str, text: str, wall: Callable[[Path], list[str]], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    file = tmp_path / place
    file.parent.mkdir(parents=True)
    file.write_text(text)
    monkeypatch.setattr(f"{__name__}.ROOT", tmp_path)
    assert wall(file)

"""Every hook has a user, a place in the README, and a test; an unfinished one fails here."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from hub.plugins import BUNDLED, Plugins
from hub.sdk import hookspecs
from hub.sdk.declared import SHAPES

ROOT = Path(__file__).parent.parent
README = ROOT / "plugins" / "README.md"
MOST_ARGUMENTS = 4


def hooks(module: ModuleType = hookspecs) -> dict[str, Callable[..., object]]:
    found = {
        name: thing
        for name, thing in vars(module).items()
        if inspect.isfunction(thing) and hasattr(thing, "hub_spec")
    }
    assert found
    return found


def users(name: str) -> set[str]:
    """The bundled plugins that implement a hook."""
    found = set()
    for module in BUNDLED.values():
        for folder in ("plugins", "widgets"):
            file = ROOT / folder / module / "__init__.py"
            if file.exists() and _defines(file, name):
                found.add(module)
    return found


def _defines(file: Path, name: str) -> bool:
    return any(
        isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == name
        for node in ast.parse(file.read_text("utf-8")).body
    )


def faults(name: str, hook: Callable[..., object], readme: str, tests: str) -> list[str]:
    """What is unfinished about one hook."""
    said = inspect.getdoc(hook) or ""
    found = []
    if not said:
        found.append(f"{name} has no docstring")
    if name in hookspecs.RENAMED:
        new = hookspecs.RENAMED[name]
        if new not in said or not said.startswith("Deprecated"):
            found.append(f"{name}: the docstring must say that it is deprecated, and name {new}")
    else:
        named = set(re.findall(r"`(hub_\w+)`", said))
        using = users(name)
        if not named or not named <= using:
            found.append(f"{name}: the docstring must name its bundled user ({using or 'none'})")
        if f"`{name}`" not in readme:
            found.append(f"{name} is not explained in plugins/README.md")
    if len(inspect.signature(hook).parameters) > MOST_ARGUMENTS:
        found.append(f"{name} has more than {MOST_ARGUMENTS} arguments")
    if not re.search(rf"\b{name}\b", tests):
        found.append(f"{name} has no test")
    return found


def all_tests() -> str:
    files = [*ROOT.glob("tests/unit/**/test_*.py"), *ROOT.glob("plugins/*/tests/test_*.py"),
             *ROOT.glob("widgets/*/tests/test_*.py")]  # fmt: skip
    return "\n".join(file.read_text("utf-8") for file in files)


@pytest.mark.parametrize("name", hooks())
def test_every_hook_is_finished(name: str) -> None:
    assert faults(name, hooks()[name], README.read_text("utf-8"), all_tests()) == []


def test_every_hook_brings_what_its_users_declare() -> None:
    """Asked for real: what the bundled plugins declare through a hook reaches the hub."""
    plugins = Plugins(None)
    declared = {
        "register_connectors": plugins.connectors,
        "register_channels": plugins.channels,
        "register_widgets": plugins.widgets,
        "register_conditions": plugins.conditions,
        "register_recommenders": plugins.recommenders,
    }
    assert set(declared) == set(SHAPES) == set(hooks()) - set(hookspecs.RENAMED)
    assert all(declared.values())


def test_an_old_name_leads_to_a_hook_with_the_same_arguments() -> None:
    for old, new in hookspecs.RENAMED.items():
        assert inspect.signature(hooks()[old]) == inspect.signature(hooks()[new])


def unfinished(a: int, b: int, c: int, d: int, e: int) -> None:
    """Used by `hub_nobody`."""


def undocumented() -> None: ...


def test_an_unfinished_hook_is_noticed() -> None:
    found = faults("unfinished", unfinished, "", "")
    assert len(found) == 4
    assert "bundled user" in found[0]
    assert "README" in found[1]
    assert "more than 4 arguments" in found[2]
    assert "has no test" in found[3]
    assert faults("undocumented", undocumented, "", "")[0] == "undocumented has no docstring"
    widgets = hooks()["register_widgets"]
    assert faults("register_widgets", widgets, "`register_widgets`", "register_widgets()") == []

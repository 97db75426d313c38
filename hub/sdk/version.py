"""The version of this SDK, and whether a plugin was written for it.

The first number grows when something is removed or changes its meaning, the second when something
is added. A plugin says in its `__init__.py` which versions it was written for:
`requires_sdk = ">=1.0,<2"`.
"""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Final

import msgspec
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import Version

__all__ = ["VERSION", "Fit", "fit", "stated_range"]

VERSION: Final = "1.1"
ATTRIBUTE: Final = "requires_sdk"


class Fit(msgspec.Struct, frozen=True):
    """Whether a plugin may be loaded. `error`: why not; `warning`: what its author should do."""

    error: str = ""
    warning: str = ""

    @property
    def ok(self) -> bool:
        """Whether the plugin may be loaded."""
        return not self.error


def fit(wanted: object, version: str = VERSION) -> Fit:
    """Judge the range that a plugin names; None: it names none."""
    if wanted is None:
        example = f'{ATTRIBUTE} = ">={version},<{Version(version).major + 1}"'
        return Fit(warning=f"names no SDK version: its author should write {example}")
    if not isinstance(wanted, str):
        return Fit(f"{ATTRIBUTE} must be a text such as '>=1.0,<2', not {type(wanted).__name__}")
    try:
        allowed = SpecifierSet(wanted)
    except InvalidSpecifier:
        return Fit(f"{ATTRIBUTE} = {wanted!r} is no range of versions; write one like '>=1.0,<2'")
    if Version(version) in allowed:
        return Fit()
    return Fit(f"needs SDK {wanted}, this hub has {version}: {_remedy(allowed, Version(version))}")


def stated_range(file: Path) -> str | None:
    """The range that a plugin's `__init__.py` names, read without running it: a plugin for
    another version often can not even be imported. None when it names none as a plain text."""
    try:
        tree = ast.parse(file.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return None  # importing it will say what is wrong
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else []
        if isinstance(node, ast.AnnAssign):
            targets = [node.target]
        named = any(isinstance(target, ast.Name) and target.id == ATTRIBUTE for target in targets)
        value = getattr(node, "value", None)
        if named and isinstance(value, ast.Constant) and isinstance(value.value, str):
            return value.value
    return None


def _remedy(allowed: SpecifierSet, version: Version) -> str:
    newer = [Version(f"{version.major}.{minor}") for minor in range(version.minor + 1, 100)]
    newer += [Version(f"{major}.0") for major in range(version.major + 1, version.major + 10)]
    if any(candidate in allowed for candidate in newer):
        return "upgrade the hub, or install an older version of the plugin"
    return "install a newer version of the plugin, or ask its author for one"

"""Every public name of the SDK with its signature, read from the source.

`python -m tests.unit.sdk.public_names` writes the list anew.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

SDK = Path(__file__).parents[3] / "hub" / "sdk"
LIST = Path(__file__).with_suffix(".txt")


def public_names(folder: Path = SDK) -> list[str]:
    """One line per public module-level name, method and field, sorted."""
    lines: list[str] = []
    for file in sorted(folder.rglob("*.py")):
        place = file.relative_to(folder.parent.parent).with_suffix("").as_posix()
        module = place.replace("/", ".").removesuffix(".__init__")
        lines += [f"{module}.{line}" for line in _of_module(ast.parse(file.read_text("utf-8")))]
    return sorted(set(lines))


def _of_module(tree: ast.Module) -> Iterator[str]:
    listed = _listed(tree)
    for node in tree.body:
        for name, line in _lines(node):
            if (name in listed) if listed is not None else not name.startswith("_"):
                yield line
                if isinstance(node, ast.ClassDef):
                    yield from _of_class(node)


def _listed(tree: ast.Module) -> set[str] | None:
    """The names of `__all__`; None when there is none."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return {str(name) for name in ast.literal_eval(node.value)}
    return None


def _of_class(node: ast.ClassDef) -> Iterator[str]:
    for part in node.body:
        for name, line in _lines(part):
            if not name.startswith("_") or name == "__init__":
                yield f"{node.name}.{line}"


def _lines(node: ast.stmt) -> Iterator[tuple[str, str]]:
    """The names that a statement defines, each with its line of the list."""
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            name = node.name
            word = " async" if isinstance(node, ast.AsyncFunctionDef) else ""
            back = f" -> {ast.unparse(node.returns)}" if node.returns else ""
            yield (
                node.name,
                f"{node.name}{word and ' ' + word.strip()}({ast.unparse(node.args)}){back}",
            )
        case ast.ClassDef():
            yield node.name, f"{node.name} class({', '.join(map(ast.unparse, node.bases))})"
        case ast.AnnAssign(target=ast.Name(id=name)):
            default = " = ..." if node.value is not None else ""
            yield name, f"{name}: {ast.unparse(node.annotation)}{default}"
        case ast.Assign():
            for target in node.targets:
                if isinstance(target, ast.Name) and target.id != "__all__":
                    yield target.id, target.id


if __name__ == "__main__":
    LIST.write_text("\n".join(public_names()) + "\n")

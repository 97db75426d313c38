"""What plugins may use stays as it is, until the version of the SDK says otherwise."""

from __future__ import annotations

from pathlib import Path

from tests.unit.sdk.public_names import LIST, public_names

REMEDY = (
    "\n\nPlugins of other people use these names. Keep an old name beside the new one and let it "
    "warn; if it must go, give VERSION in hub/sdk/version.py a new first number. What is only "
    "added needs a new second number. Then: python -m tests.unit.sdk.public_names"
)


def differences(committed: list[str], now: list[str]) -> str:
    gone = [f"removed or changed: {line}" for line in committed if line not in now]
    new = [f"added: {line}" for line in now if line not in committed]
    return "\n".join([*gone, *new]) + REMEDY if gone or new else ""


def test_the_public_names_are_those_of_the_list() -> None:
    said = differences(LIST.read_text("utf-8").splitlines(), public_names())
    assert not said, said


def test_a_change_of_the_sdk_is_noticed(tmp_path: Path) -> None:
    folder = tmp_path / "hub" / "sdk"
    folder.mkdir(parents=True)
    file = folder / "thing.py"
    file.write_text(
        "__all__ = ['f', 'Thing', 'LIMIT']\nLIMIT = 3\nimport os\n"
        "def f(a: int, *, b: str = '') -> bool: ...\ndef unlisted() -> None: ...\n"
        "class Thing:\n    size: int = 0\n    _own: int\n    async def go(self) -> None: ...\n"
    )
    before = public_names(folder)
    assert before == [
        "hub.sdk.thing.LIMIT",
        "hub.sdk.thing.Thing class()",
        "hub.sdk.thing.Thing.go async(self) -> None",
        "hub.sdk.thing.Thing.size: int = ...",
        "hub.sdk.thing.f(a: int, *, b: str='') -> bool",
    ]
    text = file.read_text()
    for old, new, words in (
        ("a: int", "a: str", "removed or changed: hub.sdk.thing.f(a: int"),
        ("size: int = 0", "size: int", "removed or changed: hub.sdk.thing.Thing.size"),
        ("async def go", "def go", "removed or changed: hub.sdk.thing.Thing.go async"),
        ("'LIMIT'", "'os'", "removed or changed: hub.sdk.thing.LIMIT"),
        ("'LIMIT'", "'LIMIT', 'unlisted'", "added: hub.sdk.thing.unlisted()"),
    ):
        file.write_text(text.replace(old, new))
        said = differences(before, public_names(folder))
        assert words in said
        assert "hub/sdk/version.py" in said

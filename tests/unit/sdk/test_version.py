"""Which plugins fit this version of the SDK, and what a person is told about the others."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.sdk import VERSION
from hub.sdk.version import fit, stated_range


def test_this_version_fits_the_range_of_the_bundled_plugins() -> None:
    assert fit(">=1.0,<2", VERSION).ok


@pytest.mark.parametrize(
    ("wanted", "version", "words"),
    [
        (">=2,<3", "1.4", "needs SDK >=2,<3, this hub has 1.4: upgrade the hub"),
        (">=1.7", "1.4", "upgrade the hub"),
        (">=0.3,<1", "1.4", "install a newer version of the plugin"),
        ("==1.3", "1.4", "install a newer version of the plugin"),
        ("banana", "1.4", "'banana' is no range of versions; write one like"),
        (2, "1.4", "must be a text such as '>=1.0,<2', not int"),
    ],
)
def test_another_version_is_refused_with_a_remedy(wanted: object, version: str, words: str) -> None:
    judged = fit(wanted, version)
    assert not judged.ok
    assert words in judged.error


def test_no_version_is_a_warning_that_says_what_to_write() -> None:
    judged = fit(None, "1.4")
    assert judged.ok
    assert 'requires_sdk = ">=1.4,<2"' in judged.warning


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ('requires_sdk = ">=9"\nimport nothing_here\n', ">=9"),
        ('requires_sdk: str = ">=9"\n', ">=9"),
        ("import os\n", None),
        ("requires_sdk = str(9)\n", None),
        ("def broken(:\n", None),
        ("\x00", None),
    ],
)
def test_the_range_is_read_without_running_the_plugin(
    tmp_path: Path, text: str, wanted: str | None
) -> None:
    file = tmp_path / "__init__.py"
    file.write_text(text)
    assert stated_range(file) == wanted
    assert stated_range(tmp_path / "missing.py") is None

"""The recipes as a shop gets them, unpacked."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from hub.recipes.downloads import Site, download

SITE = Site("https://hub.example", "wk_0123456789")
Unpack = Callable[..., Path]


@pytest.fixture
def unpack(tmp_path: Path) -> Unpack:
    """Puts the files of a recipe into a folder and names it."""

    def unpacked(name: str, site: Site = SITE) -> Path:
        made = download(name, site)
        if made.media_type == "application/zip":
            with zipfile.ZipFile(io.BytesIO(made.content)) as archive:
                archive.extractall(tmp_path)
        else:
            (tmp_path / made.name).write_bytes(made.content)
        return tmp_path

    return unpacked

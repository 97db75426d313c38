"""Who asks for consent is a setting, and a wrong one is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.clock import SystemClock
from hub.flows.decide import site
from hub.flows.run import open_hub
from hub.settings import SettingsError, load_settings


@pytest.mark.parametrize("mode", ["gcm", "shopify", "wp", "tcf", "auto", "off"])
async def test_the_snippet_is_told_who_asks_for_consent(tmp_path: Path, mode: str) -> None:
    async with open_hub(load_settings(tmp_path), SystemClock()) as hub:
        assert site(hub, "en")["consent"]["mode"] == "own"
    (tmp_path / "hub.toml").write_text(f'consent = "{mode}"\n')
    async with open_hub(load_settings(tmp_path), SystemClock()) as hub:
        assert site(hub, "en")["consent"]["mode"] == mode


def test_a_wrong_way_of_asking_is_named(tmp_path: Path) -> None:
    (tmp_path / "hub.toml").write_text('consent = "yes"\n')
    with pytest.raises(SettingsError, match=r"consent"):
        load_settings(tmp_path)

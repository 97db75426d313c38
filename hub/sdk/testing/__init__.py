"""Contract suites to inherit from, one per kind of plugin. Only here does the SDK need pytest.

class TestMyShop(ConnectorContract):
    @pytest.fixture
    async def rig(self): ...

Each suite says at its top what it needs. `hub.sdk.testing.evidence` is a plugin for pytest that
holds each quality.toml against what the tests really showed.
"""

from __future__ import annotations

import pytest

for _suite in ("abilities", "channel", "condition", "connector", "deliveries", "recommender"):
    pytest.register_assert_rewrite(f"{__name__}.{_suite}")
pytest.register_assert_rewrite(f"{__name__}.widget")

from hub.sdk.testing.channel import Arrival, ChannelContract, ChannelRig, Trouble  # noqa: E402
from hub.sdk.testing.condition import ConditionContract  # noqa: E402
from hub.sdk.testing.connector import ConnectorContract  # noqa: E402
from hub.sdk.testing.doubles import MemoryState, SteppingClock, Waits, quick_client  # noqa: E402
from hub.sdk.testing.picture import Picture, picture, pull_all  # noqa: E402
from hub.sdk.testing.recommender import RecommenderContract  # noqa: E402
from hub.sdk.testing.rig import EraseRig, PushRig, Rig, Sent  # noqa: E402
from hub.sdk.testing.widget import WidgetContract  # noqa: E402

__all__ = [
    "Arrival",
    "ChannelContract",
    "ChannelRig",
    "ConditionContract",
    "ConnectorContract",
    "EraseRig",
    "MemoryState",
    "Picture",
    "PushRig",
    "RecommenderContract",
    "Rig",
    "Sent",
    "SteppingClock",
    "Trouble",
    "Waits",
    "WidgetContract",
    "picture",
    "pull_all",
    "quick_client",
]

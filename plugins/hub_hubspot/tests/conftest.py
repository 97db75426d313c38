from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from hub_hubspot.tests.rig import HubspotRig, open_rig


@pytest.fixture
async def rig() -> AsyncIterator[HubspotRig]:
    async with open_rig() as opened:
        yield opened

"""The bundled widgets withstand what every widget must."""

from __future__ import annotations

import pytest
from hub_widgets.types import BANNER, POPUP, RECOMMENDATIONS

from hub.sdk.testing import WidgetContract
from hub.sdk.widgets import WidgetType


class TestBanner(WidgetContract):
    @pytest.fixture
    def widget(self) -> WidgetType:
        return BANNER


class TestPopup(WidgetContract):
    @pytest.fixture
    def widget(self) -> WidgetType:
        return POPUP


class TestRecommendations(WidgetContract):
    @pytest.fixture
    def widget(self) -> WidgetType:
        return RECOMMENDATIONS

"""The bundled recommenders withstand what every recommender must."""

from __future__ import annotations

import pytest
from hub_recommend.recommenders import AlsoViewed, Popular, RecentlyViewed

from hub.sdk.testing import RecommenderContract


class TestAlsoViewed(RecommenderContract):
    @pytest.fixture
    def recommender(self) -> AlsoViewed:
        return AlsoViewed()


class TestPopular(RecommenderContract):
    @pytest.fixture
    def recommender(self) -> Popular:
        return Popular()


class TestRecentlyViewed(RecommenderContract):
    @pytest.fixture
    def recommender(self) -> RecentlyViewed:
        return RecentlyViewed()

"""The bundled recommenders: looked at together, popular now, looked at lately."""

from __future__ import annotations

from collections.abc import Sequence

from hub.sdk.hookspecs import hookimpl
from hub.sdk.recommender import Recommender
from hub_recommend.recommenders import AlsoViewed, Popular, RecentlyViewed

requires_sdk = ">=1.0,<2"


@hookimpl
def register_recommenders() -> Sequence[Recommender]:
    """The three ways to choose products that need no set-up."""
    return [AlsoViewed(), Popular(), RecentlyViewed()]

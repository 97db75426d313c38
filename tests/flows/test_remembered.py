"""For how long a browser is known here: by how near the hub is to the shop."""

from __future__ import annotations

import pytest

from hub.flows.remembered import Remembered, how_long, remembered
from tests.shop import Shop


def days(found: Remembered) -> dict[str, int | None]:
    return {browser.name.partition(",")[0]: browser.days for browser in found.browsers}


def test_only_a_cookie_of_the_shops_own_site_outlives_seven_days_in_safari() -> None:
    assert days(how_long("elsewhere", https=True, told=True))["Safari"] == 7
    assert days(how_long("path", https=True, told=True))["Safari"] == 400
    near = how_long("sub-domain", https=True, told=True).browsers[1]
    assert (near.days, near.at_least, near.reason) == (400, 7, "network")


def test_the_others_set_no_time_to_a_pages_own_storage() -> None:
    for near in ("path", "sub-domain", "elsewhere"):
        found = days(how_long(near, https=True, told=True))  # type: ignore[arg-type]
        assert [found[name] for name in ("Chrome", "Firefox", "Brave")] == [None] * 3


@pytest.mark.parametrize(
    ("near", "https", "told", "hints"),
    [
        ("path", True, True, ()),
        ("path", False, True, ("https",)),
        ("sub-domain", True, True, ("network",)),
        ("elsewhere", True, True, ("near",)),
        ("elsewhere", True, False, ("shop_url",)),
        ("elsewhere", False, False, ("shop_url", "https")),
    ],
)
def test_what_would_lengthen_it(near: str, https: bool, told: bool, hints: tuple[str, ...]) -> None:
    assert how_long(near, https=https, told=told).hints == hints  # type: ignore[arg-type]


async def test_it_follows_the_hubs_address(lite: Shop) -> None:
    source = lite.sources["browser"]
    found = {}
    for url in ("https://shop.example/r", "https://hub.shop.example", "https://hub.other.example"):
        lite.hub.settings.public_url = url
        found[url] = remembered(lite.hub, source).near
    assert list(found.values()) == ["path", "sub-domain", "elsewhere"]

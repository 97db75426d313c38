"""How near a hub is to its shop."""

from __future__ import annotations

import pytest

from hub.flows.first_party import nearness, origin_of, origins_of


@pytest.mark.parametrize(
    ("origin", "shop", "near"),
    [
        ("https://shop.example/r", "https://shop.example", "path"),
        ("https://shop.example/r", "https://www.shop.example/en", "path"),
        ("https://hub.shop.example", "https://www.Shop.example", "sub-domain"),
        ("https://a.b.shop.example", "https://shop.example", "sub-domain"),
        ("http://hub.shop.example", "https://shop.example", "elsewhere"),
        ("https://hub.other.example", "https://shop.example", "elsewhere"),
        ("https://evilshop.example", "https://shop.example", "elsewhere"),
        # Both are names below a public suffix: they may belong to two firms.
        ("https://hub.co.uk", "https://shop.co.uk", "elsewhere"),
        ("https://shop.example:8443/r", "https://shop.example", "elsewhere"),
        ("https://hub.example", "", "elsewhere"),
        ("http://127.0.0.1:8700", "http://127.0.0.1:8700", "path"),
    ],
)
def test_nearness(origin: str, shop: str, near: str) -> None:
    assert nearness(origin, shop) == near


def test_origins() -> None:
    both = {"https://shop.example", "https://www.shop.example"}
    assert origins_of("https://www.shop.example/nl") == origins_of("https://shop.example") == both
    assert origins_of("") == frozenset()


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://Shop.example/a?b", "https://shop.example"),
        ("https://shop.example?x=/", "https://shop.example"),
        ("https://shop.example@evil.example/", "https://evil.example"),
        ("https://shop.example#@evil.example", "https://shop.example"),
        ("about:blank", ""),
        ("", ""),
    ],
)
def test_origin_of(url: str, origin: str) -> None:
    assert origin_of(url) == origin

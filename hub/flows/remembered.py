"""remembered: for how many days each family of browsers knows a device again here, and why.

What browsers do is no secret but scattered; each line names where it is written. The token lies in
the page's own storage; where the hub is on the shop's site also in a cookie of the server, which
gives it back once the visitor says yes again.
"""

from __future__ import annotations

from typing import Literal
from urllib.parse import urlsplit

import msgspec

from hub.core import Hub, SourceRow
from hub.flows.first_party import Nearness, nearness

Reason = Literal["cleared", "script", "cookie", "network"]
Hint = Literal["shop_url", "near", "network", "https"]
COOKIE_DAYS = 400  # RFC 6265bis, and Chromium, Firefox and Safari keep to it
SAFARI_SCRIPT_DAYS = 7  # WebKit: "Full Third-Party Cookie Blocking and More", 2020


class Browser(msgspec.Struct, frozen=True):
    """One family. `days`: after so many without a visit it is a stranger again; None: until the
    visitor clears it. `at_least`: so many if things are less fortunate than they look."""

    name: str
    days: int | None
    reason: Reason
    at_least: int | None = None


class Remembered(msgspec.Struct, frozen=True):
    """`near`: how the shop's pages reach the hub; `hints`: what would lengthen it."""

    near: Nearness
    browsers: tuple[Browser, ...]
    hints: tuple[Hint, ...]


def remembered(hub: Hub, source: SourceRow) -> Remembered:
    """What holds for the pages of this source."""
    origin = hub.settings.origin
    return how_long(
        nearness(origin, source.shop_url),
        https=urlsplit(origin).scheme == "https",
        told=bool(source.shop_url),
    )


def how_long(near: Nearness, *, https: bool, told: bool) -> Remembered:
    """The table for one situation. `told`: the address of the shop is known."""
    safari = {
        # The answer comes from the shop's own address: nothing shortens it.
        "path": Browser("Safari, iOS", COOKIE_DAYS, "cookie"),
        # WebKit, "Tracking Prevention": 7 days where the first half of both addresses differs.
        "sub-domain": Browser("Safari, iOS", COOKIE_DAYS, "network", at_least=SAFARI_SCRIPT_DAYS),
        "elsewhere": Browser("Safari, iOS", SAFARI_SCRIPT_DAYS, "script"),
    }[near]
    # Chromium, Firefox and Brave set no time to the storage of a page that is no known tracker.
    browsers = (
        Browser("Chrome, Edge, Samsung", None, "cleared"),
        safari,
        Browser("Firefox", None, "cleared"),
        Browser("Brave", None, "cleared"),
    )
    hints: list[Hint] = []
    if near == "elsewhere":
        hints.append("near" if told else "shop_url")
    elif near == "sub-domain":
        hints.append("network")
    if not https:
        hints.append("https")
    return Remembered(near, browsers, tuple(hints))

"""The shop's pages: whether our line stands on them, and which consent tool is there."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import msgspec

from hub.clock import from_ms
from hub.flows.doctor_net import Net
from hub.flows.health import Check
from hub.sdk.client import Moved, Response
from hub.sdk.clock import Clock
from hub.sdk.errors import HubError

MOVES = 3
QUIET = timedelta(days=2)
SKEW = timedelta(seconds=60)


class Pages(msgspec.Struct, frozen=True):
    """A source of events from a shop's pages: when it last called (None: never)."""

    name: str
    shop_url: str
    write_key: str
    last_seen: datetime | None


class Tool(msgspec.Struct, frozen=True):
    """A consent tool: how it is recognised in a page, and the settings that suit it."""

    name: str
    signature: str
    modes: tuple[str, ...]


# What the tools' own installation lines load; the first mode is the one to advise.
TOOLS = (
    Tool(
        "Shopify's privacy banner",
        r"consent-tracking-api|shopify[^\"']*privacy-banner",
        ("shopify",),
    ),
    Tool("Complianz", r"complianz-gdpr|cmplz-", ("wp", "gcm")),
    Tool("CookieYes", r"cdn-cookieyes\.com|cookie-law-info", ("gcm", "wp")),
    Tool("Cookiebot", r"consent\.cookiebot\.(?:com|eu)", ("gcm", "tcf")),
    Tool("OneTrust", r"cdn\.cookielaw\.org|otsdkstub\.js", ("gcm", "tcf")),
    Tool("Usercentrics", r"(?:app|web\.cmp)\.usercentrics\.eu|usercentrics-cmp", ("gcm", "tcf")),
    Tool("Didomi", r"sdk\.privacy-center\.org", ("tcf", "gcm")),
    Tool("consentmanager", r"(?:cdn|delivery)\.consentmanager\.(?:net|mgr)", ("tcf", "gcm")),
    Tool("Sourcepoint", r"cdn\.privacy-mgmt\.com", ("tcf",)),
    Tool("InMobi Choice", r"cmp\.(?:quantcast|inmobi)\.com", ("tcf",)),
    Tool("iubenda", r"(?:cs|cdn)\.iubenda\.com", ("gcm", "tcf")),
    Tool("CookieFirst", r"consent\.cookiefirst\.com", ("gcm",)),
    Tool("Cookie-Script", r"cdn\.cookie-script\.com", ("gcm",)),
    Tool("Axeptio", r"static\.axept\.io", ("gcm",)),
    Tool("Termly", r"app\.termly\.io", ("gcm",)),
    Tool("Borlabs Cookie", r"borlabs-cookie", ("gcm", "wp")),
    Tool("Real Cookie Banner", r"real-cookie-banner", ("gcm", "wp")),
    Tool("Klaro", r"klaro(?:-no-css|-no-translations)?(?:\.min)?\.js", ("off", "gcm")),
    Tool("tarteaucitron", r"tarteaucitron", ("off", "gcm")),
)


class _Scripts(HTMLParser):
    """The attributes of every script tag."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[dict[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "script":
            self.found.append({name: value or "" for name, value in attrs})


async def check_shop(
    pages: Pages, *, origin: str, consent: str, clock: Clock, net: Net
) -> AsyncIterator[Check]:
    """What one shop's front page tells."""
    try:
        answer = await _fetched(pages.shop_url, net)
    except HubError as error:
        yield Check(
            "shop",
            "look",
            str(error),
            "Correct the shop's address on the Sources page, or allow it in private_hosts.",
        )
        yield _last_seen(pages, clock, in_page=False)
        return
    html = answer.body.decode("utf-8", "replace")
    scripts = _Scripts()
    scripts.feed(html)
    ours = [s for s in scripts.found if _is_ours(s.get("src", ""), origin, pages.shop_url)]
    yield _line(pages, ours, origin, clock)
    mode = next((s["data-consent"] for s in ours if s.get("data-consent")), consent)
    yield consent_check(html, mode)
    yield from_date(answer.headers.get("date", ""), clock)


async def _fetched(url: str, net: Net) -> Response:
    client = net.client()
    try:
        for _ in range(MOVES):
            parts = urlsplit(url)
            bare = parts._replace(query="", fragment="", path=parts.path or "/").geturl()
            try:
                return await client.request("GET", bare, headers={"Accept": "text/html"})
            except Moved as error:
                url = urljoin(bare, error.location)
        return await client.request("GET", url.partition("?")[0], headers={"Accept": "text/html"})
    finally:
        await client.aclose()


def _is_ours(src: str, origin: str, page: str) -> bool:
    address = urljoin(f"{page}/", src).partition("?")[0]
    return re.fullmatch(re.escape(origin) + r"/s(\.[0-9A-Za-z_-]+)?\.js", address) is not None


def _line(pages: Pages, ours: list[dict[str, str]], origin: str, clock: Clock) -> Check:
    keys = {script.get("data-key", "") for script in ours}
    if pages.write_key in keys:
        return _last_seen(pages, clock, in_page=True)
    if ours:
        return Check(
            "snippet",
            "bad",
            f"{pages.shop_url} has it with another key",
            f"Copy the line of the source {pages.name} again.",
        )
    return _last_seen(pages, clock, in_page=False)


def _last_seen(pages: Pages, clock: Clock, *, in_page: bool) -> Check:
    where = f"on {pages.shop_url}" if in_page else f"not in the page of {pages.shop_url}"
    if pages.last_seen is None:
        if in_page:
            return Check(
                "snippet",
                "look",
                f"{where}, but it never called",
                "Open the shop in a browser and look for errors in its console.",
            )
        return Check(
            "snippet",
            "bad",
            f"{where}, and it never called",
            f"Put the line of the source {pages.name} on every page.",
        )
    said = f"{where}; last call {pages.last_seen:%Y-%m-%d %H:%M} UTC"
    if clock.now() - pages.last_seen > QUIET:
        return Check("snippet", "look", said, "See whether the line is still on every page.")
    # A tag manager adds it in the browser, which is fine.
    return Check("snippet", "good", f"seen {said}")


def consent_check(html: str, mode: str) -> Check:
    """Whether the consent tool of a page and the setting fit."""
    found = [tool for tool in TOOLS if re.search(tool.signature, html, re.IGNORECASE)]
    if not found:
        if mode in ("own", "off", "auto"):
            return Check("consent", "good", f"no other tool on the page; consent = {mode}")
        return Check(
            "consent",
            "look",
            f"consent = {mode}, but no tool is in the page",
            'Fine if a tag manager loads it; else set consent = "own" in hub.toml.',
        )
    names = " and ".join(tool.name for tool in found)
    if mode == "auto" or any(mode in tool.modes for tool in found):
        return Check("consent", "good", f"{names}; consent = {mode}")
    fits = found[0].modes[0]
    if mode == "own":
        return Check(
            "consent",
            "look",
            f"{names} and the hub's banner both ask visitors",
            f'Set consent = "{fits}" in hub.toml and restart the hub.',
        )
    return Check(
        "consent",
        "look",
        f"{names} does not speak {mode}",
        f'Set consent = "{fits}" in hub.toml and restart the hub.',
    )


def from_date(text: str, clock: Clock) -> Check:
    """Our clock beside that of another machine, which is as near as we get without NTP."""
    try:
        other = parsedate_to_datetime(text)
        behind = clock.now() - other
    except (ValueError, TypeError):
        return Check("clock", "good", f"{clock.now():%Y-%m-%d %H:%M:%S} UTC")
    if abs(behind) > SKEW:
        return Check(
            "clock",
            "bad",
            f"{abs(behind).total_seconds():.0f} s apart from the shop's",
            "Switch on network time: timedatectl set-ntp true.",
        )
    return Check("clock", "good", "as the shop's")


def seen_at(ms: int) -> datetime | None:
    """The moment of a stored time; 0 stands for never."""
    return from_ms(ms) if ms else None

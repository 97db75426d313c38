"""How somebody came: the first and the last touch, by the time of the visit.

Whatever the order in which entries arrive or nodes are added up, the answer is the same: the first
is the earliest of all, and beside it the newest that was no direct visit and the newest direct one
are kept. Which of the two counts as the last is told when asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec

KEPT_MS = 30 * 86_400_000  # a direct visit does not outdo a campaign of the last 30 days
CHARS = 100
UTM = ("source", "medium", "campaign", "term", "content")
# What each click id says of where the click was; its value is not kept here.
CLICKS = {
    "gclid": ("google", "paid"), "gbraid": ("google", "paid"), "wbraid": ("google", "paid"),
    "dclid": ("google", "paid"), "msclkid": ("bing", "paid"), "fbclid": ("facebook", "social"),
    "ttclid": ("tiktok", "social"), "twclid": ("x", "social"), "li_fat_id": ("linkedin", "social"),
    "epik": ("pinterest", "social"), "ScCid": ("snapchat", "social"),
}  # fmt: skip
SEARCH = frozenset(
    "google bing duckduckgo yahoo ecosia qwant yandex baidu startpage brave".split()
)  # fmt: skip
SOCIAL = frozenset(
    "facebook instagram twitter x linkedin pinterest reddit tiktok youtube snapchat whatsapp "
    "threads t lnkd".split()
)
MAIL = frozenset(("mail", "outlook", "webmail"))
# Coming back from paying is not a new way of coming.
PAYING = frozenset("paypal mollie adyen stripe klarna sofort worldpay multisafepay".split())


class Touch(msgspec.Struct, array_like=True, frozen=True):
    """`kind`: direct, search, social, email, paid, referral or campaign. `click`: the name of a
    click id. `landing`: the path of the page."""

    at: int
    seq: int
    kind: str
    source: str = ""
    medium: str = ""
    campaign: str = ""
    term: str = ""
    content: str = ""
    click: str = ""
    landing: str = ""


def read_touch(body: Mapping[str, Any], at: int, seq: int) -> Touch | None:
    """The touch of a page view, or None when it came from a page of the shop itself."""
    context = _fields(body.get("context"))
    page = {**_fields(context.get("page")), **_fields(body.get("properties"))}
    try:
        here, before = urlsplit(_text(page, "url", 4000)), urlsplit(_text(page, "referrer", 4000))
        host, came = here.hostname or "", before.hostname or ""
    except ValueError:
        return None
    asked = parse_qs(here.query, max_num_fields=200) if here.query.count("&") < 200 else {}
    query = {name: values[0] for name, values in asked.items()}
    told = _fields(context.get("campaign"))
    utm = {name: _text(query, f"utm_{name}") or _text(told, name) for name in UTM}
    utm["campaign"] = utm["campaign"] or _text(told, "name")
    click = next((name for name in CLICKS if query.get(name)), "")
    landing = here.path[:CHARS]
    if click or utm["source"] or utm["medium"] or utm["campaign"]:
        source, kind = CLICKS.get(click, ("", "campaign"))
        utm["source"] = utm["source"] or source
        kind = _by_medium(utm["medium"]) or kind
        return Touch(at, seq, kind, **utm, click=click, landing=landing)
    if not came:
        return Touch(at, seq, "direct", landing=landing)
    if _site(came) == _site(host) or _name(came) in PAYING:
        return None
    return Touch(at, seq, _by_host(came), source=came.removeprefix("www.")[:CHARS], landing=landing)


def add_touch(touches: dict[str, Touch], touch: Touch) -> None:
    """Take one over: the earliest, the newest, and the newest direct one stay."""
    first = touches.get("first")
    if first is None or (touch.at, touch.seq) < (first.at, first.seq):
        touches["first"] = touch
    key = "direct" if touch.kind == "direct" else "last"
    old = touches.get(key)
    if old is None or (touch.at, touch.seq) > (old.at, old.seq):
        touches[key] = touch


def last_touch(touches: Mapping[str, Touch]) -> Touch | None:
    """How she came last: a direct visit counts only long after anything else."""
    last, direct = touches.get("last"), touches.get("direct")
    if last is None or (direct is not None and direct.at - last.at > KEPT_MS):
        return direct
    return last


def _by_medium(medium: str) -> str:
    word = medium.casefold()
    if word in {"email", "e-mail", "newsletter", "mail"}:
        return "email"
    if word in {"cpc", "ppc", "cpm", "display", "retargeting"} or word.startswith("paid"):
        return "paid"
    return "social" if word.startswith("social") else ""


def _by_host(host: str) -> str:
    labels = host.split(".")
    if labels[0] in MAIL:
        return "email"
    name = _name(host)
    if name in SEARCH:
        return "search"
    return "social" if name in SOCIAL else "referral"


def _name(host: str) -> str:
    """The word of a host that names its owner: google of www.google.co.uk."""
    labels = host.split(".")
    if len(labels) < 2:
        return host
    short = len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in {"co", "com", "org", "net"}
    return labels[-3] if short else labels[-2]


def _site(host: str) -> str:
    labels = host.split(".")
    return ".".join(labels[labels.index(_name(host)) :]) if len(labels) > 1 else host


def _fields(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(fields: Mapping[str, Any], name: str, chars: int = CHARS) -> str:
    value = fields.get(name)
    return value.strip()[:chars] if isinstance(value, str) else ""

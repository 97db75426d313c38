"""The rules of merging: what never joins anybody, and how much one person may be made of.

What names somebody stands in three tiers: accounts (customer, user), addresses (e-mail, phone) and
browsers (device, anonymous id). Accounts and addresses join each other as the shop says, in any
order. A browser joins whom it is proved to be, but never two accounts of one shop or two addresses:
the first one stays, and when too many follow it is marked as shared and joins nobody. An address
typed at a checkout is as weak: anybody can type anybody's. So what arrives first matters for weak
proofs, for claims and where a limit is reached; everywhere else the order of arrival does not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import translate

import msgspec

from hub.settings import Merging

ACCOUNT_TYPES = frozenset({"customer", "user"})
BROWSER_TYPES = frozenset({"device", "anonymous"})
# Two proved ones of these are two people, when only a browser stands between them.
ONLY_ONE = frozenset({"customer", "user", "email"})
# Mailboxes that shops, tills and marketplaces fill in for everybody. "info" and the like are left
# to the limits: many a small company buys with such an address.
ROLES = frozenset(
    "abuse anonymous donotreply do-not-reply do_not_reply example fake guest invalid mailer-daemon "
    "nobody noemail no-email nomail no-mail none noreply no-reply no_reply null postmaster test "
    "tester testing undefined unknown".split()
)
_GROUP = {
    "customer": "accounts", "user": "accounts", "email": "emails", "phone": "phones",
    "device": "browsers", "anonymous": "browsers",
}  # fmt: skip
_CALLED = {
    "accounts": "accounts of one shop", "emails": "e-mail addresses", "phones": "phone numbers",
    "browsers": "browsers",
}  # fmt: skip


class Rules(msgspec.Struct, frozen=True):
    """How many identifiers one person may have, of any kind and of each; 0: no limit of its own.
    `accounts` counts those of one shop, and is also how many may share an address;
    `accounts_per_browser`: how many may sign in on one browser before it belongs to nobody."""

    identifiers: int = 300
    accounts: int = 0
    emails: int = 0
    phones: int = 0
    browsers: int = 0
    accounts_per_browser: int = 0
    own_junk: re.Pattern[str] | None = None

    def junk(self, kind: str, value: str) -> str:
        """Why this value names nobody in particular, or ""."""
        text = value.lower()
        if kind == "email" and text.partition("@")[0].partition("+")[0] in ROLES:
            return "an address that stands for nobody"
        if self.own_junk is not None and self.own_junk.match(text):
            return "on the list of values that stand for nobody"
        return ""

    def shared_after(self, kind: str) -> int:
        """With how many accounts of one shop this kind of identifier may be linked; 0: any."""
        return self.accounts_per_browser if kind in BROWSER_TYPES else self.accounts

    @property
    def least(self) -> int:
        """So few identifiers are never too many of anything."""
        limits = (self.accounts, self.emails, self.phones, self.browsers)
        return min([self.identifiers, *(n for n in limits if n)])

    def too_many(self, places: Iterable[tuple[str, str]]) -> str:
        """Which limit these (type, namespace) exceed as one person, in words, or ""."""
        counts: dict[tuple[str, str], int] = {}
        for kind, namespace in places:
            group = _GROUP.get(kind, "")
            key = (kind, namespace) if group == "accounts" else (group, "")
            counts[key] = counts.get(key, 0) + 1
        for (kind, _), count in sorted(counts.items()):
            group = _GROUP.get(kind, kind)
            limit = getattr(self, group) if group in _CALLED else 0
            if limit and count > limit:
                return f"more than {limit} {_CALLED[group]} for one person"
        return ""


def make_rules(said: Merging) -> Rules:
    """The rules as the settings say them."""
    patterns = [translate(line.strip().lower()) for line in said.junk if line.strip().strip("*")]
    return Rules(
        said.identifiers or Rules().identifiers,
        said.accounts, said.emails, said.phones, said.browsers,
        said.accounts_per_browser, re.compile("|".join(patterns)) if patterns else None,
    )  # fmt: skip

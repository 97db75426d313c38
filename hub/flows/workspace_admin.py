"""What people change of the workspace: its name and zone, and what visitors are asked."""

from __future__ import annotations

from collections.abc import Mapping
from zoneinfo import available_timezones

import yaml

from hub.clock import to_ms
from hub.core import Hub
from hub.flows.workspace import CONSENT, load_workspace
from hub.sdk.money import currency_code
from hub.store.models import Workspace

KIND, KEY = "consent_text", "site"
# The words of the consent banner and how long each may be.
WORDS = {
    "title": 120, "text": 1000, "accept": 60, "decline": 60, "manage": 60, "analytics": 200,
    "personalisation": 200, "save": 60,
}  # fmt: skip


class WrongSetting(Exception):
    """A field can not be taken; `field` names the place, the message the remedy."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def zones() -> list[str]:
    """Every time zone that can be chosen."""
    return sorted(name for name in available_timezones() if "/" in name or name == "UTC")


async def change_workspace(
    hub: Hub, *, name: str, timezone: str, currency: str, locale: str
) -> None:
    """Raises WrongSetting. Days and reports follow the zone from now on."""
    if not name.strip():
        raise WrongSetting("name", "write the name of the shop")
    if timezone not in available_timezones():
        raise WrongSetting("timezone", "choose a time zone such as Europe/Amsterdam")
    try:
        currency = currency_code(currency.strip().upper(), "currency")
    except Exception as error:
        raise WrongSetting("currency", "three letters, such as EUR") from error
    if not _is_language(locale):
        raise WrongSetting("locale", "two letters, such as en, nl or de")
    values = {"name": name.strip()[:100], "timezone": timezone, "currency": currency}
    await Workspace.filter(id=1).update(locale=locale, **values)
    await load_workspace(hub)


async def change_consent_words(
    hub: Hub, language: str, words: Mapping[str, str], *, author: str
) -> int:
    """Set what visitors are asked in one language; answer the version. Raises WrongSetting.

    Each change is kept for good as a version: a recorded consent names the version that its
    giver read, and this proves what it said.
    """
    if not _is_language(language):
        raise WrongSetting("language", "two letters, such as en, nl or de")
    cleaned = {key: _clean(key, words.get(key, "")) for key in WORDS}
    async with hub.database.transaction() as transaction:
        rows = await transaction.fetch(
            "SELECT COALESCE(MAX(version), 0) FROM config_version WHERE kind = ? AND key = ?",
            (KIND, KEY),
        )
        version = int(rows[0][0]) + 1
        texts = {**consent_words(hub), language: cleaned}
        written = yaml.safe_dump(texts, allow_unicode=True, sort_keys=True)
        await transaction.execute(
            "INSERT INTO config_version (kind, key, version, yaml, published_at, author) "
            "VALUES (?,?,?,?,?,?)",
            (KIND, KEY, version, written, to_ms(hub.clock.now()), author),
        )
    consent = {**hub.workspace.consent, "texts": texts, "text_version": f"site-{version}"}
    await Workspace.filter(id=1).update(consent=consent)
    await load_workspace(hub)
    return version


def consent_words(hub: Hub) -> dict[str, dict[str, str]]:
    """language -> the words of the banner."""
    texts = hub.workspace.consent.get("texts")
    return dict(texts) if isinstance(texts, dict) else {}


def first_words() -> dict[str, str]:
    """The words to begin with."""
    texts = CONSENT["texts"]
    assert isinstance(texts, dict)
    return dict(texts["en"])


def _clean(key: str, value: str) -> str:
    text = " ".join(value.split())
    if not text:
        raise WrongSetting(key, "visitors need every one of these texts")
    if len(text) > WORDS[key]:
        raise WrongSetting(key, f"longer than {WORDS[key]} characters")
    return text


def _is_language(tag: str) -> bool:
    return len(tag) == 2 and tag.isascii() and tag.isalpha() and tag.islower()

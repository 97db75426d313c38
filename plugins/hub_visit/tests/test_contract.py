"""The four conditions of a visit withstand what every condition must."""

from __future__ import annotations

from hub_visit.conditions import Campaign, Device, Locale, Page

from hub.sdk.conditions import Context
from hub.sdk.testing import ConditionContract


class TestPage(ConditionContract):
    condition = Page
    examples = (
        {"field": "path", "op": "starts_with", "value": "/sale"},
        {"field": "product", "op": "exists"},
        {"field": "category", "op": "in", "value": ["sale", "new"]},
    )


class TestDevice(ConditionContract):
    condition = Device
    examples = ({"is": "phone"}, {"is": "desktop"}, {"is": "tablet"})


class TestCampaign(ConditionContract):
    condition = Campaign
    examples = ({"field": "source", "op": "is", "value": "mail"}, {"field": "name", "op": "exists"})


class TestLocale(ConditionContract):
    condition = Locale
    examples = ({"is": "nl"}, {"is": "fr-BE"})
    contexts = (Context(locale="nl_BE"), Context(locale="NL"), Context(locale="nld"))

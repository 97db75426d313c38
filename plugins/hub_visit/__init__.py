"""Conditions about the visit of this moment: page, device, campaign, language."""

from __future__ import annotations

from collections.abc import Sequence

from hub.sdk.conditions import Condition
from hub.sdk.hookspecs import hookimpl
from hub_visit.conditions import Campaign, Device, Locale, Page

requires_sdk = ">=1.0,<2"


@hookimpl
def register_conditions() -> Sequence[type[Condition]]:
    """The four that need nothing stored, and so work without consent."""
    return (Page, Device, Campaign, Locale)

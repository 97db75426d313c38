"""The workspace row: name, zone, currency, consent texts, and the switch that pauses all output."""

from __future__ import annotations

import msgspec

from hub.core import Hub, WorkspaceRow
from hub.store.models import Workspace

# What visitors are asked by the hub's own consent banner. A changed text gets a new version.
CONSENT = {
    "mode": "own",
    "text_version": "2026-11",
    "remember_decline": False,
    "texts": {
        "en": {
            "title": "May we remember you?",
            "text": "With your permission we remember what you look at, to show you things you "
            "may like. You can change your mind at any time.",
            "accept": "Yes, remember me",
            "decline": "No, thanks",
            "manage": "Choose",
            "analytics": "Count visits and what is looked at",
            "personalisation": "Show me things that fit me",
            "save": "Save my choice",
        },
    },
}


async def load_workspace(hub: Hub) -> None:
    """Read the workspace, made from the settings at the first start."""
    settings = hub.settings
    row, _ = await Workspace.get_or_create(
        id=1,
        defaults={
            "name": settings.workspace,
            "timezone": settings.timezone,
            "currency": settings.currency,
            "locale": settings.locale,
            "consent": CONSENT,
        },
    )
    consent = row.consent if isinstance(row.consent, dict) else {}
    hub.workspace = WorkspaceRow(
        row.name,
        row.timezone,
        row.currency,
        row.locale,
        row.pause_output,
        {**CONSENT, **consent, "mode": settings.consent},
    )


async def pause_output(hub: Hub, paused: bool) -> None:
    """Stop, or start again, every widget and message."""
    await Workspace.filter(id=1).update(pause_output=paused)
    hub.workspace = msgspec.structs.replace(hub.workspace, pause_output=paused)

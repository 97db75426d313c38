"""Settings documents of other collectors, in the shapes that they serve."""

from __future__ import annotations

import orjson
import pytest

from hub.imports.old_settings import OldDestination, UnknownDocument, read_old_settings

SEGMENT = {
    "integrations": {
        "Segment.io": {"apiKey": "k", "versionSettings": {"componentTypes": ["browser"]}},
        "Google Analytics": {"trackingId": "UA-1", "bundlingStatus": "bundled"},
        "Hotjar": {"versionSettings": {"version": "2", "componentTypes": ["browser", "server"]}},
        "Webhooks": {"type": "server", "versionSettings": {"componentTypes": []}},
        "Facebook Pixel": {"type": "browser"},
        "TikTok Pixel": {},
        "Odd": 7,
    },
    "remotePlugins": [{"name": "TikTok Pixel (Actions)", "creationName": "TikTok Pixel"}, 5],
    "plan": {"track": {
        "__default": {"enabled": True}, "Noise": {"enabled": False}, "Kept": {"enabled": True},
    }},
}  # fmt: skip
RUDDER = {
    "source": {
        "id": "1",
        "destinations": [
            {"name": "my ga", "enabled": True, "config": {"connectionMode": {"web": "device"}},
             "destinationDefinition": {"name": "GA4", "displayName": "Google Analytics 4"}},
            {"name": "crm", "enabled": True, "config": {"useNativeSDK": {"web": False}},
             "destinationDefinition": {"name": "HS"}},
            {"name": "old", "enabled": False, "config": {"useNativeSDK": True}},
            "odd",
        ],
    }
}  # fmt: skip


def test_what_segment_sent_and_from_where() -> None:
    old = read_old_settings("segment", orjson.dumps(SEGMENT))
    assert old.destinations == (
        OldDestination("Facebook Pixel", "browser"),
        OldDestination("Google Analytics", "browser"),
        OldDestination("Hotjar", "browser"),
        OldDestination("Odd", "server"),
        OldDestination("TikTok Pixel", "browser"),
        OldDestination("Webhooks", "server"),
    )
    assert old.blocked == ("Noise",)


def test_what_rudderstack_sent_and_from_where() -> None:
    assert read_old_settings("rudderstack", orjson.dumps(RUDDER)).destinations == (
        OldDestination("Google Analytics 4", "browser"),
        OldDestination("HS", "server"),
        OldDestination("old", "browser", enabled=False),
    )


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"<html>", "not JSON"), (b"[]", "not a JSON object"), (b"{}", "is it GET"),
        (b'{"source": {}, "integrations": 5}', "is it GET"),
    ],
)  # fmt: skip
def test_another_text_says_what_was_looked_for(raw: bytes, said: str) -> None:
    for collector in ("segment", "rudderstack"):
        with pytest.raises(UnknownDocument, match=said):
            read_old_settings(collector, raw)  # type: ignore[arg-type]

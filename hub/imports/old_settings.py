"""What the settings document of another collector says: where it sent events, and from where.

Both collectors serve the document to every browser, so anybody with the write key can read it.
Its keys and secrets are not taken over: only names are.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec
import orjson

Collector = Literal["segment", "rudderstack"]
Mode = Literal["browser", "server"]

# The collector's own entries.
_OWN = {"segment.io", "rudderstack", "repeater"}


class UnknownDocument(Exception):
    """The text is no settings document of this collector; the message says what was looked for."""


class OldDestination(msgspec.Struct, frozen=True, order=True):
    """One place that got events. `browser`: its script ran on the shop's pages."""

    name: str
    mode: Mode
    enabled: bool = True


class OldSettings(msgspec.Struct, frozen=True):
    """`blocked`: event names that the old side was told not to pass on."""

    destinations: tuple[OldDestination, ...]
    blocked: tuple[str, ...] = ()


def read_old_settings(collector: Collector, raw: bytes) -> OldSettings:
    """The document as either collector serves it. Raises UnknownDocument."""
    try:
        document = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise UnknownDocument(f"the document is not JSON ({error})") from error
    if not isinstance(document, dict):
        raise UnknownDocument("the document is not a JSON object")
    return _segment(document) if collector == "segment" else _rudderstack(document)


def _segment(document: Mapping[str, Any]) -> OldSettings:
    integrations = document.get("integrations")
    if not isinstance(integrations, dict):
        raise UnknownDocument("no 'integrations' in it: is it GET /v1/projects/KEY/settings?")
    remote = {_text(plugin, "creationName") or _text(plugin, "name")
              for plugin in _objects(document.get("remotePlugins"))}  # fmt: skip
    names = {name for name in (*integrations, *remote) if name and name.lower() not in _OWN}
    found = [
        OldDestination(name, "browser" if name in remote or _in_page(integrations.get(name))
                       else "server")
        for name in names
    ]  # fmt: skip
    plan = document.get("plan")
    track = plan.get("track") if isinstance(plan, dict) else None
    blocked = [
        name
        for name, rule in (track.items() if isinstance(track, dict) else ())
        if name != "__default" and isinstance(rule, dict) and rule.get("enabled") is False
    ]
    return OldSettings(tuple(sorted(found)), tuple(sorted(blocked)))


def _in_page(settings: object) -> bool:
    if not isinstance(settings, dict):
        return False
    versions = settings.get("versionSettings")
    parts = versions.get("componentTypes") if isinstance(versions, dict) else None
    return (
        settings.get("bundlingStatus") == "bundled"
        or settings.get("type") == "browser"
        or (isinstance(parts, list) and "browser" in parts)
    )


def _rudderstack(document: Mapping[str, Any]) -> OldSettings:
    source = document.get("source")
    listed = source.get("destinations") if isinstance(source, dict) else None
    if not isinstance(listed, list):
        raise UnknownDocument("no 'source.destinations' in it: is it GET /sourceConfig?")
    found = []
    for line in _objects(listed):
        kind = line.get("destinationDefinition")
        name = _text(kind, "displayName") or _text(kind, "name") or _text(line, "name")
        if name:
            mode: Mode = "browser" if _by_device(line.get("config")) else "server"
            found.append(OldDestination(name, mode, line.get("enabled") is not False))
    return OldSettings(tuple(sorted(found)))


def _by_device(config: object) -> bool:
    if not isinstance(config, dict):
        return False
    said: list[object] = []
    for key in ("connectionMode", "useNativeSDK"):
        value = config.get(key)
        said.append(value.get("web") if isinstance(value, dict) else value)
    return said[0] in ("device", "hybrid") or said[1] is True


def _objects(value: object) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _text(value: object, key: str) -> str:
    found = value.get(key) if isinstance(value, dict) else None
    return found[:200] if isinstance(found, str) else ""

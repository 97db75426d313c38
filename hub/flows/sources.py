"""Sources of events and their write keys."""

from __future__ import annotations

import secrets
from functools import lru_cache, partial
from typing import cast
from urllib.parse import urlsplit

import yaml

from hub.core import Hub, SourceRow
from hub.decisions.plain_yaml import load
from hub.ingest.field_rules import Action, FieldRule, FieldRules
from hub.ingest.plan import InvalidPlan, Plan
from hub.store.models import FieldRuleRow, Source, TrackingPlan

KINDS = ("browser", "server", "connector", "import")


async def load_sources(hub: Hub) -> None:
    """Read all sources into the hub."""
    fields = await _field_rules(hub)
    plans = await _plans(hub)
    hub.set_sources(
        [
            _row(source, fields.get(source.id), plans.get(source.id))
            for source in await Source.all().order_by("id")
        ]
    )


async def _field_rules(hub: Hub) -> dict[int, FieldRules]:
    found: dict[int, list[FieldRule]] = {}
    for row in await FieldRuleRow.all().order_by("id"):
        action = cast(Action, row.action)
        rule = FieldRule(row.scope, row.name, row.path, action)
        found.setdefault(row.source_id, []).append(rule)
    digest = partial(hub.privacy.digest, "", "field")
    return {source_id: FieldRules(rules, digest) for source_id, rules in found.items()}


async def _plans(hub: Hub) -> dict[int, Plan]:
    """Compiled when a plan is new or another one."""
    found = {}
    for row in await TrackingPlan.all():
        try:
            found[row.source_id] = _compiled(row.text)
        except (InvalidPlan, yaml.YAMLError, ValueError) as error:
            hub.attention[f"tracking plan of source {row.source_id}"] = f"is not in force: {error}"
    return found


@lru_cache(maxsize=64)
def _compiled(text: str) -> Plan:
    return Plan(load(text))


async def create_source(
    hub: Hub, *, name: str, kind: str, shop: str, shop_url: str = ""
) -> SourceRow:
    """A new source with a fresh key. Raises ValueError naming the field."""
    if kind not in KINDS:
        raise ValueError(f"kind: '{kind}' is not one of {', '.join(KINDS)}")
    if not name.strip():
        raise ValueError("name: give the source a name")
    if not shop.strip() or len(shop) > 64:
        raise ValueError("shop: a short name of the shop, at most 64 characters")
    if shop_url and urlsplit(shop_url).scheme not in ("http", "https"):
        raise ValueError("shop_url: must start with https:// (or http://)")
    prefix = {"browser": "wk", "server": "sk"}.get(kind, "ik")
    source = await Source.create(
        name=name.strip()[:100],
        kind=kind,
        shop=shop.strip(),
        shop_url=shop_url.rstrip("/"),
        write_key=f"{prefix}_{secrets.token_urlsafe(18)}",
    )
    await load_sources(hub)
    return _row(source)


def _row(source: Source, fields: FieldRules | None = None, plan: Plan | None = None) -> SourceRow:
    return SourceRow(
        source.id, source.name, source.kind, source.shop, source.shop_url, source.write_key,
        source.browser_identify, source.enabled, (source.token_oldest, source.token_newest),
        fields, plan,
    )  # fmt: skip

"""Tracking plans, and where events differ from them."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

from hub.registry import Held
from hub.store.models.row_id import IdField


class TrackingPlan(Model):
    """The plan of one source: YAML with a JSON Schema for each event."""

    source_id = IdField(primary_key=True, generated=False)
    text = fields.TextField()
    author = fields.CharField(max_length=320)
    at = fields.BigIntField()

    held = Held(
        purpose="What the events of a source should hold",
        kept="workspace",
        columns={"technical": "source_id at", "configuration": "text", "staff": "author"},
    )

    class Meta:
        table = "tracking_plan"


class PlanFault(Model):
    """How often a field of an event differed from the plan, and when last. It holds no values."""

    id = fields.BigIntField(primary_key=True)
    source_id = fields.IntField()
    scope = fields.CharField(max_length=8)
    name = fields.CharField(max_length=128)
    path = fields.CharField(max_length=200)
    rule = fields.CharField(max_length=40)
    n = fields.BigIntField()
    seen_at = fields.BigIntField()

    held = Held(
        purpose="To see where events differ from the plan",
        kept="workspace",
        columns={"technical": "id source_id n seen_at", "configuration": "scope name path rule"},
    )

    class Meta:
        table = "plan_fault"
        unique_together = (("source_id", "scope", "name", "path", "rule"),)

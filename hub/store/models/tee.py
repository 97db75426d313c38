"""Passing events on to the collector that was there before, while a shop moves in."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

from hub.registry import Held


class Tee(Model):
    """Where the events of one source go as well. `seq`: the last entry that was dealt with,
    `since`: the last one before it began."""

    source_id = fields.IntField(primary_key=True, generated=False)
    url = fields.CharField(max_length=500)
    secret = fields.TextField()
    enabled = fields.BooleanField(default=True)
    seq = fields.BigIntField()
    since = fields.BigIntField()
    error = fields.TextField(default="")
    next_at = fields.BigIntField(default=0)

    held = Held(
        purpose="To try the hub beside the collector that was there before",
        kept="workspace",
        columns={
            "technical": "source_id seq since next_at error",
            "configuration": "url enabled",
            "secret": "secret",
        },
    )

    class Meta:
        table = "tee"


class TeeCount(Model):
    """What became of the events of one source, day and name on the other side."""

    id = fields.BigIntField(primary_key=True)
    source_id = fields.IntField()
    day = fields.IntField()
    name = fields.CharField(max_length=128)
    outcome = fields.CharField(max_length=8)  # sent | refused
    reason = fields.CharField(max_length=200)
    n = fields.BigIntField()

    held = Held(
        purpose="To show where both collectors differ",
        kept="workspace",
        columns={"technical": "id source_id day n outcome reason", "configuration": "name"},
    )

    class Meta:
        table = "tee_count"
        unique_together = (("source_id", "day", "name", "outcome", "reason"),)

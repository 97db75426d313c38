"""Events that were refused, kept to be mended and sent in again."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from hub.registry import Held


class DeadLetter(Model):
    """One refused event, or a batch refused whole. `at`: when it was received, in ms."""

    id = fields.BigIntField(primary_key=True)
    source_id = fields.IntField()
    at = fields.BigIntField(db_index=True)
    field = fields.CharField(max_length=64)
    topic = fields.CharField(max_length=120)  # the reason without what differs from one to another
    reason = fields.CharField(max_length=200)
    kind = fields.CharField(max_length=12)  # the type that the route named, "" or "batch"
    device = fields.CharField(max_length=64)  # that proved itself, or ""
    sent_at = fields.CharField(max_length=40)
    events = fields.IntField()
    size = fields.IntField()
    cut = fields.BooleanField()  # only the beginning was kept
    body = fields.TextField()

    held = Held(
        purpose="To mend refused events and take them in after all",
        kept="technical",
        note="nobody's until it is taken in; found by the names in it when somebody is erased",
        erase="letters",
        columns={
            "technical": "id source_id at field topic kind sent_at events size cut",
            "identifier": "device",
            "contact": "reason body",
        },
    )

    class Meta:
        table = "dead_letter"
        indexes = (Index(fields=("source_id", "field", "id"), name="dead_letter_place"),)

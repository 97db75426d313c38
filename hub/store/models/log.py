"""The log: the truth, append-only."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from hub.registry import Held
from hub.store.models.row_id import IdField


class Node(Model):
    """One identifier, first seen once. Its id never changes and is never reused."""

    id = IdField(primary_key=True, generated=False)
    namespace = fields.CharField(max_length=64)
    type = fields.CharField(max_length=32)
    value = fields.CharField(max_length=512)

    held = Held(
        purpose="To know an identifier again",
        kept="person",
        export="identifiers",
        erase="tombstone",
        columns={"technical": "id namespace type", "identifier": "value"},
    )

    class Meta:
        table = "node"
        unique_together = (("namespace", "type", "value"),)


class LogEntry(Model):
    seq = IdField(primary_key=True, generated=False)
    kind = fields.CharField(max_length=16)
    name = fields.CharField(max_length=128)
    node_id = fields.BigIntField(null=True)
    links = fields.TextField()  # JSON [[node_id, strength], ...] or ""
    at = fields.BigIntField()
    received_at = fields.BigIntField()
    source_id = fields.IntField()
    body = fields.JSONField[object]()

    held = Held(
        purpose="The truth that every profile, order and consent is made from",
        kept="behaviour",
        export="log",
        erase="log",
        columns={
            "technical": "seq kind name source_id at received_at",
            "identifier": "node_id links",
            "behaviour": "body",
        },
    )

    class Meta:
        table = "log"
        indexes = (Index(fields=("node_id", "at"), name="log_node_at"),)


class Dedupe(Model):
    """key = month (3 bytes) + source (4) + hash of the message id (16): ordered by month."""

    key = fields.BinaryField(primary_key=True, generated=False)
    seq = fields.BigIntField()
    body_hash = fields.BigIntField()

    held = Held(
        purpose="To store nothing twice",
        kept="workspace",
        note="hashes of message ids; those of an erased person's records go with the records",
        columns={"technical": "key seq body_hash"},
    )

    class Meta:
        table = "dedupe"


class IntakeCount(Model):
    """received = stored + duplicate + rejected(reason), per UTC day and source."""

    id = fields.BigIntField(primary_key=True)
    day = fields.IntField()
    source_id = fields.IntField()
    outcome = fields.CharField(max_length=12)
    reason = fields.CharField(max_length=64)
    n = fields.BigIntField()

    held = Held(
        purpose="To account for every event received",
        kept="proof",
        columns={"technical": "id day source_id outcome reason n"},
    )

    class Meta:
        table = "intake_count"
        unique_together = (("day", "source_id", "outcome", "reason"),)

"""What left the hub, and what was meant to."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model


class Outbox(Model):
    """One intended effect. The key makes it happen at most once however often it is planned."""

    id = fields.BigIntField(primary_key=True)
    key = fields.CharField(max_length=200, unique=True)
    channel = fields.CharField(max_length=16)
    kind = fields.CharField(max_length=32)
    purpose = fields.CharField(max_length=32)
    node_id = fields.BigIntField(null=True, db_index=True)
    payload = fields.JSONField[object]()
    state = fields.CharField(max_length=12)
    attempts = fields.IntField()
    next_at = fields.BigIntField()
    lease_until = fields.BigIntField()
    reason = fields.TextField()
    receipt = fields.TextField()
    created_at = fields.BigIntField()
    updated_at = fields.BigIntField()

    class Meta:
        table = "outbox"
        indexes = (Index(fields=("state", "next_at"), name="outbox_due"),)


class DecisionRow(Model):
    """What a page was answered: the inputs by reference, so that it can be asked why."""

    id = fields.CharField(max_length=32, primary_key=True)
    at = fields.BigIntField(db_index=True)
    node_id = fields.BigIntField(db_index=True)
    seq = fields.BigIntField()
    record = fields.JSONField[object]()

    class Meta:
        table = "decision"


class Refusal(Model):
    id = fields.BigIntField(primary_key=True)
    at = fields.BigIntField(db_index=True)
    output = fields.CharField(max_length=100)
    purpose = fields.CharField(max_length=32)
    reason = fields.CharField(max_length=64)
    node_id = fields.BigIntField(null=True)

    class Meta:
        table = "refusal"


class UsedToken(Model):
    jti = fields.CharField(max_length=64, primary_key=True)
    at = fields.BigIntField()

    class Meta:
        table = "used_token"

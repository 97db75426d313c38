"""What left the hub, and what was meant to."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from hub.registry import Held


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

    held = Held(
        purpose="To send each message once, and to know what became of it",
        kept="message",
        export="rows",
        erase="blank",
        key="node_id",
        columns={
            "technical": "id key channel kind purpose state attempts next_at lease_until "
            "created_at updated_at",
            "identifier": "node_id",
            "message": "payload reason receipt",
        },
    )

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

    held = Held(
        purpose="To answer why a page showed what it showed",
        kept="decision",
        export="rows",
        erase="delete",
        key="node_id",
        columns={"technical": "id at seq", "identifier": "node_id", "behaviour": "record"},
    )

    class Meta:
        table = "decision"


class Refusal(Model):
    id = fields.BigIntField(primary_key=True)
    at = fields.BigIntField(db_index=True)
    output = fields.CharField(max_length=100)
    purpose = fields.CharField(max_length=32)
    reason = fields.CharField(max_length=64)
    node_id = fields.BigIntField(null=True)

    held = Held(
        purpose="To answer why something was not sent",
        kept="message",
        export="rows",
        erase="release",
        key="node_id",
        columns={"technical": "id at output purpose reason", "identifier": "node_id"},
    )

    class Meta:
        table = "refusal"


class UsedToken(Model):
    jti = fields.CharField(max_length=64, primary_key=True)
    at = fields.BigIntField()

    held = Held(
        purpose="So that a link works once",
        kept="technical",
        export="no",
        erase="tokens",
        note="a number of a link, which says nothing",
        columns={"technical": "at", "identifier": "jti"},
    )

    class Meta:
        table = "used_token"

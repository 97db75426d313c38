"""Requests of people about their data, and the proof of what was done. No row names anybody."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from hub.registry import Held


class Erasure(Model):
    """One request to erase a person. `sealed` names her to the connected systems, encrypted with
    the key of the data folder, and is emptied when the last of them is done."""

    id = fields.BigIntField(primary_key=True)
    subject = fields.CharField(max_length=64, db_index=True)  # keyed hash
    asked_at = fields.BigIntField()
    asked_by = fields.CharField(max_length=320)
    state = fields.CharField(max_length=12)  # running | manual | done
    sealed = fields.TextField()
    counts = fields.JSONField[object]()
    finished_at = fields.BigIntField(default=0)
    receipt = fields.TextField(default="")

    held = Held(
        purpose="To carry out an erasure to its end and to prove it",
        kept="proof",
        note="keyed hashes, and encrypted names until the last system is done",
        columns={
            "technical": "id asked_at finished_at state counts receipt",
            "identifier": "subject sealed",
            "staff": "asked_by",
        },
    )

    class Meta:
        table = "erasure"


class ErasureStep(Model):
    """One system of an erasure. `state`: waiting | done | nothing | failed | manual."""

    id = fields.BigIntField(primary_key=True)
    erasure_id = fields.BigIntField()
    system = fields.CharField(max_length=100)
    state = fields.CharField(max_length=12)
    attempts = fields.IntField(default=0)
    next_at = fields.BigIntField(default=0)
    note = fields.TextField(default="")
    at = fields.BigIntField(default=0)

    held = Held(
        purpose="How far an erasure is in each system",
        kept="proof",
        columns={"technical": "id erasure_id system state attempts next_at note at"},
    )

    class Meta:
        table = "erasure_step"
        unique_together = (("erasure_id", "system"),)
        indexes = (Index(fields=("state", "next_at"), name="erasure_step_due"),)


class Suppression(Model):
    """An identifier that must not come back, as a keyed hash. `lifted_at`: she did it herself."""

    hash = fields.CharField(max_length=64, primary_key=True)
    kind = fields.CharField(max_length=32)  # the type of the identifier: email, order, device ...
    at = fields.BigIntField()
    erasure_id = fields.BigIntField(db_index=True)
    lifted_at = fields.BigIntField(default=0)
    lifted_by = fields.CharField(max_length=100, default="")

    held = Held(
        purpose="So that an erased person does not come back by a sync, an import or an old backup",
        kept="proof",
        note="keyed hashes: they name nobody without secret.key, and an erasure must leave them",
        columns={"technical": "kind at erasure_id lifted_at lifted_by", "identifier": "hash"},
    )

    class Meta:
        table = "suppression"


class Audit(Model):
    """Who saw, exported or erased whom. Each row carries a keyed hash over itself and the row
    before it, so that none can be changed or cut out unnoticed."""

    id = fields.BigIntField(primary_key=True, generated=False)
    at = fields.BigIntField(db_index=True)
    who = fields.CharField(max_length=320)
    action = fields.CharField(max_length=32)
    subject = fields.CharField(max_length=64)
    detail = fields.TextField()
    hash = fields.CharField(max_length=64)

    held = Held(
        purpose="To answer who saw or changed a person's data",
        kept="proof",
        columns={"technical": "id at action subject detail hash", "staff": "who"},
    )

    class Meta:
        table = "audit"


class JobRun(Model):
    """One firing of a nightly job; the slot makes it happen once."""

    id = fields.BigIntField(primary_key=True)
    job = fields.CharField(max_length=32)
    slot = fields.CharField(max_length=32)
    started_at = fields.BigIntField()
    finished_at = fields.BigIntField(default=0)
    counts = fields.JSONField[object](default=dict)

    held = Held(
        purpose="That a nightly job ran, once, and what it did",
        kept="proof",
        columns={"technical": "id job slot started_at finished_at counts"},
    )

    class Meta:
        table = "job_run"
        unique_together = (("job", "slot"),)


class PluginPersonState(Model):
    """What a plugin remembers of one person."""

    id = fields.BigIntField(primary_key=True)
    plugin = fields.CharField(max_length=100)
    key = fields.CharField(max_length=200)
    node_id = fields.BigIntField(db_index=True)
    value = fields.JSONField[object]()

    held = Held(
        purpose="What a plugin remembers of one person; see the keys it declares",
        kept="person",
        export="rows",
        erase="delete",
        key="node_id",
        columns={"technical": "id plugin key", "identifier": "node_id", "derived": "value"},
    )

    class Meta:
        table = "plugin_person_state"
        unique_together = (("plugin", "key", "node_id"),)

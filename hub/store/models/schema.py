"""What the dictionary of events has seen."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

from hub.registry import Held


class SeenKind(Model):
    """One event name of one source, or its traits; `data` holds its paths, types and examples."""

    id = fields.BigIntField(primary_key=True)
    source_id = fields.IntField()
    scope = fields.CharField(max_length=8)  # event | traits
    name = fields.CharField(max_length=128)  # "": the names that found no room
    n = fields.BigIntField()
    first_seen = fields.BigIntField()
    last_seen = fields.BigIntField()
    data = fields.JSONField[object]()

    held = Held(
        purpose="To know which events and fields arrive, and what they look like",
        kept="behaviour",
        note="a few single values without a name, never of fields that look personal",
        erase="examples",
        columns={
            "technical": "id source_id n first_seen last_seen",
            "configuration": "scope name",
            "behaviour": "data",
        },
    )

    class Meta:
        table = "seen_kind"
        unique_together = (("source_id", "scope", "name"),)


class FieldRuleRow(Model):
    """What becomes of one field of a source's events before they are stored."""

    id = fields.BigIntField(primary_key=True)
    source_id = fields.IntField()
    scope = fields.CharField(max_length=8)  # event | traits
    name = fields.CharField(max_length=128)
    path = fields.CharField(max_length=200)
    action = fields.CharField(max_length=8)  # drop | hash | keep
    author = fields.CharField(max_length=320)
    at = fields.BigIntField()

    held = Held(
        purpose="Which fields are left out or hashed before they are stored",
        kept="workspace",
        columns={"technical": "id source_id at", "configuration": "scope name path action",
                 "staff": "author"},
    )  # fmt: skip

    class Meta:
        table = "field_rule"
        unique_together = (("source_id", "scope", "name", "path"),)

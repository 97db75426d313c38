"""Who may write, where several processes share one database."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

from hub.registry import Held


class LeaseRow(Model):
    """One row per right. `token` grows with each holder: a write with an older one is refused."""

    name = fields.CharField(max_length=32, primary_key=True)
    token = fields.BigIntField()
    holder = fields.CharField(max_length=200)
    until = fields.BigIntField()

    held = Held(
        purpose="That one process alone projects and sends",
        kept="workspace",
        columns={"technical": "name token holder until"},
    )

    class Meta:
        table = "lease"

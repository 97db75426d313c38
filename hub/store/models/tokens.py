"""Tokens with which other programs of the shop ask the hub."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

from hub.registry import Held


class ApiToken(Model):
    """`hash`: SHA-256 of the token, which is shown once and kept nowhere. `scopes`: words with
    spaces between. `expires_at` 0: never."""

    id = fields.BigIntField(primary_key=True)
    name = fields.CharField(max_length=80)
    start = fields.CharField(max_length=12)
    hash = fields.CharField(max_length=64, unique=True)
    scopes = fields.CharField(max_length=200)
    created_at = fields.BigIntField()
    created_by = fields.CharField(max_length=320)
    expires_at = fields.BigIntField()
    used_at = fields.BigIntField(default=0)

    held = Held(
        purpose="To let other programs of the shop ask for profiles",
        kept="workspace",
        columns={
            "technical": "id created_at expires_at used_at",
            "configuration": "name scopes start",
            "secret": "hash",
            "staff": "created_by",
        },
    )

    class Meta:
        table = "api_token"

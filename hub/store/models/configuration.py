"""Settings, edited by people through the ORM."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class Workspace(Model):
    """One row. `pause_output` stops every widget and message at once."""

    id = fields.IntField(primary_key=True, generated=False)
    name = fields.CharField(max_length=100)
    timezone = fields.CharField(max_length=64)
    currency = fields.CharField(max_length=3)
    locale = fields.CharField(max_length=12)
    pause_output = fields.BooleanField(default=False)
    consent = fields.JSONField[object]()

    class Meta:
        table = "workspace"


class Source(Model):
    id = fields.IntField(primary_key=True)
    name = fields.CharField(max_length=100)
    kind = fields.CharField(max_length=16)  # browser | server | connector | import
    shop = fields.CharField(max_length=64)
    shop_url = fields.CharField(max_length=300, default="")
    write_key = fields.CharField(max_length=64, unique=True)
    browser_identify = fields.CharField(max_length=8, default="claim")
    enabled = fields.BooleanField(default=True)
    last_seen = fields.BigIntField(default=0)

    class Meta:
        table = "source"


class Connection(Model):
    """A connector set up by a person. `secret` is sealed with the key of the data folder."""

    id = fields.IntField(primary_key=True)
    connector = fields.CharField(max_length=64)
    name = fields.CharField(max_length=100)
    source_id = fields.IntField()
    config = fields.JSONField[object]()
    secret = fields.TextField()
    status = fields.CharField(max_length=16, default="ready")  # ready | syncing | attention | off
    progress = fields.JSONField[object](default=dict)
    last_error = fields.TextField(default="")
    last_sync_at = fields.BigIntField(default=0)

    class Meta:
        table = "connection"


class PluginState(Model):
    id = fields.BigIntField(primary_key=True)
    plugin = fields.CharField(max_length=100)
    key = fields.CharField(max_length=200)
    value = fields.JSONField[object]()

    class Meta:
        table = "plugin_state"
        unique_together = (("plugin", "key"),)


class ConfigVersion(Model):
    """A published text. Append-only; the highest version of a key is the live one."""

    id = fields.BigIntField(primary_key=True)
    kind = fields.CharField(max_length=32)
    key = fields.CharField(max_length=100)
    version = fields.IntField()
    yaml = fields.TextField()
    published_at = fields.BigIntField()
    author = fields.CharField(max_length=320)

    class Meta:
        table = "config_version"
        unique_together = (("kind", "key", "version"),)


class Draft(Model):
    id = fields.BigIntField(primary_key=True)
    kind = fields.CharField(max_length=32)
    key = fields.CharField(max_length=100)
    yaml = fields.TextField()
    base_version = fields.IntField()
    updated_at = fields.BigIntField()
    author = fields.CharField(max_length=320)

    class Meta:
        table = "draft"
        unique_together = (("kind", "key"),)


class Staff(Model):
    id = fields.IntField(primary_key=True)
    email = fields.CharField(max_length=320, unique=True)
    name = fields.CharField(max_length=100)
    role = fields.CharField(max_length=16)
    password_hash = fields.CharField(max_length=200)
    disabled = fields.BooleanField(default=False)
    created_at = fields.BigIntField()

    class Meta:
        table = "staff"


class StaffSession(Model):
    """The key is the SHA-256 of the cookie, so that a stolen backup opens no session."""

    token_hash = fields.CharField(max_length=64, primary_key=True)
    staff_id = fields.IntField(db_index=True)
    created_at = fields.BigIntField()
    used_at = fields.BigIntField()

    class Meta:
        table = "staff_session"


class LoginAttempt(Model):
    id = fields.BigIntField(primary_key=True)
    key = fields.CharField(max_length=64, db_index=True)
    at = fields.BigIntField()

    class Meta:
        table = "login_attempt"


class ImportRun(Model):
    """How far a file was imported; the file is known by its content."""

    id = fields.BigIntField(primary_key=True)
    digest = fields.CharField(max_length=64, unique=True)
    position = fields.BigIntField()
    done = fields.BooleanField()
    report = fields.JSONField[object]()
    updated_at = fields.BigIntField()

    class Meta:
        table = "import_run"

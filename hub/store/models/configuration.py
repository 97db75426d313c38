"""Settings, edited by people through the ORM."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

from hub.registry import Held


class Workspace(Model):
    """One row. `pause_output` stops every widget and message at once."""

    id = fields.IntField(primary_key=True, generated=False)
    name = fields.CharField(max_length=100)
    timezone = fields.CharField(max_length=64)
    currency = fields.CharField(max_length=3)
    locale = fields.CharField(max_length=12)
    pause_output = fields.BooleanField(default=False)
    consent = fields.JSONField[object]()

    held = Held(
        purpose="The settings of this workspace",
        kept="workspace",
        columns={
            "technical": "id",
            "configuration": "name timezone currency locale pause_output consent",
        },
    )

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
    # The secrets that sign shop tokens are derived from their numbers; these are in force.
    token_oldest = fields.IntField(db_default=0)
    token_newest = fields.IntField(db_default=0)

    held = Held(
        purpose="Where events come from",
        kept="workspace",
        columns={
            "technical": "id last_seen token_oldest token_newest",
            "configuration": "name kind shop shop_url browser_identify enabled",
            "secret": "write_key",
        },
    )

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

    held = Held(
        purpose="The connected systems, and how their last reading went",
        kept="workspace",
        export="no",
        erase="scrub",
        note="an error text may quote a record: it is blanked if it names the erased person",
        columns={
            "technical": "id source_id status progress last_sync_at",
            "configuration": "connector name config",
            "secret": "secret",
            "message": "last_error",
        },
    )

    class Meta:
        table = "connection"


class PluginState(Model):
    id = fields.BigIntField(primary_key=True)
    plugin = fields.CharField(max_length=100)
    key = fields.CharField(max_length=200)
    value = fields.JSONField[object]()

    held = Held(
        purpose="What a plugin remembers between two runs; see the keys it declares",
        kept="workspace",
        columns={"technical": "id plugin key value"},
        note="nothing about people: that stands in plugin_person_state",
    )

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

    held = Held(
        purpose="Every published text, and who published it",
        kept="workspace",
        columns={
            "technical": "id version published_at",
            "configuration": "kind key yaml",
            "staff": "author",
        },
    )

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

    held = Held(
        purpose="Texts that are being worked on",
        kept="workspace",
        columns={
            "technical": "id base_version updated_at",
            "configuration": "kind key yaml",
            "staff": "author",
        },
    )

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

    held = Held(
        purpose="Who may sign in to the admin pages",
        kept="workspace",
        columns={
            "technical": "id created_at",
            "staff": "email name role disabled",
            "secret": "password_hash",
        },
    )

    class Meta:
        table = "staff"


class StaffSession(Model):
    """The key is the SHA-256 of the cookie, so that a stolen backup opens no session."""

    token_hash = fields.CharField(max_length=64, primary_key=True)
    staff_id = fields.IntField(db_index=True)
    created_at = fields.BigIntField()
    used_at = fields.BigIntField()

    held = Held(
        purpose="Who is signed in",
        kept="technical",
        columns={"technical": "created_at used_at", "staff": "staff_id", "secret": "token_hash"},
    )

    class Meta:
        table = "staff_session"


class LoginAttempt(Model):
    id = fields.BigIntField(primary_key=True)
    key = fields.CharField(max_length=64, db_index=True)
    at = fields.BigIntField()

    held = Held(
        purpose="To slow down who guesses passwords",
        kept="technical",
        columns={"technical": "id at", "staff": "key"},
    )

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

    held = Held(
        purpose="How far a file was imported, and the first lines that could not be",
        kept="technical",
        export="no",
        erase="scrub",
        note="lines put aside belong to nobody: those that name the erased person are blanked",
        columns={"technical": "id digest position done updated_at", "contact": "report"},
    )

    class Meta:
        table = "import_run"

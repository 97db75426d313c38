"""Every table of a workspace.

Times named `at`, `*_at`, `*_seen` in the hot tables are whole milliseconds since 1970 UTC. The
hot tables are read and written by plain SQL (see `database.py`); the settings tables at the end
through the ORM.
"""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model


class IdField(fields.BigIntField):
    """A number given by the hub. INTEGER makes it SQLite's own row id: one index less to write."""

    class _db_sqlite:
        SQL_TYPE = "INTEGER"


# --- the log: the truth, append-only --------------------------------------------------------


class Node(Model):
    """One identifier, first seen once. Its id never changes and is never reused."""

    id = IdField(primary_key=True, generated=False)
    namespace = fields.CharField(max_length=64)
    type = fields.CharField(max_length=32)
    value = fields.CharField(max_length=512)

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

    class Meta:
        table = "log"
        indexes = (Index(fields=("node_id", "at"), name="log_node_at"),)


class Dedupe(Model):
    """key = month (3 bytes) + source (4) + hash of the message id (16): ordered by month."""

    key = fields.BinaryField(primary_key=True, generated=False)
    seq = fields.BigIntField()
    body_hash = fields.BigIntField()

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

    class Meta:
        table = "intake_count"
        unique_together = (("day", "source_id", "outcome", "reason"),)


# --- projections: rebuilt from the log ------------------------------------------------------


class Cursor(Model):
    name = fields.CharField(max_length=32, primary_key=True)
    seq = fields.BigIntField()

    class Meta:
        table = "cursor"


class NodeState(Model):
    node_id = IdField(primary_key=True, generated=False)
    seq = fields.BigIntField()
    state = fields.JSONField[object]()

    class Meta:
        table = "node_state"


class NodePerson(Model):
    """The only mutable map of identity: which person a node belongs to."""

    node_id = IdField(primary_key=True, generated=False)
    core_id = fields.BigIntField()
    person_id = fields.BigIntField(db_index=True)
    trusted = fields.BooleanField()

    class Meta:
        table = "node_person"


class LinkRow(Model):
    """What was said to belong together, by whom, and what became of it."""

    id = fields.BigIntField(primary_key=True)
    a = fields.BigIntField(db_index=True)
    b = fields.BigIntField(db_index=True)
    strength = fields.CharField(max_length=10)
    verdict = fields.CharField(max_length=12)  # joined | refused | waiting
    reason = fields.CharField(max_length=100)
    seq = fields.BigIntField()

    class Meta:
        table = "link"
        unique_together = (("a", "b", "strength"),)


class Person(Model):
    id = IdField(primary_key=True, generated=False)
    first_seen = fields.BigIntField()
    last_seen = fields.BigIntField(db_index=True)
    email = fields.CharField(max_length=320, db_index=True)
    name = fields.CharField(max_length=200)
    phone = fields.CharField(max_length=40)
    trusted = fields.BooleanField()
    events = fields.IntField()
    orders = fields.IntField()
    search = fields.TextField()  # casefolded e-mail, name, phone, ids
    traits = fields.JSONField[object]()

    class Meta:
        table = "person"


class ConsentRow(Model):
    seq = IdField(primary_key=True, generated=False)
    node_id = fields.BigIntField(db_index=True)
    purpose = fields.CharField(max_length=32)
    channel = fields.CharField(max_length=16)
    state = fields.CharField(max_length=12)
    basis = fields.CharField(max_length=16)
    text_version = fields.CharField(max_length=64)
    source = fields.CharField(max_length=64)
    at = fields.BigIntField()
    proof = fields.TextField()

    class Meta:
        table = "consent"


class ProductRow(Model):
    id = fields.BigIntField(primary_key=True)
    shop = fields.CharField(max_length=64)
    product_id = fields.CharField(max_length=128)
    title = fields.CharField(max_length=500)
    price = fields.BigIntField(null=True)
    currency = fields.CharField(max_length=3)
    url = fields.TextField()
    image_url = fields.TextField()
    category = fields.CharField(max_length=200)
    stock = fields.CharField(max_length=8)
    price_at = fields.BigIntField()
    published = fields.BooleanField()
    rank = fields.SmallIntField()
    updated_at = fields.BigIntField()
    data = fields.JSONField[object]()

    class Meta:
        table = "product"
        unique_together = (("shop", "product_id"),)


class ShopOrder(Model):
    id = fields.BigIntField(primary_key=True)
    shop = fields.CharField(max_length=64)
    order_id = fields.CharField(max_length=128)
    node_id = fields.BigIntField(null=True, db_index=True)
    status = fields.CharField(max_length=12)
    placed_at = fields.BigIntField(db_index=True)
    updated_at = fields.BigIntField()
    currency = fields.CharField(max_length=3)
    total = fields.BigIntField()
    refunded = fields.BigIntField()
    provisional = fields.BooleanField()
    rank = fields.SmallIntField()
    data = fields.JSONField[object]()

    class Meta:
        table = "shop_order"
        unique_together = (("shop", "order_id"),)


class OrderLineRow(Model):
    id = fields.BigIntField(primary_key=True)
    order_pk = fields.BigIntField()
    position = fields.IntField()
    product_id = fields.CharField(max_length=128)
    variant_id = fields.CharField(max_length=128)
    sku = fields.CharField(max_length=128)
    title = fields.CharField(max_length=500)
    quantity = fields.IntField()
    unit_price = fields.CharField(max_length=40)
    total = fields.BigIntField()

    class Meta:
        table = "order_line"
        unique_together = (("order_pk", "position"),)


class OrderEvent(Model):
    """An order placed, refunded or cancelled: once each, at its own moment."""

    id = fields.BigIntField(primary_key=True)
    order_pk = fields.BigIntField()
    name = fields.CharField(max_length=32)
    ref = fields.CharField(max_length=128)
    node_id = fields.BigIntField(null=True)
    at = fields.BigIntField()
    provisional = fields.BooleanField()
    properties = fields.JSONField[object]()

    class Meta:
        table = "order_event"
        unique_together = (("order_pk", "name", "ref"),)
        indexes = (Index(fields=("node_id", "at"), name="order_event_node_at"),)


# --- outputs --------------------------------------------------------------------------------


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


# --- settings, edited by people -------------------------------------------------------------


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

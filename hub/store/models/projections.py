"""Projections: made again from the log at any time."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from hub.store.models.row_id import IdField


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

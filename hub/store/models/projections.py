"""Projections: made again from the log at any time."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from hub.registry import Held
from hub.store.models.row_id import IdField


class Cursor(Model):
    name = fields.CharField(max_length=32, primary_key=True)
    seq = fields.BigIntField()

    held = Held(
        purpose="How far the log was read",
        kept="workspace",
        columns={"technical": "name seq"},
    )

    class Meta:
        table = "cursor"


class NodeState(Model):
    node_id = IdField(primary_key=True, generated=False)
    seq = fields.BigIntField()
    state = fields.JSONField[object]()

    held = Held(
        purpose="What is known of one identifier: facts, counts, newest products, consents",
        kept="person",
        export="rows",
        erase="delete",
        key="node_id",
        columns={"technical": "seq", "identifier": "node_id", "derived": "state"},
    )

    class Meta:
        table = "node_state"


class NodePerson(Model):
    """The only mutable map of identity: which person a node belongs to."""

    node_id = IdField(primary_key=True, generated=False)
    core_id = fields.BigIntField()
    person_id = fields.BigIntField(db_index=True)
    trusted = fields.BooleanField()

    held = Held(
        purpose="Which identifiers are one person",
        kept="person",
        export="rows",
        erase="delete",
        key="node_id",
        columns={"technical": "trusted", "identifier": "node_id core_id person_id"},
    )

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

    held = Held(
        purpose="Who said that two identifiers are one person",
        kept="person",
        export="identifiers",
        erase="links",
        columns={"technical": "id seq", "identifier": "a b", "derived": "strength verdict reason"},
    )

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

    held = Held(
        purpose="To find a person in the admin pages",
        kept="person",
        export="no",
        note="a sum of other tables, which are exported; it may hold claims of others",
        erase="delete",
        key="id",
        columns={
            "identifier": "id",
            "contact": "email name phone search traits",
            "derived": "first_seen last_seen trusted events orders",
        },
    )

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

    held = Held(
        purpose="To prove who agreed to what, when, and to which text",
        kept="person",
        export="rows",
        erase="delete",
        key="node_id",
        columns={
            "technical": "seq",
            "identifier": "node_id",
            "consent": "purpose channel state basis text_version source at proof",
        },
    )

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

    held = Held(
        purpose="The catalogue of the shop",
        kept="workspace",
        columns={
            "technical": "id rank updated_at price_at",
            "catalogue": "shop product_id title price currency url image_url category stock "
            "published data",
        },
    )

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

    held = Held(
        purpose="What was bought: for the books, for profiles and recommendations",
        kept="books",
        export="orders",
        erase="orders",
        columns={
            "technical": "id rank provisional updated_at",
            "identifier": "node_id",
            "order": "shop order_id status placed_at currency total refunded data",
        },
    )

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

    held = Held(
        purpose="The products of an order",
        kept="books",
        export="order_parts",
        note="stays with its order, which names nobody any more",
        columns={
            "technical": "id order_pk position",
            "order": "product_id variant_id sku title quantity unit_price total",
        },
    )

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

    held = Held(
        purpose="When an order was placed, refunded or cancelled",
        kept="books",
        export="order_parts",
        erase="order_parts",
        columns={
            "technical": "id order_pk provisional",
            "identifier": "node_id",
            "order": "name ref at properties",
        },
    )

    class Meta:
        table = "order_event"
        unique_together = (("order_pk", "name", "ref"),)
        indexes = (Index(fields=("node_id", "at"), name="order_event_node_at"),)

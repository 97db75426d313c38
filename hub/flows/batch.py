"""One batch of the log being projected: what it touches, and the writes it ends in."""

from __future__ import annotations

from typing import Any

import msgspec
import orjson

from hub.catalogue.orders import OrderState, moments
from hub.catalogue.products import ProductState
from hub.flows.memory import Memory
from hub.flows.person_row import PERSON_SQL, person_row
from hub.identity.graph import PEOPLE_TYPES, SHARED, Verdict
from hub.profiles.state import NodeState, PlacedOrder
from hub.store.database import Row, Write

ORDER_SQL = (
    "INSERT INTO shop_order (id, shop, order_id, node_id, status, placed_at, updated_at, currency, "
    "total, refunded, provisional, rank, data) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?) "
    "ON CONFLICT (shop, order_id) DO UPDATE SET node_id = excluded.node_id, "
    "status = excluded.status, placed_at = excluded.placed_at, updated_at = excluded.updated_at, "
    "currency = excluded.currency, total = excluded.total, refunded = excluded.refunded, "
    "provisional = excluded.provisional, rank = excluded.rank, data = excluded.data"
)
LINE_SQL = (
    "INSERT INTO order_line (order_pk, position, product_id, variant_id, sku, title, quantity, "
    "unit_price, total) VALUES (?,?,?,?,?,?,?,?,?)"
)
MOMENT_SQL = (
    "INSERT INTO order_event (order_pk, name, ref, node_id, at, provisional, properties) "
    "VALUES (?,?,?,?,?,?,?)"
)
PRODUCT_SQL = (
    "INSERT INTO product (id, shop, product_id, title, price, currency, url, image_url, category, "
    "stock, price_at, published, rank, updated_at, data) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?) "
    "ON CONFLICT (shop, product_id) DO UPDATE SET title = excluded.title, price = excluded.price, "
    "currency = excluded.currency, url = excluded.url, image_url = excluded.image_url, "
    "category = excluded.category, stock = excluded.stock, price_at = excluded.price_at, "
    "published = excluded.published, rank = excluded.rank, updated_at = excluded.updated_at, "
    "data = excluded.data"
)
STATE_SQL = (
    "INSERT INTO node_state (node_id, seq, state) VALUES (?,?,?) "
    "ON CONFLICT (node_id) DO UPDATE SET seq = excluded.seq, state = excluded.state"
)
PLACE_SQL = (
    "INSERT INTO node_person (node_id, core_id, person_id, trusted) VALUES (?,?,?,?) "
    "ON CONFLICT (node_id) DO UPDATE SET core_id = excluded.core_id, "
    "person_id = excluded.person_id, trusted = excluded.trusted"
)
LINK_SQL = (
    "INSERT INTO link (a, b, strength, verdict, reason, seq) VALUES (?,?,?,?,?,?) "
    "ON CONFLICT (a, b, strength) DO UPDATE SET verdict = excluded.verdict, "
    "reason = excluded.reason"
)
CONSENT_SQL = (
    "INSERT INTO consent (seq, node_id, purpose, channel, state, basis, text_version, source, at, "
    "proof) VALUES (?,?,?,?,?,?,?,?,?,?)"
)
OUTBOX_SQL = (
    "INSERT INTO outbox (key, channel, kind, purpose, node_id, payload, state, attempts, next_at, "
    "lease_until, reason, receipt, created_at, updated_at) "
    "VALUES (?,?,?,?,?,?,'planned',0,?,0,'','',?,?) ON CONFLICT (key) DO NOTHING"
)


MAX_ORDERS = 500


class Planned(msgspec.Struct, frozen=True):
    """An effect decided on while projecting; delivered later, through the gate."""

    key: str
    channel: str
    kind: str
    purpose: str
    node_id: int
    payload: dict[str, Any]
    at: int


class Said(msgspec.Struct, frozen=True):
    """What one earlier entry said of who is who. `proved`: it vouches for its subject."""

    seq: int
    node_id: int
    links: str
    source_id: int
    proved: bool


class History(msgspec.Struct, frozen=True):
    """All that was said, in order, of nodes that anything ever brought together."""

    nodes: tuple[int, ...]
    said: tuple[Said, ...]


class Batch:
    """Collects what the entries of one batch change. Nothing is written before `writes`."""

    def __init__(self, memory: Memory, *, looks: bool = False) -> None:
        self.memory = memory
        self.looks = looks  # whether to ask for the past where it decides
        self.seq = 0
        self.dirty: dict[int, int] = {}  # node -> seq of its last change
        self._stale: set[int] = set()  # nodes changed since `settle`
        self.people_before: set[int] = set()
        self.orders: dict[tuple[str, str], OrderState] = {}
        self.changed_orders: set[tuple[str, str]] = set()
        self.products: dict[tuple[str, str], ProductState] = {}
        self.tokens: dict[int, dict[tuple[int, str], int]] = {}  # token node -> (node, strength)
        self.viewed: list[tuple[int, str, str, int]] = []  # node, shop, product, at
        self.bought: list[tuple[str, str, int]] = []  # shop, product, at: once per order line
        self.history: dict[int, History] = {}  # what an unmerge goes through again, by its seq
        self._links: dict[tuple[int, int, str], Row] = {}
        self._consents: list[Row] = []
        self._planned: list[Planned] = []

    def enter(self, node_id: int) -> bool:
        """Give the node its place if it stands for somebody. False: it is an order or a key."""
        kind, value, namespace = self.memory.nodes[node_id]
        if kind not in PEOPLE_TYPES:
            return False
        self.memory.graph.add(node_id, kind, value, namespace)
        self.people_before.add(self.memory.graph.place(node_id).person_id)
        return True

    def state(self, node_id: int) -> NodeState:
        """The node's state, about to be changed."""
        self.dirty[node_id] = self.seq
        self._stale.add(node_id)
        return self.memory.state(node_id)

    def said(self, a: int, b: int, strength: str, verdict: Verdict) -> None:
        said = self._links.get((a, b, strength))
        seq = said[5] if said is not None else self.seq  # when it was said first
        self._links[a, b, strength] = (a, b, strength, verdict.outcome, verdict.reason, seq)

    def parted(self, a: int, b: int, verdict: str, by: str) -> None:
        """Staff keep these two apart (`kept`), or no longer (`released`)."""
        self._links[a, b, "apart"] = (a, b, "apart", verdict, by[:100], self.seq)

    def shared(self, node: int, accounts: int) -> None:
        """This identifier joins nobody any more: so many accounts use it."""
        reason = f"{SHARED}: {accounts}"
        self._links[node, node, "shared"] = (node, node, "shared", "refused", reason, self.seq)

    def product(self, state: ProductState) -> None:
        """Known at once: the very next entry may name it. Applying the entry again after a failed
        write gives the same state, so that the map may be ahead of the table."""
        product = state.product
        self.products[product.shop, product.product_id] = state
        self.memory.catalogue.put([state])

    def consent(self, row: Row) -> None:
        self._consents.append(row)

    def plan(self, planned: Planned) -> None:
        self._planned.append(planned)

    def place_order(self, order: OrderState, before: int | None) -> None:
        """Put the order into the state of its buyer, and out of that of an earlier guess."""
        key = f"{order.shop}:{order.order_id}"
        self.changed_orders.add((order.shop, order.order_id))
        if before is not None and before != order.node_id:
            self.state(before).orders = {
                k: v for k, v in self.memory.state(before).orders.items() if not _of(k, key)
            }
        if order.node_id is None:
            return
        mine = self.state(order.node_id).orders
        for stale in [k for k in mine if _of(k, key)]:
            del mine[stale]
        if order.provisional and len(mine) >= MAX_ORDERS:
            return  # a page can make up any number of them
        for moment in moments(order):
            mine[f"{key}|{moment.name}|{moment.ref.replace('|', '/')}"] = PlacedOrder(
                moment.at, moment.name, order.provisional, moment.properties
            )

    def settle(self) -> None:
        """Readers may come now: no view of what changed since the last time stands."""
        self.memory.changed(self._stale | self.memory.graph.changed)
        self._stale.clear()

    def writes(self) -> list[Write]:
        """Everything this batch changed, as statements."""
        graph = self.memory.graph
        touched = set(self.dirty) | graph.changed
        people = {graph.place(n).person_id for n in touched if n in graph}
        gone = self.people_before - {p for p in self.people_before if graph.members(p)}
        people |= {p for p in self.people_before if graph.members(p)}
        writes: list[Write] = [
            (
                STATE_SQL,
                [(n, s, encode_state(self.memory.states[n])) for n, s in self.dirty.items()],
            ),
            (PLACE_SQL, [_place_row(graph.place(n)) for n in sorted(graph.changed)]),
            (LINK_SQL, list(self._links.values())),
            ("DELETE FROM person WHERE id = ?", [(p,) for p in sorted(gone)]),
            (PERSON_SQL, [person_row(self.memory, p) for p in sorted(people)]),
            (CONSENT_SQL, self._consents),
            (PRODUCT_SQL, [_product_row(p) for p in self.products.values()]),
            *self._order_writes(),
            (OUTBOX_SQL, [_outbox_row(p) for p in self._planned]),
        ]
        graph.changed.clear()
        return [(sql, rows) for sql, rows in writes if rows]

    def _order_writes(self) -> list[Write]:
        changed = [self.orders[key] for key in sorted(self.changed_orders)]
        pks: list[Row] = [(order.pk,) for order in changed]
        return [
            (ORDER_SQL, [_order_row(order) for order in changed]),
            ("DELETE FROM order_line WHERE order_pk = ?", pks),
            (LINE_SQL, [row for order in changed for row in _line_rows(order)]),
            ("DELETE FROM order_event WHERE order_pk = ?", pks),
            (MOMENT_SQL, [row for order in changed for row in _moment_rows(order)]),
        ]


def _of(key: str, order: str) -> bool:
    return key.rsplit("|", 2)[0] == order


def encode_state(value: object) -> str:
    """The stored form of a state."""
    return msgspec.json.encode(value).decode()


def _place_row(place: Any) -> Row:
    return (place.node_id, place.core_id, place.person_id, place.trusted)


def _product_row(state: ProductState) -> Row:
    p = state.product
    return (
        state.pk, p.shop, p.product_id, p.title[:500], p.price, p.currency, p.url, p.image_url,
        " / ".join(p.categories)[:200], p.stock, state.price_at, p.published and not p.deleted,
        state.version[0], state.version[1], encode_state(state),
    )  # fmt: skip


def _order_row(order: OrderState) -> Row:
    return (
        order.pk, order.shop, order.order_id, order.node_id, order.status, order.placed_at,
        order.updated_at, order.currency, order.total, order.refunded, order.provisional,
        order.version[0], encode_state(order),
    )  # fmt: skip


def _line_rows(order: OrderState) -> list[Row]:
    return [
        (order.pk, i, line.product_id[:128], line.variant_id[:128], line.sku[:128],
         line.title[:500], line.quantity, line.unit_price[:40], line.total)
        for i, line in enumerate(order.lines)
    ]  # fmt: skip


def _moment_rows(order: OrderState) -> list[Row]:
    return [
        (order.pk, m.name, m.ref[:128], order.node_id, m.at, order.provisional,
         orjson.dumps(m.properties).decode())
        for m in moments(order)
    ]  # fmt: skip


def _outbox_row(planned: Planned) -> Row:
    return (
        planned.key, planned.channel, planned.kind, planned.purpose, planned.node_id,
        orjson.dumps(planned.payload).decode(), planned.at, planned.at, planned.at,
    )  # fmt: skip

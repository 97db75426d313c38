"""decide: request -> facts -> decide -> gate -> what the page shows, with a record of why."""

from __future__ import annotations

import secrets
from functools import partial
from typing import Any
from urllib.parse import parse_qs

import msgspec

from hub.clock import to_ms
from hub.conditions.window import settled
from hub.core import Hub, SourceRow
from hub.decisions.answers import Answers
from hub.decisions.decide import Outcome, Standpoint, Visit, decide
from hub.flows.draw import drawing
from hub.flows.facts import StateFacts
from hub.flows.first_party import keeps_cookie, origin_of
from hub.flows.recommend import Shelf, Stock, note_fault, watched_ask
from hub.gate.verdict import PERSONALISATION
from hub.ingest.limits import BadInput, mend
from hub.profiles.state import NodeState
from hub.sdk.conditions import Context
from hub.sdk.records import Identifier

EMPTY = NodeState()


class PageInfo(msgspec.Struct, omit_defaults=True):
    url: str = ""
    path: str = ""
    search: str = ""
    title: str = ""
    referrer: str = ""


class ProductRef(msgspec.Struct, omit_defaults=True):
    product_id: str | int = ""


class DeviceInfo(msgspec.Struct, omit_defaults=True):
    type: str = ""
    width: int = 0


class DecideRequest(msgspec.Struct, omit_defaults=True):
    """What the snippet tells of the page. `recent`: products seen in this tab, newest first."""

    writeKey: str = ""
    token: str | None = None
    page: PageInfo = msgspec.field(default_factory=PageInfo)
    product: ProductRef | None = None
    category: str = ""
    slots: list[str] = []
    recent: list[str] = []
    locale: str = ""
    device: DeviceInfo = msgspec.field(default_factory=DeviceInfo)


class Record(msgspec.Struct, omit_defaults=True):
    """Enough to ask again: inputs by reference, never a snapshot."""

    request: DecideRequest
    shop: str
    nodes: tuple[int, ...]
    versions: dict[str, int]
    now: int
    won: tuple[str, ...]
    lost: dict[str, str]
    products: dict[str, list[str]] = {}
    paused: bool = False


_requests = msgspec.json.Decoder(DecideRequest)


def read_request(raw: bytes) -> DecideRequest:
    """Raises BadInput naming the field."""
    try:
        request = _requests.decode(mend(raw))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadInput(f"decide: {error}") from error
    if b"\\u0000" in raw:
        raise BadInput("decide: contains a NUL character (\\u0000)")
    del request.slots[50:], request.recent[50:]
    return request


async def answer_page(hub: Hub, source: SourceRow, request: DecideRequest) -> dict[str, Any]:
    """What this page shows. Only decisions leave the hub: no attribute, segment or score."""
    now = to_ms(hub.clock.now())
    node_id = await device_node(hub, request.token)
    state, nodes = (await hub.views.device_view(node_id)) if node_id else (EMPTY, ())
    # Taken in the same breath as the state that they are about.
    answers = hub.views.answers(node_id) if node_id else None
    # A withdrawal in this browser holds, whatever she agreed to in another one.
    own = (await hub.views.own_state(node_id)) if node_id else EMPTY
    word = state if _may_personalise(own) else own
    if not _may_personalise(word):
        state, nodes = msgspec.structs.replace(EMPTY, consents=word.consents), ()
        answers = None
    # Counters keep the newest times only: they need a moment after all of them.
    now = settled(now, state.last or None)
    outcome = run(hub, source, request, state, now, answers)
    basis = "paused" if hub.workspace.pause_output else "known" if nodes else "page"
    hub.meters.decided(basis, len(outcome.winners))
    decision_id = secrets.token_hex(12)
    if nodes and node_id is not None:
        record = _record(hub, source, request, nodes, outcome, now)
        text = msgspec.json.encode(record).decode()
        hub.decisions.add((decision_id, now, node_id, hub.views.known, text))
    return {
        "id": decision_id,
        "site": site(hub, request.locale, shares_cookie(hub, source, request)),
        "decisions": [
            {
                "slot": None if w.widget.slot == "overlay" else w.widget.slot,
                "widget": w.widget.key,
                "version": w.widget.version,
                "type": w.layout,
                "trigger": msgspec.to_builtins(w.widget.text.trigger) or {"on": "load"},
                "content": w.content,
                **({"products": w.products} if w.products else {}),
            }
            for w in outcome.winners
        ],
    }


def run(  # noqa: PLR0917  (the inputs of a decision)
    hub: Hub,
    source: SourceRow,
    request: DecideRequest,
    state: NodeState,
    now: int,
    answers: Answers | None = None,
) -> Outcome:
    """The pure decision over facts that are at hand; `state` is what may be used."""
    context = context_of(request)
    facts = StateFacts(state, context, hub.workspace.zone)
    product = str(request.product.product_id) if request.product else ""
    shelf = Shelf(
        Stock(hub.catalogue, hub.recommender, source.shop, now), hub.plugins.recommenders,
        product=product, category=request.category, locale=request.locale, recent=request.recent,
        view=state if _may_personalise(state) else None, slots_known=bool(request.slots),
        failed=partial(note_fault, hub), ask=watched_ask(hub),
    )  # fmt: skip
    return decide(
        hub.published,
        Visit(source.shop, request.locale, tuple(request.slots)),
        Standpoint(state.consents, state.shown, hub.workspace.pause_output),
        facts,
        shelf,
        now,
        answers,
        hub.published.pages.of(context),
        drawing(hub, request.locale, now),
    )


async def device_node(hub: Hub, token: str | None) -> int | None:
    """The node of a genuine device token whose first entry is stored, else None."""
    did = hub.signer.device(token) if token else ""
    return await node_of(hub, Identifier("", "device", did)) if did else None


async def node_of(hub: Hub, identifier: Identifier) -> int | None:
    """The node of an identifier, if it was ever seen."""
    rows = await hub.database.get(
        "SELECT id FROM node WHERE namespace = ? AND type = ? AND value = ?",
        (identifier.namespace, identifier.type, identifier.value),
    )
    return int(rows[0][0]) if rows else None


def context_of(request: DecideRequest) -> Context:
    """The page, device, campaign and language that conditions may ask about."""
    page: dict[str, object] = {
        key: value for key, value in msgspec.structs.asdict(request.page).items() if value
    }
    if request.product and request.product.product_id:
        page["product"] = str(request.product.product_id)
    if request.category:
        page["category"] = request.category
    try:
        query = parse_qs(request.page.search.lstrip("?"), max_num_fields=100)
    except ValueError:  # an address made to cost time has no campaign
        query = {}
    campaign = {
        key.removeprefix("utm_"): values[0]
        for key, values in query.items()
        if key.startswith("utm_")
    }
    if "campaign" in campaign:
        campaign["name"] = campaign.pop("campaign")
    return Context(
        page=page,
        device=request.device.type or None,
        campaign=campaign,
        locale=request.locale or None,
    )


def site(hub: Hub, locale: str, cookie: bool = False) -> dict[str, Any]:
    """What the snippet must know of the site beside decisions."""
    consent = dict(hub.workspace.consent)
    texts = consent.pop("texts", {})
    if isinstance(texts, dict) and texts:
        chosen = texts.get(locale) or texts.get(locale.partition("-")[0]) or texts.get("en")
        consent.update(chosen or next(iter(texts.values())))
    if cookie:
        consent["cookie"] = True
    return {"consent": consent, "currency": hub.workspace.currency}


def shares_cookie(hub: Hub, source: SourceRow, request: DecideRequest) -> bool:
    """Whether the page is to let its hub, on a sub-domain, keep the token in a cookie too."""
    return keeps_cookie(hub.settings.origin, source, origin_of(request.page.url))


def _may_personalise(state: NodeState) -> bool:
    consent = state.consents.get(f"{PERSONALISATION}/site")
    return consent is not None and consent.state == "granted"


def _record(  # noqa: PLR0917  (what a record is made of)
    hub: Hub,
    source: SourceRow,
    request: DecideRequest,
    nodes: tuple[int, ...],
    outcome: Outcome,
    now: int,
) -> Record:
    return Record(
        request=msgspec.structs.replace(request, token=None, writeKey=""),
        shop=source.shop,
        nodes=nodes,
        versions=dict(hub.published.versions),
        now=now,
        won=tuple(w.widget.key for w in outcome.winners),
        lost={loser.widget: loser.reason for loser in outcome.losers},
        products={
            w.widget.key: [p["product_id"] for p in w.products]
            for w in outcome.winners
            if w.products
        },
        paused=hub.workspace.pause_output,
    )

"""B3: who has nothing but the write key changes nothing of anybody else, in any order of calls."""

from __future__ import annotations

import asyncio
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from hub.flows.shop_sign_in import new_secret
from hub.web.app import create_app
from tests.flows.stories import stories
from tests.flows.test_claims import EMAIL, KEY, ann, proved
from tests.shop import BOTH, Shop, open_shop, order, viewed
from tests.shop_token import claims, sign

BOB = "bob@example.com"
EVE = st.sampled_from(["", "eve", "a1", "user:u1", "u1", EMAIL])
VICTIMS = st.sampled_from(["u1", "c1", EMAIL, "eve", "0"])
ADDRESSES = st.sampled_from([EMAIL, BOB, "eve@example.com", "noreply@example.com"])
TOKENS = st.sampled_from(["none", "own", "other", "forged", "mail"])
KEYS = st.sampled_from([KEY, "wc_order_bobs_key", "wc_order_guessed1", "short"])
NAMES = st.sampled_from(
    ["Product Viewed", "Order Completed", "Order Refunded", "Promotion Viewed", "Identified"]
)


class Stranger(RuleBasedStateMachine):
    """Ann and Bob are customers with a browser each; Eve calls every public route as she likes.
    What she may not have: the keys of their orders, their tokens, their mail links, a secret."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.stack = AsyncExitStack()

    def teardown(self) -> None:
        self.runner.run(self.stack.aclose())
        self.runner.close()

    @initialize()
    def begin(self) -> None:
        self.runner.run(self._begin())

    async def _begin(self) -> None:
        folder = self.stack.enter_context(tempfile.TemporaryDirectory())
        self.shop: Shop = await self.stack.enter_async_context(open_shop(Path(folder)))
        self.hers = await ann(self.shop)
        self.his = await self.shop.device()
        await self.shop.report(
            order("2000", customer_id="c2", email=BOB, order_key="wc_order_bobs_key")
        )
        key = {"type": "page", "properties": {"order_key": "wc_order_bobs_key"}}
        await self.shop.send(viewed("p1"), key, token=self.his)
        await new_secret(self.shop.hub, self.shop.sources["browser"].id)
        transport = httpx.ASGITransport(app=create_app(self.shop.hub))
        self.http = await self.stack.enter_async_context(
            httpx.AsyncClient(transport=transport, base_url="http://hub.test")
        )
        self.key = self.shop.sources["browser"].write_key
        self.own = await self.shop.device()
        self.other = await self.shop.device()
        self.before = await self._held()

    async def _held(self) -> dict[str, Any]:
        rows = await self.shop.hub.database.fetch(
            "SELECT n.type, n.value, p.core_id, p.trusted FROM node_person p JOIN node n "
            "ON n.id = p.node_id WHERE p.trusted OR n.value = ? ORDER BY n.id",
            (self.shop.hub.signer.device(self.his),),
        )
        view = await self.shop.view(self.his)
        his = {"identifiers": rows, "traits": view.traits.keys(), "orders": view.orders.keys(),
               "viewed": view.viewed.keys(), "shown": await self.shop.shown(self.his)}  # fmt: skip
        return {"ann": await proved(self.shop, self.hers), "bob": repr(his)}

    def _call(self, path: str, token: str = "none", **body: Any) -> None:
        self.runner.run(self._post(path, {**body, "writeKey": self.key, **self._token(token)}))

    async def _post(self, path: str, body: dict[str, Any]) -> None:
        answer = await self.http.post(path, json=body)
        assert answer.status_code in (200, 400, 429), answer.text
        text = answer.text
        assert "Ann" not in text and BOB not in text

    def _token(self, kind: str) -> dict[str, str]:
        did, _, rest = self.hers.partition(".")
        made = {"own": self.own, "other": self.other, "forged": f"{did[:-1]}_.{rest}",
                "mail": EMAIL}  # fmt: skip
        return {"token": made.get(kind, "")}

    @rule(token=TOKENS, who=EVE, user=VICTIMS, email=ADDRESSES)
    def identify(self, token: str, who: str, user: str, email: str) -> None:
        traits = {"email": email, "first_name": "Eve", "vip": False, "phone": "+316"}
        self._call("/v1/identify", token, anonymousId=who, userId=user, traits=traits)

    @rule(token=TOKENS, who=EVE, user=VICTIMS, name=NAMES, key=KEYS, email=ADDRESSES)
    def track(self, token: str, who: str, user: str, name: str, key: str, email: str) -> None:
        # She can not know the keys of others' orders; one of her own making proves nothing.
        mine = key if key.startswith("wc_order_guessed") or key == "short" else ""
        properties = {"order_id": "1000", "order_key": mine, "cart_token": mine, "email": email,
                      "total": 1, "promotion_id": "news", "product_id": "p2"}  # fmt: skip
        event = {"type": "track", "event": name, "anonymousId": who, "userId": user,
                 "properties": properties}  # fmt: skip
        self._call("/v1/batch", token, batch=[event, {**event, "type": "group", "groupId": user}])

    @rule(token=TOKENS, who=EVE, user=VICTIMS, email=ADDRESSES)
    def merge_and_alias(self, token: str, who: str, user: str, email: str) -> None:
        named = [("user_id", user), ("anonymous_id", who or "x"), ("email", email)]
        properties = [{"type": kind, "value": value} for kind, value in named]
        self._call("/v1/merge", token, mergeProperties=properties)
        self._call("/v1/alias", token, userId=user, previousId=who or "x", anonymousId="eve")

    @rule(token=TOKENS, email=ADDRESSES, on=st.booleans())
    def subscribe_and_consent(self, token: str, email: str, on: bool) -> None:
        self._call("/v1/subscribe", token, widget="news", version=1, email=email)
        choice = {"analytics": on, "personalisation": on}
        if token in ("none", "forged", "mail"):
            self._call("/v1/consent", token, purposes=choice)
            self._call("/v1/device", consent={"purposes": BOTH})

    @rule(token=TOKENS, customer=VICTIMS, k=st.sampled_from(["", "a.b", KEY]))
    def prove(self, token: str, customer: str, k: str) -> None:
        said = claims(self.key, customer, self.shop.now)
        for text in (sign("", said), sign(self.key, said), sign("x", said, {"alg": "none"}), "a.b"):
            self._call("/v1/link", token, jwt=text)
        self._call("/v1/link", token, k=k)

    @rule(token=TOKENS)
    def decide(self, token: str) -> None:
        self._call("/v1/decide", token, page={"url": "https://shop.example/"})

    @invariant()
    def nobody_else_changed(self) -> None:
        if hasattr(self, "before"):
            self.runner.run(self._unchanged())

    async def _unchanged(self) -> None:
        await self.shop.settle()
        after = await self._held()
        for who, held in self.before.items():
            assert after[who] == held, who
        assert not self.shop.hub.views.aside


CALM = settings(
    deadline=None, max_examples=6, stateful_step_count=8,
    suppress_health_check=list(HealthCheck),
    phases=[p for p in Phase if p not in (Phase.shrink, Phase.explain)],
)  # fmt: skip


def test_a_stranger_changes_nothing_of_anybody() -> None:
    run_state_machine_as_test(Stranger, settings=CALM)


@pytest.mark.full
def test_a_stranger_changes_nothing_in_many_tries() -> None:
    many = settings(CALM, max_examples=stories(60), stateful_step_count=25)
    run_state_machine_as_test(Stranger, settings=many)

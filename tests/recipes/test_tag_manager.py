"""The Tag Manager template: its code against its own permissions, in a stand-in of the sandbox."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from hub.ingest.names import canonical
from tests.recipes.conftest import Unpack
from tests.recipes.node import node
from tests.recipes.php import HERE

LOAD = {"action": "load", "key": "wk_0123456789", "consent": "gcm"}
ANALYTICS, PERSONAL = "analytics_storage", "personalization_storage"


@pytest.fixture
def run(unpack: Unpack) -> Any:
    template = unpack("gtm") / "regulars.tpl"
    return lambda **scene: node(str(HERE / "sandbox.js"), str(template), json.dumps(scene))


def test_the_template_has_every_section_and_its_json_can_be_read(unpack: Unpack) -> None:
    text = (unpack("gtm") / "regulars.tpl").read_text()
    names = re.findall(r"^___([A-Z_]+)___$", text, re.M)
    assert names == [
        "TERMS_OF_SERVICE", "INFO", "TEMPLATE_PARAMETERS", "SANDBOXED_JS_FOR_WEB_TEMPLATE",
        "WEB_PERMISSIONS", "TESTS", "NOTES",
    ]  # fmt: skip
    parts = dict(zip(names, re.split(r"^___[A-Z_]+___$", text, flags=re.M)[1:], strict=True))
    assert json.loads(parts["INFO"])["containerContexts"] == ["WEB"]
    assert {p["name"] for p in json.loads(parts["TEMPLATE_PARAMETERS"])} == {
        "action", "key", "consent", "event", "properties",
    }  # fmt: skip


def test_every_permission_that_is_asked_for_is_needed(run: Any) -> None:
    used: set[str] = set()
    for data in ({**LOAD, "consent": "container"}, {"action": "ecommerce", "event": "purchase"}):
        told = run(data=data)
        used |= set(told["used"])
    assert used == set(told["granted"])


@pytest.mark.parametrize(
    ("consent", "query"),
    [("gcm", "&consent=gcm"), ("hub", ""), ("tcf", "&consent=tcf"), ("container", "&consent=off")],
)
def test_it_loads_the_snippet_with_its_key(run: Any, consent: str, query: str) -> None:
    told = run(data={**LOAD, "consent": consent})
    assert told["scripts"] == [f"https://hub.example/s.js?key=wk_0123456789{query}"]
    assert told["done"] == "success"
    assert run(data=LOAD, fails=True)["done"] == "failure"


@pytest.mark.parametrize(
    ("granted", "changes", "said"),
    [
        ({}, [], []),
        ({ANALYTICS: True}, [], [(True, False)]),
        ({}, [[ANALYTICS, True]], [(True, False)]),
        ({ANALYTICS: True, PERSONAL: True}, [[PERSONAL, False]], [(True, True), (True, False)]),
        ({ANALYTICS: True}, [[ANALYTICS, False]], [(True, False), (False, False)]),
    ],
)
def test_the_containers_own_consent_is_passed_on(
    run: Any, granted: Any, changes: Any, said: Any
) -> None:
    told = run(data={**LOAD, "consent": "container"}, granted=granted, changes=changes)
    seen = [(c[1]["analytics"], c[1]["personalisation"]) for c in told["calls"]]
    # The queue keeps the very object of a call: a later change must not rewrite an earlier word.
    assert seen == said


def test_ga4_names_become_ours(run: Any) -> None:
    item = {"item_id": "SKU_1", "item_name": "Mug", "price": 12.5, "quantity": 2, "junk": {}}
    layer = {"ecommerce": {"currency": "EUR", "value": 25, "items": [item, None]}}
    told = run(data={"action": "ecommerce", "event": "begin_checkout"}, dataLayer=layer)
    product = {"product_id": "SKU_1", "name": "Mug", "price": 12.5, "quantity": 2}
    assert told["calls"] == [
        ["track", "begin_checkout",
         {"total": 25, "currency": "EUR", "products": [product, {}]}],
    ]  # fmt: skip
    assert canonical("begin_checkout") == "Checkout Started"
    layer["ecommerce"]["items"] = [item]
    told = run(data={"action": "ecommerce", "event": "add_to_cart"}, dataLayer=layer, loaded=True)
    assert told["calls"][0][2]["product_id"] == "SKU_1"
    layer["ecommerce"]["transaction_id"] = "T1"
    told = run(data={"action": "ecommerce", "event": "purchase"}, dataLayer=layer)
    assert told["calls"][0][2]["order_id"] == "T1" and "product_id" not in told["calls"][0][2]
    for nothing in ({}, {"ecommerce": None}, {"ecommerce": {"items": "x"}}):
        assert run(data={"action": "ecommerce", "event": "purchase"}, dataLayer=nothing)["done"]


def test_an_event_of_ones_own_reaches_the_loaded_snippet(run: Any) -> None:
    data = {
        "action": "track",
        "event": "Sample Ordered",
        "properties": [{"name": "colour", "value": "blue"}],
    }
    told = run(data=data, loaded=True)
    assert told["calls"] == [["track", "Sample Ordered", {"colour": "blue"}]]

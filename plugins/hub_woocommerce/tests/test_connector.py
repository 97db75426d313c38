"""The form, its test, and every way to sign in, against the stand-in over real HTTP."""

from __future__ import annotations

import copy
from urllib.parse import unquote

import pytest
from hub_woocommerce.client import Shop, site_address
from hub_woocommerce.connector import WooCommerce
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.sdk.client import Denied
from hub.sdk.connector import Context, form_errors
from hub.sdk.errors import Broken, NeedsAttention
from hub.sdk.loopback import serving
from hub.sdk.secret import SecretText

from .conftest import KEY, WooRig, pages, records


async def test_the_test_tells_name_currency_and_version(rig: WooRig) -> None:
    result = await rig.connector.check(rig.context())
    assert result.details == {
        "shop": "Stand-in shop",
        "currency": "EUR",
        "api": "wc/v3",
        "woocommerce": "11.0.1",
        "orders": "32",
    }
    assert result.learned == {"currency": "EUR"}


def test_the_form_is_complete() -> None:
    fields = WooCommerce().fields
    assert set(form_errors(fields, {})) == {"url", "consumer_key", "consumer_secret"}
    right = {"url": "https://a.example", "consumer_key": "k", "consumer_secret": "s"}
    assert form_errors(fields, right) == {}
    assert set(form_errors(fields, {**right, "url": "a.example", "auth": "x"})) == {"url", "auth"}
    assert {f.key for f in fields if f.kind == "secret"} == {"consumer_key", "consumer_secret"}


@pytest.mark.parametrize("tail", ["", "/", "/wp-json", "/wp-json/wc/v3/orders", "/wp-admin/?x=1"])
def test_what_people_paste_after_the_address_is_dropped(tail: str) -> None:
    assert site_address(f" https://shop.example/sub{tail} ") == "https://shop.example/sub"


def test_an_address_with_a_query_is_refused() -> None:
    with pytest.raises(NeedsAttention, match="address only"):
        site_address("https://shop.example/?page=1")


async def test_missing_keys_are_named(rig: WooRig) -> None:
    result = await rig.connector.check(rig.context(secret={"consumer_key": SecretText("x")}))
    assert (result.ok, "consumer secret" in result.message) == (False, True)


async def test_an_inner_address_is_not_called(rig: WooRig) -> None:
    url = rig.url.replace("127.0.0.1", "localhost")
    for address in (url, url.replace("localhost", "127.1"), "http://169.254.169.254"):
        result = await rig.connector.check(rig.context(url=address))
        assert not result.ok
        assert "operator" in result.message
    assert rig.faults.log == []


# -- signing in -----------------------------------------------------------------------------


async def test_basic_over_plain_http_is_refused_with_advice(rig: WooRig) -> None:
    result = await rig.connector.check(rig.context(auth="basic"))
    assert not result.ok
    assert "cannot list resources" in result.message
    assert "another way to sign in" in result.message


@pytest.mark.parametrize("way", ["basic", "query", "oauth"])
async def test_each_way_to_sign_in_works_where_it_may(rig: WooRig, way: str) -> None:
    rig.shop.tls = True
    assert (await rig.connector.check(rig.context(auth=way))).ok


async def test_a_wrong_secret_is_told_from_a_wrong_key(rig: WooRig) -> None:
    rig.shop.tls = True
    wrong = {"consumer_key": SecretText(KEY), "consumer_secret": SecretText("no")}
    result = await rig.connector.check(rig.context(auth="basic", secret=wrong))
    assert "Consumer secret is invalid" in result.message


async def test_a_repeated_request_has_a_new_nonce(rig: WooRig) -> None:
    rig.faults.next = ["", "503", ""]
    assert (await rig.connector.check(rig.context())).ok
    assert len(rig.shop.nonces) == 4  # a used one is refused: the stand-in keeps them


async def test_a_clock_that_is_wrong_is_refused_by_the_shop(rig: WooRig) -> None:
    late = copy.copy(rig.clock)
    late.advance(3600)
    ctx = rig.context()
    ctx = Context(ctx.config, ctx.secret, ctx.client, ctx.state, late, ctx.shop)
    result = await rig.connector.check(ctx)
    assert "timestamp" in result.message


async def test_a_signed_request_cannot_be_altered_or_sent_twice(rig: WooRig) -> None:
    await Shop(rig.context()).get("/orders", {"per_page": "1"})
    path, _, query = rig.faults.log[-1].removeprefix("GET ").partition("?")
    params = [tuple(pair.split("=", 1)) for pair in query.split("&")]
    unquoted = [(k, unquote(v)) for k, v in params]
    with pytest.raises(Denied, match="nonce"):
        await rig.client.request("GET", rig.url + path, params=unquoted)
    more = [(k, "100" if k == "per_page" else v) for k, v in unquoted]
    with pytest.raises(Denied, match="signature"):
        await rig.client.request("GET", rig.url + path, params=more)


async def test_plain_permalinks(rig: WooRig) -> None:
    ctx = rig.context(plain_permalinks="true")
    assert (await rig.connector.check(ctx)).ok
    assert len(records(await pages(rig, "orders", ctx=ctx))) == 34


async def test_a_site_without_woocommerce_says_so(rig: WooRig) -> None:
    with pytest.raises(NeedsAttention, match="WooCommerce active"):
        await Shop(rig.context()).get("/carts")


async def test_a_redirect_names_the_address_to_enter(rig: WooRig) -> None:
    async def moved(request: Request) -> Response:
        return Response(status_code=301, headers={"Location": "https://www.shop.example/?a=b"})

    async with serving(Starlette(routes=[Route("/{p:path}", moved)])) as url:
        result = await rig.connector.check(rig.context(url=url))
    assert "https://www.shop.example/;" in result.message


async def test_an_object_where_a_list_was_asked_for_stops_the_run(rig: WooRig) -> None:
    with pytest.raises(Broken, match="list"):
        await Shop(rig.context()).listing("/data/currencies/current", {})
    with pytest.raises(Broken, match="object"):
        await Shop(rig.context()).one("/orders")

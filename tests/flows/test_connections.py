"""Connecting a shop: tried before it is saved; a secret is never seen again, by anybody."""

from __future__ import annotations

import logging
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hub.flows.connections import (
    InvalidForm,
    check_connection,
    save_connection,
)
from hub.flows.connections_read import connection_page, list_connections
from hub.flows.plugin_run import UnknownConnector, secrets_of, terms_of
from hub.flows.rebuild import rebuild
from hub.flows.sources_admin import change_source
from hub.flows.webhook import NoConnection, receive_webhook
from hub.sdk.errors import HubError
from hub.store.vault import WrongKey
from tests.connected import KEY, SECRET, Connected, open_connected
from tests.shop import Shop, order, product, projections, viewed

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
async def woo(tmp_path: Path) -> AsyncIterator[Connected]:
    async with open_connected(tmp_path) as opened:
        yield opened


async def test_a_wrong_key_is_told_in_words_and_nothing_is_kept(
    woo: Connected, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    hub = woo.door.shop.hub
    before = await woo.door.counts()
    wrong = {"consumer_key": KEY, "consumer_secret": "cs_wrong_canary_1"}
    tried = await check_connection(hub, "woocommerce", woo.config, wrong)
    assert not tried.ok
    with pytest.raises(HubError) as raised:
        await woo.save(secret="cs_wrong_canary_1")
    for words in (tried.message, str(raised.value)):
        assert "consumer secret" in words
    everything = repr(tried) + repr(raised.value) + caplog.text
    assert "canary" not in everything
    assert await woo.door.counts() == before
    assert await list_connections(hub) == []


@pytest.mark.parametrize(
    ("instead", "words"),
    [
        ((500, "text/plain", b"oops"), "500"),
        ((200, "text/html", b"<html><title>Coming soon</title>"), "web page"),
        ((404, "application/json", b'{"code":"rest_no_route","message":"No"}'), "WooCommerce"),
        ((302, "text/plain", b""), "redirects"),
    ],
)
async def test_a_shop_that_is_none(
    woo: Connected, instead: tuple[int, str, bytes], words: str
) -> None:
    before = await woo.door.counts()
    woo.weather.instead = instead
    with pytest.raises(HubError, match=words) as raised:
        await woo.save()
    assert "canary" not in str(raised.value)
    assert await woo.door.counts() == before


async def test_forms_that_can_not_be_right(woo: Connected) -> None:
    hub = woo.door.shop.hub
    before = await woo.door.counts()
    secret = {"consumer_key": KEY, "consumer_secret": SECRET}
    for field, config, hidden in (
        ("url", {**woo.config, "url": ""}, secret),
        ("consumer_secret", woo.config, {"consumer_key": KEY}),
        ("auth", {**woo.config, "auth": "guess"}, secret),
    ):
        with pytest.raises(InvalidForm) as raised:
            await check_connection(hub, "woocommerce", config, hidden)
        assert field in raised.value.errors
        assert "canary" not in str(raised.value)
    with pytest.raises(UnknownConnector, match="woocommerce"):
        await check_connection(hub, "__proto__", woo.config, secret)
    for name, shop in (("", "woo"), ("Shop", "")):
        with pytest.raises((HubError, ValueError), match=r"name|shop"):
            await save_connection(
                hub, "woocommerce", name=name, shop=shop, config=woo.config, secret=secret
            )
    assert await woo.door.counts() == before


@pytest.mark.parametrize(
    "url",
    ["http://169.254.169.254", "http://[::1]:80", "http://10.0.0.1", "http://2130706433",
     "http://0x7f.1", "https://[::ffff:10.1.1.1]", "file:///etc/passwd", "http://127.0.0.1@10.1.1.1"],
)  # fmt: skip
async def test_the_hub_does_not_look_into_its_own_network(woo: Connected, url: str) -> None:
    secret = {"consumer_key": KEY, "consumer_secret": SECRET}
    before = await woo.door.counts()
    with pytest.raises(HubError) as raised:
        await save_connection(
            woo.door.shop.hub, "woocommerce", name="x", shop="x", config={"url": url}, secret=secret
        )
    assert "canary" not in str(raised.value)
    assert (woo.weather.asked, await woo.door.counts()) == ([], before)


async def test_a_secret_is_nowhere_in_the_clear(woo: Connected, tmp_path: Path) -> None:
    await woo.save()
    hub = woo.door.shop.hub
    await woo.sync()
    row = await woo.row()
    made = secrets_of(hub, row)["webhook_secret"]
    lines = repr(await list_connections(hub)) + repr(await connection_page(hub, woo.id))
    terms = terms_of(hub, row)
    said = lines + repr(row) + repr(terms) + str(row.progress) + str(row.config)
    files = contents(tmp_path)
    assert len(files["hub.db"]) + len(files["hub.db-wal"]) > 100_000
    for secret in (KEY, SECRET, made):
        assert secret not in said
        for name, content in files.items():
            assert secret.encode() not in content, name
    rows = await hub.database.fetch("SELECT name FROM sqlite_master WHERE type = 'table'")
    for (table,) in rows:
        dump = repr(await hub.database.fetch(f'SELECT * FROM "{table}"'))
        assert SECRET not in dump and KEY not in dump and made not in dump, table


def contents(folder: Path) -> dict[str, bytes]:
    """All files of the data folder."""
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


async def test_a_stolen_database_without_its_key_opens_nothing(
    woo: Connected, tmp_path: Path
) -> None:
    await woo.save()
    row = await woo.row()
    hub = woo.door.shop.hub
    sealed = row.secret
    row.source_id += 1  # the sealed text is bound to its own source
    with pytest.raises(WrongKey):
        secrets_of(hub, row)
    row.source_id -= 1
    row.secret = sealed[:-4] + ("AAAA" if sealed[-4:] != "AAAA" else "BBBB")
    with pytest.raises(WrongKey):
        secrets_of(hub, row)
    assert (tmp_path / "secret.key").stat().st_mode & 0o077 == 0


async def test_an_unknown_number(lite: Shop) -> None:
    for number in (0, -1, 5, 2**31, 2**80):
        with pytest.raises(NoConnection):
            await receive_webhook(lite.hub, number, {}, b"")


async def test_a_source_is_switched_off_never_removed(shop: Shop) -> None:
    """The log names its sources for ever: without one, no view could be made from it again."""
    token = await shop.device()
    await shop.send(viewed("p1"), token=token)
    await shop.report(product("p1"), order("o1", email="ann@example.com"))
    for source in shop.sources.values():
        await change_source(shop.hub, source.id, identify="claim", enabled=False)
    before = await projections(shop.hub)
    await rebuild(shop.hub)
    assert await projections(shop.hub) == before
    assert not any(row.enabled for row in shop.hub.sources.values())


def test_no_code_removes_a_source() -> None:
    files = [*(ROOT / "hub").rglob("*.py"), *(ROOT / "plugins").rglob("*.py")]
    assert len(files) > 50
    removal = re.compile(r"delete\s+from\s+\W{0,4}source\b|\bSource\b[^\n]*\.delete\(", re.I)
    assert removal.search('connection.execute("DELETE FROM source WHERE id = ?")')
    assert removal.search("await Source.filter(id=source_id).delete()")
    assert [file.name for file in files if removal.search(file.read_text())] == []

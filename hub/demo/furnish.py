"""What the demo's hub holds before anybody comes: an owner, a source, a connection, widgets."""

from __future__ import annotations

import secrets
from pathlib import Path

from hub.core import Hub, SourceRow
from hub.demo.backoffice import BackOffice
from hub.demo.catalogue import SHOP_NAME
from hub.flows.connections import save_connection
from hub.flows.plugin_state import OWN_KEYS, StoredState
from hub.flows.publish import publish
from hub.flows.sources import create_source, load_sources
from hub.flows.staff import create_owner, setup_open
from hub.flows.sync import sync
from hub.store.models import Connection, Source

OWNER = "owner@demo.example"
SHOP = "demo"
_WIDGETS = Path(__file__).parent / "widgets"


async def furnish(
    hub: Hub, office: BackOffice, shop_url: str, office_url: str
) -> tuple[SourceRow, int]:
    """Make what is missing, sync, and answer the source and the connection's id."""
    if await setup_open(hub):
        await create_owner(hub, email=OWNER, name="Owner", password=secrets.token_urlsafe(16))
    source = await _source(hub, shop_url)
    connection_id = await _connection(hub, office, office_url)
    await sync(hub, connection_id)
    for file in sorted(_WIDGETS.glob("*.yaml")):
        if not await _published_before(hub, file.stem):
            await publish(hub, file.stem, file.read_text(), base_version=0, author="demo")
    return source, connection_id


async def _source(hub: Hub, shop_url: str) -> SourceRow:
    source = next((s for s in hub.sources.values() if s.kind == "browser"), None)
    if source is None:
        return await create_source(
            hub, name=SHOP_NAME, kind="browser", shop=SHOP, shop_url=shop_url
        )
    if source.shop_url != shop_url:
        await Source.filter(id=source.id).update(shop_url=shop_url)
        await load_sources(hub)
    return hub.sources[source.id]


async def _connection(hub: Hub, office: BackOffice, office_url: str) -> int:
    known = await Connection.first()
    if known is not None:
        await _follow(hub, known, office_url)
        return known.id
    return await save_connection(
        hub,
        "woocommerce",
        name="Demo shop (WooCommerce)",
        shop=SHOP,
        config={"url": office_url, "auth": "auto", "plain_permalinks": ""},
        secret={"consumer_key": office.standin.consumer_key,
                "consumer_secret": office.standin.consumer_secret},
    )  # fmt: skip


async def _follow(hub: Hub, connection: Connection, office_url: str) -> None:
    """After a start on other ports: find the back office, and read the products' new addresses."""
    config = connection.config if isinstance(connection.config, dict) else {}
    if config.get("url") == office_url:
        return
    await Connection.filter(id=connection.id).update(config={**config, "url": office_url})
    state = StoredState(hub, f"connection {connection.id}", OWN_KEYS)
    for stream in ("products", "variations"):
        await state.delete(f"cursor:{stream}")


async def _published_before(hub: Hub, key: str) -> bool:
    return bool(
        await hub.database.fetch("SELECT 1 FROM config_version WHERE key = ? LIMIT 1", (key,))
    )

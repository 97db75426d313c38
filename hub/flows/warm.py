"""Teaching the recommender what was viewed before this start."""

from __future__ import annotations

import orjson

from hub.core import Hub

WARM_ROWS = 200_000


async def relearn(hub: Hub) -> None:
    """Forget all, and learn again from what the log still holds: somebody was erased."""
    async with hub.views.lock:
        hub.recommender.forget()
        await warm_recommender(hub)


async def warm_recommender(hub: Hub) -> None:
    """Show it the newest product views up to where the projector stands."""
    until = hub.views.seq
    rows = await hub.database.fetch(
        "SELECT node_id, source_id, at, body FROM log WHERE kind = 'event' "
        "AND name = 'Product Viewed' AND node_id IS NOT NULL AND seq > ? AND seq <= ? ORDER BY seq",
        (max(0, until - WARM_ROWS), until),
    )
    views = []
    for node_id, source_id, at, body in rows:
        shop = hub.sources[source_id].shop
        properties = orjson.loads(body).get("properties") or {}
        reference = str(properties.get("product_id") or properties.get("sku") or "")[:128]
        if reference:
            views.append((node_id, shop, hub.catalogue.resolve(shop, reference) or reference, at))
    hub.recommender.observe(views)
    lines = await hub.database.fetch(
        "SELECT o.shop, l.product_id, o.placed_at FROM order_line l JOIN shop_order o "
        "ON o.id = l.order_pk WHERE o.status IN ('paid', 'fulfilled', 'refunded') "
        "ORDER BY o.placed_at DESC, l.id LIMIT ?",
        (WARM_ROWS,),
    )
    hub.recommender.observe_bought((row[0], row[1], row[2]) for row in reversed(lines))

"""Every page and every API answer on PostgreSQL too: the SQL is written once."""

# ruff: noqa: E501
from __future__ import annotations

from pathlib import Path

from hub.clock import SystemClock
from hub.flows.overview import overview
from hub.flows.run import open_hub
from hub.settings import Settings
from hub.web.api.lines import LINES as API_LINES
from tests.conftest import empty
from tests.web.admin.conftest import Desk, open_client
from tests.web.admin.seed import seed


async def test_every_page_answers(postgres_database: str, tmp_path: Path) -> None:
    await empty(postgres_database)
    settings = Settings(data_dir=tmp_path, database_url=postgres_database)
    async with open_hub(settings, SystemClock()) as hub, open_client(hub) as client:
        desk = Desk(hub, client, await seed(hub))
        await desk.sign_in()
        person, decision = desk.ids["person"], desk.ids["decision"]
        order, product = [
            (await hub.database.fetch(f"SELECT MIN(id) FROM {table}"))[0][0]
            for table in ("shop_order", "product")
        ]
        for path in (
            "/", "/people", "/people?q=anna&after=99999999999999-99", f"/people/{person}", "/live",
            f"/people/{person}/timeline?before=99999999999999.1.5", "/live?name=product&source=1",
            "/widgets", "/widgets/welcome-back", "/widgets/welcome-back/try", "/decisions",
            "/widgets/welcome-back/versions", f"/decisions?person={person}&after=99999999999999-x",
            f"/decisions/{decision}", "/orders?query=1003&status=cancelled&provisional=no",
            "/orders?after=99999999999999-9", f"/orders/{order}", "/products", f"/products/{product}",
            "/sources", "/sources/1", "/connections", "/team", "/health",
        ):  # fmt: skip
            assert (await desk.get(path)).status_code == 200, path
        ids = {"/people/{id:int}": person, "/orders/{id:int}": order, "/products/{id:int}": product}
        for line in API_LINES:
            if line.method == "GET" and ("{" not in line.path or line.path in ids):
                path = line.path.replace("{id:int}", str(ids.get(line.path, "")))
                assert (await client.get(f"/api/v1{path}")).status_code == 200, path
        week = (await overview(hub)).week
        assert week.intake.received == week.intake.stored + week.intake.rejected > 0
        assert (week.viewed, week.clicked) == (6, 2)

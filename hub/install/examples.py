"""The files of config/deploy: what set-up writes for hub.shop.example, to be read and copied."""

from __future__ import annotations

from pathlib import Path

import msgspec

from hub.install.answers import Answers
from hub.install.files import UNIT, site_text, unit_text, written

PROGRAM = Path("/opt/regulars/bin/hub")
NETWORK = "172.30.87.0/24"


def examples() -> dict[str, str]:
    """Name -> text of every file."""
    host = "hub.shop.example"
    live = f"/etc/letsencrypt/live/{host}"
    caddy = Answers(
        name=host, host=host, shop_url="https://shop.example", timezone="Europe/Amsterdam",
        currency="EUR",
    )  # fmt: skip
    nginx = msgspec.structs.replace(
        caddy, proxy="nginx", tls="files", cert=f"{live}/fullchain.pem", key=f"{live}/privkey.pem"
    )
    return {
        UNIT.name: unit_text(PROGRAM),
        "Caddyfile": site_text(caddy),
        "nginx.conf": site_text(nginx),
        "Containerfile": written("Containerfile"),
        "compose.yaml": written("compose.yaml", network=NETWORK),
    }

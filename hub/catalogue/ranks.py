"""How far a source is believed about orders and products."""

from __future__ import annotations

BROWSER = 1
IMPORT = 2
SERVER = 3
CONNECTOR = 4
RANKS = {"browser": BROWSER, "import": IMPORT, "server": SERVER, "connector": CONNECTOR}

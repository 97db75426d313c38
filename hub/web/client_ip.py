"""Who really calls: X-Forwarded-* is believed from named proxies only."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Awaitable, Callable, Iterable, Sequence

from hub.web.wire import Receive, Scope, Send

App = Callable[[Scope, Receive, Send], Awaitable[None]]
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
# A longer chain is made up; its end is what the proxies next to us wrote.
MAX_CHAIN = 50
PROXIED = "hub.proxied"  # in the scope of a request that a trusted proxy handed over
_HOST = re.compile(r"[A-Za-z0-9.-]{1,253}(:\d{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](:\d{1,5})?")
_PORT = re.compile(r"(?:\[(?P<six>[^\]]+)\]|(?P<four>[\d.]+))(?::\d+)?")


class Trust:
    """The proxies that may say for whom they speak: addresses, networks, or "unix"."""

    def __init__(self, names: Iterable[str]) -> None:
        names = list(names)
        self._sockets = "unix" in names
        self._networks = [
            ipaddress.ip_network(name, strict=False) for name in names if name != "unix"
        ]

    def holds(self, peer: str) -> bool:
        """Whether this peer is one of ours; "" stands for a local socket."""
        if not peer:
            return self._sockets
        address = read_address(peer)
        return address is not None and any(
            address in network for network in self._networks if network.version == address.version
        )


def read_address(text: str) -> Address | None:
    """An address as headers write it, with or without a port; None for anything else."""
    text = text.strip().strip('"')
    match = _PORT.fullmatch(text)
    if match:
        text = match["six"] or match["four"]
    if len(text) > 45 or "%" in text:
        return None
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def client_of(peer: str, chain: Sequence[str], trust: Trust) -> str:
    """The rightmost address of the chain that is not one of our proxies.

    What stands to the left of it was written by that client, so nobody believes it.
    """
    client = peer
    for entry in reversed(chain[-MAX_CHAIN:]):
        if not trust.holds(client):
            break
        address = read_address(entry)
        if address is None:
            break
        client = str(address)
    return client


def network_of(client: str) -> str:
    """The network that stands for one household or firm: /24, or /64 of IPv6."""
    address = read_address(client)
    if address is None:
        return client
    prefix = 24 if address.version == 4 else 64
    return str(ipaddress.ip_network((address, prefix), strict=False))


class Forwarded:
    """Sets client, scheme and host of each request to those that a trusted proxy names."""

    def __init__(self, names: Iterable[str], app: App) -> None:
        self._trust = Trust(names)
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            client = scope.get("client")
            peer = str(client[0]) if client else ""
            if self._trust.holds(peer):
                scope = _restored(scope, peer, self._trust)
        await self._app(scope, receive, send)


def _restored(scope: Scope, peer: str, trust: Trust) -> Scope:
    headers = scope["headers"]
    chain = [part for line in _all(headers, b"x-forwarded-for") for part in line.split(",")]
    changed: Scope = {**scope, "client": (client_of(peer, chain, trust), 0), PROXIED: True}
    schemes = _all(headers, b"x-forwarded-proto")
    scheme = schemes[-1].rpartition(",")[2].strip().lower() if schemes else ""
    if scheme in ("http", "https"):
        changed["scheme"] = scheme
    hosts = _all(headers, b"x-forwarded-host")
    host = hosts[-1].rpartition(",")[2].strip() if hosts else ""
    if _HOST.fullmatch(host):
        kept = [(name, value) for name, value in headers if name != b"host"]
        changed["headers"] = [(b"host", host.encode()), *kept]
    return changed


def _all(headers: Iterable[tuple[bytes, bytes]], name: bytes) -> list[str]:
    return [value.decode("latin-1") for key, value in headers if key == name]

"""Which addresses the hub may call: public ones, and those that the operator named."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from hub.sdk.errors import NeedsAttention, Retryable


class UndeclaredHost(NeedsAttention):
    """A plugin wants to call a host that it did not say it would."""


Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolver = Callable[[str, int], Awaitable[Sequence[str]]]

# Routable on paper, yet they lead inside: tunnels, translators, cloud metadata.
_FORBIDDEN = tuple(
    ipaddress.ip_network(net)
    for net in (
        "192.0.0.0/24",
        "192.88.99.0/24",
        "168.63.129.16/32",
        "::/96",
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "2001::/32",
        "2002::/16",
        "fec0::/10",
        "fd00:ec2::/32",
    )
)
_METADATA = ipaddress.ip_address("169.254.169.254")


async def system_resolver(host: str, port: int) -> Sequence[str]:
    """Every address of the host, as the system's resolver knows it."""
    loop = asyncio.get_running_loop()
    infos = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(info[4][0]) for info in infos))


def is_public(address: Address) -> bool:
    """Whether the address is an ordinary host of the public internet."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        if address.scope_id is not None:
            return False
    if address.is_multicast or address.is_reserved or not address.is_global:
        return False
    return not any(address in net for net in _FORBIDDEN if net.version == address.version)


@dataclass(frozen=True, slots=True)
class Target:
    """A vetted address to connect to, and the name that it must answer to."""

    scheme: str
    host: str
    port: int
    addresses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Guard:
    """The rule. `allow` holds hosts (`shop.local`, `127.0.0.1`, `shop.example:8443`) that the
    operator trusts although they are private, or use plain http or another port. `hosts`: the
    only ones that `caller` may call (`api.vendor.example`, `*.vendor.example`); None: any."""

    allow: frozenset[str] = frozenset()
    resolve: Resolver = system_resolver
    hosts: frozenset[str] | None = None
    caller: str = ""

    async def vet(self, url: str) -> Target:
        """Resolve the host once and judge every address; refuses with NeedsAttention."""
        parts, port = _parse(url)
        host = (parts.hostname or "").rstrip(".")
        if self.hosts is not None and not any(_matches(host, each) for each in self.hosts):
            raise UndeclaredHost(
                f"The plugin {self.caller} wants to call {host}, which it does not declare: "
                "its author must name it in `hosts` of the connector."
            )
        allowed = host in self.allow or f"{host}:{port}" in self.allow
        if not allowed and (parts.scheme != "https" or port != 443):
            raise NeedsAttention(
                f"{host}: only https on port 443 is called; "
                "another address must be allowed by the operator."
            )
        addresses = tuple(await self._addresses(host, port))
        for text in addresses:
            _judge(host, text, allowed)
        return Target(parts.scheme, host, port, addresses)

    async def _addresses(self, host: str, port: int) -> Sequence[str]:
        try:
            found = await self.resolve(host, port)
        except (OSError, UnicodeError):
            raise Retryable(f"The name {host} could not be found.") from None
        if not found:
            raise Retryable(f"The name {host} has no address.")
        return found


def _matches(host: str, pattern: str) -> bool:
    if pattern.startswith("*."):
        return host.endswith(pattern[1:]) and host != pattern[1:]
    return host == pattern


def _parse(url: str) -> tuple[SplitResult, int]:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise NeedsAttention("The address is not a valid web address.") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise NeedsAttention("The address must begin with https:// and name a host.")
    if parts.username is not None or parts.password is not None:
        raise NeedsAttention("The address must not contain a user name or password.")
    return parts, port or (443 if parts.scheme == "https" else 80)


def _judge(host: str, text: str, allowed: bool) -> None:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        raise NeedsAttention(f"{host} has an address that is not understood.") from None
    mapped = getattr(address, "ipv4_mapped", None) or address
    if mapped == _METADATA or not (allowed or is_public(address)):
        raise NeedsAttention(
            f"{host} leads to a private or special address; "
            "if it is meant, the operator must allow this host."
        )

"""Who calls, behind proxies: only those that were named are believed."""

from __future__ import annotations

from typing import Any

import pytest

from hub.web.client_ip import MAX_CHAIN, Forwarded, Trust, client_of, network_of, read_address

PROXIES = ["127.0.0.1", "10.0.0.0/8", "fd12::/16"]


async def seen(
    peer: tuple[str, int] | None, headers: list[tuple[bytes, bytes]], names: list[str]
) -> dict[str, Any]:
    """What the application behind the proxies is told."""
    got: dict[str, Any] = {}

    async def app(scope: Any, _receive: Any, _send: Any) -> None:
        got.update(scope)

    scope = {"type": "http", "client": peer, "scheme": "http", "headers": headers}
    await Forwarded(names, app)(scope, None, None)  # type: ignore[arg-type]
    return got


def forwarded(chain: str, proto: str = "https", host: str = "shop.example") -> Any:
    return [
        (b"host", b"127.0.0.1:8700"), (b"x-forwarded-for", chain.encode()),
        (b"x-forwarded-proto", proto.encode()), (b"x-forwarded-host", host.encode()),
    ]  # fmt: skip


async def test_a_direct_caller_can_not_forge_anything() -> None:
    headers = forwarded("1.2.3.4")
    scope = await seen(("203.0.113.9", 4000), headers, PROXIES)
    assert (scope["client"], scope["scheme"]) == (("203.0.113.9", 4000), "http")
    assert scope["headers"] == headers


async def test_a_named_proxy_is_believed() -> None:
    scope = await seen(("127.0.0.1", 4000), forwarded("203.0.113.9"), PROXIES)
    assert (scope["client"][0], scope["scheme"]) == ("203.0.113.9", "https")
    assert dict(scope["headers"])[b"host"] == b"shop.example"
    assert len([name for name, _ in scope["headers"] if name == b"host"]) == 1


@pytest.mark.parametrize(
    ("peer", "chain", "client"),
    [
        ("127.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("127.0.0.1", "6.6.6.6, 203.0.113.9, 10.1.2.3", "203.0.113.9"),  # what it wrote is left out
        ("127.0.0.1", "6.6.6.6, 10.0.0.9, 203.0.113.9, 10.1.2.3, 10.1.2.4", "203.0.113.9"),
        ("127.0.0.1", "10.0.0.5, 10.0.0.6", "10.0.0.5"),  # somebody in our own network
        ("127.0.0.1", "2001:db8::7", "2001:db8::7"),
        ("127.0.0.1", "[2001:db8::7]:4711", "2001:db8::7"),
        ("127.0.0.1", "203.0.113.9:4711", "203.0.113.9"),
        ("127.0.0.1", '"203.0.113.9"', "203.0.113.9"),
        ("fd12::1", "2001:db8::7, fd12::2", "2001:db8::7"),
        ("::ffff:127.0.0.1", "::ffff:203.0.113.9", "203.0.113.9"),
        ("127.0.0.1", "unknown", "127.0.0.1"),
        ("127.0.0.1", "203.0.113.9, <script>", "127.0.0.1"),
        ("127.0.0.1", "203.0.113.9, fe80::1%eth0, 10.0.0.1", "10.0.0.1"),
        ("127.0.0.1", "999.1.1.1", "127.0.0.1"),
        ("127.0.0.1", ",,,", "127.0.0.1"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("203.0.113.50", "6.6.6.6", "203.0.113.50"),
        ("not an address", "6.6.6.6", "not an address"),
    ],
)
async def test_the_client_is_the_rightmost_that_is_no_proxy(
    peer: str, chain: str, client: str
) -> None:
    scope = await seen((peer, 4000), forwarded(chain), PROXIES)
    assert scope["client"][0] == client


async def test_several_header_lines_are_one_chain() -> None:
    lines = [(b"x-forwarded-for", b"6.6.6.6"), (b"x-forwarded-for", b"203.0.113.9, 10.0.0.2")]
    assert (await seen(("127.0.0.1", 1), lines, PROXIES))["client"][0] == "203.0.113.9"


def test_an_endless_chain_costs_little() -> None:
    chain = ["6.6.6.6", *["10.0.0.1"] * (MAX_CHAIN * 100)]
    assert client_of("127.0.0.1", chain, Trust(PROXIES)) == "10.0.0.1"


@pytest.mark.parametrize("peer", [None, ("", 0)])
async def test_a_local_socket_counts_when_it_is_named(peer: tuple[str, int] | None) -> None:
    scope = await seen(peer, forwarded("203.0.113.9"), ["unix"])
    assert (scope["client"][0], scope["scheme"]) == ("203.0.113.9", "https")
    scope = await seen(peer, forwarded("203.0.113.9"), PROXIES)
    assert (scope["client"], scope["scheme"]) == (peer, "http")


@pytest.mark.parametrize(
    ("proto", "scheme"),
    [("https", "https"), ("HTTPS", "https"), ("http", "http"), ("gopher", "http"), ("", "http"),
     ("https, http", "http"), ("javascript:", "http")],
)  # fmt: skip
async def test_the_scheme_is_http_or_https(proto: str, scheme: str) -> None:
    scope = await seen(("127.0.0.1", 1), forwarded("1.2.3.4", proto), PROXIES)
    assert scope["scheme"] == scheme


@pytest.mark.parametrize("host", ["", "a b", "evil.example/path", "x" * 300, "a\r\nb", "@evil"])
async def test_a_host_that_is_none_is_left_out(host: str) -> None:
    scope = await seen(("127.0.0.1", 1), forwarded("1.2.3.4", host=host), PROXIES)
    assert dict(scope["headers"])[b"host"] == b"127.0.0.1:8700"


def test_networks_stand_for_households() -> None:
    assert network_of("203.0.113.9") == "203.0.113.0/24"
    assert network_of("::ffff:203.0.113.9") == "203.0.113.0/24"
    assert network_of("2001:db8:1:2:3:4:5:6") == "2001:db8:1:2::/64"
    assert network_of("") == ""
    assert read_address("1.2.3") is None

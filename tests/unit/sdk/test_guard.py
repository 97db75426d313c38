"""Addresses that lead inside are refused however they are written."""

from __future__ import annotations

import ipaddress

import pytest

from hub.sdk.errors import HubError, NeedsAttention, Retryable
from hub.sdk.guard import Guard, Target, is_public

INSIDE = """
127.0.0.1 127.0.0.2 127.1 127.0.1 0x7f000001 0x7f.0.0.1 2130706433 017700000001 0177.0.0.1
0 0.0.0.0 10.0.0.1 10.255.255.255 167772161 172.16.0.1 172.31.255.254 192.168.0.1 192.168.1.1
169.254.169.254 169.254.1.1 2852039166 0xa9fea9fe 100.64.0.1 100.127.255.254 192.0.0.1 192.0.0.170
192.0.2.1 192.88.99.1 198.18.0.1 198.51.100.1 203.0.113.1 224.0.0.1 224.0.1.1 239.255.255.250
240.0.0.1 255.255.255.255 168.63.129.16
[::] [::1] [0:0:0:0:0:0:0:1] [::ffff:127.0.0.1] [::ffff:7f00:1] [::ffff:10.0.0.1]
[::ffff:169.254.169.254] [::127.0.0.1] [::10.0.0.1] [64:ff9b::7f00:1] [64:ff9b::169.254.169.254]
[64:ff9b:1::a00:1] [2002:7f00:1::] [2002:a00:1::1] [2001:0:7f00:1::] [2001:db8::1] [fc00::1]
[fd12:3456::1] [fd00:ec2::254] [fe80::1] [fe80::1%25lo] [fe80::1%lo] [fec0::1] [ff02::1] [ff0e::1]
[100::1]
""".split()


async def inside(host: str, port: int) -> list[str]:
    return ["10.1.2.3"]


async def outside(host: str, port: int) -> list[str]:
    return ["93.184.215.14"]


@pytest.mark.parametrize("host", INSIDE)
async def test_an_inner_address_is_refused_in_every_form(host: str) -> None:
    with pytest.raises((NeedsAttention, Retryable)):
        await Guard().vet(f"https://{host}/wp-json")


@pytest.mark.parametrize(
    "url",
    [
        "http://shop.example/",
        "https://shop.example:8443/",
        "https://shop.example:22/",
        "ftp://shop.example/",
        "file:///etc/passwd",
        "unix:///run/x.sock",
        "gopher://shop.example/",
        "//shop.example/",
        "shop.example",
        "",
        "https://",
        "https:///path",
        "https://user@shop.example/",
        "https://user:pass@shop.example/",
        "https://shop.example@127.0.0.1/",
        "https://shop.example:99999/",
        "https://[::1/",
    ],
)
async def test_other_forms_are_refused(url: str) -> None:
    with pytest.raises(HubError):
        await Guard(resolve=outside).vet(url)


async def test_a_public_shop_is_called_at_its_vetted_address() -> None:
    target = await Guard(resolve=outside).vet("https://Shop.Example/wp-json")
    assert target == Target("https", "shop.example", 443, ("93.184.215.14",))


async def test_one_inner_address_among_public_ones_refuses_the_host() -> None:
    async def mixed(host: str, port: int) -> list[str]:
        return ["93.184.215.14", "127.0.0.1"]

    with pytest.raises(NeedsAttention, match="private"):
        await Guard(resolve=mixed).vet("https://shop.example/")


async def test_a_name_that_leads_inside_is_refused_unless_allowed() -> None:
    with pytest.raises(NeedsAttention, match="operator"):
        await Guard(resolve=inside).vet("https://shop.local/")
    allowed = Guard(frozenset({"shop.local"}), inside)
    assert (await allowed.vet("http://shop.local:8080/")).port == 8080


async def test_allowing_an_address_does_not_allow_names_that_lead_to_it() -> None:
    async def home(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    guard = Guard(frozenset({"127.0.0.1"}), home)
    with pytest.raises(NeedsAttention):
        await guard.vet("https://rebound.example/")
    assert (await guard.vet("http://127.0.0.1:5000/")).addresses == ("127.0.0.1",)


async def test_an_allowed_port_is_that_port_only() -> None:
    guard = Guard(frozenset({"shop.local:8443"}), inside)
    assert (await guard.vet("https://shop.local:8443/")).port == 8443
    with pytest.raises(NeedsAttention):
        await guard.vet("https://shop.local:8444/")


@pytest.mark.parametrize("address", ["169.254.169.254", "::ffff:169.254.169.254"])
async def test_cloud_metadata_is_refused_even_to_allowed_hosts(address: str) -> None:
    async def metadata(host: str, port: int) -> list[str]:
        return [address]

    with pytest.raises(NeedsAttention):
        await Guard(frozenset({"shop.local"}), metadata).vet("http://shop.local/")


async def test_a_name_that_is_not_found_may_be_found_later() -> None:
    async def nothing(host: str, port: int) -> list[str]:
        raise OSError

    with pytest.raises(Retryable, match="could not be found"):
        await Guard(resolve=nothing).vet("https://shop.example/")


@pytest.mark.parametrize("text", ["1.1.1.1", "93.184.215.14", "2606:4700::1111", "::ffff:1.1.1.1"])
def test_public_addresses(text: str) -> None:
    assert is_public(ipaddress.ip_address(text))

"""The way in: domain, certificate, proxy, and how the snippet's file is handed out."""

from __future__ import annotations

from collections.abc import AsyncIterator
from ipaddress import ip_address
from urllib.parse import urlsplit

import msgspec

from hub.flows.doctor_echo import PATH, Echo, echo_token
from hub.flows.doctor_net import Handshake, Net, NoAnswer
from hub.flows.health import Check
from hub.ingest.tokens import Signer
from hub.sdk.client import Response
from hub.sdk.clock import Clock
from hub.sdk.errors import HubError
from hub.settings import Settings

FEW_DAYS = 14
# An address that nobody has: who believes it believes anybody.
FORGED = "192.0.2.77"


async def check_front(
    settings: Settings, signer: Signer, clock: Clock, net: Net
) -> AsyncIterator[Check]:
    """All checks of the public address, from the name inwards."""
    parts = urlsplit(settings.public_url)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    if parts.scheme != "https":
        yield Check(
            "https",
            "bad",
            settings.public_url or "no public_url",
            "Run hub setup --domain ...: it puts the hub behind https.",
        )
        return
    try:
        addresses = await net.addresses(host)
    except NoAnswer as error:
        yield Check("domain", "look", str(error), "Check this machine's way to the internet.")
        return
    if not addresses:
        remedy = f"At your domain's provider, make an A record for {host} with the address of this machine."  # noqa: E501
        yield Check("domain", "bad", f"{host} has no address", remedy)
        return
    yield Check("domain", "good", f"{host} is at {', '.join(addresses)}")
    reached = ""
    for address in addresses:
        shaken = await net.handshake(host, address, port)
        yield _certificate(address, shaken, clock, len(addresses) > 1)
        if not shaken.fault:
            check, seen = await _asked(settings, signer, clock, net, address)
            yield check
            if seen is not None:
                reached = address
                for line in _proxy(settings, seen, host, port):
                    yield line
    if reached:
        async for check in _snippet_file(settings, net, reached, host, port):
            yield check


def _certificate(address: str, shaken: Handshake, clock: Clock, several: bool) -> Check:
    if shaken.ends is not None:
        days = (shaken.ends - clock.now()).days
        if days < FEW_DAYS:
            return Check(
                "certificate",
                "bad",
                f"ends in {days} days at {address}",
                "Renew it, and see why it did not renew itself.",
            )
        return Check("certificate", "good", f"valid for {days} days at {address}")
    fault, remedy = shaken.fault, "Open ports 80 and 443 to this machine in firewall and router."
    if "local issuer" in fault or "self-signed" in fault or "self signed" in fault:
        remedy = (
            "Give the proxy the full chain (fullchain.pem); browsers must trust who signed it. "
            "For an authority of your own, name its file in SSL_CERT_FILE."
        )
    elif fault.startswith("certificate"):
        remedy = "Get a certificate for this name: Caddy does it by itself, certbot for nginx."
    elif several:
        remedy = (
            f"If {address} is not this machine's, remove its record (A or AAAA) from the domain."
        )
    return Check("certificate", "bad", f"{address}: {fault}", remedy)


async def _asked(
    settings: Settings, signer: Signer, clock: Clock, net: Net, address: str
) -> tuple[Check, Echo | None]:
    """Call ourselves from outside, pretending to be somebody else."""
    client = net.client(address)
    # Over loopback we are one of the trusted ourselves.
    forged = {} if ip_address(address).is_loopback else {"X-Forwarded-For": FORGED}
    try:
        answer = await client.request(
            "GET",
            settings.origin + PATH,
            params=[("token", echo_token(signer, clock.now()))],
            headers=forged,
        )
        seen = msgspec.json.decode(answer.body, type=Echo)
    except (HubError, msgspec.DecodeError):
        remedy = (
            "If the hub runs, the domain leads to another machine or the proxy's site to another "
            "port: compare them with what hub setup --dry-run shows."
        )
        return Check("way in", "bad", f"{address} is not this hub", remedy), None
    finally:
        await client.aclose()
    return Check("way in", "good", f"{settings.origin} leads here"), seen


def _proxy(settings: Settings, seen: Echo, host: str, port: int) -> list[Check]:
    wanted = host if port == 443 else f"{host}:{port}"
    checks = []
    if seen.scheme != "https" and seen.trusted:
        checks.append(
            Check(
                "proxy",
                "bad",
                "the hub sees http",
                "Let the proxy send X-Forwarded-Proto: https, as the site of hub setup does.",
            )
        )
    if seen.host != wanted:
        checks.append(
            Check(
                "proxy",
                "bad",
                f"the hub sees the host {seen.host}",
                "Let the proxy pass on Host, as the site of hub setup does.",
            )
        )
    if seen.client == FORGED:
        checks.append(
            Check(
                "client",
                "bad",
                "anybody can pretend to be somebody else",
                "Let the proxy add to X-Forwarded-For instead of passing it on, and name in "
                "trusted_proxies only proxies.",
            )
        )
    elif seen.forwarded and not seen.trusted:
        checks.append(
            Check(
                "client",
                "bad",
                f"every visitor looks like {seen.client}",
                f'Add "{seen.client}" to trusted_proxies in hub.toml and restart the hub.',
            )
        )
    if not checks:
        checks.append(Check("proxy", "good", f"scheme, host and client arrive ({seen.client})"))
    return checks


async def _snippet_file(
    settings: Settings, net: Net, address: str, host: str, port: int
) -> AsyncIterator[Check]:
    client = net.client(address)
    try:
        answer = await client.request("GET", f"{settings.origin}/s.js")
    except HubError as error:
        yield Check("s.js", "bad", str(error), "Restart the hub, and look into its log.")
        return
    finally:
        await client.aclose()
    yield _handed_out(answer, (await net.handshake(host, address, port)).http2)


def _handed_out(answer: Response, http2: bool) -> Check:
    packed = answer.headers.get("content-encoding", "")
    if not packed:
        return Check(
            "s.js",
            "look",
            "it is sent uncompressed",
            "Let the proxy compress JavaScript and JSON, as the site of hub setup does.",
        )
    if "max-age" not in answer.headers.get("cache-control", ""):
        return Check(
            "s.js",
            "look",
            "browsers fetch it for every page",
            "Let the proxy pass on the header Cache-Control.",
        )
    if not http2:
        return Check("s.js", "look", "HTTP/2 is off", "Switch HTTP/2 on in the proxy.")
    return Check("s.js", "good", f"{packed}, cached, HTTP/2")

"""How the doctor looks at the world: names, certificates and pages, each with a time limit."""

from __future__ import annotations

import asyncio
import ipaddress
import ssl
from collections.abc import Sequence
from datetime import UTC, datetime

import dns.asyncresolver
import dns.exception
import dns.resolver
import msgspec
from cryptography import x509

from hub.sdk.client import HttpClient, Limits
from hub.sdk.clock import Clock
from hub.sdk.guard import Guard

SECONDS = 8.0


class NoAnswer(Exception):
    """No name server answered: nothing can be said about a name."""


class Handshake(msgspec.Struct, frozen=True):
    """What https answers at one address; `fault` is "" when a browser would be content."""

    fault: str
    http2: bool = False
    ends: datetime | None = None


class Net:
    """Names through the system's name servers, or through the one that was named."""

    def __init__(self, clock: Clock, server: str = "", allow: frozenset[str] = frozenset()) -> None:
        self._clock = clock
        self._allow = allow
        self._resolver = dns.asyncresolver.Resolver(configure=not server)
        if server:
            host, _, port = server.rpartition(":") if server.count(":") == 1 else (server, "", "")
            self._resolver.nameservers = [host]
            self._resolver.port = int(port or 53)
        self._resolver.lifetime = SECONDS

    async def addresses(self, host: str) -> list[str]:
        """IPv4 and IPv6 addresses of a name. Raises NoAnswer."""
        try:
            return [str(ipaddress.ip_address(host))]
        except ValueError:
            return [
                *sorted(await self.records(host, "A")), *sorted(await self.records(host, "AAAA"))
            ]  # fmt: skip

    async def records(self, name: str, kind: str) -> list[str]:
        """The records of one kind as text; none for a name that is not there. Raises NoAnswer."""
        try:
            answer = await self._resolver.resolve(name, kind, raise_on_no_answer=False)
        except dns.resolver.NXDOMAIN:
            return []
        except (dns.exception.DNSException, OSError) as error:
            raise NoAnswer(f"no name server answered for {name}") from error
        found = []
        for record in answer:
            if kind == "TXT":
                found.append(b"".join(record.strings).decode("utf-8", "replace"))
            elif kind == "MX":
                found.append(record.exchange.to_text(omit_final_dot=True))
            else:
                found.append(record.to_text())
        return found

    def client(self, address: str = "") -> HttpClient:
        """A client that finds names as we do; with `address`, every name is there."""

        async def resolve(host: str, _: int) -> Sequence[str]:
            try:
                return [address] if address else await self.addresses(host)
            except NoAnswer as error:
                raise OSError(str(error)) from error

        limits = Limits(connect=SECONDS, read=SECONDS, total=2 * SECONDS, body=4 * 1024**2,
                        attempts=1)  # fmt: skip
        guard = Guard(allow=self._allow, resolve=resolve)
        return HttpClient(self._clock, guard=guard, limits=limits, agent="Regulars-doctor")

    async def handshake(self, host: str, address: str, port: int) -> Handshake:
        """Begin https at one address as a browser would."""
        context = ssl.create_default_context()
        context.set_alpn_protocols(["h2", "http/1.1"])
        try:
            async with asyncio.timeout(SECONDS):
                _, writer = await asyncio.open_connection(
                    address, port, ssl=context, server_hostname=host
                )
        except ssl.SSLCertVerificationError as error:
            return Handshake(f"certificate: {error.verify_message}")
        except ssl.SSLError as error:
            return Handshake(f"no https there ({error.reason or 'handshake failed'})")
        except TimeoutError:
            return Handshake("nobody answers")
        except OSError as error:
            return Handshake(f"can not be reached ({error.strerror or type(error).__name__})")
        tls: ssl.SSLObject = writer.get_extra_info("ssl_object")
        der, spoken = tls.getpeercert(binary_form=True) or b"", tls.selected_alpn_protocol()
        writer.close()
        ends = x509.load_der_x509_certificate(der).not_valid_after_utc.astimezone(UTC)
        return Handshake("", spoken == "h2", ends)

"""A name server on this machine, so that the doctor's questions get real answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import cast

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

Zone = Mapping[str, Mapping[str, list[str]]]


class _Server(asyncio.DatagramProtocol):
    def __init__(self, zone: Zone, asked: list[str]) -> None:
        self._zone = zone
        self._asked = asked

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        question = dns.message.from_wire(data)
        answer = dns.message.make_response(question)
        answer.flags |= dns.flags.AA
        asked = question.question[0]
        self._asked.append(asked.name.to_text(omit_final_dot=True))
        kind = dns.rdatatype.to_text(asked.rdtype)
        records = self._zone.get(asked.name.to_text(omit_final_dot=True))
        if records is None:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        elif kind in records:
            answer.answer.append(
                dns.rrset.from_text_list(asked.name, 60, "IN", kind, records[kind])
            )
        self._transport.sendto(answer.to_wire(), addr)


@asynccontextmanager
async def name_server(zone: Zone, asked: list[str] | None = None) -> AsyncIterator[str]:
    """Answers from the zone (name -> kind -> records) until the block ends; gives ADDRESS:PORT.

    `asked` gets the names that somebody asked for.
    """
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(
        lambda: _Server(zone, [] if asked is None else asked), local_addr=("127.0.0.1", 0)
    )
    try:
        yield "127.0.0.1:{}".format(transport.get_extra_info("sockname")[1])
    finally:
        transport.close()

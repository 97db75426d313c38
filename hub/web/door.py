"""Who may come in when too many stand before the door: everybody gets a fair part of the room.

Whoever is inside may hold as much as is still free: one source half of the room, the visitors of
one network an eighth of it. Whoever is turned away waits a moment for the answer: a client that
knocks again as soon as it is answered then knocks less often.
"""

from __future__ import annotations

import asyncio
from functools import lru_cache

from hub.core import SourceRow
from hub.store.lanes import Overloaded, caller
from hub.web.client_ip import network_of
from hub.web.wire import Scope

REQUESTS = 1024
BODY_BYTES = 128 * 1024**2
HOLD_SECONDS = 1.5
HELD_ANSWERS = 2000
NETWORK_PART = 8
MOST_NETWORKS = 10_000

_network = lru_cache(maxsize=8192)(network_of)


def network_in(scope: Scope) -> str:
    """The network of whoever calls; "" when the connection tells no address."""
    client = scope.get("client")
    return _network(str(client[0])) if client and client[0] else ""


class Room:
    """So many places, of which one holder gets at most a part of those that are free."""

    def __init__(self, places: int) -> None:
        self.places = places
        self.taken = 0
        self._held: dict[object, int] = {}

    def enter(self, who: object, n: int = 1, part: int = 1) -> bool:
        """Take `n` places if `who` then holds no more than the `part`-th part of what was free."""
        held = self._held.get(who, 0)
        free = self.places - self.taken
        if n > free or held + n > max(1, free // part):
            return False
        self._held[who] = held + n
        self.taken += n
        return True

    def leave(self, who: object, n: int = 1) -> None:
        """Give `n` places back."""
        self.taken -= n
        left = self._held[who] - n
        if left:
            self._held[who] = left
        else:
            del self._held[who]


class Stay:
    """One request under way; made by `Door.inside`."""

    __slots__ = ("_network", "_networks", "_source", "_sources")

    def __init__(self, sources: Room, networks: Room, source: int, network: str) -> None:
        self._sources, self._networks = sources, networks
        self._source, self._network = source, network

    def __enter__(self) -> None:
        if not self._sources.enter(self._source):
            raise Overloaded("too many requests of this source at once")
        if self._network and not self._networks.enter(self._network, part=NETWORK_PART):
            self._sources.leave(self._source)
            raise Overloaded("too many requests from your network at once")
        caller.set(self._network)

    def __exit__(self, *_: object) -> None:
        self._sources.leave(self._source)
        if self._network:
            self._networks.leave(self._network)


class Reading:
    """One body that is being read; made by `Door.reading`."""

    __slots__ = ("_bodies", "_network", "_taken")

    def __init__(self, bodies: Room, network: str) -> None:
        self._bodies, self._network = bodies, network
        self._taken = 0

    def took(self, size: int) -> None:
        """A part of it has come. Raises Overloaded."""
        if size and not self._bodies.enter(self._network, size):
            raise Overloaded("too much is being sent at once")
        self._taken += size

    def __enter__(self) -> Reading:
        return self

    def __exit__(self, *_: object) -> None:
        if self._taken:
            self._bodies.leave(self._network, self._taken)


class Door:
    """Counts the requests under way and the bodies that are being read."""

    def __init__(self) -> None:
        self._sources = Room(REQUESTS)
        self._networks = Room(REQUESTS)
        self._bodies = Room(BODY_BYTES)
        self._held = 0

    def inside(self, source: SourceRow, network: str) -> Stay:
        """While the block runs, a request of this source is under way. Raises Overloaded."""
        # A secret key names the shop's own server: all its traffic comes from one address.
        return Stay(
            self._sources, self._networks, source.id, network if source.kind == "browser" else ""
        )

    def reading(self, network: str) -> Reading:
        """While the block runs, a body of this network is read."""
        return Reading(self._bodies, network)

    async def hold(self) -> None:
        """Let the one who was turned away wait; beyond a number of them, nobody."""
        if self._held < HELD_ANSWERS:
            self._held += 1
            try:
                await asyncio.sleep(HOLD_SECONDS)
            finally:
                self._held -= 1


class Allowance:
    """So many calls in an hour for each network, a third of them at once."""

    def __init__(self, per_hour: int) -> None:
        self._step = 3_600_000 // per_hour if per_hour else 0
        self._burst = max(1, per_hour // 3) * self._step
        self._until: dict[str, int] = {}

    def spend(self, network: str, now: int) -> None:
        """One call at `now` (ms). Raises Overloaded, which says when the next one may come."""
        if not self._step or not network:
            return
        until = max(now, self._until.pop(network, now)) + self._step
        if until - now > self._burst:
            self._until[network] = until - self._step
            raise Overloaded(
                "too many from your network", after=-(-(until - now - self._burst) // 1000)
            )
        if len(self._until) >= MOST_NETWORKS:  # the one that called longest ago is forgotten
            del self._until[next(iter(self._until))]
        self._until[network] = until

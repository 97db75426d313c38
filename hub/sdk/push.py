"""What a connector may do beyond reading: tell the vendor of changes, and erase a person there.

Both are optional. A connector that can, names it: `abilities = ("push", "erase")`. Everything
that goes in and comes out is plain data, because connectors run in a process of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal, Protocol, TypeGuard

import msgspec

from hub.sdk.connector import Connector, Context
from hub.sdk.records import ConsentRecord, Identifier

Ability = Literal["push", "erase"]
ABILITIES: Final[tuple[Ability, ...]] = ("push", "erase")


class Change(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is new about one person. The same `key` is the same change: told twice, the vendor
    ends up as if told once. `who` holds every name that the hub may give to this vendor."""

    key: str
    who: tuple[Identifier, ...]
    at: datetime
    traits: dict[str, str | int | float | bool | None] = {}  # None: clear it
    consents: tuple[ConsentRecord, ...] = ()
    audiences: dict[str, bool] = {}  # audience -> belongs to it now


class Pushed(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of one change. `unknown`: it may or may not have arrived."""

    key: str
    state: Literal["done", "refused", "unknown"]
    reference: str = ""  # the vendor's own name for what it stored
    reason: str = ""  # of a refusal, for the person who looks into it


class Erased(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of an erasure. `manual`: a person must do it; `note` says where and how.
    `nothing`: the vendor does not know this person. `reference`: the vendor's receipt."""

    state: Literal["done", "manual", "nothing"]
    reference: str = ""
    note: str = ""


class Pushes(Connector, Protocol):
    """A connector that takes changes to the vendor."""

    abilities: tuple[Ability, ...]

    async def push(self, ctx: Context, changes: Sequence[Change]) -> Sequence[Pushed]:
        """One result per change, in any order. Raises as `pull` does when the whole call
        failed: the hub then pushes all of them again, with the same keys."""
        ...


class Erases(Connector, Protocol):
    """A connector that erases a person at the vendor."""

    abilities: tuple[Ability, ...]

    async def erase(self, ctx: Context, identifiers: Sequence[Identifier]) -> Erased:
        """Erase whoever carries one of these names, and what `ctx.state` holds of them. Asked
        again it answers `done` or `nothing`. Never says `done` when a part is left."""
        ...


def can_push(connector: object) -> TypeGuard[Pushes]:
    """Whether the connector takes changes to its vendor."""
    return "push" in declared_abilities(connector)


def can_erase(connector: object) -> TypeGuard[Erases]:
    """Whether the connector erases people at its vendor."""
    return "erase" in declared_abilities(connector)


def declared_abilities(connector: object) -> tuple[str, ...]:
    """What the connector says it can do; older ones say nothing."""
    return tuple(getattr(connector, "abilities", ()))


def ability_faults(connector: object) -> list[str]:
    """What is wrong with the abilities that a connector names, one sentence each."""
    faults = []
    for name in declared_abilities(connector):
        if name not in ABILITIES:
            faults.append(f"abilities: {name!r} is not known; use {' or '.join(ABILITIES)}")
        elif not callable(getattr(connector, name, None)):
            faults.append(f"abilities: names {name!r} but has no method {name}()")
    for name in ABILITIES:
        if callable(getattr(connector, name, None)) and name not in declared_abilities(connector):
            faults.append(f"has a method {name}() that is never called: add {name!r} to abilities")
    return faults

"""What simulated shoppers will do: a pure, endless plan, the same for the same seed."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from hub.demo.catalogue import DemoProduct, categories
from hub.demo.woo import address
from hub.demo.woo_orders import line_of

Kind = Literal["home", "category", "product", "search", "add", "cart", "checkout", "order", "login"]
Device = Literal["phone", "tablet", "desktop"]
_DEVICES: tuple[Device, ...] = ("phone", "desktop", "tablet")
AT_ONCE = 6
_KNOWN_BY_NAME = 250
_SEARCHES = ("kettle", "honey", "linen", "knife", "pot", "lamp", "mug", "oak", "decaf", "basket")
_CAMPAIGNS = ("", "", "", "", "?utm_source=newsletter&utm_medium=email&utm_campaign=autumn")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who comes by now and then."""

    number: int
    likes: tuple[str, ...]  # category slugs, the dearest first
    consents: bool
    eager: float  # 0..1: how readily this one buys and signs up
    device: Device
    billing: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Action:
    """One thing a person does, on one page of the shop."""

    person: Person
    visit: int
    kind: Kind
    last: bool  # of this visit
    luck: float  # 0..1: decides what the answer of the hub leads to
    category: str = ""
    product_id: str = ""
    line: dict[str, Any] | None = None
    query: str = ""
    campaign: str = ""


def sessions(
    catalogue: Sequence[DemoProduct], seed: int, consent_rate: float = 0.8
) -> Iterator[Action]:
    """Endless actions of shoppers, several visits woven into each other."""
    if not 0 <= consent_rate <= 1:
        raise ValueError("consent_rate: a share between 0 and 1")
    rng = random.Random(f"shoppers {seed}")  # noqa: S311 (a simulation)
    regulars: list[Person] = []
    running: list[Iterator[Action]] = []
    visit = person_number = 0
    while True:
        while len(running) < AT_ONCE:
            visit += 1
            if regulars and rng.random() < 0.45:
                person = rng.choice(regulars)
            else:
                person_number += 1
                person = _person(rng, person_number, consent_rate)
                regulars = [*regulars[-_KNOWN_BY_NAME + 1 :], person]
            running.append(iter(_visit(rng, catalogue, person, visit)))
        chosen = rng.choice(running)
        action = next(chosen, None)
        if action is None:
            running.remove(chosen)
        else:
            yield action


def _person(rng: random.Random, number: int, consent_rate: float) -> Person:
    device = rng.choices(_DEVICES, (58, 35, 7))[0]
    return Person(
        number=number,
        likes=tuple(rng.sample([c.slug for c in categories()], rng.choice((2, 3)))),
        consents=rng.random() < consent_rate,
        eager=rng.random(),
        device=device,
        billing=address(rng),
    )


def _visit(
    rng: random.Random, catalogue: Sequence[DemoProduct], person: Person, number: int
) -> list[Action]:
    steps = _steps(rng, catalogue, person)
    campaign = rng.choice(_CAMPAIGNS)
    return [
        Action(
            person=person,
            visit=number,
            last=at == len(steps),
            luck=rng.random(),
            campaign=campaign if at == 1 else "",
            **step,
        )
        for at, step in enumerate(steps, 1)
    ]


def _steps(
    rng: random.Random, catalogue: Sequence[DemoProduct], person: Person
) -> list[dict[str, Any]]:
    """Two to twelve pages; a basket and a checkout when this one is eager."""
    pages = min(9, 2 + int(rng.expovariate(0.38)))
    steps: list[dict[str, Any]] = [{"kind": rng.choices(("home", "category"), (70, 30))[0]}]
    steps[0]["category"] = "" if steps[0]["kind"] == "home" else person.likes[0]
    basket = False
    while len(steps) < pages:
        shelf = _shelf(rng, person)
        steps.append(_look(rng, catalogue, shelf))
        product = _product(catalogue, steps[-1])
        if product and product.in_stock and rng.random() < 0.12 + 0.2 * person.eager:
            steps.append({"kind": "add", **_of(product), "line": line_of(rng, product)})
            basket = True
    if basket:
        steps += _till(rng, person)
    return steps[:12]


def _shelf(rng: random.Random, person: Person) -> str:
    if rng.random() < 0.85:
        return rng.choices(person.likes, range(len(person.likes), 0, -1))[0]
    return rng.choice(categories()).slug


def _look(rng: random.Random, catalogue: Sequence[DemoProduct], shelf: str) -> dict[str, Any]:
    chance = rng.random()
    if chance < 0.08:
        return {"kind": "search", "query": rng.choice(_SEARCHES)}
    if chance < 0.3:
        return {"kind": "category", "category": shelf}
    goods = [p for p in catalogue if p.category == shelf]
    # The square prefers what stands in front: shops have best sellers.
    return {"kind": "product", **_of(goods[int(len(goods) * rng.random() ** 2)])}


def _of(product: DemoProduct) -> dict[str, Any]:
    return {"product_id": product.product_id, "category": product.category}


def _product(catalogue: Sequence[DemoProduct], step: dict[str, Any]) -> DemoProduct | None:
    wanted = step.get("product_id")
    return next((p for p in catalogue if p.product_id == wanted), None) if wanted else None


def _till(rng: random.Random, person: Person) -> list[dict[str, Any]]:
    steps: list[dict[str, Any]] = [{"kind": "cart"}]
    if rng.random() < 0.35 + 0.4 * person.eager:
        if rng.random() < 0.3:
            steps.append({"kind": "login"})
        steps.append({"kind": "checkout"})
        if rng.random() < 0.65:
            steps.append({"kind": "order"})
    return steps

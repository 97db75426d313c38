"""A condition as one query over all people, for SQLite, PostgreSQL and DuckDB.

Numbered parameters carry every value (`?1` on SQLite, `$1` elsewhere); names of tables and
columns are fixed here. The engine's clock is never read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Final, assert_never
from zoneinfo import ZoneInfo

from sqlglot import exp

from hub.conditions.dialects import Binder, Dialect, Name, Parameter, Slot, dialect
from hub.conditions.facts import PERSON_TRAITS
from hub.conditions.value_sql import column_test, json_test
from hub.sdk.conditions import (
    Always,
    Condition,
    Context,
    ContextOnly,
    DidLeaf,
    EventCount,
    EventMatch,
    Every,
    Negation,
    Node,
    Some,
    TraitTest,
)

# An order is sighted many times in the log; these names are read where it counts once.
ORDER_EVENTS: Final = ("Order Completed", "Order Refunded", "Order Cancelled")


@dataclass(frozen=True, slots=True)
class SetQuery:
    """A query and its parameters, in the order of their numbers."""

    sql: str
    parameters: tuple[Parameter, ...]


@dataclass(frozen=True, slots=True)
class Moment:
    """What conditions are told when they turn into nodes."""

    now: int
    zone: ZoneInfo
    context: Context | None = None

    def known_context(self, leaf: str) -> Context:
        """The constant context; raises `ContextOnly` without one."""
        if self.context is None:
            raise ContextOnly(leaf)
        return self.context


def people_query(
    condition: Condition,
    *,
    now: int,
    zone: ZoneInfo,
    engine: Name,
    context: Context | None = None,
    among: Sequence[int] | None = None,
) -> SetQuery:
    """The ids of the living people for whom the condition holds at `now`, ascending.

    `among` restricts the question to some people. Raises `ContextOnly` when the condition asks
    about the page or device and no constant context is given, and `TooLarge` when it holds more
    values than every engine takes.
    """
    node = condition.query(Moment(now, zone, context))
    writer = _Writer(dialect(engine))
    rows = exp.select(_column("id", "p")).from_(_table("person", "p")).where(writer.node(node))
    if among is not None:
        ids = [writer.binder.bind(person) for person in among] or [exp.null()]
        rows = rows.where(exp.In(this=_column("id", "p"), expressions=ids))
    return writer.finish(rows.order_by(_column("id", "p")))


def counter_query(leaf: DidLeaf, *, engine: Name) -> SetQuery:
    """The backfill of a counter: (person_id, at) of the `keep` newest matches of each person."""
    writer = _Writer(dialect(engine))
    person, at = _column("person_id", "n"), _column("at", "e")
    rank = exp.Window(
        this=exp.RowNumber(),
        partition_by=[person.copy()],
        order=exp.Order(expressions=[exp.Ordered(this=at.copy(), desc=True)]),
    )
    inner = writer.events(leaf.match).select(person, at, exp.alias_(rank, "newest"))
    kept = exp.LTE(this=_column("newest", "c"), expression=exp.Literal.number(leaf.keep))
    outer = exp.select(_column("person_id", "c"), _column("at", "c")).from_(inner.subquery("c"))
    ordered = exp.Ordered(this=_column("at", "c"), desc=True)
    return writer.finish(outer.where(kept).order_by(_column("person_id", "c"), ordered))


def _column(name: str, table: str) -> exp.Column:
    return exp.column(name, table, quoted=True)


def _table(name: str, alias: str) -> exp.Expr:
    return exp.alias_(exp.to_table(name), alias, table=True)


class _Writer:
    """Turns nodes into expressions of one engine and gathers their parameters."""

    def __init__(self, engine: Dialect) -> None:
        self.engine = engine
        self.binder = Binder(engine.sign)

    def finish(self, query: exp.Select) -> SetQuery:
        """The text and its parameters."""
        return SetQuery(query.sql(self.engine.name), tuple(self.binder.values))

    def node(self, node: Node) -> exp.Expr:
        """The node as a boolean that is never NULL."""
        match node:
            case Always(ok):
                return exp.true() if ok else exp.false()
            case Every(nodes):
                return self._joined(exp.And, nodes) if nodes else exp.true()
            case Some(nodes):
                return self._joined(exp.Or, nodes) if nodes else exp.false()
            case Negation(inner):
                return exp.not_(exp.paren(self.node(inner), copy=False), copy=False)
            case TraitTest():
                return self._trait(node)
            case EventCount():
                return self._count(node)
            case _:
                assert_never(node)

    def _joined(self, combine: type[exp.And | exp.Or], nodes: tuple[Node, ...]) -> exp.Expr:
        return _combined(combine, [self.node(part) for part in nodes])

    def _trait(self, node: TraitTest) -> exp.Expr:
        if node.key in PERSON_TRAITS:
            return column_test(node.test, _column(node.key, "p"), self.engine, self.binder)
        slot = Slot(_column("traits", "p"), (node.key,))
        return json_test(node.test, slot, self.engine, self.binder)

    def _count(self, node: EventCount) -> exp.Expr:
        """Who has enough events; who has none is found by negation, not by counting to zero."""
        low, high = node.low, node.high
        if high is not None and high < low:
            return exp.false()
        if low > 0:
            return self._people_with(node, low, high)
        if high is None:
            return exp.true()
        return exp.not_(exp.paren(self._people_with(node, high + 1, None), copy=False), copy=False)

    def _people_with(self, node: EventCount, low: int, high: int | None) -> exp.Expr:
        person, at = _column("person_id", "n"), _column("at", "e")
        rows = self.events(node.match).select(person)
        rows = rows.where(exp.LT(this=at, expression=self.binder.bind(node.until)))
        if node.since is not None:
            rows = rows.where(exp.GTE(this=at.copy(), expression=self.binder.bind(node.since)))
        if (low, high) != (1, None):
            total = exp.Count(this=exp.Star())
            rows = rows.group_by(person.copy())
            rows = rows.having(exp.GTE(this=total, expression=exp.Literal.number(low)))
            if high is not None:
                rows = rows.having(exp.LTE(this=total.copy(), expression=exp.Literal.number(high)))
        return exp.In(this=_column("id", "p"), query=rows.subquery())

    def events(self, match: EventMatch) -> exp.Select:
        """The events that match, `e`, joined to their people, `n`."""
        ordered = match.event in ORDER_EVENTS
        body = _column("properties" if ordered else "body", "e")
        above = () if ordered else ("properties",)
        people = exp.EQ(this=_column("node_id", "n"), expression=_column("node_id", "e"))
        rows = exp.select().from_(_table("order_event" if ordered else "log", "e"))
        rows = rows.join(_table("node_person", "n"), on=people)
        named = exp.EQ(this=_column("name", "e"), expression=self.binder.bind(match.event))
        tests: list[exp.Expr] = [named]
        if not ordered:
            kind = exp.Literal.string("event")
            tests.insert(0, exp.EQ(this=_column("kind", "e"), expression=kind))
        for clause in match.where:
            slot = Slot(body, (*above, clause.property))
            tests.append(json_test(clause.test, slot, self.engine, self.binder))
        return rows.where(_combined(exp.And, tests))


def _combined(combine: type[exp.And | exp.Or], parts: list[exp.Expr]) -> exp.Expr:
    """One or more parts side by side, each in brackets only if it needs them.

    Brackets cost: the parser of older SQLite gives up at a hundred open ones.
    """
    bare = (
        exp.paren(p, copy=False) if isinstance(p, exp.Connector | exp.Not) else p for p in parts
    )
    return reduce(lambda left, right: combine(this=left, expression=right), bare)

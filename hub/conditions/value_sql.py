"""A value test as SQL: first the stored type, then the comparison; never NULL."""

from __future__ import annotations

from typing import Final, cast

from sqlglot import exp

from hub.conditions.dialects import Binder, Dialect, Slot
from hub.sdk.values import ValueTest

_COMPARE: Final[dict[str, type[exp.Binary]]] = {
    "is": exp.EQ,
    "is_not": exp.NEQ,
    "gt": exp.GT,
    "gte": exp.GTE,
    "lt": exp.LT,
    "lte": exp.LTE,
}


def json_test(test: ValueTest, slot: Slot, engine: Dialect, binder: Binder) -> exp.Expr:
    """Whether a JSON value passes, TRUE or FALSE."""
    kind = "text" if test.kind == "time" else test.kind
    typed = engine.type_is(slot, kind, binder)
    match test.kind:
        case "any":
            return exp.Coalesce(this=typed, expressions=[exp.false()])
        case "text":
            holds = text_test(test, engine.text(slot, binder), binder)
        case "time":
            holds = _time_test(test, engine.text(slot, binder), engine, binder)
        case "number":
            holds = _number_test(test, engine.number(slot, binder), binder)
        case "list":
            holds = engine.has(slot, cast("str", test.operand), binder)
        case _:
            truth = engine.truth(slot, binder)
            wanted = bool(test.operand) is (test.op == "is")
            holds = truth if wanted else exp.not_(truth)
    return either(typed, holds)


def column_test(test: ValueTest, column: exp.Expr, engine: Dialect, binder: Binder) -> exp.Expr:
    """Whether a text column passes; an empty one counts as missing."""
    known = exp.NEQ(this=column.copy(), expression=exp.Literal.string(""))
    text = engine.code_points(column.copy())
    match test.kind:
        case "any":
            return exp.Coalesce(this=known, expressions=[exp.false()])
        case "text":
            return either(known, text_test(test, text, binder))
        case "time":
            return either(known, _time_test(test, text, engine, binder))
        case _:
            return exp.false()


def either(first: exp.Expr, then: exp.Expr) -> exp.Expr:
    """`then` where `first` is true, else FALSE; `then` is not evaluated elsewhere."""
    sure = exp.Coalesce(this=then, expressions=[exp.false()])
    return exp.Case().when(first, sure).else_(exp.false())


def text_test(test: ValueTest, text: exp.Expr, binder: Binder) -> exp.Expr:
    """A test of text on a text that is not null. No LIKE, so nothing is a wildcard."""
    if test.op == "in":
        members = [binder.bind(member) for member in cast("tuple[str, ...]", test.operand)]
        return exp.In(this=text, expressions=members)
    wanted = cast("str", test.operand)
    if test.op == "contains":
        found = exp.StrPosition(this=text, substr=binder.bind(wanted))
        return exp.GT(this=found, expression=exp.Literal.number(0))
    if test.op == "starts_with":
        start = _part(text, 1, len(wanted))
        return exp.EQ(this=start, expression=binder.bind(wanted))
    return _COMPARE[test.op](this=text, expression=binder.bind(wanted))


def _number_test(test: ValueTest, number: exp.Expr, binder: Binder) -> exp.Expr:
    if test.op == "in":
        members = [binder.bind(member) for member in cast("tuple[float, ...]", test.operand)]
        return exp.In(this=number, expressions=members)
    return _COMPARE[test.op](this=number, expression=binder.bind(cast("float", test.operand)))


def _time_test(test: ValueTest, text: exp.Expr, engine: Dialect, binder: Binder) -> exp.Expr:
    dotted = exp.EQ(this=_part(text, 20, 1), expression=exp.Literal.string("."))
    fraction = exp.Case().when(dotted, _part(text, 20, 4)).else_(exp.Literal.string(".000"))
    key = engine.code_points(exp.paren(exp.DPipe(this=_part(text, 1, 19), expression=fraction)))
    edge = binder.bind(cast("str", test.operand)[:23])
    compare = exp.LT if test.op == "before" else exp.GT
    return either(engine.is_time(text, binder), compare(this=key, expression=edge))


def _part(text: exp.Expr, start: int, length: int) -> exp.Expr:
    return exp.Substring(
        this=text.copy(), start=exp.Literal.number(start), length=exp.Literal.number(length)
    )

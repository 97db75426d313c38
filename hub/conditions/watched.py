"""Conditions of plugins, called under watch; a rule whose plugin can not answer does not hold.

`not` would turn a missing answer into a yes, so a leaf that can not answer raises, and the rule
around it, whatever it is made of, is false and says why.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Self

from hub.sdk.conditions import (
    Always,
    Condition,
    DidLeaf,
    Facts,
    Form,
    Language,
    Node,
    Place,
    QueryBuilder,
    Verdict,
)
from hub.watch import PluginFault, PluginOff, Watch


def watched(condition: type[Condition], plugin: str, watch: Watch) -> type[Condition]:
    """The same condition for the language, every call into it watched."""
    kind = condition.kind

    def parse(cls: type[Leaf], body: object, place: Place, language: Language) -> Leaf:
        inner = watch.call(plugin, f"{kind}.parse", condition.parse, body, place, language)
        return cls(inner, Caller(plugin, watch))

    def describe(cls: type[Leaf]) -> Form:
        return watch.call(plugin, f"{kind}.describe", condition.describe)

    members = {
        "kind": kind, "parse": classmethod(parse), "describe": classmethod(describe),
        "__slots__": (), "__doc__": condition.__doc__,
    }  # fmt: skip
    made: type[Condition] = type(condition.__name__, (Leaf,), members)
    return made


@dataclass(frozen=True, slots=True)
class Caller:
    """Whom to call, and under whose watch."""

    plugin: str
    watch: Watch

    def __call__(self, inner: Condition, method: str, *arguments: Any) -> Any:
        act = getattr(inner, method)
        return self.watch.call(self.plugin, f"{inner.kind}.{method}", act, *arguments)


@dataclass(frozen=True, slots=True)
class Leaf:
    """A condition of a plugin. Equal when the plugin's own conditions are."""

    kind: ClassVar[str]
    inner: Condition
    call: Caller = field(compare=False, repr=False)

    @classmethod
    def parse(cls, body: object, place: Place, language: Language) -> Self:
        raise NotImplementedError  # `watched` gives each its own

    @classmethod
    def describe(cls) -> Form:
        raise NotImplementedError

    def dump(self) -> dict[str, object]:
        return dict(self.call(self.inner, "dump"))

    def evaluate(self, facts: Facts, now: int) -> Verdict:
        """The plugin's answer. Raises PluginOff and PluginFault."""
        verdict = self.call(self.inner, "evaluate", facts, now)
        if not isinstance(verdict, Verdict):
            fault = f"{self.kind}.evaluate answered with no verdict"
            self.call.watch.fault(self.call.plugin, fault)
            raise PluginFault(self.call.plugin, fault)
        return replace(verdict, ok=bool(verdict.ok), condition=self)

    def query(self, builder: QueryBuilder) -> Node:
        node: Node = self.call(self.inner, "query", builder)
        return node

    def sentence(self) -> str:
        return self._words("sentence")

    def found(self, verdict: Verdict) -> str:
        return self._words("found", replace(verdict, condition=self.inner))

    def needs(self, verdict: Verdict) -> str:
        return self._words("needs", replace(verdict, condition=self.inner))

    def parts(self) -> tuple[Condition, ...]:
        return tuple(self.call(self.inner, "parts"))

    def counts(self) -> tuple[DidLeaf, ...]:
        return tuple(self.call(self.inner, "counts"))

    def _words(self, method: str, *arguments: Any) -> str:
        try:
            return str(self.call(self.inner, method, *arguments))
        except (PluginOff, PluginFault) as error:  # words are for people: they hear the reason
            return f"{self.kind} ({error})"


@dataclass(frozen=True, slots=True)
class Rule:
    """A whole rule in which conditions of plugins take part."""

    kind: ClassVar[str] = "rule"
    whole: Condition
    leaves: tuple[Leaf, ...] = field(compare=False, repr=False)

    @classmethod
    def parse(cls, body: object, place: Place, language: Language) -> Self:
        raise NotImplementedError  # it is made by the language around what was read

    @classmethod
    def describe(cls) -> Form:
        return Form("rule", "Rule", "logic", ())

    def dump(self) -> dict[str, object]:
        return self.whole.dump()

    def evaluate(self, facts: Facts, now: int) -> Verdict:
        """The answer; false as long as one of the plugins can not give its own."""
        try:
            self._all_on()
            verdict = self.whole.evaluate(facts, now)
        except (PluginOff, PluginFault) as error:
            # Good for this moment only: the plugin may be mended in the next.
            return Verdict(False, self, found=str(error), until=now)
        return verdict

    def query(self, builder: QueryBuilder) -> Node:
        try:
            self._all_on()
            return self.whole.query(builder)
        except (PluginOff, PluginFault):
            return Always(False)

    def sentence(self) -> str:
        return self.whole.sentence()

    def found(self, verdict: Verdict) -> str:
        """Why there is no answer: a verdict that is one speaks for itself."""
        return str(verdict.found)

    def needs(self, verdict: Verdict) -> str:
        return str(verdict.found)

    def parts(self) -> tuple[Condition, ...]:
        return (self.whole,)

    def counts(self) -> tuple[DidLeaf, ...]:
        return ()

    def _all_on(self) -> None:
        for leaf in self.leaves:
            caller = leaf.call
            if caller.plugin in caller.watch.off:
                raise PluginOff(caller.plugin, caller.watch.off[caller.plugin])


def whole_rule(condition: Condition, parts: list[Condition]) -> Condition:
    """The rule as it is, or guarded when plugins take part in it. `parts`: all of its leaves."""
    leaves = tuple(part for part in parts if isinstance(part, Leaf))
    if not leaves:
        return condition
    rule: Condition = Rule(condition, leaves)
    return rule

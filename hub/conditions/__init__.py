"""The one rule language: parse, evaluate, explain, and compile to a set query.

Import the parts you need; `hub.conditions.compile` loads sqlglot and is best imported late.
"""

from __future__ import annotations

from hub.conditions.counters import CounterFacts, counter_leaves, merge_times, observe
from hub.conditions.facts import EventFacts, EventRow, person_traits
from hub.conditions.parse import ConditionLanguage

__all__ = [
    "ConditionLanguage",
    "CounterFacts",
    "EventFacts",
    "EventRow",
    "counter_leaves",
    "merge_times",
    "observe",
    "person_traits",
]

"""The rule language with every bundled condition, as the hub has it."""

from __future__ import annotations

from typing import Final

from hub_visit import register_conditions

from hub.conditions.parse import ConditionLanguage
from hub.sdk.conditions import Condition

LANGUAGE: Final = ConditionLanguage(register_conditions())


def parse_condition(data: object, path: str = "when") -> Condition:
    """Read a condition; raises `InvalidCondition`."""
    return LANGUAGE.read(data, path)

"""Errors named by what the host must do next, not by what went wrong.

A secret never enters a message, a repr or a log: messages are shown to people.
"""

from __future__ import annotations


class HubError(Exception):
    """Any fault a plugin may report to the hub."""


class NeedsAttention(HubError):
    """Stop and tell a person: a key was refused, a permission is missing."""


class Retryable(HubError):
    """Try the same thing again, after `after` seconds if the other side named a time."""

    def __init__(self, message: str, after: float | None = None) -> None:
        super().__init__(message)
        self.after = after


class Refused(HubError):
    """This one item was refused for good; go on with the others."""


class Broken(HubError):
    """The other side answers nonsense: stop this run and keep the cursor."""


class InvalidRecord(HubError):
    """This record can not be read: put it aside with its reason and go on."""

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(f"{field}: {message}" if field else message)
        self.field = field

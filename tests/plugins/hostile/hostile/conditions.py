"""A rule that raises, dawdles or never answers."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, ClassVar

from hub.sdk.conditions import Always, Form, Verdict


def burn(seconds: float) -> None:
    """Compute for this long."""
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass


@dataclass(frozen=True, slots=True)
class Naughty:
    """`naughty: raise | slow | hang | stubborn | lie | fine`"""

    kind: ClassVar[str] = "naughty"
    mode: str

    @classmethod
    def parse(cls, body: object, place: Any, language: Any) -> Naughty:
        return cls(str(body))

    @classmethod
    def describe(cls) -> Form:
        return Form("naughty", "Naughty", "person", ())

    def dump(self) -> dict[str, object]:
        return {"naughty": self.mode}

    def evaluate(self, facts: Any, now: int) -> Any:
        if self.mode == "raise":
            raise ValueError("no idea")
        if self.mode == "slow":
            burn(0.08)
        while self.mode == "hang":
            pass
        if self.mode == "stubborn":
            self._swallow()
        if self.mode == "lie":
            return "yes"
        return Verdict(True, self)

    def _swallow(self) -> None:
        """Ignores the first two attempts to stop it."""
        for _ in range(3):
            try:
                while True:
                    pass
            except BaseException:
                if _ == 2:
                    raise

    def query(self, builder: Any) -> Any:
        if self.mode == "raise":
            raise ValueError("no idea")
        return Always(True)

    def sentence(self) -> str:
        return "naughty"

    def found(self, verdict: Verdict) -> str:
        return "something"

    def needs(self, verdict: Verdict) -> str:
        return "manners"

    def parts(self) -> tuple[()]:
        return ()

    def counts(self) -> tuple[()]:
        return ()

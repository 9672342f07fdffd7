"""What can be wrong with a campaign's text, always with its place and its cure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

Field = Literal["subject", "preheader", "body"]
_ORDER: Final[dict[Field, int]] = {"subject": 0, "preheader": 1, "body": 2}


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing to mend, or to think about where it does not block. ``line`` and ``column`` count from 1 in what was
    typed (0: all of the field), ``code`` is a short stable name, ``message`` says what is wrong and ``cure`` what to do.
    ``word``: what somebody may waive by name, else empty."""

    field: Field
    line: int
    column: int
    code: str
    message: str
    cure: str
    blocks: bool = True
    word: str = ""

    @property
    def place(self) -> str:
        """Where it is, in words."""
        return f"{self.field}, line {self.line}, column {self.column}" if self.line else self.field

    def __str__(self) -> str:
        return f"{self.place}: {self.message}; {self.cure}"


class CampaignTextError(ValueError):
    """A text that can't be rendered; ``flaws`` lists why, the message too."""

    def __init__(self, flaws: Iterable[Flaw]) -> None:
        self.flaws = in_order(flaws)
        super().__init__("\n".join(str(flaw) for flaw in self.flaws))


def in_order(flaws: Iterable[Flaw]) -> tuple[Flaw, ...]:
    """Each once, in the order in which somebody reads the form."""
    return tuple(
        sorted(dict.fromkeys(flaws), key=lambda one: (_ORDER[one.field], one.line, one.column, one.code))
    )


def spot(text: str, at: int) -> tuple[int, int]:
    """Line and column, from 1, of a place in ``text``."""
    return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)


def found_at(text: str, *wanted: str) -> tuple[int, int]:
    """Where the first of ``wanted`` that is there stands in ``text``, in any case; (0, 0) when none is."""
    lower = text.lower()
    for words in wanted:
        at = lower.find(words.lower()) if words else -1
        if at >= 0:
            return spot(text, min(at, len(text)))
    return 0, 0

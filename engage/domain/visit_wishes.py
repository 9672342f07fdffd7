"""What somebody wishes of a visit, beyond that it be moved: when another one would suit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from engage.domain.consultations import TIMES, BadMessage, clean_message
from engage.domain.forms import InvalidInput

MAX_WORDS = 500


@dataclass(frozen=True, slots=True)
class Wishes:
    """``times`` are slugs of consultations.TIMES; ``words`` are the person's own, at most MAX_WORDS characters."""

    times: tuple[str, ...] = ()
    words: str = ""

    def kept(self) -> dict[str, Any]:
        """What is sealed with the visit."""
        return {"times": list(self.times), "words": self.words}

    @property
    def line(self) -> str:
        """All in one line; empty where nothing was said."""
        return ": ".join(filter(None, (", ".join(self.spoken), self.words)))

    @property
    def spoken(self) -> list[str]:
        """The times in words."""
        return [TIMES[slug] for slug in self.times]


def typed(times: Iterable[str], words: str) -> Wishes:
    """What a form says. Raises InvalidInput."""
    chosen = set(times)
    if unknown := chosen - TIMES.keys():
        raise InvalidInput({"times": f"Please choose from the list; {len(unknown)} of these are not on it."})
    try:
        said = clean_message(words, MAX_WORDS)
    except BadMessage as error:
        raise InvalidInput({"words": str(error)}) from None
    return Wishes(tuple(slug for slug in TIMES if slug in chosen), said)


def opened(told: Mapping[str, Any] | None) -> Wishes:
    """What was sealed; nothing where there was nothing."""
    told = told or {}
    return Wishes(tuple(slug for slug in told.get("times", ()) if slug in TIMES), str(told.get("words", "")))

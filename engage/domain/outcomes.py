"""Answers to check-ins: what may be answered, how it was typed, and how a table of them is written down."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, Literal

from engage.domain.forms import InvalidInput

Asks = Literal["after-visit", "pain-score"]
Feeling = Literal["fine", "so_so", "not_well"]

ASKS_WORDS: Final[Mapping[str, str]] = MappingProxyType(
    {"after-visit": "After a visit", "pain-score": "Score, 0 to 10"}
)
_FIRST: Final = "first"
# Why a check-in was asked, by the first part of its slug.
WHY_WORDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "after": "the day after a visit",
        _FIRST: "before the first visit",
        "week": "weekly",
        "end": "at the end of the plan",
    }
)
_FIRST_LATE: Final = "asked before the first visit, answered after it"
# Mild bruising or soreness, light-headedness and drowsiness may follow a session and usually pass soon.
FEELINGS: Final[Mapping[Feeling, str]] = MappingProxyType(
    {"fine": "Fine", "so_so": "A little sore, bruised or tired", "not_well": "Not well"}
)
# How a text says them.
FEELING_NUMBERS: Final[Mapping[int, Feeling]] = MappingProxyType({1: "fine", 2: "so_so", 3: "not_well"})
HIGHEST: Final = 10
LONGEST_WORDS: Final = 500


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody answered: a ``score`` from 0 to 10, or a ``feeling``; ``words`` as they wrote them. ``by`` is the
    page or a text."""

    score: int | None = None
    feeling: Feeling | None = None
    words: str = ""
    by: Literal["page", "text"] = "page"

    def sealed(self) -> dict[str, Any]:
        """What is kept."""
        told = {"score": self.score, "feeling": self.feeling, "words": self.words or None, "by": self.by}
        return {name: value for name, value in told.items() if value is not None}


def occasion(slug: str, answered_at: datetime | None, first_visit: datetime | None) -> str:
    """Why a check-in was asked, in words, "" where nobody knows. What was answered once the ``first_visit`` had begun is no
    score from before it."""
    why = slug.partition("/")[0]
    late = answered_at is not None and first_visit is not None and answered_at >= first_visit
    return _FIRST_LATE if why == _FIRST and late else WHY_WORDS.get(why, "")


def kept(told: Mapping[str, Any]) -> Answer | None:
    """An answer as it was kept; None where nothing was, or it was let go."""
    feeling = next((one for one in FEELINGS if one == told.get("feeling")), None)
    score = told.get("score")
    if score is None and feeling is None:
        return None
    by: Literal["page", "text"] = "text" if told.get("by") == "text" else "page"
    return Answer(score, feeling, str(told.get("words", "")), by)


def typed(asks: Asks, form: Mapping[str, str]) -> Answer:
    """The answer in a form. Raises InvalidInput for ``score``, ``feeling`` or ``words``."""
    if asks == "pain-score":
        score = score_in(form.get("score", ""))
        if score is None:
            raise InvalidInput({"score": "Please choose a number from 0 to 10."})
        return Answer(score=score)
    feeling = feeling_in(form.get("feeling", ""))
    words = " ".join(form.get("words", "").split())
    errors = {}
    if feeling is None:
        errors["feeling"] = "Please choose what fits best."
    if len(words) > LONGEST_WORDS:
        errors["words"] = f"Please write at most {LONGEST_WORDS} letters, or call us."
    if errors or feeling is None:
        raise InvalidInput(errors)
    return Answer(feeling=feeling, words=words)


def texted(asks: Asks, number: int) -> Answer | None:
    """The answer that a number in a text gives; None where it gives none."""
    if asks == "pain-score":
        return Answer(score=number, by="text") if 0 <= number <= HIGHEST else None
    feeling = FEELING_NUMBERS.get(number)
    return Answer(feeling=feeling, by="text") if feeling is not None else None


def score_in(text: str) -> int | None:
    """A number from 0 to 10 as it stands in a link or a form; None when it is none."""
    found = re.fullmatch(r"[0-9]{1,2}", text.strip())
    return int(text) if found and int(text) <= HIGHEST else None


def feeling_in(text: str) -> Feeling | None:
    """One of FEELINGS as it stands in a link or a form; None when it is none."""
    return next((one for one in FEELINGS if one == text), None)


def cell(value: object) -> str:
    """A value for a sheet: what a spreadsheet would take for a formula is text
    (OWASP, CSV injection)."""
    text = "" if value is None else str(value)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text

"""A labelled corpus: how it is written, and how well ``classify`` does on it. Pure; ``docs/replies.md`` tells more."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from engage.domain.replies.classifier import classify
from engage.domain.replies.reading import INTENTS, Intent

_ESCAPES: Final = {"n": "\n", "t": "\t", "\\": "\\"}


class BadCorpus(ValueError):
    """A line that is no labelled message, with a sentence that names it and says how to mend it."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """One message, what it means, and the line (from 1) it stands in; ``tags`` group it for whoever reads scores."""

    line: int
    intent: Intent
    text: str
    tags: frozenset[str]


@dataclass(frozen=True, slots=True)
class Miss:
    """A message that was read otherwise than it is labelled."""

    line: int
    text: str
    expected: Intent
    got: Intent
    why: str


@dataclass(frozen=True, slots=True)
class Score:
    """How one intent was read. ``recall`` is right of those labelled so, ``precision`` right of those read so; shares
    from 0 to 1, None where there is nothing to divide by."""

    intent: Intent
    labelled: int
    read: int
    right: int

    @property
    def recall(self) -> float | None:
        return self.right / self.labelled if self.labelled else None

    @property
    def precision(self) -> float | None:
        return self.right / self.read if self.read else None


@dataclass(frozen=True, slots=True)
class Report:
    """``false_stops`` are messages labelled ``other`` or ``unclear_negative`` that were read as ``stop``, out of
    ``harmless`` ones labelled so (rules.md L3 allows 2%)."""

    messages: int
    scores: tuple[Score, ...]
    false_stops: int
    harmless: int
    misses: tuple[Miss, ...]


def parse(lines: Iterable[str]) -> list[Labelled]:
    """The corpus in ``lines``: intent, text and, if wanted, tags with spaces between them, separated by tabs.

    Empty lines and lines that begin with ``#`` are left out. In a text ``\\n`` is a line break, ``\\t`` a tab and
    ``\\\\`` a backslash. Raises BadCorpus at the first line that is none of these, and when there is no message.
    """
    found = []
    for number, raw in enumerate(lines, 1):
        line = raw.rstrip("\r\n").removeprefix("\ufeff") if number == 1 else raw.rstrip("\r\n")
        if line.strip() and not line.startswith("#"):
            found.append(_labelled(number, line))
    if not found:
        raise BadCorpus("There is no message in it. Write one a line: an intent, a tab, the text.")
    return found


def _labelled(number: int, line: str) -> Labelled:
    intent, *rest = line.split("\t")
    if not rest:
        raise BadCorpus(f"Line {number} has no tab. Write: an intent, a tab, the text.")
    if len(rest) > 2:
        raise BadCorpus(f"Line {number} has more than three columns. Write a tab within a text as \\t.")
    for known in INTENTS:
        if intent.strip() == known:
            tags = frozenset(rest[1].split()) if len(rest) == 2 else frozenset()
            return Labelled(number, known, _plain(number, rest[0]), tags)
    raise BadCorpus(f"Line {number} begins with no intent. Begin it with one of: {', '.join(INTENTS)}.")


def _plain(number: int, text: str) -> str:
    out = []
    chars = iter(text)
    for char in chars:
        if char == "\\":
            after = next(chars, "")
            if after not in _ESCAPES:
                raise BadCorpus(f"Line {number} has a backslash that means nothing. Write \\n, \\t or \\\\.")
            char = _ESCAPES[after]
        out.append(char)
    return "".join(out)


def evaluate(corpus: Sequence[Labelled]) -> Report:
    """How ``classify`` reads ``corpus``: scores by intent, in the order of ``INTENTS``, and each miss."""
    labelled = dict.fromkeys(INTENTS, 0)
    read = dict.fromkeys(INTENTS, 0)
    right = dict.fromkeys(INTENTS, 0)
    misses = []
    for message in corpus:
        reading = classify(message.text)
        labelled[message.intent] += 1
        read[reading.intent] += 1
        if reading.intent == message.intent:
            right[reading.intent] += 1
        else:
            misses.append(Miss(message.line, message.text, message.intent, reading.intent, reading.why))
    harmless: tuple[Intent, ...] = ("other", "unclear_negative")
    return Report(
        messages=len(corpus),
        scores=tuple(Score(intent, labelled[intent], read[intent], right[intent]) for intent in INTENTS),
        false_stops=sum(miss.got == "stop" and miss.expected in harmless for miss in misses),
        harmless=sum(labelled[intent] for intent in harmless),
        misses=tuple(misses),
    )

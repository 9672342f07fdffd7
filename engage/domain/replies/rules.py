"""Tables of rules: what each says, how sure, and the lines that say it, of which only those that can fit are tried."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from engage.domain.replies.anchors import anchors
from engage.domain.replies.signs import COMMON, MASKED, pattern


@dataclass(frozen=True, slots=True)
class Rule:
    """Ways to say one thing. ``why`` is for staff; ``lines`` has one pattern a line (``signs.pattern``)."""

    why: str
    confidence: float
    lines: str


class Table:
    """The rules of one intent. Where two fit, the one that begins first wins, then the one listed first."""

    def __init__(self, *rules: Rule) -> None:
        self.rules = rules
        self._lines = [(rule, pattern(line)) for rule in rules for line in _lines(rule.lines)]
        self._regexes = [re.compile(line) for _, line in self._lines]
        # Which lines a sign makes worth trying, as bits.
        self._worth: dict[str, int] = {}
        self._always = 0
        for n, (_, line) in enumerate(self._lines):
            signs = anchors(line, COMMON)
            if signs is None:
                self._always |= 1 << n
            else:
                for sign in signs:
                    self._worth[sign] = self._worth.get(sign, 0) | 1 << n

    def search(self, signs: str) -> tuple[Rule, int, int] | None:
        """The rule that fits ``signs`` and where its words begin and end; None if none does."""
        best: re.Match[str] | None = None
        rule = None
        for n in self._worth_trying(signs):
            found = self._regexes[n].search(signs)
            if found and (best is None or found.start() < best.start()):
                best, rule = found, self._lines[n][0]
        return None if best is None or rule is None else (rule, best.start(), best.end())

    def follows(self, signs: str, place: int) -> Rule | None:
        """The rule that fits right at ``place``; None if none does."""
        for n in self._worth_trying(signs):
            if self._regexes[n].match(signs, place):
                return self._lines[n][0]
        return None

    def mask(self, signs: str) -> str:
        """``signs`` with all words that fit taken out, so that no other rule reads them."""
        if next(self._worth_trying(signs), None) is None:
            return signs
        return self._any.sub(lambda found: MASKED * len(found[0]), signs)

    @cached_property
    def _any(self) -> re.Pattern[str]:
        return re.compile("|".join(f"(?:{line})" for _, line in self._lines))

    def _worth_trying(self, signs: str) -> Iterator[int]:
        """The places of the lines that may fit, in their order."""
        worth = self._always
        for sign in set(signs):
            worth |= self._worth.get(sign, 0)
        while worth:
            lowest = worth & -worth
            worth ^= lowest
            yield lowest.bit_length() - 1


def _lines(text: str) -> list[str]:
    return [line for line in (raw.strip() for raw in text.splitlines()) if line and not line.startswith("# ")]

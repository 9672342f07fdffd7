"""Tables of rules become one regular expression each: what it says, how sure, and the lines that say it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from engage.domain.replies.signs import MASKED, pattern


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
        self._regex = re.compile(
            "|".join(f"({'|'.join(f'(?:{pattern(line)})' for line in _lines(rule.lines))})" for rule in rules)
        )

    def search(self, signs: str) -> tuple[Rule, int, int] | None:
        """The rule that fits ``signs`` and where its words begin and end; None if none does."""
        found = self._regex.search(signs)
        if found is None:
            return None
        return self.rules[(found.lastindex or 1) - 1], found.start(), found.end()

    def follows(self, signs: str, place: int) -> Rule | None:
        """The rule that fits right at ``place``; None if none does."""
        found = self._regex.match(signs, place)
        return None if found is None else self.rules[(found.lastindex or 1) - 1]

    def mask(self, signs: str) -> str:
        """``signs`` with all words that fit taken out, so that no other rule reads them."""
        return self._regex.sub(lambda found: MASKED * len(found[0]), signs)


def _lines(text: str) -> list[str]:
    return [line for line in (raw.strip() for raw in text.splitlines()) if line and not line.startswith("# ")]

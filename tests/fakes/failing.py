"""How the fakes fail: rules used up one after another, then chances by seed.

A mode is a word, or a word and a figure (``hang:3``). What it means, and whether the vendor took the message:

    503, 429, 401, ...   that status, nothing taken          503_after   taken, and then that status
    code:30034           Twilio's error with that code       entry:3     SendGrid's 400 naming that personalization
    unreadable           a 400 that names nothing            html413     nginx's page, nothing taken
    hang                 no answer for 60 s, nothing taken   hang_after  taken, no answer
    garbage              taken, a 2xx that makes no sense    garbage_lost  such a 2xx, nothing taken
    drip                 taken, the answer one byte a second accept_slow  taken, answered after 5 s
    half                 taken, half of the answer, closed   reset_after taken, connection reset
    reset_before         read, not taken, reset              reset_early reset when only the head was read
    ok                   as if there were no rule
"""

from __future__ import annotations

import random
import re
from collections import deque
from collections.abc import Mapping, Sequence

WORDS = {
    "hang",
    "hang_after",
    "garbage",
    "garbage_lost",
    "drip",
    "accept_slow",
    "half",
    "reset_after",
    "reset_before",
    "reset_early",
    "html413",
    "unreadable",
    "entry",
    "code",
    "ok",
}
STATUS = re.compile(r"[45]\d\d(_after)?")
# Those after which the vendor has the message though its client has no proper answer.
TAKEN = {"hang_after", "garbage", "drip", "accept_slow", "half", "reset_after"}


def split(mode: str) -> tuple[str, float | None]:
    """The word and its figure. Raises ValueError for a mode that there is not."""
    word, colon, figure = mode.partition(":")
    if word not in WORDS and not STATUS.fullmatch(word):
        raise ValueError(f"there is no mode {mode!r}")
    return word, float(figure) if colon else None


def takes(mode: str) -> bool:
    word = split(mode)[0]
    return word in TAKEN or word.endswith("_after") or word == "ok"


class Failing:
    """What to do with the next request of one route: a mode, or None for a proper answer."""

    def __init__(
        self, rules: Sequence[str] = (), chances: Mapping[str, float] | None = None, seed: int = 0
    ) -> None:
        self.chances = dict(chances or {})
        for mode in (*rules, *self.chances):
            split(mode)
        if sum(self.chances.values()) > 1:
            raise ValueError("the chances come to more than 1")
        self.rules = deque(rules)
        self.dice = random.Random(seed)

    def next(self) -> str | None:
        if self.rules:
            mode = self.rules.popleft()
            return None if mode == "ok" else mode
        if self.chances:
            thrown = self.dice.random()
            for mode, chance in self.chances.items():
                if thrown < chance:
                    return mode
                thrown -= chance
        return None

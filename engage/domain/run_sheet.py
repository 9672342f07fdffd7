"""What a person knows of their visit, and whom somebody has to telephone. Pure.

Only what says the visit's present time counts: a message about an earlier one makes it worse, not better.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from engage.domain.appointments import Reply

# told: it left, or arrived. waits: it leaves at its time. doubtful: nobody can tell whether it left, or it waits for a
# person. untold: nothing left and nothing will. wrong: the last word that the person got is another time.
Standing = Literal["told", "waits", "doubtful", "untold", "wrong"]
Group = Literal["begun", "told", "waits", "call", "move", "cancel"]
STANDING_WORDS: dict[Standing, str] = {
    "told": "Told",
    "waits": "Will be told",
    "doubtful": "Nobody can tell whether they were told",
    "untold": "Not told",
    "wrong": "Was told another time",
}
_LEFT = frozenset({"claimed", "accepted", "delivered"})
_DOUBTFUL = frozenset({"unknown", "held"})


@dataclass(frozen=True, slots=True)
class About:
    """One message about a visit: what became of it, and whether it says what is true now. ``at``: when it left, or was
    to leave."""

    channel: str
    status: str
    true: bool
    at: datetime


def standing(messages: Sequence[About], reply: Reply | None = None) -> Standing:
    """What the person knows. Whoever answered to this very time knows it."""
    if reply is not None:
        return "told"
    true = [one for one in messages if one.true]
    if any(one.status in _LEFT for one in true):
        return "told"
    if any(one.status == "planned" for one in true):
        return "waits"
    if any(one.status in _DOUBTFUL for one in true):
        return "doubtful"
    wrong = any(one.status in _LEFT | {"unknown"} for one in messages if not one.true)
    return "wrong" if wrong else "untold"


def group(known: Standing, reply: Reply | None, *, begun: bool = False) -> Group:
    """In which part of the totals a visit is: what the person asks for comes first, then who is to be telephoned.
    ``begun``: its time has come, or its person is here, so that nobody need be told."""
    if begun:
        return "begun"
    if reply == "wants_cancel":
        return "cancel"
    if reply == "wants_move":
        return "move"
    if known in ("told", "waits"):
        return known
    return "call"


def to_call(found: Group) -> bool:
    """Whether somebody has to telephone before the visit."""
    return found in ("call", "move", "cancel")


def totals(groups: Iterable[Group]) -> str:
    """A day in one line: "14 visits: 12 told, 1 to call, 1 asks to move"."""
    counts = Counter(groups)
    count = counts.total()
    if not count:
        return "No visits"
    several = {
        "begun": "{} begun",
        "told": "{} told",
        "waits": "{} will be told",
        "call": "{} to call",
        "move": "{} ask to move",
        "cancel": "{} ask to cancel",
    }
    single = {"move": "1 asks to move", "cancel": "1 asks to cancel"}
    parts = [
        single.get(name, words.format(1)) if counts[name] == 1 else words.format(counts[name])  # type: ignore[index]
        for name, words in several.items()
        if counts[name]  # type: ignore[index]
    ]
    return f"{count} {'visit' if count == 1 else 'visits'}: {', '.join(parts)}"

"""Until when evidence is awaited about a send whose answer never came, and what happens then. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from engage.domain.doubts import ASK_AFTER_USE, HOLDS, Doubtful
from engage.domain.messages import Purpose


@dataclass(frozen=True, slots=True)
class Awaited:
    """``until`` (real time, aware UTC) and what follows ``then`` if nothing was proven by that moment."""

    until: datetime
    then: Literal["again", "never_known"]


def awaited(doubt: Doubtful, purpose: Purpose, again: bool, not_after: datetime) -> Awaited:
    """What ``doubts.settle`` is going to say of a message, and when. ``not_after`` is given in real time."""
    if doubt.channel == "sms":
        return Awaited(max(not_after, doubt.since + ASK_AFTER_USE), "never_known")
    until = doubt.since + doubt.hold * (HOLDS if doubt.ever else 1)
    last = purpose == "marketing" or again or until >= not_after
    return Awaited(until, "never_known" if last else "again")

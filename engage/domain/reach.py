"""Whether marketing can reach a person on a channel, and if not, the first reason why. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

# In the order in which they are asked; a profile's row keeps the number, 0 where nothing is in the way.
Unreached = Literal["no_address", "not_confirmed", "no_consent", "suppressed", "paused"]
UNREACHED: tuple[Unreached, ...] = get_args(Unreached)
REACHED = 0


@dataclass(frozen=True, slots=True)
class Way:
    """One channel of one person; moments are aware UTC.

    ``state`` is that of the contact that would be used, None where there is none; ``care_only``: a booking system told
    of it, and its owner has not confirmed it. ``agreed``: to marketing there. ``suppressed_until`` is None where a
    suppression has no end.
    """

    state: str | None = None
    care_only: bool = False
    agreed: bool = False
    suppressed: bool = False
    suppressed_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reach:
    """Why not, None where marketing may go; and when time alone may change it."""

    why_not: Unreached | None
    look_again: datetime | None = None

    @property
    def number(self) -> int:
        """As a profile's row keeps it."""
        return UNREACHED.index(self.why_not) + 1 if self.why_not is not None else REACHED


def reach(way: Way, paused_until: datetime | None, now: datetime) -> Reach:
    """What is in the way of marketing at ``now``; ``paused_until`` is the end of a pause that the person wished for."""
    if way.state in (None, "replaced"):
        return Reach("no_address")
    # An address that came back is no secret to staff: it counts with the suppressed ones.
    if way.care_only or way.state not in ("confirmed", "bad"):
        return Reach("not_confirmed")
    if not way.agreed:
        return Reach("no_consent")
    if way.suppressed or way.state == "bad":
        return Reach("suppressed", way.suppressed_until)
    if paused_until is not None and paused_until > now:
        return Reach("paused", paused_until)
    return Reach(None)

"""How long to wait before the next try, for messages and for senders alike: doubling, with jitter."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

FIRST = timedelta(seconds=20)
LONGEST = timedelta(hours=1)


def wait(tries: int, share: float, first: timedelta = FIRST, longest: timedelta = LONGEST) -> timedelta:
    """The wait after the ``tries``-th failure (from 1): ``first`` doubled each time up to ``longest``, of which
    ``share`` in [0, 1) takes between half and all, so that those who failed together do not return together."""
    doubled: int = 2 ** min(max(tries, 1) - 1, 20)
    whole = min(longest, first * doubled)
    return whole * (0.5 + share / 2)


def retry_at(
    tries: int, now: datetime, not_after: datetime, share: float, first: timedelta = FIRST
) -> datetime:
    """When a message is tried again: after its wait, or half-way to ``not_after`` where that would be too late."""
    return now + min(wait(tries, share, first), (not_after - now) / 2)


def share_of(id: UUID) -> float:
    """A share in [0, 1) that is always the same for one id: its random bits."""
    return (id.int & 0xFFFFFFFF) / 2**32

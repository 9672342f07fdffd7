"""How long signing in waits after wrong tries: a few are free, then ever longer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Patience:
    """``free`` tries, then ``first``, doubling up to ``most``. Forgotten ``memory`` after the last try."""

    free: int
    first: timedelta
    most: timedelta
    memory: timedelta


# For one address: 5 free tries, then at most 96 a day, whatever the number of machines.
ACCOUNT = Patience(5, timedelta(seconds=30), timedelta(minutes=15), timedelta(days=1))
# For one machine, which may be a whole clinic's.
MACHINE = Patience(50, timedelta(seconds=30), timedelta(minutes=15), timedelta(hours=1))


@dataclass(frozen=True, slots=True)
class Tries:
    """What is known about one address or machine. Times are aware UTC, real ones."""

    count: int = 0
    last_at: datetime | None = None
    locked_until: datetime | None = None


def next_try(patience: Patience, before: Tries, now: datetime) -> Tries | None:
    """The tries including one made ``now``; None when it comes too early.

    A try is counted before it is weighed, so that a hundred at once are not one.
    """
    if before.locked_until is not None and now < before.locked_until:
        return None
    fresh = before.last_at is None or now - before.last_at > patience.memory
    count = 1 if fresh else before.count + 1
    wait = wait_after(patience, count)
    return Tries(count, now, now + wait if wait else None)


def taken_back(tries: Tries) -> Tries:
    """The tries without the last one, which was no wrong one after all."""
    return Tries(max(tries.count - 1, 0), tries.last_at, None)


def wait_after(patience: Patience, count: int) -> timedelta:
    """How long after the ``count``-th wrong try in a row: nothing, then 30 s, 1 min, 2 min ..."""
    if count < patience.free:
        return timedelta(0)
    doublings = min(count - patience.free, 32)
    return min(patience.first * (1 << doublings), patience.most)

"""Moving the movable clock, from due moment to due moment."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from engage.runtime import Runtime
from engage.storage import campaigns, clock, messages, profiles, signups

# Longer than a lease and its recovery: a worker that was killed meanwhile is waited for.
PATIENCE_SECONDS = 120.0
_POLL_SECONDS = 0.05


class NotMovable(RuntimeError):
    """Production's clock is the real one."""


class Stuck(RuntimeError):
    """What is due does not get done. The clock stands where it got to."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The movable clock, the real one, and the distance."""

    now: datetime
    real: datetime
    ahead: timedelta


def show(rt: Runtime) -> Reading:
    """Both clocks, aware UTC."""
    real = datetime.now(UTC)
    ahead = rt.ahead()
    return Reading(real + ahead, real, ahead)


def reset(rt: Runtime) -> None:
    """Back to real time. What was planned in the meantime stays where it is."""
    _movable(rt)
    with rt.transaction() as tx:
        clock.set_ahead(tx, timedelta(0))
        # What time alone had changed of them is true no longer.
        profiles.want_everybody(tx)


def set_to(rt: Runtime, moment: datetime) -> None:
    """Jumps to ``moment`` (aware), without stopping at what falls due on the way."""
    _movable(rt)
    with rt.transaction() as tx:
        clock.set_ahead(tx, moment - datetime.now(UTC))
        profiles.want_everybody(tx)


def advance(
    rt: Runtime,
    distance: timedelta,
    wake: Callable[[], None],
    told: Callable[[datetime], None] = lambda _: None,
    patience: float = PATIENCE_SECONDS,
) -> datetime:
    """Moves ahead by ``distance``, stopping wherever something falls due until it is done.

    ``wake`` tells the workers to look now; ``told`` hears of each stop. Returns the new now. Raises
    Stuck when nothing moves for ``patience`` seconds of real time.
    """
    _movable(rt)
    if distance < timedelta(0):
        raise ValueError("the clock advances; use `engage clock reset` to go back to real time")
    with rt.transaction() as tx:
        target = rt.now(tx) + distance
    while True:
        _settle(rt, wake, patience)
        with rt.transaction() as tx:
            now = rt.now(tx)
            moments = (messages.next_due(tx, now, target), campaigns.next_moment(tx, now, target))
            stop = min((moment for moment in moments if moment is not None), default=None)
            if stop is None and now >= target:
                return now
            clock.set_ahead(tx, (stop or target) - datetime.now(UTC))
        told(stop or target)


def _settle(rt: Runtime, wake: Callable[[], None], patience: float) -> None:
    """Waits until nothing is due."""
    last, since, woken = -1, time.monotonic(), 0.0
    while count := _in_work(rt):
        if count != last:
            last, since = count, time.monotonic()
        if time.monotonic() - since > patience:
            raise Stuck(
                f"{count} due message(s) or sign-up(s) did not move for {patience:.0f} s: is a worker running? "
                "`engage doctor` tells; the clock stands where it got to"
            )
        if time.monotonic() - woken > 0.5:
            wake()
            woken = time.monotonic()
        time.sleep(_POLL_SECONDS)


def _in_work(rt: Runtime) -> int:
    with rt.transaction() as tx:
        return messages.in_work(tx, rt.now(tx)) + signups.count_new(tx)


def _movable(rt: Runtime) -> None:
    if not rt.settings.development:
        raise NotMovable("the clock can only be moved in development (ENGAGE_ENV)")

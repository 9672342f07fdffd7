"""The clinic's working hours: when it is open, and when so much working time will have passed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from engage.domain.timing import instant, local

# A clinic that is closed for longer than this has no deadlines that could be told.
LONGEST_CLOSED_DAYS = 400


class NeverOpen(ValueError):
    """Working hours without an opening."""


@dataclass(frozen=True, slots=True)
class Opening:
    """From ``start`` until before ``end``, by the clinic's clocks."""

    start: time
    end: time


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """``week`` has the openings of each day, Monday first, in order; on ``holidays`` there are none."""

    zone: str
    week: tuple[tuple[Opening, ...], ...]
    holidays: frozenset[date] = frozenset()

    def on(self, day: date) -> tuple[Opening, ...]:
        """The openings of one day."""
        return () if day in self.holidays else self.week[day.weekday()]


def _openings(hours: WorkingHours, since: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Openings as aware UTC, from the one that runs at ``since`` or follows it. Raises NeverOpen."""
    day = local(since, hours.zone).date()
    closed = 0
    while closed < LONGEST_CLOSED_DAYS:
        closed += 1
        for opening in hours.on(day):
            start, end = instant(day, opening.start, hours.zone), instant(day, opening.end, hours.zone)
            if end > max(start, since):
                closed = 0
                yield max(start, since), end
        day += timedelta(days=1)
    raise NeverOpen("the clinic's working hours have no opening")


def is_open(hours: WorkingHours, moment: datetime) -> bool:
    """True when the clinic works at ``moment``."""
    start, _ = next(_openings(hours, moment))
    return start == moment


def after_work(hours: WorkingHours, start: datetime, work: timedelta) -> datetime:
    """When ``work`` of working time has passed since ``start``: aware UTC, always within working hours.

    Time is counted as it really passes, so a day on which the clocks change is as long as it is.
    """
    for opens, closes in _openings(hours, start):
        if work <= closes - opens:
            return opens + work
        work -= closes - opens
    raise AssertionError("openings go on for ever")

"""A plan of treatment laid out as sessions: often at first, then fewer, on the weekdays and at the hours that suit.

A day on which the place is closed is left out and its session made up for: by another day that suits in the same weeks,
else by going on longer. Wall times are those of the place; moments are aware UTC.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Literal

from engage.domain.timing import exact
from engage.domain.working_hours import WorkingHours

# More than that is typed wrongly.
MOST_SESSIONS = 60
# For how many periods a part of a plan may go on longer than it was meant to.
LONGER = 26

WhyNot = Literal["holiday", "closed", "clocks", "taken"]
WHY_NOT_WORDS: dict[WhyNot, str] = {
    "holiday": "The clinic is closed that day.",
    "closed": "It is outside the opening hours.",
    "clocks": "The clocks change that night, and the hour does not exist or comes twice.",
    "taken": "The person has another visit then.",
}


@dataclass(frozen=True, slots=True)
class Part:
    """So many ``sessions`` in each period of ``weeks`` weeks, for so many ``periods``."""

    sessions: int
    weeks: int
    periods: int


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a plan is made of. ``hours``: the wall time that suits on each weekday (0 is Monday); a day that is not in
    it does not suit. Weeks are counted from ``first``, the first day on which a session may be. ``minutes`` of each."""

    first: date
    hours: Mapping[int, time]
    minutes: int
    zone: str
    parts: tuple[Part, ...]

    @property
    def sessions(self) -> int:
        """How many there are to be."""
        return sum(part.sessions * part.periods for part in self.parts)


@dataclass(frozen=True, slots=True)
class Skipped:
    """A day that would have been one's turn."""

    day: date
    wall: time
    why: WhyNot


@dataclass(slots=True)
class Layout:
    """The sessions' starts in order, and the days that were left out. ``missing``: for how many no day was found."""

    sessions: list[datetime] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    missing: int = 0


@dataclass(frozen=True, slots=True)
class _Place:
    """What decides whether a day can be used."""

    wishes: Wishes
    hours: WorkingHours
    taken: Sequence[tuple[datetime, datetime]]
    after: datetime

    def start(self, day: date) -> datetime | WhyNot | None:
        """When a session of that day starts, or why there can't be one. None for what is over."""
        wall = self.wishes.hours[day.weekday()]
        found = exact(day, wall, self.wishes.zone)
        if found and found[-1] <= self.after:
            return None
        if day in self.hours.holidays:
            return "holiday"
        if not fits(self.hours, day.weekday(), wall, self.wishes.minutes):
            return "closed"
        if len(found) != 1:
            return "clocks"
        start = found[0]
        end = start + timedelta(minutes=self.wishes.minutes)
        return "taken" if any(start < until and since < end for since, until in self.taken) else start


def fits(hours: WorkingHours, weekday: int, wall: time, minutes: int) -> bool:
    """Whether the place is open on that weekday from ``wall`` for so many minutes."""
    begins = wall.hour * 60 + wall.minute
    return any(
        opening.start.hour * 60 + opening.start.minute <= begins
        and begins + minutes <= opening.end.hour * 60 + opening.end.minute
        for opening in hours.week[weekday]
    )


def lay_out(
    wishes: Wishes, hours: WorkingHours, taken: Sequence[tuple[datetime, datetime]], after: datetime
) -> Layout:
    """The sessions of a plan, all later than ``after``. ``taken``: from when until when the person is busy.

    ``hours`` are read by the clocks of ``wishes.zone``, as a place is open by its own clocks. The same wishes give the
    same sessions.
    """
    place, layout, day = _Place(wishes, hours, taken, after), Layout(), wishes.first
    for part in wishes.parts:
        left, periods = part.sessions * part.periods, 0
        while left and periods < part.periods + LONGER:
            found = _period(place, layout, part, day, min(part.sessions, left))
            left -= found
            day += timedelta(weeks=part.weeks)
            periods += 1
        layout.missing += left
    return layout


def _period(place: _Place, layout: Layout, part: Part, first: date, wanted: int) -> int:
    """Puts the sessions of one period as far apart as the days allow. Returns how many found a day."""
    length = part.weeks * 7
    days = [first + timedelta(days=n) for n in range(length)]
    suits = [day for day in days if day.weekday() in place.wishes.hours]
    starts = {day: place.start(day) for day in suits}
    possible = {day: start for day, start in starts.items() if isinstance(start, datetime)}
    targets = [first + timedelta(days=n * length // part.sessions) for n in range(wanted)]
    chosen = _nearest(list(possible), targets)
    for day in _nearest(suits, targets):
        why = starts[day]
        if why is not None and not isinstance(why, datetime):
            layout.skipped.append(Skipped(day, place.wishes.hours[day.weekday()], why))
    layout.sessions += [possible[day] for day in sorted(chosen)]
    return len(chosen)


def _nearest(days: Sequence[date], targets: Sequence[date]) -> list[date]:
    """For each target the first day from it on that is free, else the last one before."""
    free, chosen = list(days), []
    for target in targets:
        day = next((day for day in free if day >= target), free[-1] if free else None)
        if day is not None:
            free.remove(day)
            chosen.append(day)
    return chosen

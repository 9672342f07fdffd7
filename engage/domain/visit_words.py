"""How a visit's time is said: to one person, or to several who share a number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final

from engage.domain.appointments import When
from engage.domain.timing import local

# On more days than these a text says no hours.
MOST_HOURS: Final = 3


@dataclass(frozen=True, slots=True)
class Mentioned:
    """A visit in a message. ``name`` is whose it is, empty where that goes without saying."""

    when: When
    name: str = ""


def long(visits: Sequence[Mentioned], home: str) -> str:
    """For a letter: "Monday, November 30, 2:00 PM"; several of one day are "...: 2:00 PM (Ana) and 3:30 PM (Leo)", and
    days are set apart by semicolons. ``visits`` in their order.

    ``home`` is the reader's zone: where the clocks there differ, the visit's zone is named.
    """
    return _said(visits, home, "{0:%A}, {0:%B} {0.day}")


def short(visits: Sequence[Mentioned], home: str) -> str:
    """For a text: "Mon Nov 30, 2:00 PM". Of many days of one person only these: "Nov 30, Dec 3, 7 and 10"."""
    days = list(_by_day(visits))
    if len(days) > MOST_HOURS and not any(one.name for one in visits):
        return _days(days)
    return _said(visits, home, "{0:%a} {0:%b} {0.day}")


def each(visits: Sequence[Mentioned], home: str) -> str:
    """For a text, of any days: "Mon Nov 30, 2:00 PM (Ana) and Tue Dec 1, 3:30 PM (Leo)"."""
    return " and ".join(short([one], home) for one in visits)


def choices(visits: Sequence[Mentioned], home: str) -> str:
    """For a text that asks which one: "1 Mon Nov 30 2:00 PM Ana, 2 Tue Dec 1 3:30 PM Leo"."""
    return ", ".join(
        f"{number} {_day(one)} {_clock(one, home)}{' ' if one.name else ''}{one.name}"
        for number, one in enumerate(visits, 1)
    )


def _day(one: Mentioned) -> str:
    there = local(one.when.starts_at, one.when.zone)
    return f"{there:%a} {there:%b} {there.day}"


def _by_day(visits: Sequence[Mentioned]) -> dict[date, list[Mentioned]]:
    days: dict[date, list[Mentioned]] = {}
    for one in visits:
        days.setdefault(local(one.when.starts_at, one.when.zone).date(), []).append(one)
    return days


def _days(days: Sequence[date]) -> str:
    """A month is said once for all its days."""
    before = [None, *days]
    items = [
        f"{day.day}" if was is not None and was.month == day.month else f"{day:%b} {day.day}"
        for was, day in zip(before, days, strict=False)
    ]
    return f"{', '.join(items[:-1])} and {items[-1]}"


def _said(visits: Sequence[Mentioned], home: str, day_form: str) -> str:
    place = len({one.when.location for one in visits}) > 1
    said = []
    for day, there in _by_day(visits).items():
        *items, last = [_time(one, home, place=place) for one in there]
        words = day_form.format(day)
        said.append(f"{words}: {', '.join(items)} and {last}" if items else f"{words}, {last}")
    return "; ".join(said)


def _time(one: Mentioned, home: str, *, place: bool) -> str:
    words = _clock(one, home)
    about = [one.name] if one.name else []
    if place:
        about.append(one.when.location)
    return f"{words} ({', '.join(about)})" if about else words


def _clock(one: Mentioned, home: str) -> str:
    """With the zone where the reader's clocks show another time."""
    there = local(one.when.starts_at, one.when.zone)
    elsewhere = there.utcoffset() != local(one.when.starts_at, home).utcoffset()
    return f"{clock(there)} {there:%Z}" if elsewhere else clock(there)


def clock(there: datetime | time) -> str:
    """A local time of day: "2:00 PM"."""
    return f"{there.hour % 12 or 12}:{there:%M} {'AM' if there.hour < 12 else 'PM'}"

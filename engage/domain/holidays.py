"""Holidays by rule, so that a list of dates never runs out unnoticed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

_MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_ORDERS = {"first": 0, "second": 1, "third": 2, "fourth": 3, "last": -1}
_CURE = 'write "december 25", "fourth thursday of november", "last monday of may", "easter -2" or a date'


class BadHoliday(ValueError):
    """A holiday that can't be read; the message says how to write it."""


@dataclass(frozen=True, slots=True)
class Holiday:
    """A day of every year (or of one), in words: see ``on_days``.

    ``observed``: also the Friday before when it is a Saturday and the Monday after when it is a Sunday
    (5 U.S.C. 6103(b)). ``states``: only there; empty is everywhere.
    """

    name: str
    on: str
    observed: bool = False
    states: frozenset[str] = frozenset()


def on_day(text: str, year: int) -> date | None:
    """The day that ``text`` means in ``year``, None when there is none. Raises BadHoliday.

    ``december 25``, ``fourth thursday of november``, ``last monday of may``, ``easter -2`` (days from Western
    Easter Sunday, also ``easter +1``), ``2026-12-24`` (that year only).
    """
    if found := re.fullmatch(r"(\d{4}-\d\d-\d\d)", text):
        try:
            day = date.fromisoformat(found[1])
        except ValueError:
            raise BadHoliday(f"{text!r} is no date; {_CURE}") from None
        return day if day.year == year else None
    if found := re.fullmatch(r"easter(?: ([+-]\d{1,3}))?", text):
        return easter(year) + timedelta(days=int(found[1] or 0))
    if (found := re.fullmatch(r"([a-z]+) (\d{1,2})", text)) and found[1] in _MONTHS:
        return _fixed(text, year, _MONTHS.index(found[1]) + 1, int(found[2]))
    found = re.fullmatch(r"([a-z]+) ([a-z]+) of ([a-z]+)", text)
    if found and found[1] in _ORDERS and found[2] in _WEEKDAYS and found[3] in _MONTHS:
        return _nth(year, _MONTHS.index(found[3]) + 1, _WEEKDAYS.index(found[2]), _ORDERS[found[1]])
    raise BadHoliday(f"{text!r} is not understood; {_CURE}")


def _fixed(text: str, year: int, month: int, day: int) -> date | None:
    try:
        date(2028, month, day)
    except ValueError:
        raise BadHoliday(f"{text!r} is on no calendar; {_CURE}") from None
    try:
        return date(year, month, day)
    except ValueError:
        return None  # 29 February


def _nth(year: int, month: int, weekday: int, order: int) -> date:
    days = [first for n in range(31) if (first := date(year, month, 1) + timedelta(days=n)).month == month]
    return [day for day in days if day.weekday() == weekday][order]


def easter(year: int) -> date:
    """Western Easter Sunday (the anonymous Gregorian computus)."""
    century, rest = divmod(year, 100)
    shift = (19 * (year % 19) + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    week = (32 + 2 * (century % 4) + 2 * (rest // 4) - shift - rest % 4) % 7
    late = (year % 19 + 11 * shift + 22 * week) // 451
    month, day = divmod(shift + week - 7 * late + 114, 31)
    return date(year, month, day + 1)


@lru_cache(maxsize=1024)
def days_of(year: int, holidays: tuple[Holiday, ...]) -> frozenset[date]:
    """Every day of ``year`` on which one of ``holidays`` is kept, observed days included."""
    kept = set()
    for holiday in holidays:
        # New Year's Day on a Saturday is observed in the year before.
        for near in (year - 1, year, year + 1):
            day = on_day(holiday.on, near)
            if day is not None:
                kept |= {day, _observed(day)} if holiday.observed else {day}
    return frozenset(day for day in kept if day.year == year)


def _observed(day: date) -> date:
    return day + timedelta(days={5: -1, 6: 1}.get(day.weekday(), 0))

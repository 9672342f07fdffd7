"""Weeks of hours by the local clock: "mon-fri 10:00-17:00", "sun 12:00-21:00"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MIDNIGHT = 24 * 60

# From a minute of the day until before another; 1440 is the day's end.
Span = tuple[int, int]
# The spans of each day, Monday first, in order and apart.
Week = tuple[tuple[Span, ...], ...]

WHOLE_DAY: tuple[Span, ...] = ((0, MIDNIGHT),)
ANY_TIME: Week = (WHOLE_DAY,) * 7

_CURE = 'write it as "mon-fri 10:00-17:00", "sun 12:00-21:00", "every day 08:00-20:00" or "any time"'
_TIME = r"([01]\d|2[0-4]):([0-5]\d)"
_LINE = re.compile(rf"(every day|[a-z]{{3}}(?:-[a-z]{{3}})?) {_TIME}-{_TIME}")


class BadHours(ValueError):
    """Hours that can't be read; the message says how to write them."""


def week(lines: Sequence[str]) -> Week:
    """The week that the lines describe together; a day that none names has no hours. Raises BadHours."""
    days: list[list[Span]] = [[] for _ in DAYS]
    for line in lines:
        named, span = _parsed(line)
        for day in named:
            days[day].append(span)
    for spans in days:
        spans.sort()
        if any(later[0] < earlier[1] for earlier, later in pairwise(spans)):
            raise BadHours("the same hours are given twice for a day; make its periods follow one another")
    if not any(days):
        raise BadHours(f"there are no hours, so nothing could ever leave; {_CURE}")
    return tuple(tuple(spans) for spans in days)


def _parsed(line: str) -> tuple[range, Span]:
    if line == "any time":
        return range(7), (0, MIDNIGHT)
    found = _LINE.fullmatch(line)
    if found is None:
        raise BadHours(f"{line!r} is not understood; {_CURE}")
    start, end = (int(found[at]) * 60 + int(found[at + 1]) for at in (2, 4))
    if start >= end or end > MIDNIGHT:
        raise BadHours(f"{line!r} must start before it ends, on the same day; midnight is 24:00")
    return _days(found[1]), (start, end)


def _days(text: str) -> range:
    if text == "every day":
        return range(7)
    first, _, last = text.partition("-")
    try:
        days = range(DAYS.index(first), DAYS.index(last or first) + 1)
    except ValueError:
        raise BadHours(f"{text!r} names no days; {_CURE}") from None
    if not days:
        raise BadHours(f"{text!r} runs backwards; a week begins on mon: give it as two lines")
    return days


def common(some: Sequence[Span], others: Sequence[Span]) -> tuple[Span, ...]:
    """The spans that are in both."""
    return tuple((max(a, c), min(b, d)) for a, b in some for c, d in others if max(a, c) < min(b, d))

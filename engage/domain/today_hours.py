"""The next 24 hours, hour by hour: which hours they are by the clinic's clocks, and what a campaign adds to each. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from engage.domain.hours import Decent, ends_at, next_decent
from engage.domain.messages import Purpose
from engage.domain.timing import local

AHEAD: Final = timedelta(hours=24)
HOUR: Final = timedelta(hours=1)
# Of one purpose, channel and hour no more are counted: beyond, the sentence is the same.
COUNTED: Final = 9_999


class Called(NamedTuple):
    """What messages of a purpose are called: ``head`` above a column, ``one`` and ``many`` after a count that stands alone,
    ``among`` after one of several counts of messages (empty: as alone)."""

    head: str
    one: str
    many: str
    among: str = ""


# In the order in which they are shown.
PURPOSES: Final[dict[Purpose, Called]] = {
    "care": Called("About visits", "message about a visit", "messages about visits", "about visits"),
    "education": Called("Lessons", "lesson", "lessons"),
    "marketing": Called("Campaigns", "message of a campaign", "messages of campaigns", "of campaigns"),
    "service": Called("Answers", "answer", "answers"),
}


@dataclass(frozen=True, slots=True)
class Hour:
    """A piece of the 24 hours, aware UTC: the first and the last may be shorter than an hour. ``words`` name it, ``mark`` is
    what stands below it in the chart, empty for most."""

    start: datetime
    end: datetime
    words: str
    mark: str


def hours(now: datetime, zone: str) -> list[Hour]:
    """The pieces from ``now`` until a day later, cut where the clocks of the zone show a full hour."""
    there = local(now, zone)
    begun = timedelta(minutes=there.minute, seconds=there.second, microseconds=there.microsecond)
    edges, edge = [now], now - begun + HOUR
    while edge < now + AHEAD:
        edges.append(edge)
        edge += HOUR
    ends = [*edges[1:], now + AHEAD]
    changes = local(now, zone).utcoffset() != local(now + AHEAD, zone).utcoffset()
    return [
        Hour(start, end, _words(local(start, zone), there, changes), _mark(n, local(start, zone)))
        for n, (start, end) in enumerate(zip(edges, ends, strict=True))
    ]


def _words(start: datetime, now: datetime, changes: bool) -> str:
    if start == now:
        return "Now"
    name = f" {start.tzname()}" if changes else ""
    # Midnight is the one that comes, whatever day it begins.
    day = "" if start.date() == now.date() or start.hour == start.minute == 0 else " tomorrow"
    return f"{_clock(start)}{name}{day}"


def _mark(n: int, start: datetime) -> str:
    if n == 0:
        return "Now"
    # Words beside "Now" would touch it, and those at the end stick out.
    return _clock(start) if start.hour % 6 == 0 and start.minute == 0 and 4 < n < 22 else ""


def _clock(there: datetime) -> str:
    if there.minute == 0 and there.hour in (0, 12):
        return "Noon" if there.hour else "Midnight"
    minutes = f":{there:%M}" if there.minute else ""
    return f"{there.hour % 12 or 12}{minutes} {'AM' if there.hour < 12 else 'PM'}"


def spread(
    left: int, per_minute: int | None, begins: datetime, pieces: Sequence[Hour], decent: Decent
) -> list[int]:
    """How many of ``left`` people a campaign reaches in each piece at its pace, when it goes on at ``begins`` and only in
    ``decent`` hours. Without a pace it leaves as quickly as it can, so all of them count for the first piece in which it
    may."""
    counts = [0] * len(pieces)
    for n, piece in enumerate(pieces):
        minutes = _minutes(decent, max(begins, piece.start), piece.end)
        if left and minutes:
            counts[n] = left if per_minute is None else min(left, int(minutes * per_minute))
            left -= counts[n]
    return counts


def _minutes(decent: Decent, start: datetime, end: datetime) -> float:
    total = timedelta(0)
    while start < end and (opens := next_decent(decent, start)) is not None and opens < end:
        start = min(ends_at(decent, opens) or end, end)
        total += start - opens
    return total / timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Coming:
    """What one hour brings: how many of each of PURPOSES, in their order; ``texts`` of all are text messages."""

    hour: Hour
    counts: tuple[int, ...]
    texts: int

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.counts)


def sentence(coming: Sequence[Coming]) -> str:
    """All of it in words: "402 messages: 20 about visits, 380 lessons and 2 answers. 18 of them by text. The busiest hour is
    9 AM tomorrow, with 365."""
    totals = [sum(one.counts[n] for one in coming) for n in range(len(PURPOSES))]
    every, more = sum(totals), any(count > COUNTED for one in coming for count in one.counts)
    if not every:
        return "Nothing is planned."
    there = [(count, called) for count, called in zip(totals, PURPOSES.values(), strict=True) if count]
    parts = [_part(count, called, len(there) > 1) for count, called in there]
    least = "At least " if more else ""
    said = [f"{least}{every:,} messages: {_and(parts)}." if len(parts) > 1 else f"{least}{parts[0]}."]
    if texts := sum(one.texts for one in coming):
        said.append("All of them by text." if texts == every else f"{texts:,} of them by text.")
    busiest = max(coming, key=lambda one: one.total)
    if 1 < busiest.total < every:
        at = "time is right now" if busiest is coming[0] else f"hour is {_lower(busiest.hour.words)}"
        said.append(f"The busiest {at}, with {busiest.total:,}.")
    return " ".join(said)


def _part(count: int, called: Called, among: bool) -> str:
    words = called.one if count == 1 else called.many
    return f"{count:,} {called.among if among and called.among else words}"


def _lower(words: str) -> str:
    return words[0].lower() + words[1:] if words.startswith(("Noon", "Midnight")) else words


def _and(parts: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(parts[:-1]), parts[-1])))

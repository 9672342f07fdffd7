"""The next 24 hours, hour by hour: which hours they are by the clinic's clocks, and what a campaign adds to each. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from engage.domain.messages import Purpose
from engage.domain.timing import local
from engage.domain.today import bounded

AHEAD: Final = timedelta(hours=24)
HOUR: Final = timedelta(hours=1)
# Of one purpose, channel and hour no more are counted: beyond, the sentence is the same.
COUNTED: Final = 9_999

# In the order in which they are shown, with what one and several are called.
PURPOSES: Final[dict[Purpose, tuple[str, str]]] = {
    "care": ("message about a visit", "messages about visits"),
    "education": ("lesson", "lessons"),
    "marketing": ("campaign message", "campaign messages"),
    "service": ("answer", "answers"),
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
    day = "" if start.date() == now.date() else " tomorrow"
    return f"{_clock(start)}{name}{day}"


def _mark(n: int, start: datetime) -> str:
    if n == 0:
        return "Now"
    # Words beside "Now" would touch it.
    return _clock(start) if start.hour % 6 == 0 and start.minute == 0 and n > 2 else ""


def _clock(there: datetime) -> str:
    if there.minute == 0 and there.hour in (0, 12):
        return "Noon" if there.hour else "Midnight"
    minutes = f":{there:%M}" if there.minute else ""
    return f"{there.hour % 12 or 12}{minutes} {'AM' if there.hour < 12 else 'PM'}"


def spread(left: int, per_minute: int | None, begins: datetime, pieces: Sequence[Hour]) -> list[int]:
    """How many of ``left`` people a campaign reaches in each piece at its pace, when it goes on at ``begins``. Without a
    pace it leaves as quickly as it can, so all of them count for the piece in which it goes on."""
    counts = [0] * len(pieces)
    for n, piece in enumerate(pieces):
        start = max(begins, piece.start)
        if left <= 0 or start >= piece.end:
            continue
        minutes = (piece.end - start) / timedelta(minutes=1)
        counts[n] = left if per_minute is None else min(left, int(minutes * per_minute))
        left -= counts[n]
    return counts


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
    """All of it in words: "402 messages: 380 lessons, 20 messages about visits and 2 answers. 20 of them are texts. Most
    leave at 9 AM tomorrow: 365."""
    totals = [sum(one.counts[n] for one in coming) for n in range(len(PURPOSES))]
    every, more = sum(totals), any(count > COUNTED for one in coming for count in one.counts)
    if not every:
        return "Nothing is planned."
    parts = [
        f"{bounded(count, COUNTED) if more else f'{count:,}'} {one if count == 1 else many}"
        for count, (one, many) in zip(totals, PURPOSES.values(), strict=True)
        if count
    ]
    said = [f"{_and(parts)}." if len(parts) == 1 else f"{_many(every, more)}: {_and(parts)}."]
    if texts := sum(one.texts for one in coming):
        said.append("All of them are texts." if texts == every else f"{texts:,} of them by text.")
    busiest = max(coming, key=lambda one: one.total)
    if busiest.total < every and busiest.total > 1:
        at = "Right now" if busiest.hour is coming[0].hour else f"At {_lower(busiest.hour.words)}"
        said.append(f"{at} most of them leave: {busiest.total:,}.")
    return " ".join(said)


def _many(every: int, more: bool) -> str:
    return f"{'More than ' if more else ''}{every:,} messages"


def _lower(words: str) -> str:
    return words[0].lower() + words[1:] if words.startswith(("Noon", "Midnight")) else words


def _and(parts: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(parts[:-1]), parts[-1])))

"""What needs somebody: each thing as one sentence with its count and the one place where it is dealt with, the most urgent
first. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from engage.domain.today_words import LEVELS, SAID, Level
from engage.domain.visit_words import clock

# More of one thing is "99+": nobody needs to know how many more there are before the first ones are dealt with.
MOST: Final = 99

_RANKS: Final = {what: rank for rank, what in enumerate(SAID)}


@dataclass(frozen=True, slots=True)
class Found:
    """Something that needs somebody. ``what`` is a key of SAID. ``since`` is when the oldest began to wait, aware, by the
    clinic's clocks; ``late`` that its deadline is over. ``about`` and ``more`` go into the sentence and after it;
    ``place`` is where it is dealt with, where that is not the usual place."""

    what: str
    count: int = 1
    since: datetime | None = None
    late: bool = False
    about: str = ""
    more: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """A line of the page. ``count`` is "" where the sentence counts nothing."""

    what: str
    level: Level
    count: str
    words: str
    more: str
    place: str
    late: bool

    @property
    def at_once(self) -> bool:
        """Whether it should not wait."""
        return self.level == "now"


def items(found: Iterable[Found], now: datetime) -> list[Item]:
    """The lines, the most urgent first; below what can't wait, what is late comes before what still has time. ``now`` is
    aware, by the clinic's clocks."""
    some = [one for one in found if one.count > 0]
    return [_item(one, now) for one in sorted(some, key=_urgency)]


def _level(one: Found) -> Level:
    level = SAID[one.what].level
    return "today" if one.late and level in ("soon", "know") else level


def _urgency(one: Found) -> tuple[int, bool, int, float]:
    level, since = _level(one), one.since.timestamp() if one.since is not None else 0.0
    # Nothing goes before danger, however late it is.
    has_time = level != "now" and not one.late
    return LEVELS.index(level), has_time, _RANKS[one.what], since


def _item(one: Found, now: datetime) -> Item:
    said = SAID[one.what]
    counts = bool(said.many)
    words = said.one if one.count == 1 or not counts else said.many
    return Item(
        what=one.what,
        level=_level(one),
        count=bounded(one.count) if counts else "",
        words=words.format(about=one.about),
        more=" ".join(filter(None, (one.more, _waiting(one, now)))),
        place=one.place or said.place,
        late=one.late,
    )


def _waiting(one: Found, now: datetime) -> str:
    if one.since is None:
        return ""
    who = "The oldest has waited since" if one.count > 1 and SAID[one.what].many else "Since"
    return f"{who} {moment(one.since, now)}."


def bounded(count: int, most: int = MOST) -> str:
    """A count that is not counted to its end: "7", "99+"."""
    return f"{most:,}+" if count > most else f"{count:,}"


def moment(at: datetime, now: datetime) -> str:
    """A moment as briefly as it is clear: "9:14 AM", "yesterday, 4:00 PM", "Tuesday, 4:00 PM", "Nov 2". Both by the same
    clocks."""
    days = (at.date() - now.date()).days
    near = {-1: "yesterday, ", 0: "", 1: "tomorrow, "}.get(days)
    if near is not None:
        return near + clock(at)
    if abs(days) < 7:
        return f"{at:%A}, {clock(at)}"
    year = f", {at.year}" if abs(now - at) > timedelta(days=300) else ""
    return f"{at:%b} {at.day}{year}"

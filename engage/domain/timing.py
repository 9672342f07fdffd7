"""Local time. The only place that turns a wall clock into an instant, always through zoneinfo."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from importlib.resources import files
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

EVERY_DAY = frozenset(range(7))


class UnknownZone(ValueError):
    """A name that is no IANA time zone."""


@lru_cache(maxsize=1)
def zone_names() -> frozenset[str]:
    """Every name that is accepted: the IANA names, without the database's helper files."""
    return frozenset(available_timezones() - {"localtime", "Factory", "posixrules"})


@lru_cache(maxsize=1)
def zone_choices() -> tuple[str, ...]:
    """The names worth offering in a list, in order: each place once, by the name that it has today. Others, such as
    US/Eastern, are the same zones under older names (zone.tab of the IANA database)."""
    named = {line.split("\t")[2] for line in _table("zone.tab") if not line.startswith("#")}
    return tuple(sorted(named & zone_names()))


@lru_cache(maxsize=1)
def older_names() -> dict[str, tuple[str, ...]]:
    """Names that are not offered, by the one that is: browsers still call Asia/Kolkata Asia/Calcutta."""
    offered = frozenset(zone_choices())
    links = {alias: target for mark, target, alias, *_ in map(_links, _table("tzdata.zi")) if mark == "L"}
    found: dict[str, list[str]] = {}
    for alias in sorted(links.keys() - offered):
        target = links[alias]
        while target not in offered and target in links:
            target = links[target]
        if target in offered and alias in zone_names():
            found.setdefault(target, []).append(alias)
    return {name: tuple(aliases) for name, aliases in found.items()}


def _links(line: str) -> list[str]:
    return [*line.split(" "), "", "", ""]


def _table(name: str) -> list[str]:
    return files("tzdata.zoneinfo").joinpath(name).read_text("utf-8").splitlines()


@lru_cache(maxsize=512)
def zone(name: str) -> ZoneInfo:
    """The zone called ``name``. Raises UnknownZone."""
    if name not in zone_names():
        raise UnknownZone("is no time zone; use a name such as America/New_York")
    return ZoneInfo(name)


def usable(name: str | None, fallback: str) -> str:
    """``name``, or ``fallback`` when it is missing or no zone (any more): one row must not stop a batch."""
    return name if name is not None and name in zone_names() else fallback


@lru_cache(maxsize=65536)
def instant(day: date, wall: time, zone_name: str) -> datetime:
    """When the clocks in the zone show ``wall`` on ``day``, as aware UTC.

    A time that exists twice (clocks go back) is its first occurrence; one that does not
    exist (clocks go forward) is as much later as the clocks jump.
    """
    return datetime.combine(day, wall, zone(zone_name)).astimezone(UTC)


@lru_cache(maxsize=65536)
def shown(day: date, start: int, end: int, zone_name: str) -> tuple[tuple[datetime, datetime], ...]:
    """When the clocks in the zone show ``day`` from ``start`` until before ``end``, as spans of aware UTC.

    ``start`` and ``end`` are minutes since midnight, 1440 the day's end. Mostly one span. A wall time that
    exists twice (clocks go back) is in both its places, which may make two spans; one that does not exist
    is in none; a day that the zone left out has none.
    """
    there = zone(zone_name)
    first, last = (datetime.combine(day, time()) + timedelta(minutes=at) for at in (start, end))
    starts, ends = (
        sorted({wall.replace(tzinfo=there, fold=fold).astimezone(UTC) for fold in (0, 1)})
        for wall in (first, last)
    )
    if len(starts) == len(ends) == 1:
        return ((starts[0], ends[0]),)
    return _shown_over_a_change(first, last, sorted({*starts, *ends}), there)


def _shown_over_a_change(
    first: datetime, last: datetime, edges: list[datetime], there: ZoneInfo
) -> tuple[tuple[datetime, datetime], ...]:
    """The same where an edge exists twice or not at all: asks each piece between edges and changes of clocks."""
    changes = [change for pair in pairwise(edges) if (change := _change_between(*pair, there))]
    spans: list[tuple[datetime, datetime]] = []
    for start, end in pairwise(sorted({*edges, *changes})):
        if not first <= start.astimezone(there).replace(tzinfo=None) < last:
            continue
        if spans and spans[-1][1] == start:
            start = spans.pop()[0]
        spans.append((start, end))
    return tuple(spans)


def _change_between(low: datetime, high: datetime, there: ZoneInfo) -> datetime | None:
    """The second at which the zone's clocks change between two instants, or None."""
    before = low.astimezone(there).utcoffset()
    if before == high.astimezone(there).utcoffset():
        return None
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) // timedelta(seconds=2) * timedelta(seconds=1)
        if middle.astimezone(there).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high


@dataclass(frozen=True, slots=True)
class Change:
    """The clocks of a zone jump at ``at`` (aware UTC) from one offset to UTC to another; ``name`` is what the zone's
    time is called from then on."""

    at: datetime
    before: timedelta
    after: timedelta
    name: str


@lru_cache(maxsize=512)
def changes(start: datetime, end: datetime, zone_name: str) -> tuple[Change, ...]:
    """When the clocks in the zone change between two instants (aware UTC), in order. No two within a day are seen."""
    there, found = zone(zone_name), []
    days = (end - start) // timedelta(days=1)
    for low, high in pairwise(start + timedelta(days=n) for n in range(days + 1)):
        at = _change_between(low, high, there)
        if at is not None:
            found.append(Change(at, _offset(low, there), _offset(high, there), f"{at.astimezone(there):%Z}"))
    return tuple(found)


def offset(moment: datetime, zone_name: str) -> timedelta:
    """How far the clocks in the zone are ahead of UTC at ``moment``."""
    return _offset(moment, zone(zone_name))


def _offset(moment: datetime, there: ZoneInfo) -> timedelta:
    return moment.astimezone(there).utcoffset() or timedelta()


def local(moment: datetime, zone_name: str) -> datetime:
    """``moment`` as the clocks in the zone show it."""
    return moment.astimezone(zone(zone_name))


@dataclass(frozen=True, slots=True)
class Window:
    """Decent hours: from ``start`` until before ``end`` by the local clock, on ``weekdays`` (0 = Monday)."""

    start: time
    end: time
    weekdays: frozenset[int] = EVERY_DAY

    def __post_init__(self) -> None:
        if self.start >= self.end or not self.weekdays:
            raise ValueError("a window needs a start before its end and at least one weekday")


def inside(window: Window, moment: datetime, zone_name: str) -> bool:
    """True when ``moment`` is within the window where the person is."""
    there = local(moment, zone_name)
    return there.weekday() in window.weekdays and window.start <= there.time() < window.end


def next_start(window: Window, moment: datetime, zone_name: str, at: time | None = None) -> datetime:
    """The first instant after ``moment`` at which an open day shows ``at`` (the window's start if None)."""
    day = local(moment, zone_name).date()
    for _ in range(15):
        if day.weekday() in window.weekdays:
            start = instant(day, at or window.start, zone_name)
            if start > moment:
                return start
        day += timedelta(days=1)
    raise AssertionError("a window opens at least once a week")


def first_open_day(day: date, weekdays: frozenset[int]) -> date:
    """``day``, or the first later day whose weekday is allowed."""
    while day.weekday() not in weekdays:
        day += timedelta(days=1)
    return day


def spoken(moment: datetime) -> str:
    """A local time in words: "Tuesday, November 24, 9:00 AM"."""
    hour = moment.hour % 12 or 12
    half = "AM" if moment.hour < 12 else "PM"
    return f"{moment:%A}, {moment:%B} {moment.day}, {hour}:{moment:%M} {half}"


def exact(day: date, wall: time, zone_name: str) -> tuple[datetime, ...]:
    """Every instant at which the clocks in the zone show ``wall`` on ``day``, as aware UTC: none in the hour that a
    night of changed clocks leaves out, two in the hour that it repeats."""
    there = zone(zone_name)
    naive = datetime.combine(day, wall)
    found = {naive.replace(tzinfo=there, fold=fold).astimezone(UTC) for fold in (0, 1)}
    return tuple(sorted(moment for moment in found if moment.astimezone(there).replace(tzinfo=None) == naive))

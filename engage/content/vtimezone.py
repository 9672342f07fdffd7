"""A zone's clocks around a year, as a calendar file has to carry them (RFC 5545, 3.6.5)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard

from engage.domain.timing import Change, changes, local, offset

_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
# Where clocks never change, or by no rule, the first line holds from here on.
_EVER = datetime(1970, 1, 1)  # noqa: DTZ001 - a wall time
_LAST = -1


def vtimezone(zone: str, year: int) -> Timezone:
    """Right for every wall time from the beginning of ``year`` to the end of the next.

    Where the clocks change by the same rule each year it is told as a rule, since mail programs know their own zones
    by it; else change by change. Raises UnknownZone.
    """
    first = datetime(year - 1, 1, 1, tzinfo=UTC)
    known = changes(first, datetime(year + 2, 1, 2, tzinfo=UTC), zone)
    found = Timezone()
    found.add("tzid", zone)
    yearly = list(_yearly(known, year - 1))
    for change, rule in yearly:
        found.add_component(_part(_before(change), change.before, change.after, change.name, rule))
    if not yearly:
        at = offset(first, zone)
        found.add_component(_part(_EVER, at, at, f"{local(first, zone):%Z}"))
        for change in known:
            found.add_component(_part(_before(change), change.before, change.after, change.name))
    return found


def _part(
    start: datetime, before: timedelta, after: timedelta, name: str, rule: dict[str, object] | None = None
) -> TimezoneStandard | TimezoneDaylight:
    part = TimezoneDaylight() if after > before else TimezoneStandard()
    part.add("dtstart", start)
    part.add("tzoffsetfrom", before)
    part.add("tzoffsetto", after)
    part.add("tzname", name)
    if rule is not None:
        part.add("rrule", rule)
    return part


def _before(change: Change) -> datetime:
    """What the clocks would have shown had they not changed: so a calendar file tells when they do."""
    return (change.at + change.before).replace(tzinfo=None)


def _yearly(known: Sequence[Change], first: int) -> Iterator[tuple[Change, dict[str, object]]]:
    """The first year's two changes, each with the rule that all three years' follow; nothing where there is none."""
    years = [[change for change in known if _before(change).year == first + n] for n in range(3)]
    if any(len(year) != 2 for year in years):
        return
    rules = []
    for same in zip(*years, strict=True):
        fitting = set.intersection(*(_rules(_before(change)) for change in same))
        if not fitting or len({(change.before, change.after) for change in same}) > 1:
            return
        # Of "fourth" and "last" where both fit, last is what laws say.
        month, nth, weekday, _ = min(fitting)
        rules.append({"freq": "yearly", "bymonth": month, "byday": f"{nth}{_DAYS[weekday]}"})
    yield from zip(years[0], rules, strict=True)


def _rules(wall: datetime) -> set[tuple[int, int, int, object]]:
    """How a law could have named this moment: month, n-th weekday of it or the last, and the time."""
    nths = {(wall.day - 1) // 7 + 1}
    if (wall + timedelta(days=7)).month != wall.month:
        nths.add(_LAST)
    return {(wall.month, nth, wall.weekday(), wall.time()) for nth in nths}

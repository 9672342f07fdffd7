"""Decent hours: when a message may reach a person, wherever they may be.

What is decent is worked out once for each combination of purpose, channel and whereabouts, a week at a time, as
spans of UTC; a decision is then one search among a few edges. All moments are aware; results are aware UTC.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import chain

from engage.domain.holidays import Holiday, days_of
from engage.domain.messages import Channel, Purpose
from engage.domain.timing import shown
from engage.domain.weeks import ANY_TIME, WHOLE_DAY, Span, Week, common
from engage.domain.whereabouts import Where

# How far a decent moment is looked for. Windows that meet in no week of these (two far zones) never do in practice.
HORIZON_WEEKS = 8
MINUTE = timedelta(minutes=1)
# Of each combination; a process that lives for a year must not keep the year.
WEEKS_REMEMBERED = 4 * HORIZON_WEEKS

_WEEK = timedelta(days=7)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Rule:
    """Hours by the recipient's clock. ``since``: the first local day on which they hold.

    ``states``, ``purposes`` and ``channels`` say where and for what; no states is everywhere. ``source`` and
    ``as_of`` tell where the figure is from and how fresh that is; nothing is decided by them.
    """

    week: Week
    on_holidays: bool = True
    since: date | None = None
    states: frozenset[str] = frozenset()
    purposes: frozenset[Purpose] = frozenset()
    channels: frozenset[Channel] = frozenset()
    source: str = ""
    as_of: date | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Policy:
    """The clinic's own hours for each purpose and channel, and the rules that narrow them. Made once: what is
    worked out from it is remembered by its identity.

    ``room`` is how long before the end of decent hours a message is put that had to move earlier.
    """

    own: Mapping[tuple[Purpose, Channel], Rule]
    rules: tuple[Rule, ...] = ()
    holidays: tuple[Holiday, ...] = ()
    room: timedelta = timedelta(minutes=30)


class Decent:
    """The decent hours of some recipients; made by ``windows_for``, shared by everybody for whom they are alike."""

    __slots__ = ("_weeks", "always", "holidays", "room", "rules", "zones")

    def __init__(
        self,
        zones: tuple[str, ...],
        rules: tuple[Rule, ...],
        holidays: tuple[Holiday, ...],
        room: timedelta,
    ) -> None:
        self.zones, self.rules, self.holidays, self.room = zones, rules, holidays, room
        self.always = all(rule.week == ANY_TIME and rule.on_holidays for rule in rules)
        self._weeks: dict[int, tuple[datetime, ...]] = {}

    def edges(self, week: int) -> tuple[datetime, ...]:
        """The decent spans of one UTC week (counted from 31 December of year 0), as start, end, start, end..."""
        if (known := self._weeks.get(week)) is None:
            if len(self._weeks) >= WEEKS_REMEMBERED:
                self._weeks.clear()
            known = self._weeks[week] = tuple(chain.from_iterable(_spans(self, week)))
        return known

    def by_the_clock(self, day: date) -> tuple[Span, ...]:
        """The spans of one local day, in minutes since midnight, by all rules together."""
        spans = WHOLE_DAY
        for rule in self.rules:
            if rule.since is not None and day < rule.since:
                continue
            if not rule.on_holidays and day in days_of(day.year, self.holidays):
                return ()
            spans = common(spans, rule.week[day.weekday()])
        return spans


@lru_cache(maxsize=65536)
def windows_for(policy: Policy, purpose: Purpose, channel: Channel, where: Where) -> Decent:
    """What is decent for messages of this purpose and channel to someone there. Raises KeyError when the policy
    has no hours of its own for them."""
    rules = [policy.own[purpose, channel]]
    rules += [rule for rule in policy.rules if purpose in rule.purposes and channel in rule.channels]
    if where.wish is not None and purpose != "service":
        rules.append(Rule(where.wish))
    kept = tuple(dict.fromkeys(rule for rule in rules if _there(rule.states, where)))
    holidays = tuple(day for day in policy.holidays if _there(day.states, where))
    if all(rule.on_holidays for rule in kept):
        holidays = ()
    return _shared(tuple(sorted(where.zones)), kept, holidays, policy.room)


@lru_cache(maxsize=16384)
def _shared(
    zones: tuple[str, ...], rules: tuple[Rule, ...], holidays: tuple[Holiday, ...], room: timedelta
) -> Decent:
    return Decent(zones, rules, holidays, room)


def _there(states: frozenset[str], where: Where) -> bool:
    return not states or not where.states or bool(states & where.states)


def is_decent(decent: Decent, moment: datetime) -> bool:
    """True when a message may leave at ``moment``."""
    if decent.always:
        return True
    moment = _utc(moment)
    return bisect_right(decent.edges(_week_of(moment)), moment) % 2 == 1


def next_decent(decent: Decent, moment: datetime) -> datetime | None:
    """The first decent instant at or after ``moment``; None when there is none within HORIZON_WEEKS."""
    moment = _utc(moment)
    if decent.always:
        return moment
    week = _week_of(moment)
    edges = decent.edges(week)
    at = bisect_right(edges, moment)
    if at % 2 == 1:
        return moment
    for later in range(week + 1, week + HORIZON_WEEKS + 1):
        if at < len(edges):
            return edges[at]
        edges, at = decent.edges(later), 0
    return None


def last_decent_before(decent: Decent, moment: datetime, room: timedelta = MINUTE) -> datetime | None:
    """The latest decent instant that still has ``room`` before ``moment`` and before its span ends.

    A span shorter than ``room`` gives its start. None when nothing is decent within HORIZON_WEEKS before.
    """
    moment = _utc(moment)
    if decent.always:
        return moment - room
    week = _week_of(moment)
    edges = decent.edges(week)
    at = bisect_left(edges, moment)
    for earlier in range(week - 1, week - HORIZON_WEEKS - 1, -1):
        if at:
            # Before it are whole spans, or at an odd number the span that it is in or ends.
            first = (at - 1) // 2 * 2
            start, end = edges[first], min(moment, edges[first + 1])
            return max(_start_of(decent, start), end - room)
        edges = decent.edges(earlier)
        at = len(edges)
    return None


def ends_at(decent: Decent, moment: datetime) -> datetime | None:
    """The first instant at or after ``moment`` that is not decent: ``moment`` itself when it is not.

    None when everything is decent from there on for HORIZON_WEEKS.
    """
    moment = _utc(moment)
    if decent.always:
        return None
    week = _week_of(moment)
    edges = decent.edges(week)
    at = bisect_right(edges, moment)
    if at % 2 == 0:
        return moment
    end = edges[at]
    for later in range(week + 1, week + HORIZON_WEEKS + 1):
        following = decent.edges(later)
        if not following or following[0] != end:
            return end
        end = following[1]
    return None


def place(decent: Decent, due_at: datetime, must_before: datetime | None, now: datetime) -> datetime | None:
    """When a message due at ``due_at`` should leave: never before ``now``, always decent, before ``must_before``.

    In decent hours it stays where it is. Otherwise it moves later, or, where it must come before something (a
    visit), earlier, with the policy's room before decent hours end, and later only when it is too late for that.
    None when there is no such moment.
    """
    wanted = max(_utc(due_at), _utc(now))
    if is_decent(decent, wanted) and (must_before is None or wanted < must_before):
        return wanted
    if must_before is None:
        return next_decent(decent, wanted)
    # After what it must precede it would be no earlier than that: the search starts there.
    earlier = last_decent_before(decent, min(wanted, must_before), decent.room)
    if earlier is not None and is_decent(decent, held := max(earlier, _utc(now))) and held < must_before:
        return held
    later = next_decent(decent, wanted)
    return later if later is not None and later < must_before else None


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is UTC:
        return moment
    if moment.tzinfo is None:
        raise ValueError("a moment needs its zone: pass aware UTC")
    return moment.astimezone(UTC)


def _week_of(moment: datetime) -> int:
    return moment.toordinal() // 7


def _start_of(decent: Decent, start: datetime) -> datetime:
    """The start of the span that contains ``start`` or begins there: spans are cut where weeks meet."""
    for week in range(_week_of(start) - 1, _week_of(start) - 1 - HORIZON_WEEKS, -1):
        before = decent.edges(week)
        if not before or before[-1] != start:
            break
        start = before[-2]
    return start


def _spans(decent: Decent, week: int) -> Sequence[tuple[datetime, datetime]]:
    start = datetime.combine(date.fromordinal(week * 7), time(), UTC)
    spans: list[tuple[datetime, datetime]] = [(start, start + _WEEK)]
    for name in decent.zones:
        there = list(_in_zone(decent, start, name))
        spans = [(max(a, c), min(b, d)) for a, b in spans for c, d in there if max(a, c) < min(b, d)]
    return spans


def _in_zone(decent: Decent, start: datetime, zone_name: str) -> Iterator[tuple[datetime, datetime]]:
    """The spans of one zone around one week, in order and apart."""
    days = [start.date() + n * _DAY for n in range(-1, 9)]
    found = sorted(
        span
        for day in days
        for first, last in decent.by_the_clock(day)
        for span in shown(day, first, last, zone_name)
    )
    if not found:
        return
    open_from, until = found[0]
    for first, last in found[1:]:
        if first == until:
            until = last
            continue
        yield open_from, until
        open_from, until = first, last
    yield open_from, until

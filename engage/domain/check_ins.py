"""Which check-ins a person gets, and when: how they feel the day after a visit, and a score from 0 to 10 before the
first visit, weekly while visits go on, and at the end of a plan. A pure function of visits, what was asked, and wishes.

Moments are aware UTC; days are by the person's own clock. One day brings one check-in at most, none comes within
``clear`` of a visit, and none by text where reminders need the room that the caps leave.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Final
from uuid import UUID

from engage.domain.appointments import OPEN, Status
from engage.domain.caps import WEEK_DAYS
from engage.domain.hours import Decent, next_decent
from engage.domain.messages import CHECK_IN, CHECK_IN_TEXT, PAIN_SCORE, PAIN_SCORE_TEXT, Channel, Kind
from engage.domain.outcomes import Asks
from engage.domain.timing import instant, local

KIND_OF: Final[Mapping[tuple[Asks, Channel], Kind]] = {
    ("after-visit", "email"): CHECK_IN,
    ("after-visit", "sms"): CHECK_IN_TEXT,
    ("pain-score", "email"): PAIN_SCORE,
    ("pain-score", "sms"): PAIN_SCORE_TEXT,
}

# Those that may still take place, and those that did or do.
_COMING: Final = OPEN | {"proposed", "waitlist"}
_BEEN: Final[frozenset[Status]] = frozenset({"arrived", "checked-in", "fulfilled"})
_STANDS: Final = OPEN | _BEEN
# The end's score comes a day after the question how the last visit went down.
_AFTER_PLAN: Final = timedelta(days=2)
# A change of mind at the front desk shows within a minute.
_UNDO: Final = timedelta(minutes=1)
# A message must have so long before it is of no more use.
_ROOM: Final = timedelta(minutes=15)
_WEEKS_TRIED: Final = 3
_A_DAY: Final = timedelta(days=1)
_MINUTE: Final = timedelta(minutes=1)
_TURNS: Final = 20


@dataclass(frozen=True, slots=True)
class Policy:
    """The clinic's choices. ``hour`` by the person's clock; ``week_days`` between two scores; of use for ``useful``;
    ``clear`` of visits. ``texts_a_day`` and ``texts_a_week`` are the caps of care texts."""

    on: bool = True
    hour: time = time(10)
    week_days: int = 7
    useful: timedelta = timedelta(days=2)
    clear: timedelta = timedelta(hours=2)
    texts_a_day: int = 1
    texts_a_week: int = 3


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit as check-ins weigh it. ``since`` is when it was last changed, or known to be over; ``ends_plan`` that it
    took place, and nothing of its plan is to come after it."""

    id: UUID
    starts_at: datetime
    minutes: int
    status: Status
    since: datetime
    ends_plan: bool = False

    @property
    def ends_at(self) -> datetime:
        """Aware UTC."""
        return self.starts_at + timedelta(minutes=self.minutes)


@dataclass(frozen=True, slots=True)
class Asked:
    """A check-in that left, or whose turn is over for good."""

    slug: str
    asks: Asks
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one person who agreed ``since``. ``visits`` and ``asked`` in any order. ``decent``: the hours
    there, None where all are. ``texts``: other texts about care that left or are planned; None where the person is
    asked by email, which no cap counts. ``planned``: for what moment each slug is planned that did not leave yet."""

    zone: str
    since: datetime
    visits: Sequence[Visit] = ()
    asked: Sequence[Asked] = ()
    decent: Decent | None = None
    texts: Sequence[datetime] | None = None
    planned: Mapping[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A check-in that is to be. ``slug`` names it for good: whatever it is asked about, it is asked once."""

    slug: str
    asks: Asks
    visit: UUID | None
    due_at: datetime
    not_after: datetime


@dataclass(slots=True)
class _Planner:
    facts: Facts
    policy: Policy
    taken: set[date] = field(default_factory=set)
    texts: list[date] = field(default_factory=list)
    wanted: list[Wanted] = field(default_factory=list)


def plan(facts: Facts, policy: Policy, now: datetime) -> list[Wanted]:
    """All that should be asked as things stand: each visit's own question, and the next score. The same comes out
    whenever it is asked for, but for what a moment that has passed makes impossible."""
    planner = _Planner(facts, policy)
    planner.taken = {_day(planner, one.due_at) for one in facts.asked}
    planner.texts = [_day(planner, moment) for moment in facts.texts or ()]
    if policy.on:
        _after_visits(planner, now)
        _first(planner, now)
        _plan_ends(planner, now)
        _weekly(planner, now)
    return planner.wanted


def look_again(facts: Facts, wanted: Sequence[Wanted], now: datetime) -> datetime | None:
    """When time alone may bring another check-in; None while only a change can."""
    if wanted:
        return max(min(one.due_at for one in wanted), now) + _A_DAY
    return now + WEEK_DAYS * _A_DAY if _coming(facts, now) else None


def _after_visits(planner: _Planner, now: datetime) -> None:
    """Only of visits that are known to have taken place; of several on one day the last."""
    been = [visit for visit in planner.facts.visits if visit.status == "fulfilled"]
    last = {_day(planner, visit.starts_at): visit for visit in sorted(been, key=_order)}
    slugs = {one.slug for one in planner.facts.asked}
    done = {_day(planner, visit.starts_at) for visit in been if f"after/{visit.id}" in slugs}
    for day, visit in last.items():
        if day not in done:
            at = _at(planner, day + _A_DAY)
            _want(planner, f"after/{visit.id}", "after-visit", visit, at, visit.since, now)


def _first(planner: _Planner, now: datetime) -> None:
    """The day before somebody's first visit; where it is booked later than that, at once."""
    visits = planner.facts.visits
    coming = sorted((visit for visit in visits if visit.status in OPEN), key=_order)
    if not coming or any(visit.status in _BEEN for visit in visits) or _scores(planner):
        return
    visit = coming[0]
    at = _at(planner, _day(planner, visit.starts_at) - _A_DAY)
    end = visit.starts_at - planner.policy.clear
    _want(planner, f"first/{visit.id}", "pain-score", visit, at, visit.since + _UNDO, now, end)


def _plan_ends(planner: _Planner, now: datetime) -> None:
    """Unless a score was asked for since the plan's last visit."""
    for visit in planner.facts.visits:
        if not visit.ends_plan:
            continue
        slug, last = f"end/{visit.id}", _day(planner, visit.starts_at)
        if any(one.slug != slug and _day(planner, one.due_at) >= last for one in _scores(planner)):
            continue
        _want(planner, slug, "pain-score", visit, _at(planner, last + _AFTER_PLAN), visit.since, now)


def _weekly(planner: _Planner, now: datetime) -> None:
    """The next one, as long as a visit is to come after it."""
    if any(one.asks == "pain-score" for one in planner.wanted):
        return
    step = planner.policy.week_days * _A_DAY
    for day in islice(_weeks(planner, now), _WEEKS_TRIED):
        at = _at(planner, day)
        if not _coming(planner.facts, at):
            return
        if _want(planner, f"week/{day}", "pain-score", None, at, planner.facts.since, now, at + step):
            return


def _weeks(planner: _Planner, now: datetime) -> Iterator[date]:
    """Days of scores from now on: a week after the last one, or once somebody has been here."""
    step = planner.policy.week_days * _A_DAY
    scores = _scores(planner)
    if scores:
        day = max(_day(planner, one.due_at) for one in scores) + step
    else:
        been = [visit.starts_at for visit in planner.facts.visits if visit.status in _BEEN]
        if not been:
            return
        day = _day(planner, max(min(been), planner.facts.since)) + _A_DAY
    while True:
        if _at(planner, day) + step > now:
            yield day
        day += step


def _want(
    planner: _Planner,
    slug: str,
    asks: Asks,
    visit: Visit | None,
    at: datetime,
    since: datetime,
    now: datetime,
    end: datetime | None = None,
) -> bool:
    """Asks at the first moment from ``at`` on that suits everything, or not at all when none does while it is of use."""
    if any(one.slug == slug for one in planner.facts.asked):
        return False
    latest = at + planner.policy.useful if end is None else end
    moment = _suits(
        planner, max(at, since, planner.facts.since), latest, planner.facts.planned.get(slug), now
    )
    if moment is None:
        return False
    until = min(
        [moment + planner.policy.useful, *([end] if end is not None else []), *_ends(planner, moment)]
    )
    if until <= max(moment + _ROOM, now):
        return False
    day = _day(planner, max(moment, now))
    planner.taken.add(day)
    if planner.facts.texts is not None:
        planner.texts.append(day)
    planner.wanted.append(Wanted(slug, asks, visit.id if visit is not None else None, moment, until))
    return True


def _suits(
    planner: _Planner, at: datetime, latest: datetime, planned: datetime | None, now: datetime
) -> datetime | None:
    """The first moment that is decent, clear of visits, and on a day that has room. One that is over suits only for
    what is planned for it and can leave now."""
    if at < now:
        over = max(at, planned) if planned is not None and planned < now else None
        if over is not None and over < latest and _first_from(planner, now, now + _MINUTE) == now:
            return over
        at = now
    return _first_from(planner, at, latest)


def _first_from(planner: _Planner, at: datetime, latest: datetime) -> datetime | None:
    moment: datetime | None = at
    for _ in range(_TURNS):
        if moment is None or moment >= latest:
            return None
        before = moment
        moment = _clear(planner, moment)
        if planner.facts.decent is not None:
            moment = next_decent(planner.facts.decent, moment)
        if moment == before:
            if _has_room(planner, _day(planner, moment)):
                return moment
            moment = _at(planner, _day(planner, moment) + _A_DAY)
    return None


def _clear(planner: _Planner, moment: datetime) -> datetime:
    """``moment``, or the end of the quiet time around the visits that it falls into."""
    clear = planner.policy.clear
    for visit in sorted(planner.facts.visits, key=_order):
        if visit.status in _STANDS and visit.starts_at - clear < moment < visit.ends_at + clear:
            moment = visit.ends_at + clear
    return moment


def _ends(planner: _Planner, moment: datetime) -> list[datetime]:
    """What waits must not come into the quiet time before the next visit."""
    coming = [v.starts_at for v in planner.facts.visits if v.status in _STANDS and v.starts_at > moment]
    return [min(coming) - planner.policy.clear] if coming else []


def _has_room(planner: _Planner, day: date) -> bool:
    """Reminders come first: a text that asks takes only what the caps leave of its day and of each week around it."""
    if day in planner.taken:
        return False
    if planner.facts.texts is None:
        return True
    if planner.texts.count(day) >= planner.policy.texts_a_day:
        return False
    weeks = ((day - n * _A_DAY, day + (WEEK_DAYS - 1 - n) * _A_DAY) for n in range(WEEK_DAYS))
    most = planner.policy.texts_a_week
    return all(sum(start <= one <= end for one in planner.texts) < most for start, end in weeks)


def _order(visit: Visit) -> tuple[datetime, UUID]:
    return visit.starts_at, visit.id


def _scores(planner: _Planner) -> list[Asked]:
    return [one for one in planner.facts.asked if one.asks == "pain-score"]


def _coming(facts: Facts, moment: datetime) -> bool:
    return any(visit.status in _COMING and visit.starts_at > moment for visit in facts.visits)


def _day(planner: _Planner, moment: datetime) -> date:
    return local(moment, planner.facts.zone).date()


def _at(planner: _Planner, day: date) -> datetime:
    return instant(day, planner.policy.hour, planner.facts.zone)

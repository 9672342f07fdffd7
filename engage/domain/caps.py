"""Courtesy: how much one person is sent, how close together, and how near a visit.

Days and weeks are the person's own: a day runs from midnight to midnight by their clock, a week is seven such days
ending with today. Where they may be in several zones, the caps hold in each. All moments are aware UTC.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from engage.domain.messages import BULK, LANES, About, Channel, Purpose
from engage.domain.timing import instant, local

OUTSIDE: frozenset[About] = frozenset({"reply", "opt_out", "help", "correction", "cancellation"})

WEEK_DAYS = 7
LOOK_BACK = timedelta(days=WEEK_DAYS + 1)


@dataclass(frozen=True, slots=True)
class Caps:
    """The clinic's figures. ``bulk``: lessons and marketing together, over all courses and campaigns.

    ``fewer_percent`` is what is left of the bulk and marketing caps for a person who asked for fewer messages
    (rounded down, never below one). ``visit_hours``: nothing promotional so long before or after a visit.
    """

    marketing_per_week: int = 2
    bulk_per_week: int = 10
    care_texts_per_day: int = 1
    care_texts_per_week: int = 3
    apart: timedelta = timedelta(minutes=15)
    visit_hours: int = 24
    fewer_percent: int = 50


@dataclass(frozen=True, slots=True)
class Sent:
    """One message that left, or may have left, at ``moment``. Callers need those since ``now - LOOK_BACK``."""

    moment: datetime
    purpose: Purpose
    channel: Channel
    about: About = "plan"

    @property
    def counts(self) -> bool:
        """False for answers and corrections, and for service: what a person asked for a moment ago."""
        return not _outside(self.purpose, self.about)


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the person asked for: no lessons or marketing until a moment, or fewer of them."""

    paused_until: datetime | None = None
    fewer: bool = False


@dataclass(frozen=True, slots=True)
class Person:
    """What is known of one person: the zones they may be in, what they were sent since ``now - LOOK_BACK`` (in
    any order), the starts of their visits that stand (past and coming), and what they wished."""

    zones: frozenset[str]
    sent: Sequence[Sent] = ()
    visits: Sequence[datetime] = ()
    wishes: Wishes = Wishes()


@dataclass(frozen=True, slots=True)
class Asked:
    """The message that is to go; it is of use until ``not_after``."""

    purpose: Purpose
    channel: Channel
    not_after: datetime
    about: About = "plan"

    @property
    def outside(self) -> bool:
        """True for answers, corrections and service, to which no courtesy applies."""
        return _outside(self.purpose, self.about)


@dataclass(frozen=True, slots=True)
class Go:
    """Nothing speaks against it."""


@dataclass(frozen=True, slots=True)
class Later:
    """It waits until ``until`` (aware UTC) and is asked about again then; the hours still have to be decent."""

    until: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Skip:
    """It would have to wait until it is of no more use."""

    reason: str


Courtesy = Go | Later | Skip
GO = Go()


def may_go(caps: Caps, asked: Asked, person: Person, now: datetime) -> Courtesy:
    """Whether ``asked`` may go to ``person`` at ``now``, by all rules of courtesy together.

    The reason is a slug of ``message_words.REASONS``: that of the rule that makes it wait longest.
    """
    if asked.outside:
        return GO
    counted = [one for one in person.sent if one.counts and one.moment <= now]
    waits: list[Later] = []
    if asked.purpose in BULK:
        waits += _pause(person.wishes, now)
        waits += _near_a_visit(caps, person.visits, now)
        bulk = [one.moment for one in counted if one.purpose in BULK]
        waits += _over(bulk, caps.bulk_per_week, caps, WEEK_DAYS, "bulk_cap", person, now)
    if asked.purpose == "marketing":
        promoted = [one.moment for one in counted if one.purpose == "marketing"]
        waits += _over(promoted, caps.marketing_per_week, caps, WEEK_DAYS, "marketing_cap", person, now)
    if asked.purpose == "care" and asked.channel == "sms":
        texts = [one.moment for one in counted if one.purpose == "care" and one.channel == "sms"]
        waits += _full(texts, caps.care_texts_per_day, 1, "care_text_day_cap", person, now)
        waits += _full(texts, caps.care_texts_per_week, WEEK_DAYS, "care_text_week_cap", person, now)
    waits += _too_close(caps, counted, now)
    if not waits:
        return GO
    longest = max(waits, key=lambda wait: wait.until)
    return longest if longest.until <= asked.not_after else Skip(longest.reason)


def _pause(wishes: Wishes, now: datetime) -> list[Later]:
    until = wishes.paused_until
    return [Later(until, "person_paused")] if until is not None and until > now else []


def _near_a_visit(caps: Caps, visits: Iterable[datetime], now: datetime) -> list[Later]:
    """Visits that follow one another closely make one long quiet time."""
    near = timedelta(hours=caps.visit_hours)
    until = now
    for visit in sorted(visits):
        if visit - near <= until < visit + near:
            until = visit + near
    return [Later(until, "near_visit")] if until > now else []


def _over(
    moments: Sequence[datetime], cap: int, caps: Caps, days: int, reason: str, person: Person, now: datetime
) -> list[Later]:
    """A cap that a person may ask to be lower."""
    if not person.wishes.fewer:
        return _full(moments, cap, days, reason, person, now)
    allowed = max(1, cap * caps.fewer_percent // 100)
    return _full(moments, allowed, days, "fewer_messages" if allowed < cap else reason, person, now)


def _full(
    moments: Sequence[datetime], allowed: int, days: int, reason: str, person: Person, now: datetime
) -> list[Later]:
    if len(moments) < allowed:
        return []
    freed = (_freed(moments, allowed, days, name, now) for name in person.zones)
    return [Later(until, reason) for until in freed if until > now]


def _freed(moments: Sequence[datetime], allowed: int, days: int, zone_name: str, now: datetime) -> datetime:
    """``now``, or the local midnight at which fewer than ``allowed`` are left in the last ``days`` local days."""
    today = local(now, zone_name).date()
    within: list[date] = sorted(
        day for moment in moments if (today - (day := local(moment, zone_name).date())).days < days
    )
    if len(within) < allowed:
        return now
    return instant(within[-allowed] + timedelta(days=days), time(), zone_name)


def _too_close(caps: Caps, counted: Sequence[Sent], now: datetime) -> list[Later]:
    latest = max((one.moment for one in counted), default=None)
    if latest is None or latest + caps.apart <= now:
        return []
    return [Later(latest + caps.apart, "spaced")]


@dataclass(frozen=True, slots=True)
class Waiting:
    """One message that is due for a person; ``key`` is the caller's own name for it."""

    key: str
    purpose: Purpose
    due_at: datetime
    about: About = "plan"


def take_turns(
    waiting: Sequence[Waiting], latest: datetime | None, caps: Caps, now: datetime
) -> list[tuple[Waiting, datetime]]:
    """Who goes when, for one person's messages that are due together: in the order of their lanes, then of
    their time among those whose time has come, apart by ``caps.apart``, also from ``latest``, the last counted one that left.

    What is outside the caps, and service, goes at once and keeps nobody waiting.
    """
    at_once = [one for one in waiting if _outside(one.purpose, one.about)]
    turns = [(one, max(now, one.due_at)) for one in sorted(at_once, key=_place_in_queue)]
    left = [one for one in waiting if one not in at_once]
    free = now if latest is None else max(now, latest + caps.apart)
    while left:
        at = max(free, min(one.due_at for one in left))
        first = min((one for one in left if one.due_at <= at), key=_place_in_queue)
        turns.append((first, at))
        left.remove(first)
        free = at + caps.apart
    return turns


def _place_in_queue(one: Waiting) -> tuple[int, datetime, str]:
    return LANES[one.purpose], one.due_at, one.key


def _outside(purpose: Purpose, about: About) -> bool:
    return purpose == "service" or about in OUTSIDE

"""What becomes of one due message: a pure rule over the facts and now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from engage.domain.caps import Asked, Caps, Later, Person, Skip, may_go
from engage.domain.courses import Course
from engage.domain.hours import Decent, ends_at, next_decent
from engage.domain.messages import KINDS, Kind, Status, passes
from engage.domain.schedule import decent_moment

# What leaves so close to the end of decent hours may arrive after it.
MARGIN = timedelta(minutes=1)


class Facts(NamedTuple):
    """All that decides about one claimed message. Times are aware UTC.

    ``decent``: the hours that are decent where the person is, None where all are; ``own_hours`` when the person named
    them, so that the course's own timetable gives way. ``caps`` and ``person``: what is enough, and what the person was
    sent and wished; None where nothing could be too much. ``merged``: the person is a part of another one by now.
    ``trial``: only staff get messages yet, and this one is not for them.
    """

    kind: str
    not_after: datetime
    zone: str
    anytime: bool
    has_address: bool
    erased: bool
    consent_id: UUID | None
    suppressed: str | None
    cause_state: str | None
    paused_until: datetime | None
    course: Course | None
    lesson: str | None
    decent: Decent | None = None
    own_hours: bool = False
    caps: Caps | None = None
    person: Person | None = None
    merged: bool = False
    trial: bool = False


@dataclass(frozen=True, slots=True)
class Send:
    """It may leave now, relying on ledger entry ``consent_id`` (None where none is needed)."""

    consent_id: UUID | None


@dataclass(frozen=True, slots=True)
class End:
    """It will never leave."""

    status: Status
    reason: str


@dataclass(frozen=True, slots=True)
class Wait:
    """It stays planned until ``due_at`` (aware UTC)."""

    due_at: datetime
    reason: str


Decision = Send | End | Wait

# How often a message is looked at whose course or campaign is paused for everybody; resuming it wakes them at once.
HALTED = timedelta(days=1)
# How long a message of a merged person waits at most; it is handed to the kept one at once.
HANDED_OVER = timedelta(minutes=1)
# How often a question is looked at that waits for another day.
TODAY = timedelta(hours=6)
# A lesson for which there is never room or a decent hour is looked at again so often: the person may wish otherwise.
LOOK_AGAIN = timedelta(days=1)
# What waits to the end of its use is looked at right after it, so that somebody learns of it then.
JUST_OVER = timedelta(seconds=1)
# Why courtesy may end a message: a care message that ends so is somebody's work.
COURTESY = frozenset(
    {
        "no_decent_hour",
        "person_paused",
        "near_visit",
        "marketing_cap",
        "bulk_cap",
        "fewer_messages",
        "care_text_day_cap",
        "care_text_week_cap",
        "spaced",
    }
)
# How often the timetable and the person's hours may refer to each other.
TURNS = 60
# Why a cause in this state ends its messages.
_ENDED_ENROLMENT = {"stopped": "stopped", "booked": "booked", "unsubscribed": "unsubscribed"}
_DROPPED = ("limited", "suppressed", "replaced", "spent", "stopped")
_ENDED_NUMBER = {"confirmed": "number_confirmed", **dict.fromkeys(_DROPPED, "number_dropped")}
_ENDED_SIGNUP = {"confirmed": "already_confirmed", "refused": "not_me", "expired": "not_confirmed_in_time"}
# Causes that say themselves why what was planned is not to go.
_NO_MORE = (
    "visit_changed",
    "no_check_ins",
    "answered",
    "switched_off",
    "campaign_cancelled",
    "one_person",
    "not_authorized",
)


def decide(facts: Facts, now: datetime) -> Decision:
    """The message's fate at ``now``. The order is: may we, is it still wanted, is it enough, is it the hour."""
    if facts.erased:
        return End("cancelled", "erased")
    if facts.merged:
        return Wait(now + HANDED_OVER, "one_person")
    if facts.cause_state is None:
        return End("cancelled", "cause_gone")
    if reason := _cause_ended(facts):
        return End("cancelled", reason)
    if facts.cause_state == "halted":
        return Wait(now + HALTED, "course_halted")
    if facts.cause_state == "campaign_paused":
        return Wait(now + HALTED, "campaign_paused")
    if facts.cause_state == "asked_today":
        return Wait(now + TODAY, "asked_today")
    if until := _pause(facts, now):
        return Wait(until, "person_paused")
    if not facts.has_address:
        return End("skipped", "no_address")
    if facts.suppressed and not passes(KINDS[facts.kind], facts.suppressed):
        return End("skipped", f"suppressed_{facts.suppressed}")
    if KINDS[facts.kind].consent and facts.consent_id is None:
        return End("skipped", "no_consent")
    if now > facts.not_after:
        return End("expired", "too_late")
    if facts.trial:
        return Wait(min(now + LOOK_AGAIN, facts.not_after + JUST_OVER), "trial_mode")
    if facts.paused_until is not None and facts.paused_until > now:
        return Wait(facts.paused_until, "paused")
    kind = KINDS[facts.kind]
    if facts.anytime or kind.anytime:
        return _unless_removed(facts)
    return _too_much(facts, kind, now) or _at_a_decent_hour(facts, now)


def _pause(facts: Facts, now: datetime) -> datetime | None:
    """The end of a pause that the person wished for. A lesson waits for it also where no email may go: a course goes
    on by text when its lesson's turn is over, and would be over before the pause is."""
    until = facts.person.wishes.paused_until if facts.person is not None else None
    return until if facts.kind == "course-lesson" and until is not None and until > now else None


def _cause_ended(facts: Facts) -> str | None:
    if facts.kind in ("course-lesson", "course-lesson-text"):
        return _ENDED_ENROLMENT.get(facts.cause_state or "")
    if facts.kind == "signup-confirm":
        return _ENDED_SIGNUP.get(facts.cause_state or "")
    if facts.kind == "number-confirm":
        return _ENDED_NUMBER.get(facts.cause_state or "")
    if facts.kind == "consultation-received" and facts.cause_state == "closed":
        return "request_closed"
    return facts.cause_state if facts.cause_state in _NO_MORE else None


def _unless_removed(facts: Facts) -> Decision:
    if facts.course is not None and facts.lesson is not None and facts.course.lesson(facts.lesson) is None:
        return End("cancelled", "lesson_removed")
    return Send(facts.consent_id)


def _too_much(facts: Facts, kind: Kind, now: datetime) -> Decision | None:
    if facts.caps is None or facts.person is None:
        return None
    asked = Asked(kind.purpose, kind.channel, facts.not_after, kind.about)
    match may_go(facts.caps, asked, facts.person, now):
        case Later(until, reason):
            return Wait(until, reason)
        case Skip(reason):
            return _never(facts, now, reason)
    return None


def _never(facts: Facts, now: datetime, reason: str) -> Decision:
    return Wait(now + LOOK_AGAIN, reason) if facts.lesson else End("skipped", reason)


def _at_a_decent_hour(facts: Facts, now: datetime) -> Decision:
    decision = _unless_removed(facts)
    if not isinstance(decision, Send):
        return decision
    moment = _decent_moment(facts, now)
    if moment is None or moment > facts.not_after:
        return _never(facts, now, "no_decent_hour")
    return decision if moment <= now else Wait(moment, "decent_hours")


def _decent_moment(facts: Facts, now: datetime) -> datetime | None:
    """The first moment that suits both the course's timetable and the person's hours; None when there is none."""
    moment = now
    for _ in range(TURNS):
        wanted = _by_the_timetable(facts, moment)
        if facts.decent is None:
            return wanted
        decent = _with_room(facts.decent, wanted)
        if decent is None or decent == wanted:
            return decent
        moment = decent
    return None


# A claim asks the same for everybody in a zone.
@lru_cache(maxsize=4096)
def _with_room(hours: Decent, wanted: datetime) -> datetime | None:
    decent = next_decent(hours, wanted)
    end = ends_at(hours, decent) if decent is not None else None
    return decent if decent is None or end is None or end - decent >= MARGIN else next_decent(hours, end)


def _by_the_timetable(facts: Facts, moment: datetime) -> datetime:
    lesson = facts.course.lesson(facts.lesson) if facts.course is not None and facts.lesson else None
    if facts.course is None or lesson is None or facts.own_hours:
        return moment
    return decent_moment(facts.course, lesson, moment, facts.zone)

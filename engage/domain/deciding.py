"""What becomes of one due message: a pure rule over the facts and now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from engage.domain.courses import Course
from engage.domain.messages import KINDS, OPT_OUTS, Status
from engage.domain.schedule import decent_moment


class Facts(NamedTuple):
    """All that decides about one claimed message, fetched in one statement. Times are aware UTC."""

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

# Why a cause in this state ends its messages.
_ENDED_ENROLMENT = {"stopped": "stopped", "booked": "booked", "unsubscribed": "unsubscribed"}
_ENDED_SIGNUP = {"confirmed": "already_confirmed", "refused": "not_me", "expired": "not_confirmed_in_time"}


def decide(facts: Facts, now: datetime) -> Decision:
    """The message's fate at ``now``. The order is: may we, is it still wanted, is it the hour."""
    if facts.erased:
        return End("cancelled", "erased")
    if facts.cause_state is None:
        return End("cancelled", "cause_gone")
    if reason := _cause_ended(facts):
        return End("cancelled", reason)
    if not facts.has_address:
        return End("skipped", "no_address")
    if facts.suppressed and not (facts.suppressed in OPT_OUTS and KINDS[facts.kind].despite_opt_out):
        return End("skipped", f"suppressed_{facts.suppressed}")
    if KINDS[facts.kind].consent and facts.consent_id is None:
        return End("skipped", "no_consent")
    if now > facts.not_after:
        return End("expired", "too_late")
    if facts.paused_until is not None and facts.paused_until > now:
        return Wait(facts.paused_until, "paused")
    return _at_a_decent_hour(facts, now)


def _cause_ended(facts: Facts) -> str | None:
    if facts.kind == "course-lesson":
        return _ENDED_ENROLMENT.get(facts.cause_state or "")
    if facts.kind == "signup-confirm":
        return _ENDED_SIGNUP.get(facts.cause_state or "")
    if facts.kind == "consultation-received" and facts.cause_state == "closed":
        return "request_closed"
    return None


def _at_a_decent_hour(facts: Facts, now: datetime) -> Decision:
    if facts.course is None or facts.lesson is None:
        return Send(facts.consent_id)
    lesson = facts.course.lesson(facts.lesson)
    if lesson is None:
        return End("cancelled", "lesson_removed")
    moment = now if facts.anytime else decent_moment(facts.course, lesson, now, facts.zone)
    return Send(facts.consent_id) if moment <= now else Wait(moment, "decent_hours")

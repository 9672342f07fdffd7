"""Complaints and hard bounces pause the course that caused them, until a person resumes it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from engage import log
from engage.domain.deliverability import Counted, Limits, enough, pauses
from engage.domain.timing import local
from engage.runtime import Runtime
from engage.services import audit
from engage.services.alerts import over, raise_alert
from engage.services.audit import CLI
from engage.storage import pauses as store

logger = log.get(__name__)

ALERT = "course_halted"


class NoSuchCourse(LookupError):
    """There is no course with that slug."""


@dataclass(frozen=True, slots=True)
class Paused:
    """A course whose messages wait. ``paused_at`` is aware, real time in the clinic's zone."""

    course: str
    title: str
    words: str
    paused_at: datetime


def watch(rt: Runtime, now: datetime | None = None) -> int:
    """Pauses every course that had too many complaints or hard bounces. Returns how many. ``now`` is real time."""
    now = now or datetime.now(UTC)
    policy = rt.clinic.deliverability
    window = timedelta(days=policy.window_days)
    limits = Limits(policy.complaint_percent, policy.bounce_percent, policy.least_delivered, window)
    paused = 0
    with rt.transaction() as tx:
        for one in store.unwelcome(tx, now - window):
            most = enough(one.complaints, one.bounces, limits)
            delivered = store.delivered(tx, one.course, one.since, most)
            why = pauses(Counted(delivered, one.complaints, one.bounces), limits)
            if why is None:
                continue
            unwelcome = one.complaints if why == "complaints" else one.bounces
            if store.add(tx, one.course, why, "system", delivered, unwelcome):
                raise_alert(rt, tx, ALERT, one.course)
                logger.warning("course paused", name=one.course, reason=why, count=unwelcome)
                paused += 1
    return paused


def pause(rt: Runtime, course: str) -> bool:
    """Pauses a course for everybody who is in it. False when it is paused. Raises NoSuchCourse."""
    _known(rt, course)
    with rt.transaction() as tx:
        if not store.add(tx, course, "staff", "cli"):
            return False
        audit.note(tx, rt, CLI, "change", "course paused")
        return True


def resume(rt: Runtime, course: str) -> int | None:
    """Lets a course go on; lessons that waited leave at the next decent hour. Returns how many, None when it was not
    paused. A course that no longer exists can be resumed too."""
    with rt.transaction() as tx:
        if not store.resume(tx, course, "cli"):
            return None
        over(rt, tx, ALERT, course)
        audit.note(tx, rt, CLI, "change", "course resumed")
        return store.wake(tx, course, rt.now(tx))


def standing(rt: Runtime) -> list[Paused]:
    """The courses that are paused, oldest first."""
    with rt.transaction() as tx:
        return paused_in(rt, tx)


def paused_in(rt: Runtime, tx: Connection) -> list[Paused]:
    """As ``standing``, in a transaction."""
    return [_paused(rt, row) for row in store.standing(tx)]


def _paused(rt: Runtime, row: Any) -> Paused:
    known = rt.library.courses.get(row.slug)
    words = {
        "complaints": f"{row.unwelcome} of {row.delivered} delivered were reported as spam",
        "bounces": f"{row.unwelcome} came back for good, {row.delivered} were delivered",
        "staff": "a person paused it",
    }[row.reason]
    title = known.title if known is not None else row.slug
    return Paused(row.slug, title, words, local(row.paused_at, rt.clinic.zone))


def _known(rt: Runtime, course: str) -> None:
    if course not in rt.library.courses:
        raise NoSuchCourse(course)

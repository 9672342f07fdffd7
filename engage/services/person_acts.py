"""What staff may do about a person's courses. Each act is a row of the audit trail."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal
from uuid import UUID

from engage.runtime import Runtime
from engage.services import courses
from engage.services.audit import Actor, note
from engage.services.lessons import PAUSES
from engage.storage import enrolments, people

Act = Literal["stop", "pause", "resume"]


def act(rt: Runtime, actor: Actor, person: UUID, enrolment: UUID, what: Act, days: int = 14) -> bool | None:
    """Stops, pauses or resumes one course. None when there is no such course of that person.

    False when there was nothing to do: it had ended, was paused already, or was not paused.
    Raises ValueError for a pause of another length than lessons.PAUSES.
    """
    if what == "pause" and days not in PAUSES:
        raise ValueError("a pause is 7, 14 or 28 days")
    with rt.transaction() as tx:
        found = people.lock(tx, person)
        row = enrolments.one(tx, enrolment)
        if found is None or row is None or row.person_id != person:
            return None
        now = rt.now(tx)
        paused = row.paused_until is not None and row.paused_until > now
        if row.state != "active" or (what == "pause" and paused) or (what == "resume" and not paused):
            return False
        if what == "stop":
            courses.end_courses(tx, person, "stopped", now, row.course)
        elif what == "pause":
            courses.pause(rt, tx, row, found.zone, now + timedelta(days=days), now)
        else:
            courses.resume(rt, tx, row, found.zone, now)
        note(tx, rt, actor, "change", "course", enrolment, person)
        return True

"""The text beside a lesson's email, for those who want one: a message of its own, planned when the lesson leaves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection

from engage.domain.messages import COURSE_LESSON_TEXT
from engage.ids import new_ids
from engage.runtime import Runtime
from engage.storage import course_texts, messages
from engage.storage.messages import Plan

# A text says that something has come just now; later it is no news.
USEFUL = timedelta(days=3)


class Left(NamedTuple):
    """A lesson whose turn has come for one enrolment, and the contact that its text goes to."""

    enrolment: UUID
    person: UUID
    contact: UUID
    lesson: str


def dedup_key(enrolment: UUID, lesson: str) -> str:
    """One lesson is told of by text once, whatever becomes of its email."""
    return f"course/{enrolment}/{lesson}/{COURSE_LESSON_TEXT.channel}"


def plan(rt: Runtime, tx: Connection, left: Sequence[Left], now: datetime) -> None:
    """Plans the texts of these lessons, and drops those of earlier lessons that still wait.

    They follow the emails by as much as two messages keep apart. The caller holds the people's locks.
    """
    if not left:
        return
    course_texts.drop_earlier(tx, [(one.person, one.enrolment, one.lesson) for one in left], now)
    due = now + rt.clinic.caps.caps.apart
    plans = [
        Plan(
            id=id,
            kind=COURSE_LESSON_TEXT,
            cause="enrolment",
            cause_id=one.enrolment,
            step=one.lesson,
            person_id=one.person,
            contact_id=one.contact,
            dedup_key=dedup_key(one.enrolment, one.lesson),
            due_at=due,
            not_after=due + USEFUL,
        )
        for id, one in zip(new_ids(len(left)), left, strict=True)
    ]
    messages.plan(tx, plans, now)

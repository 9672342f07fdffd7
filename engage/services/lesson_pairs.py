"""A lesson's email and its text are two messages: what became of one is told with the other."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from engage.domain.message_words import STATUS_WORDS
from engage.domain.messages import COURSE_LESSON, COURSE_LESSON_TEXT
from engage.storage import messages

# (enrolment, lesson)
Lesson = tuple[UUID, str]


def by_text(rows: Iterable[Any]) -> set[Lesson]:
    """The lessons among these messages that went, or go, by text."""
    texts = (row for row in rows if row.kind == COURSE_LESSON_TEXT.name)
    return {
        (row.cause_id, row.step) for row in texts if row.status not in ("cancelled", "skipped", "expired")
    }


def by_text_alone(row: Any, texted: set[Lesson]) -> str:
    """Words for a lesson's email that was not sent although the lesson goes on by text; "" for all others."""
    if row.kind != COURSE_LESSON.name or row.status != "skipped" or (row.cause_id, row.step) not in texted:
        return ""
    return "The lesson goes by text all the same: the text links to its page."


def beside(tx: Connection, row: Any) -> str:
    """What became of the other message about the same lesson; "" where there is none."""
    kinds = {COURSE_LESSON.name: COURSE_LESSON_TEXT, COURSE_LESSON_TEXT.name: COURSE_LESSON}
    other = kinds.get(row.kind)
    if other is None or row.person_id is None:
        return ""
    found = messages.of_lesson(tx, row.person_id, row.cause_id, row.step, other.name)
    if found is None:
        return ""
    what = "text" if other.channel == "sms" else "email"
    words = STATUS_WORDS.get(found.status, found.status)
    told = f"The same lesson by {what} is message {found.id}: {words[:1].lower()}{words[1:]}."
    email = row if what == "text" else found
    alone = by_text_alone(email, by_text([row, found]))
    return f"{told} {alone}".rstrip()

"""Causes whose messages wait until a person resumes them, and the figures that pause them. Times are real."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection

from engage.domain.messages import COURSE_LESSON
from engage.ids import new_id
from engage.storage.database import run


def add(
    tx: Connection,
    course: str,
    reason: str,
    by: str,
    delivered: int | None = None,
    unwelcome: int | None = None,
) -> bool:
    """Pauses a course. False when it was paused already."""
    sql = """INSERT INTO pauses (id, cause, slug, reason, delivered, unwelcome, paused_by)
    VALUES (%(id)s, 'course', %(slug)s, %(reason)s, %(delivered)s, %(unwelcome)s, %(by)s)
    ON CONFLICT (cause, slug) WHERE resumed_at IS NULL DO NOTHING"""
    values = {"id": new_id(), "slug": course, "reason": reason, "by": by}
    return run(tx, sql, {**values, "delivered": delivered, "unwelcome": unwelcome}).rowcount == 1


def resume(tx: Connection, course: str, by: str) -> bool:
    """Ends a course's pause. False when there was none."""
    sql = """UPDATE pauses SET resumed_at = clock_timestamp(), resumed_by = %(by)s
    WHERE cause = 'course' AND slug = %(slug)s AND resumed_at IS NULL"""
    return run(tx, sql, {"slug": course, "by": by}).rowcount == 1


def standing(tx: Connection) -> list[Any]:
    """What is paused now, oldest first."""
    sql = """SELECT slug, reason, delivered, unwelcome, paused_by, paused_at FROM pauses
    WHERE cause = 'course' AND resumed_at IS NULL ORDER BY paused_at, id"""
    return list(run(tx, sql))


# What waited is as useful now as it was then. A row in other hands is looked at within the day anyway.
WAKE = """
WITH waiting AS (
    SELECT m.id FROM messages m JOIN enrolments e ON e.id = m.cause_id
    WHERE m.queued AND m.lane = %(lane)s AND m.cause = 'enrolment' AND m.reason = 'course_halted' AND e.course = %(slug)s
    ORDER BY m.id FOR UPDATE OF m SKIP LOCKED
)
UPDATE messages m SET due_at = %(now)s, reason = NULL,
    not_after = greatest(m.not_after, %(now)s::timestamptz + (m.not_after - m.not_before))
FROM waiting w WHERE m.id = w.id
"""


def wake(tx: Connection, course: str, now: datetime) -> int:
    """Lets what waited for the end of a course's pause be looked at. ``now`` is the clinic's clock. Returns how many."""
    return run(tx, WAKE, {"slug": course, "now": now, "lane": COURSE_LESSON.lane}).rowcount


class Unwelcome(NamedTuple):
    """Messages of a course that were reported as spam or came back, since ``since``."""

    course: str
    complaints: int
    bounces: int
    since: datetime


# Only what came after the last resumption counts: a person saw the rest.
UNWELCOME = """
SELECT e.course, count(DISTINCT v.message_id) FILTER (WHERE v.what = 'complaint'),
    count(DISTINCT v.message_id) FILTER (WHERE v.reason = 'bounced'),
    greatest(%(since)s::timestamptz, max(p.resumed_at))
FROM receipt_events v
JOIN messages m ON m.id = v.message_id AND m.cause = 'enrolment'
JOIN enrolments e ON e.id = m.cause_id
LEFT JOIN LATERAL (
    SELECT max(resumed_at) AS resumed_at FROM pauses x WHERE x.cause = 'course' AND x.slug = e.course
) p ON true
WHERE (v.what = 'complaint' OR v.reason = 'bounced') AND v.received_at >= %(since)s
    AND (p.resumed_at IS NULL OR v.received_at > p.resumed_at)
    AND NOT EXISTS (SELECT 1 FROM pauses x WHERE x.cause = 'course' AND x.slug = e.course AND x.resumed_at IS NULL)
GROUP BY e.course
"""


def unwelcome(tx: Connection, since: datetime) -> list[Unwelcome]:
    """Courses that are not paused and had complaints or hard bounces after ``since``."""
    return [Unwelcome._make(row) for row in run(tx, UNWELCOME, {"since": since})]


DELIVERED = """
SELECT count(*) FROM (
    SELECT 1 FROM attempts a CROSS JOIN LATERAL unnest(a.message_ids) AS u(id)
    JOIN messages m ON m.id = u.id AND m.attempt_id = a.id AND m.status = 'delivered' AND m.cause = 'enrolment'
    JOIN enrolments e ON e.id = m.cause_id AND e.course = %(course)s
    WHERE a.created_at >= %(since)s LIMIT %(limit)s
) x
"""


def delivered(tx: Connection, course: str, since: datetime, limit: int) -> int:
    """How many of a course's messages that left after ``since`` were delivered, counted up to ``limit``."""
    return int(run(tx, DELIVERED, {"course": course, "since": since, "limit": limit}).scalar_one())

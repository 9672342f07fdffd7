"""Enrolments: one living row for each person and course."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from secrets import randbelow
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection

from engage.storage.arrays import Texts, Uuids
from engage.storage.database import run

COLUMNS = """e.id, e.person_id, e.contact_id, e.course, e.state, e.started_at, e.done, e.last_day, e.last_on,
    e.shift_days, e.paused_until, e.timetable, e.ended_at"""


def add(
    tx: Connection, id: UUID, person: UUID, contact: UUID, course: str, timetable: str, now: datetime
) -> None:
    """A new enrolment that starts now. The caller holds the person's lock."""
    run(
        tx,
        """INSERT INTO enrolments (id, person_id, contact_id, course, timetable, started_at)
        VALUES (%(id)s, %(person)s, %(contact)s, %(course)s, %(timetable)s, %(now)s)""",
        {
            "id": id,
            "person": person,
            "contact": contact,
            "course": course,
            "timetable": timetable,
            "now": now,
        },
    )


def one(tx: Connection, id: UUID) -> Any | None:
    """An enrolment's row."""
    return run(tx, f"SELECT {COLUMNS} FROM enrolments e WHERE e.id = %(id)s", {"id": id}).one_or_none()


def living(tx: Connection, person: UUID, course: str | None = None) -> list[Any]:
    """A person's active enrolments, of one course when given."""
    sql = f"""SELECT {COLUMNS} FROM enrolments e WHERE e.person_id = %(person)s AND e.state = 'active'
    AND (%(course)s::text IS NULL OR e.course = %(course)s) ORDER BY e.started_at"""
    return list(run(tx, sql, {"person": person, "course": course}))


class Step(NamedTuple):
    """An enrolment after one more lesson left; ``completed`` when it was the last."""

    id: UUID
    slug: str
    day: int
    left_on: date
    completed: bool


ADVANCE = """
UPDATE enrolments e SET done = e.done || v.slug, last_day = greatest(e.last_day, v.day), last_on = v.left_on,
    paused_until = NULL,
    state = CASE WHEN v.completed THEN 'completed' ELSE e.state END,
    ended_at = CASE WHEN v.completed THEN %(now)s::timestamptz ELSE e.ended_at END
FROM unnest(%(ids)b::uuid[], %(slugs)b::text[], %(days)b::integer[], %(left_ons)b::date[], %(completed)b::boolean[])
    AS v(id, slug, day, left_on, completed)
WHERE e.id = v.id AND NOT v.slug = ANY(e.done)
"""


def advance(tx: Connection, steps: Sequence[Step], now: datetime) -> None:
    """Moves enrolments on by one lesson each. A lesson that had left already changes nothing."""
    if steps:
        run(
            tx,
            ADVANCE,
            {
                "now": now,
                "ids": Uuids(s.id for s in steps),
                "slugs": Texts(s.slug for s in steps),
                "days": [s.day for s in steps],
                "left_ons": [s.left_on for s in steps],
                "completed": [s.completed for s in steps],
            },
        )


def end(tx: Connection, ids: Sequence[UUID], state: str, now: datetime) -> int:
    """Ends these enrolments. The caller holds the person's lock."""
    return run(
        tx,
        """UPDATE enrolments SET state = %(state)s, ended_at = %(now)s, paused_until = NULL
        WHERE id = ANY(%(ids)b::uuid[]) AND state IN ('active', 'completed')""",
        {"ids": list(ids), "state": state, "now": now},
    ).rowcount


TAKE_UP = f"""
WITH again AS (
    UPDATE enrolments e SET state = 'active', ended_at = NULL, shift_days = shift_days + %(days)s,
        contact_id = coalesce((SELECT c.id FROM contacts c WHERE c.person_id = e.person_id AND c.channel = 'email'
            AND c.state = 'confirmed' ORDER BY c.created_at DESC, c.id DESC LIMIT 1), e.contact_id)
    WHERE e.person_id = %(person)s AND e.state = 'unsubscribed' AND e.ended_at = %(left_at)s
        AND NOT EXISTS (SELECT 1 FROM enrolments o WHERE o.person_id = e.person_id AND o.course = e.course
            AND o.state = 'active')
    RETURNING e.*
)
SELECT {COLUMNS}, p.zone FROM again e JOIN people p ON p.id = e.person_id ORDER BY e.id
"""


def take_up(tx: Connection, person: UUID, left_at: datetime, days: int) -> list[Any]:
    """Makes active again what a person left at that moment, with its rest so many days later; not a course that they
    take anew meanwhile. Returns the rows with the person's ``zone``. The caller holds the person's lock."""
    return list(run(tx, TAKE_UP, {"person": person, "left_at": left_at, "days": days}))


def set_pause(tx: Connection, id: UUID, until: datetime | None, shift_days: int) -> None:
    """Pauses until a moment, or not at all; ``shift_days`` is the new total."""
    run(
        tx,
        "UPDATE enrolments SET paused_until = %(until)s, shift_days = %(shift)s WHERE id = %(id)s",
        {"id": id, "until": until, "shift": shift_days},
    )


STALE = "e.state = 'active' AND e.course = %(course)s AND e.timetable <> %(timetable)s"
# A share of them by chance, so that a look costs as much among a hundred thousand as among a few.
UNPLANNED = """e.state = 'active' AND (%(parts)s = 1 OR abs(hashtext(e.id::text)::bigint) %% %(parts)s = %(part)s)
    AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.person_id = e.person_id
    AND m.cause_id = e.id AND m.channel = 'email' AND m.status IN ('planned', 'claimed', 'unknown', 'held'))"""


def lock_outdated(tx: Connection, course: str, timetable: str, limit: int) -> list[Any]:
    """Active enrolments that were planned with another timetable, locked with their people."""
    return _lock(tx, STALE, {"course": course, "timetable": timetable}, limit)


def lock_unplanned(tx: Connection, limit: int, look_at: int) -> list[Any]:
    """Active enrolments with nothing planned, which must not be: locked with their people. Looks at about ``look_at``
    of all, by chance."""
    active = int(run(tx, "SELECT count(*) FROM enrolments WHERE state = 'active'").scalar_one())
    parts = max(1, -(-active // look_at))
    return _lock(tx, UNPLANNED, {"parts": parts, "part": randbelow(parts)}, limit)


def _lock(tx: Connection, which: str, values: dict[str, Any], limit: int) -> list[Any]:
    """People first, as a claim does, or the two could wait for each other; then what still is so."""
    sql = f"SELECT e.id, e.person_id FROM enrolments e WHERE {which} ORDER BY e.id LIMIT %(limit)s"
    found = run(tx, sql, {**values, "limit": limit}).all()
    if not found:
        return []
    sql = """SELECT id FROM people WHERE id = ANY(%(ids)b::uuid[]) AND state = 'active'
    ORDER BY id FOR NO KEY UPDATE SKIP LOCKED"""
    won = {row[0] for row in run(tx, sql, {"ids": list({row.person_id for row in found})})}
    sql = f"""SELECT {COLUMNS}, p.zone FROM enrolments e JOIN people p ON p.id = e.person_id
    WHERE e.id = ANY(%(ids)b::uuid[]) AND {which} ORDER BY e.id FOR UPDATE OF e"""
    return list(run(tx, sql, {**values, "ids": [row.id for row in found if row.person_id in won]}))


UNFINISHED = """(e.state = 'active' OR e.state = 'completed' AND EXISTS (SELECT 1 FROM messages m
    WHERE m.person_id = e.person_id AND m.cause_id = e.id AND m.status IN ('planned', 'claimed', 'unknown', 'held')))"""


def unfinished(tx: Connection, person: UUID, course: str | None = None) -> list[UUID]:
    """Enrolments from which something may still come: active ones, and completed ones whose last lesson waits."""
    sql = f"""SELECT e.id FROM enrolments e WHERE e.person_id = %(person)s
    AND (%(course)s::text IS NULL OR e.course = %(course)s) AND {UNFINISHED}"""
    return [row[0] for row in run(tx, sql, {"person": person, "course": course})]


def lock_unfinished(tx: Connection, people: Collection[UUID]) -> list[tuple[UUID, UUID]]:
    """(person, enrolment) of these people from which something may still come; the people are locked, in the order of
    their ids. Who takes no course is not locked."""
    sql = f"""SELECT id FROM people WHERE id IN (SELECT e.person_id FROM enrolments e
        WHERE e.person_id = ANY(%(ids)b::uuid[]) AND {UNFINISHED}) ORDER BY id FOR NO KEY UPDATE"""
    locked = [row[0] for row in run(tx, sql, {"ids": Uuids(people)})]
    if not locked:
        return []
    sql = f"""SELECT e.person_id, e.id FROM enrolments e WHERE e.person_id = ANY(%(ids)b::uuid[]) AND {UNFINISHED}
    ORDER BY e.id FOR NO KEY UPDATE OF e"""
    return [(row[0], row[1]) for row in run(tx, sql, {"ids": Uuids(locked)})]


def end_booked(tx: Connection, running: Sequence[tuple[UUID, UUID]], now: datetime) -> int:
    """Ends these (person, enrolment) since a visit is booked, with all that is planned. Returns how many."""
    if not running:
        return 0
    people, ids = zip(*running, strict=True)
    sql = """UPDATE messages m SET status = 'cancelled', reason = 'booked', ended_at = %(now)s
    FROM unnest(%(people)b::uuid[], %(ids)b::uuid[]) AS v(person, id)
    WHERE m.person_id = v.person AND m.cause_id = v.id AND m.status IN ('planned', 'held')"""
    run(tx, sql, {"people": Uuids(people), "ids": Uuids(ids), "now": now})
    return end(tx, ids, "booked", now)


NOT_BY_EMAIL = """
SELECT e.id FROM enrolments e WHERE e.id = ANY(%(ids)b::uuid[]) AND NOT EXISTS (
    SELECT 1 FROM contacts c JOIN consent_states k ON k.person_id = c.person_id AND k.channel = 'email'
        AND k.purpose = 'education' AND k.granted
    WHERE c.id = e.contact_id AND c.state = 'confirmed' AND NOT EXISTS (
        SELECT 1 FROM suppressions x WHERE x.channel = 'email' AND x.address_index = c.address_index
            AND x.scope IN ('all', 'education') AND x.lifted_at IS NULL
            AND (x.expires_at IS NULL OR x.expires_at > %(now)s)))
"""


def not_by_email(tx: Connection, person: UUID, now: datetime) -> list[UUID]:
    """Of the unfinished enrolments those whose lessons no email brings: it is not agreed to, or can't be reached."""
    values = {"ids": unfinished(tx, person), "now": now}
    return [row[0] for row in run(tx, NOT_BY_EMAIL, values)]


def set_timetable(tx: Connection, ids: Sequence[UUID], timetable: str) -> None:
    """Notes the timetable that plans were made with."""
    run(
        tx,
        "UPDATE enrolments SET timetable = %(timetable)s WHERE id = ANY(%(ids)b::uuid[])",
        {"ids": list(ids), "timetable": timetable},
    )

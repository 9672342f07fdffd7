"""What the front desk looks at: the visits of a day with their people, and all their messages in one statement."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection

from engage.storage.appointments import COLUMNS
from engage.storage.arrays import Uuids
from engage.storage.database import run
from engage.storage.merges import PARTS


def day(tx: Connection, first: datetime, until: datetime, location: str | None, limit: int) -> list[Any]:
    """Visits that start from ``first`` until before ``until``, at one place or all, in their order; each with what is
    sealed of its person (``person_sealed``)."""
    sql = f"""SELECT {COLUMNS}, p.sealed AS person_sealed FROM appointments a JOIN people p ON p.id = a.person_id
    WHERE a.starts_at >= %(first)s AND a.starts_at < %(until)s
        AND (%(location)s::text IS NULL OR a.location = %(location)s)
    ORDER BY a.starts_at, a.id LIMIT %(limit)s"""
    return list(run(tx, sql, {"first": first, "until": until, "location": location, "limit": limit}))


class Sent(NamedTuple):
    """A message about a visit with what it says: the visit as it was in the version that the message is about. One that
    another message carried has that one's fate."""

    id: UUID
    visit_id: UUID
    version: int
    rule: str
    kind: str
    channel: str
    status: str
    reason: str | None
    due_at: datetime
    sent_at: datetime | None
    ended_at: datetime | None
    merged_into: UUID | None
    created_at: datetime
    starts_at: datetime
    zone: str
    minutes: int
    location: str


MESSAGES = f"""
{PARTS} SELECT m.id, m.cause_id, v.version, m.step, m.kind, m.channel, coalesce(c.status, m.status),
    CASE WHEN c.id IS NULL THEN m.reason ELSE c.reason END, m.due_at, coalesce(c.sent_at, m.sent_at),
    coalesce(c.ended_at, m.ended_at), m.merged_into, m.created_at, v.starts_at, v.zone, v.minutes, v.location
FROM messages m
JOIN appointment_versions v ON v.appointment_id = m.cause_id AND v.version = split_part(m.dedup_key, '/', 3)::integer
LEFT JOIN messages c ON c.id = m.merged_into
WHERE m.person_id IN (SELECT id FROM parts) AND m.cause = 'appointment' AND m.cause_id = ANY(%(visits)b::uuid[])
ORDER BY m.due_at, m.id
"""


def messages(tx: Connection, people: Sequence[UUID], visits: Sequence[UUID]) -> list[Sent]:
    """All messages about these visits of these people, as they are due."""
    if not visits:
        return []
    values = {"people": Uuids(people), "visits": Uuids(visits)}
    return [Sent._make(row) for row in run(tx, MESSAGES, values)]


def numbers(tx: Connection, people: Sequence[UUID]) -> list[Any]:
    """Telephone numbers of these people, the newest first: person_id, id, sealed. A number that no text can reach may
    still ring."""
    if not people:
        return []
    sql = """SELECT person_id, id, sealed FROM contacts WHERE person_id = ANY(%(people)b::uuid[]) AND channel = 'sms'
    AND state IN ('confirmed', 'bad') AND sealed IS NOT NULL ORDER BY state DESC, created_at DESC, id"""
    return list(run(tx, sql, {"people": Uuids(people)}))


def visits_to_come(tx: Connection, now: datetime) -> int:
    """How many visits are still to come and stand."""
    sql = (
        """SELECT count(*) FROM appointments WHERE starts_at > %(now)s AND status IN ('booked', 'pending')"""
    )
    return int(run(tx, sql, {"now": now}).scalar_one())


def waiting_by_rule(tx: Connection, lane: int) -> dict[str, int]:
    """How many planned messages each rule has, found among those of a lane that are planned."""
    sql = """SELECT step, count(*) FROM messages WHERE queued AND lane = %(lane)s AND channel IN ('email', 'sms')
    AND cause = 'appointment' GROUP BY step"""
    return {row[0]: row[1] for row in run(tx, sql, {"lane": lane})}


def is_outdated(tx: Connection, policy: str) -> bool:
    """Whether visits still wait to be planned with this policy."""
    sql = """SELECT EXISTS (SELECT FROM appointments WHERE status IN ('booked', 'pending') AND planned_with < %(policy)s)
        OR EXISTS (SELECT FROM appointments WHERE status IN ('booked', 'pending') AND planned_with > %(policy)s)
        OR EXISTS (SELECT FROM appointments WHERE status IN ('booked', 'pending') AND planned_with IS NULL)"""
    return bool(run(tx, sql, {"policy": policy}).scalar())

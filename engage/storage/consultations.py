"""Consultation requests: one sealed row for each form that was sent, and what staff did about it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection

from engage.storage import form_counts
from engage.storage.database import run
from engage.storage.form_counts import COUNT, Counted

_COLUMNS = "(id, sealed, address_index, number_index, created_at)"
_VALUES = "%(id)s, %(sealed)s, %(address)s, %(number)s, %(now)s"
ADD = f"INSERT INTO consultations {_COLUMNS} VALUES ({_VALUES}) ON CONFLICT (id) DO NOTHING"
ADD_COUNTED = f"""{COUNT}, added AS (
    INSERT INTO consultations {_COLUMNS} SELECT {_VALUES} FROM counted WHERE within
    ON CONFLICT (id) DO NOTHING
)
SELECT within FROM counted
"""


def add(
    tx: Connection,
    id: UUID,
    sealed: bytes,
    address: bytes | None,
    number: bytes | None,
    now: datetime,
    counted: Counted | None,
) -> bool:
    """The one row that a request writes; the same id twice is one. False when the client had enough."""
    row = {"id": id, "sealed": sealed, "address": address, "number": number, "now": now}
    if counted is None:
        run(tx, ADD, row)
        return True
    return bool(run(tx, ADD_COUNTED, {**row, **form_counts.values(counted)}).scalar_one())


def lock_new(tx: Connection, limit: int) -> list[Any]:
    """Requests that were not looked at yet, oldest first, locked; staff may have taken them already."""
    sql = """SELECT id, state, sealed, address_index, number_index, created_at FROM consultations
    WHERE due_at IS NULL AND state <> 'closed' ORDER BY created_at, id LIMIT %(limit)s FOR UPDATE SKIP LOCKED"""
    return list(run(tx, sql, {"limit": limit}))


def owners(tx: Connection, channel: str, indexes: Sequence[bytes]) -> dict[bytes, UUID]:
    """Whose confirmed contacts these are; of several people at one address the first."""
    sql = """SELECT DISTINCT ON (c.address_index) c.address_index, c.person_id FROM contacts c
    JOIN people p ON p.id = c.person_id AND p.state = 'active'
    WHERE c.channel = %(channel)s AND c.address_index = ANY(%(indexes)s::bytea[]) AND c.state = 'confirmed'
    ORDER BY c.address_index, c.created_at, c.id"""
    rows = run(tx, sql, {"channel": channel, "indexes": list(indexes)})
    return {bytes(row[0]): row[1] for row in rows}


def link_unlinked(tx: Connection, address: bytes, person: UUID) -> None:
    """Requests that were made before their address was confirmed belong to its owner now."""
    sql = """UPDATE consultations SET person_id = %(person)s
    WHERE address_index = %(address)s AND person_id IS NULL AND state <> 'closed'"""
    run(tx, sql, {"address": address, "person": person})


def waiting_people(tx: Connection, people: Sequence[UUID]) -> set[UUID]:
    """Of these people, those who have a request that is not closed."""
    sql = """SELECT DISTINCT person_id FROM consultations
    WHERE person_id = ANY(%(people)s::uuid[]) AND state <> 'closed'"""
    return {row[0] for row in run(tx, sql, {"people": list(people)})}


class LookedAt(NamedTuple):
    """What the worker found out about a new request."""

    id: UUID
    due_at: datetime
    person_id: UUID | None
    answered_at: datetime | None


def looked_at(tx: Connection, rows: Sequence[LookedAt]) -> None:
    """Records it for many requests."""
    run(
        tx,
        """UPDATE consultations c SET due_at = v.due_at, person_id = v.person_id, answered_at = v.answered_at
        FROM unnest(%(ids)s::uuid[], %(dues)s::timestamptz[], %(people)s::uuid[], %(answers)s::timestamptz[])
            AS v(id, due_at, person_id, answered_at) WHERE c.id = v.id""",
        {
            "ids": [row.id for row in rows],
            "dues": [row.due_at for row in rows],
            "people": [row.person_id for row in rows],
            "answers": [row.answered_at for row in rows],
        },
    )


class Event(NamedTuple):
    """Something that happened to a request; ``sealed`` is the note."""

    id: UUID
    consultation_id: UUID
    staff_id: UUID | None
    what: str
    sealed: bytes | None
    at: datetime


def add_events(tx: Connection, events: Sequence[Event]) -> None:
    """Writes down what happened."""
    run(
        tx,
        """INSERT INTO consultation_events (id, consultation_id, staff_id, what, sealed, at)
        SELECT * FROM unnest(%(ids)s::uuid[], %(of)s::uuid[], %(staff)s::uuid[], %(whats)s::text[],
            %(sealeds)s::bytea[], %(ats)s::timestamptz[])""",
        {
            "ids": [event.id for event in events],
            "of": [event.consultation_id for event in events],
            "staff": [event.staff_id for event in events],
            "whats": [event.what for event in events],
            "sealeds": [event.sealed for event in events],
            "ats": [event.at for event in events],
        },
    )


def events_of(tx: Connection, id: UUID) -> list[Any]:
    """What happened to a request, oldest first."""
    # Staff may have taken a request before the worker wrote down that it came.
    sql = """SELECT * FROM consultation_events WHERE consultation_id = %(id)s
    ORDER BY what <> 'received', place"""
    return list(run(tx, sql, {"id": id}))


def acts_of(tx: Connection, id: UUID) -> int:
    """How often staff have acted on a request: it tells whether a page of it is still true."""
    sql = """SELECT count(*) FROM consultation_events WHERE consultation_id = %(id)s
    AND what NOT IN ('received', 'acknowledged')"""
    return int(run(tx, sql, {"id": id}).scalar_one())


# Somebody tried to reach the person, and the request was not opened again since.
ANSWERED = """EXISTS (SELECT 1 FROM consultation_events e WHERE e.consultation_id = c.id AND e.what = 'called'
    AND NOT EXISTS (SELECT 1 FROM consultation_events r WHERE r.consultation_id = c.id AND r.what = 'reopened'
        AND r.place > e.place))"""


def listing(tx: Connection, states: Sequence[str], limit: int) -> list[Any]:
    """Requests in these states: the most urgent first, closed ones newest first."""
    sql = f"""SELECT c.*, {ANSWERED} AS answered FROM consultations c WHERE c.state = ANY(%(states)s::text[])
    ORDER BY c.closed_at DESC NULLS FIRST, c.due_at NULLS LAST, c.created_at, c.id LIMIT %(limit)s"""
    return list(run(tx, sql, {"states": list(states), "limit": limit}))


def one(tx: Connection, id: UUID) -> Any | None:
    """A request's row."""
    sql = f"SELECT c.*, {ANSWERED} AS answered FROM consultations c WHERE c.id = %(id)s"
    return run(tx, sql, {"id": id}).one_or_none()


def lock(tx: Connection, id: UUID) -> Any | None:
    """A request's row, locked until the transaction ends."""
    sql = "SELECT * FROM consultations WHERE id = %(id)s FOR NO KEY UPDATE"
    return run(tx, sql, {"id": id}).one_or_none()


def assign(tx: Connection, id: UUID, to: UUID | None) -> None:
    """Gives a request to a member of staff, or back; it is being looked after now."""
    sql = "UPDATE consultations SET assignee = %(to)s, state = 'open' WHERE id = %(id)s"
    run(tx, sql, {"id": id, "to": to})


def set_open(tx: Connection, id: UUID) -> None:
    """The request is being looked after."""
    run(tx, "UPDATE consultations SET state = 'open' WHERE id = %(id)s AND state = 'new'", {"id": id})


def close(tx: Connection, id: UUID, outcome: str, now: datetime) -> None:
    """The request is over."""
    sql = "UPDATE consultations SET state = 'closed', outcome = %(outcome)s, closed_at = %(now)s WHERE id = %(id)s"
    run(tx, sql, {"id": id, "outcome": outcome, "now": now})


def reopen(tx: Connection, id: UUID, due_at: datetime) -> None:
    """The request is being looked after again, with a new deadline."""
    sql = """UPDATE consultations SET state = 'open', outcome = NULL, closed_at = NULL, due_at = %(due_at)s
    WHERE id = %(id)s"""
    run(tx, sql, {"id": id, "due_at": due_at})


def unanswered(tx: Connection, due_before: datetime, limit: int) -> list[Any]:
    """Requests that nobody has answered and whose deadline is not after ``due_before``, locked."""
    sql = f"""SELECT c.id, c.person_id, c.due_at FROM consultations c
    WHERE c.state IN ('new', 'open') AND c.due_at <= %(before)s AND NOT {ANSWERED}
    ORDER BY c.due_at, c.id LIMIT %(limit)s FOR NO KEY UPDATE SKIP LOCKED"""
    return list(run(tx, sql, {"before": due_before, "limit": limit}))


def not_acknowledged(tx: Connection, limit: int) -> list[Any]:
    """Requests with an email address only, whose acknowledgement could not be sent, without a follow-up."""
    sql = """SELECT c.id, c.person_id, c.due_at FROM consultations c
    JOIN messages m ON m.dedup_key = 'consultation/' || c.id || '/received'
        AND m.status IN ('failed', 'expired', 'skipped', 'held')
    WHERE c.state IN ('new', 'open') AND c.due_at IS NOT NULL AND c.number_index IS NULL
        AND NOT EXISTS (SELECT 1 FROM follow_ups f WHERE f.dedup_key = 'not_acknowledged/' || c.id)
    ORDER BY c.due_at, c.id LIMIT %(limit)s"""
    return list(run(tx, sql, {"limit": limit}))

"""Visits and their history: adding and changing them, and all that planning their messages needs, many at a time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection

from engage.storage.arrays import Blobs, Moments, Texts, Uuids
from engage.storage.database import run
from engage.storage.merges import PARTS

COLUMNS = """a.id, a.person_id, a.plan_id, a.starts_at, a.zone, a.minutes, a.location, a.status, a.version, a.since,
    a.source, a.external_index, a.reply, a.replied_at, a.sealed, a.unplanned, a.created_at, a.updated_at"""


class New(NamedTuple):
    """A visit to add. ``since`` is when it came to be what it is, if that is not now."""

    id: UUID
    person_id: UUID
    plan_id: UUID | None
    starts_at: datetime
    zone: str
    minutes: int
    location: str
    status: str
    source: str
    external_index: bytes | None
    sealed: bytes | None
    since: datetime | None = None


ADD = """
INSERT INTO appointments (id, person_id, plan_id, starts_at, zone, minutes, location, status, since, source,
    external_index, sealed, created_at, updated_at)
SELECT v.id, v.person_id, v.plan_id, v.starts_at, v.zone, v.minutes, v.location, v.status, coalesce(v.since, %(now)s),
    v.source, v.external_index, v.sealed, %(now)s, %(now)s
FROM unnest(%(ids)b::uuid[], %(people)b::uuid[], %(plans)b::uuid[], %(starts)b::timestamptz[], %(zones)b::text[],
    %(minutes)b::integer[], %(locations)b::text[], %(statuses)b::text[], %(sources)b::text[], %(indexes)b::bytea[],
    %(sealeds)b::bytea[], %(sinces)b::timestamptz[]) AS v(id, person_id, plan_id, starts_at, zone, minutes, location, status,
    source, external_index, sealed, since)
"""
HISTORY = """
INSERT INTO appointment_versions (appointment_id, version, starts_at, zone, minutes, location, status, actor, at)
SELECT id, version, starts_at, zone, minutes, location, status, %(actor)s, %(now)s FROM appointments
WHERE id = ANY(%(ids)b::uuid[])
"""


def add(tx: Connection, visits: Sequence[New], actor: str, now: datetime) -> None:
    """New visits, each with the first row of its history. The caller holds their people's locks."""
    if not visits:
        return
    ids = Uuids(v.id for v in visits)
    run(
        tx,
        ADD,
        {
            "now": now,
            "ids": ids,
            "people": Uuids(v.person_id for v in visits),
            "plans": Uuids(v.plan_id for v in visits),
            "starts": Moments(v.starts_at for v in visits),
            "zones": Texts(v.zone for v in visits),
            "minutes": [v.minutes for v in visits],
            "locations": Texts(v.location for v in visits),
            "statuses": Texts(v.status for v in visits),
            "sources": Texts(v.source for v in visits),
            "indexes": Blobs(v.external_index for v in visits),
            "sealeds": Blobs(v.sealed for v in visits),
            "sinces": Moments(v.since for v in visits),
        },
    )
    run(tx, HISTORY, {"ids": ids, "actor": actor, "now": now})


class Changed(NamedTuple):
    """What a visit is now. A new version begins."""

    id: UUID
    starts_at: datetime
    zone: str
    minutes: int
    location: str
    status: str


# Whoever confirmed another time has not confirmed this one.
CHANGE = """
UPDATE appointments a SET starts_at = v.starts_at, zone = v.zone, minutes = v.minutes, location = v.location,
    status = v.status, version = a.version + 1, since = %(now)s, updated_at = %(now)s, reply = NULL, replied_at = NULL
FROM unnest(%(ids)b::uuid[], %(starts)b::timestamptz[], %(zones)b::text[], %(minutes)b::integer[], %(locations)b::text[],
    %(statuses)b::text[]) AS v(id, starts_at, zone, minutes, location, status)
WHERE a.id = v.id
"""


def change(tx: Connection, changed: Sequence[Changed], actor: str, now: datetime) -> None:
    """Moves visits, calls them off or on again. The caller holds their people's locks."""
    if not changed:
        return
    ids = Uuids(c.id for c in changed)
    values = {
        "now": now,
        "ids": ids,
        "starts": Moments(c.starts_at for c in changed),
        "zones": Texts(c.zone for c in changed),
        "minutes": [c.minutes for c in changed],
        "locations": Texts(c.location for c in changed),
        "statuses": Texts(c.status for c in changed),
    }
    run(tx, CHANGE, values)
    run(tx, HISTORY, {"ids": ids, "actor": actor, "now": now})


def set_status(tx: Connection, id: UUID, status: str, now: datetime) -> None:
    """How a visit went on: what people were told of it stays true, so that no version begins. What follows a visit
    counts from when it was known to be over."""
    sql = """UPDATE appointments SET status = %(status)s, updated_at = %(now)s,
        since = CASE WHEN %(status)s IN ('fulfilled', 'noshow') THEN %(now)s ELSE since END WHERE id = %(id)s"""
    run(tx, sql, {"id": id, "status": status, "now": now})


def set_reply(tx: Connection, id: UUID, reply: str | None, now: datetime) -> bool:
    """What the person answered. False when that is known already."""
    sql = """UPDATE appointments SET reply = %(reply)s, replied_at = %(now)s, updated_at = %(now)s
    WHERE id = %(id)s AND reply IS DISTINCT FROM %(reply)s"""
    return run(tx, sql, {"id": id, "reply": reply, "now": now}).rowcount == 1


def set_sealed(tx: Connection, id: UUID, sealed: bytes | None, now: datetime) -> None:
    """New words about a visit."""
    sql = "UPDATE appointments SET sealed = %(sealed)s, updated_at = %(now)s WHERE id = %(id)s"
    run(tx, sql, {"id": id, "sealed": sealed, "now": now})


def one(tx: Connection, id: UUID) -> Any | None:
    """A visit's row."""
    return run(tx, f"SELECT {COLUMNS} FROM appointments a WHERE a.id = %(id)s", {"id": id}).one_or_none()


def some(tx: Connection, ids: Sequence[UUID]) -> list[Any]:
    """The rows of these visits."""
    if not ids:
        return []
    sql = f"SELECT {COLUMNS} FROM appointments a WHERE a.id = ANY(%(ids)b::uuid[]) ORDER BY a.id"
    return list(run(tx, sql, {"ids": Uuids(ids)}))


def lock(tx: Connection, id: UUID) -> Any | None:
    """A visit's row with its person's lock, as everybody takes them: the person first. None when there is none."""
    sql = "SELECT person_id FROM appointments WHERE id = %(id)s"
    person: UUID | None = run(tx, sql, {"id": id}).scalar()
    if person is None:
        return None
    lock_people(tx, [person])
    sql = f"SELECT {COLUMNS} FROM appointments a WHERE a.id = %(id)s FOR UPDATE"
    return run(tx, sql, {"id": id}).one_or_none()


def lock_people(tx: Connection, ids: Sequence[UUID]) -> None:
    """Locks people in the order of everybody."""
    run(
        tx,
        "SELECT id FROM people WHERE id = ANY(%(ids)b::uuid[]) ORDER BY id FOR NO KEY UPDATE",
        {"ids": Uuids(ids)},
    )


def by_external(tx: Connection, indexes: Sequence[bytes]) -> dict[bytes, Any]:
    """Visits by the blind index of their booking system's id."""
    sql = f"SELECT {COLUMNS} FROM appointments a WHERE a.external_index = ANY(%(indexes)b::bytea[])"
    return {bytes(row.external_index): row for row in run(tx, sql, {"indexes": Blobs(indexes)})}


def between(tx: Connection, first: datetime, until: datetime, limit: int) -> list[Any]:
    """Visits that start from ``first`` until before ``until``, in their order."""
    sql = f"""SELECT {COLUMNS} FROM appointments a WHERE a.starts_at >= %(first)s AND a.starts_at < %(until)s
    ORDER BY a.starts_at, a.id LIMIT %(limit)s"""
    return list(run(tx, sql, {"first": first, "until": until, "limit": limit}))


def of_person(tx: Connection, person: UUID) -> list[Any]:
    """All visits of a person, the latest first."""
    sql = (
        f"SELECT {COLUMNS} FROM appointments a WHERE a.person_id = %(person)s ORDER BY a.starts_at DESC, a.id"
    )
    return list(run(tx, sql, {"person": person}))


def history(tx: Connection, id: UUID) -> list[Any]:
    """A visit's versions, the first first."""
    sql = "SELECT * FROM appointment_versions WHERE appointment_id = %(id)s ORDER BY version"
    return list(run(tx, sql, {"id": id}))


class VisitRow(NamedTuple):
    """A visit with what decides about its messages."""

    id: UUID
    person_id: UUID
    starts_at: datetime
    zone: str
    minutes: int
    location: str
    status: str
    version: int
    since: datetime
    planned_with: str | None
    unplanned: dict[str, str]
    first: bool
    last_of_plan: bool
    unagreed: bool


# A visit is a first one when none before it took place or is going to.
VISITS = """
SELECT a.id, a.person_id, a.starts_at, a.zone, a.minutes, a.location, a.status, a.version, a.since, a.planned_with,
    a.unplanned,
    NOT EXISTS (SELECT FROM appointments b WHERE b.person_id = a.person_id AND (b.starts_at, b.id) < (a.starts_at, a.id)
        AND b.status IN ('booked', 'pending', 'arrived', 'checked-in', 'fulfilled')) AS first,
    a.plan_id IS NOT NULL AND NOT EXISTS (SELECT FROM appointments b WHERE b.person_id = a.person_id
        AND b.plan_id = a.plan_id AND b.id <> a.id
        AND (b.status IN ('booked', 'pending', 'proposed', 'waitlist', 'arrived', 'checked-in')
            OR b.status IN ('fulfilled', 'noshow') AND b.starts_at > a.starts_at)) AS last_of_plan,
    a.status = 'cancelled' AND coalesce((SELECT v.status FROM appointment_versions v WHERE v.appointment_id = a.id
        AND v.status NOT IN ('cancelled', 'entered-in-error') ORDER BY v.version DESC LIMIT 1)
        IN ('proposed', 'waitlist'), false) AS unagreed
FROM appointments a WHERE a.person_id = ANY(%(people)b::uuid[]) AND a.starts_at > %(since)s
ORDER BY a.person_id, a.starts_at, a.id
"""


def to_plan(tx: Connection, people: Sequence[UUID], since: datetime) -> list[VisitRow]:
    """Visits of these locked people that start after ``since``."""
    return [VisitRow._make(row) for row in run(tx, VISITS, {"people": Uuids(people), "since": since})]


class VisitMessage(NamedTuple):
    """A message about a visit. ``version`` is the visit's that it is about."""

    id: UUID
    visit_id: UUID
    version: int
    rule: str
    kind: str
    channel: str
    status: str
    reason: str | None
    due_at: datetime
    not_after: datetime
    sent_at: datetime | None
    contact_id: UUID | None
    dedup_key: str


# What was sent before two records were made one stays where it was.
MESSAGES = f"""
{PARTS} SELECT id, cause_id, split_part(dedup_key, '/', 3)::integer, step, kind, channel, status, reason, due_at, not_after,
    sent_at, contact_id, dedup_key
FROM messages WHERE person_id IN (SELECT id FROM parts) AND cause = 'appointment' AND due_at > %(since)s
ORDER BY due_at, id
"""


def messages_of(tx: Connection, people: Sequence[UUID], since: datetime) -> list[VisitMessage]:
    """What was planned about visits for these people, due after ``since``."""
    return [VisitMessage._make(row) for row in run(tx, MESSAGES, {"people": Uuids(people), "since": since})]


def versions(tx: Connection, ids: Sequence[UUID]) -> dict[tuple[UUID, int], Any]:
    """The history of these visits by (visit, version)."""
    if not ids:
        return {}
    sql = """SELECT appointment_id, version, starts_at, zone, minutes, location, status FROM appointment_versions
    WHERE appointment_id = ANY(%(ids)b::uuid[])"""
    return {(row.appointment_id, row.version): row for row in run(tx, sql, {"ids": Uuids(ids)})}


def planned(tx: Connection, rows: Sequence[tuple[UUID, str]], policy: str) -> None:
    """Notes for visits (id, JSON of reasons) what they were planned with, and why what was not planned was not."""
    if not rows:
        return
    sql = """UPDATE appointments a SET planned_with = %(policy)s, unplanned = v.unplanned::jsonb
    FROM unnest(%(ids)b::uuid[], %(unplanned)b::text[]) AS v(id, unplanned) WHERE a.id = v.id"""
    values = {"policy": policy, "ids": Uuids(r[0] for r in rows), "unplanned": Texts(r[1] for r in rows)}
    run(tx, sql, values)


def open_of(tx: Connection, people: Sequence[UUID], since: datetime) -> list[Any]:
    """Visits of these people that stand and end after ``since``."""
    if not people:
        return []
    sql = f"""SELECT {COLUMNS} FROM appointments a WHERE a.person_id = ANY(%(people)b::uuid[])
    AND a.status IN ('booked', 'pending') AND a.starts_at > %(since)s::timestamptz - interval '1 day'
    ORDER BY a.person_id, a.starts_at, a.id"""
    return list(run(tx, sql, {"people": Uuids(people), "since": since}))


# A visit of which no message tells, and none is to come, is somebody's call.
UNTOLD = """
SELECT a.id, a.person_id, a.starts_at, a.version FROM appointments a
WHERE a.status IN ('booked', 'pending') AND a.starts_at > %(now)s AND a.starts_at <= %(until)s
    AND NOT EXISTS (SELECT FROM person_and_merged(a.person_id) AS part(id) JOIN messages m ON m.person_id = part.id
        WHERE m.cause = 'appointment' AND m.cause_id = a.id AND m.status IN ('planned', 'claimed', 'accepted', 'delivered', 'unknown', 'held'))
    AND NOT EXISTS (SELECT FROM follow_ups f WHERE f.dedup_key = 'call_about_visit/' || a.id || '/' || a.version)
ORDER BY a.starts_at, a.id LIMIT %(limit)s
"""


def untold(tx: Connection, now: datetime, until: datetime, limit: int) -> list[Any]:
    """Visits that start until then and of which nobody was told, nor will be."""
    return list(run(tx, UNTOLD, {"now": now, "until": until, "limit": limit}))


# Visits too old to bring messages are not looked at again and again.
def close_old(tx: Connection, people: Sequence[UUID], since: datetime, policy: str) -> None:
    """Notes for what these people's visits before ``since`` were planned with."""
    sql = """UPDATE appointments SET planned_with = %(policy)s WHERE person_id = ANY(%(people)b::uuid[])
    AND starts_at <= %(since)s AND planned_with IS DISTINCT FROM %(policy)s"""
    run(tx, sql, {"people": Uuids(people), "since": since, "policy": policy})

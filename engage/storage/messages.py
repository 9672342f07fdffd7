"""Messages: planning them, moving them, ending them, finding them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from engage.domain.messages import Kind
from engage.storage.arrays import Blobs, Moments, Texts, Uuids
from engage.storage.database import run


@dataclass(frozen=True, slots=True)
class Plan:
    """A message to be. ``dedup_key`` names cause, rule and channel by slug; times are aware UTC."""

    id: UUID
    kind: Kind
    cause: str
    cause_id: UUID
    dedup_key: str
    due_at: datetime
    not_after: datetime
    step: str = ""
    person_id: UUID | None = None
    contact_id: UUID | None = None
    anytime: bool = False
    sealed: bytes | None = None


# A cancelled plan that never left may be planned again under the same key; anything else keeps it.
PLAN = """
INSERT INTO messages (id, kind, cause, cause_id, step, person_id, contact_id, channel, purpose, lane,
    anytime, not_before, due_at, not_after, dedup_key, sealed, created_at)
SELECT v.id, v.kind, v.cause, v.cause_id, v.step, v.person_id, v.contact_id, v.channel, v.purpose, v.lane,
    v.anytime, v.due_at, v.due_at, v.not_after, v.dedup_key, v.sealed, %(now)s
FROM unnest(%(ids)b::uuid[], %(kinds)b::text[], %(causes)b::text[], %(cause_ids)b::uuid[], %(steps)b::text[],
    %(person_ids)b::uuid[], %(contact_ids)b::uuid[], %(channels)b::text[], %(purposes)b::text[],
    %(lanes)b::smallint[], %(anytimes)b::boolean[], %(due_ats)b::timestamptz[], %(not_afters)b::timestamptz[],
    %(dedup_keys)b::text[], %(sealeds)b::bytea[])
    AS v(id, kind, cause, cause_id, step, person_id, contact_id, channel, purpose, lane, anytime, due_at,
         not_after, dedup_key, sealed)
ON CONFLICT (dedup_key) DO UPDATE SET status = 'planned', reason = NULL, ended_at = NULL,
    anytime = excluded.anytime, not_before = excluded.not_before, due_at = excluded.due_at,
    not_after = excluded.not_after, contact_id = excluded.contact_id
    WHERE messages.status = 'cancelled' AND messages.tries = 0
"""


def plan(tx: Connection, plans: Sequence[Plan], now: datetime) -> int:
    """Adds what is not there yet. Returns how many rows were added or revived; twice changes nothing."""
    if not plans:
        return 0
    return run(
        tx,
        PLAN,
        {
            "now": now,
            "ids": Uuids(p.id for p in plans),
            "kinds": Texts(p.kind.name for p in plans),
            "causes": Texts(p.cause for p in plans),
            "cause_ids": Uuids(p.cause_id for p in plans),
            "steps": Texts(p.step for p in plans),
            "person_ids": Uuids(p.person_id for p in plans),
            "contact_ids": Uuids(p.contact_id for p in plans),
            "channels": Texts(p.kind.channel for p in plans),
            "purposes": Texts(p.kind.purpose for p in plans),
            "lanes": [p.kind.lane for p in plans],
            "anytimes": [p.anytime for p in plans],
            "due_ats": Moments(p.due_at for p in plans),
            "not_afters": Moments(p.not_after for p in plans),
            "dedup_keys": Texts(p.dedup_key for p in plans),
            "sealeds": Blobs(p.sealed for p in plans),
        },
    ).rowcount


END_PLANNED = """
UPDATE messages SET status = %(status)s, reason = %(reason)s, ended_at = %(now)s
WHERE person_id = %(person)s AND cause_id = ANY(%(causes)b::uuid[]) AND status IN ('planned', 'held')
"""


def end_planned(
    tx: Connection, person: UUID, causes: Sequence[UUID], status: str, reason: str, now: datetime
) -> int:
    """Ends what a person's causes still had planned. The caller holds the person's lock."""
    return run(
        tx,
        END_PLANNED,
        {"person": person, "causes": list(causes), "status": status, "reason": reason, "now": now},
    ).rowcount


MOVE_PLANNED = """
UPDATE messages SET not_before = %(due_at)s, due_at = %(due_at)s, not_after = %(not_after)s, anytime = %(anytime)s,
    reason = NULL
WHERE dedup_key = %(key)s AND status = 'planned'
"""


def move_planned(
    tx: Connection, key: str, due_at: datetime, not_after: datetime, anytime: bool = False
) -> bool:
    """Gives a planned message another time. False when it was not planned (any more)."""
    values = {"key": key, "due_at": due_at, "not_after": not_after, "anytime": anytime}
    return run(tx, MOVE_PLANNED, values).rowcount == 1


def next_due(tx: Connection, after: datetime, until: datetime) -> datetime | None:
    """The first moment after ``after`` and up to ``until`` at which something planned falls due."""
    sql = """
    SELECT min(due_at) FROM (
        SELECT (SELECT m.due_at FROM messages m WHERE m.queued AND m.lane = l.lane AND m.channel = c.channel
            AND m.due_at > %(after)s AND m.due_at <= %(until)s ORDER BY m.due_at LIMIT 1) AS due_at
        FROM generate_series(0, 3) AS l(lane), (VALUES ('email'), ('sms')) AS c(channel)
    ) x
    """
    moment: datetime | None = run(tx, sql, {"after": after, "until": until}).scalar()
    return moment


def in_work(tx: Connection, now: datetime) -> int:
    """How many messages are due or under way at ``now``."""
    sql = """
    SELECT (SELECT count(*) FROM messages WHERE queued AND lane IN (0, 1, 2, 3)
        AND channel IN ('email', 'sms') AND due_at <= %(now)s)
        + (SELECT coalesce(sum(cardinality(message_ids)), 0) FROM attempts
           WHERE running)
    """
    return int(run(tx, sql, {"now": now}).scalar() or 0)


EXPLAIN_COLUMNS = """m.id, m.kind, m.channel, m.purpose, m.status, m.reason, m.due_at, m.not_before, m.not_after,
    m.sent_at, m.ended_at, m.created_at, m.tries, m.attempt_id, m.consent_id, m.content_id, m.provider_id,
    m.person_id, m.contact_id, m.cause, m.cause_id, m.step, m.dedup_key, m.sealed, m.anytime, m.again"""


def one(tx: Connection, id: UUID) -> Any | None:
    """A message's row, None when there is no such id."""
    return run(tx, f"SELECT {EXPLAIN_COLUMNS} FROM messages m WHERE m.id = %(id)s", {"id": id}).one_or_none()


def newest(tx: Connection, limit: int, status: str | None, person_id: UUID | None) -> list[Any]:
    """Messages, newest due first, of one status or person when given."""
    sql = f"""SELECT {EXPLAIN_COLUMNS} FROM messages m
    WHERE (%(status)s::text IS NULL OR m.status = %(status)s)
        AND (%(person)s::uuid IS NULL OR m.person_id = %(person)s)
    ORDER BY m.due_at DESC, m.id DESC LIMIT %(limit)s"""
    return list(run(tx, sql, {"status": status, "person": person_id, "limit": limit}))


def counts(tx: Connection) -> dict[str, int]:
    """How many messages there are of each status."""
    return {row[0]: row[1] for row in run(tx, "SELECT status, count(*) FROM messages GROUP BY status")}


def planned_for(tx: Connection, person: UUID, cause: UUID) -> list[Any]:
    """A person's planned messages of one cause."""
    sql = """SELECT id, step, due_at, anytime, reason FROM messages
    WHERE person_id = %(person)s AND cause_id = %(cause)s AND status = 'planned'"""
    return list(run(tx, sql, {"person": person, "cause": cause}))


def cancel(tx: Connection, ids: Sequence[UUID], reason: str, now: datetime) -> int:
    """Cancels planned messages by id. Returns how many still were planned."""
    if not ids:
        return 0
    sql = """UPDATE messages SET status = 'cancelled', reason = %(reason)s, ended_at = %(now)s
    WHERE id = ANY(%(ids)b::uuid[]) AND status = 'planned'"""
    return run(tx, sql, {"ids": list(ids), "reason": reason, "now": now}).rowcount


def by_key(tx: Connection, key: str) -> Any | None:
    """The message with a dedup key."""
    sql = "SELECT id, status, step, due_at, sent_at FROM messages WHERE dedup_key = %(key)s"
    return run(tx, sql, {"key": key}).one_or_none()


def of_lesson(tx: Connection, person: UUID, enrolment: UUID, lesson: str, kind: str) -> Any | None:
    """The message of a kind about one lesson of an enrolment."""
    sql = f"""SELECT {EXPLAIN_COLUMNS} FROM messages m WHERE m.person_id = %(person)s AND m.cause_id = %(cause)s
    AND m.step = %(step)s AND m.kind = %(kind)s"""
    values = {"person": person, "cause": enrolment, "step": lesson, "kind": kind}
    return run(tx, sql, values).one_or_none()


def due_of_keys(tx: Connection, keys: Sequence[str]) -> list[datetime]:
    """When the messages with these dedup keys are or were due, whatever became of them."""
    sql = "SELECT due_at FROM messages WHERE dedup_key = ANY(%(keys)b::text[]) ORDER BY due_at"
    return [row[0] for row in run(tx, sql, {"keys": Texts(keys)})]


def stands(tx: Connection, key: str) -> bool:
    """Whether a message with that dedup key has left, or is to leave."""
    sql = """SELECT EXISTS (SELECT FROM messages WHERE dedup_key = %(key)s
    AND status IN ('planned', 'claimed', 'accepted', 'delivered', 'unknown'))"""
    return bool(run(tx, sql, {"key": key}).scalar())


def sent_steps(tx: Connection, people: Sequence[UUID], cause: UUID) -> list[Any]:
    """Messages of one cause to these people, who are one, that left or are on their way, in the order in which they were due."""
    sql = """SELECT id, step, status, due_at FROM messages WHERE person_id = ANY(%(people)b::uuid[]) AND cause_id = %(cause)s
    AND status IN ('claimed', 'accepted', 'delivered', 'unknown') ORDER BY due_at, id"""
    return list(run(tx, sql, {"people": Uuids(people), "cause": cause}))


def release(tx: Connection, id: UUID, now: datetime) -> bool:
    """Plans a held message again, for now. False when it was not held."""
    sql = """UPDATE messages SET status = 'planned', reason = NULL, tries = 0, due_at = greatest(due_at, %(now)s)
    WHERE id = %(id)s AND status = 'held'"""
    return run(tx, sql, {"id": id, "now": now}).rowcount == 1


def arrived(tx: Connection, id: UUID, now: datetime) -> bool:
    """A person has seen that a held message which was tried before reached its reader: it does not leave again. False when
    it was not held, or never tried."""
    sql = """UPDATE messages SET status = 'accepted', reason = NULL, sent_at = coalesce(sent_at, %(now)s)
    WHERE id = %(id)s AND status = 'held' AND attempt_id IS NOT NULL"""
    return run(tx, sql, {"id": id, "now": now}).rowcount == 1


def wake_paused(tx: Connection, person: UUID, cause: UUID, now: datetime) -> None:
    """Lets what waits for the end of a pause be looked at now."""
    sql = """UPDATE messages SET due_at = %(now)s, reason = NULL WHERE person_id = %(person)s
    AND cause_id = %(cause)s AND status = 'planned' AND reason = 'paused'"""
    run(tx, sql, {"person": person, "cause": cause, "now": now})


def repoint_texts(tx: Connection, person: UUID, old: UUID, new: UUID) -> int:
    """Sends a person's texts about lessons to another contact. The caller holds the person's lock."""
    sql = """UPDATE messages SET contact_id = %(new)s WHERE person_id = %(person)s AND contact_id = %(old)s
    AND kind = 'course-lesson-text' AND status IN ('planned', 'held')"""
    return run(tx, sql, {"person": person, "old": old, "new": new}).rowcount

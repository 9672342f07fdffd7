"""What vendors tell: requests as they came, their events, and what these make of attempts and messages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection

from engage.storage.database import run

KEEP = """
INSERT INTO receipts (id, vendor, what, digest, attempt_id, sealed)
VALUES (%(id)s, %(vendor)s, %(what)s, %(digest)s, %(attempt)s, %(sealed)s) ON CONFLICT (digest) DO NOTHING
"""


def keep(
    tx: Connection, id: UUID, vendor: str, what: str, digest: bytes, attempt: UUID | None, sealed: bytes
) -> bool:
    """Keeps a request. False when the same one is kept already."""
    values = {
        "id": id,
        "vendor": vendor,
        "what": what,
        "digest": digest,
        "attempt": attempt,
        "sealed": sealed,
    }
    return run(tx, KEEP, values).rowcount == 1


LOCK_NEW = """
SELECT id, vendor, what, attempt_id, sealed, received_at, tries FROM receipts
WHERE applied_at IS NULL AND (%(ids)b::uuid[] IS NULL OR id = ANY(%(ids)b::uuid[]))
ORDER BY received_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
"""


def lock_new(tx: Connection, limit: int, ids: Sequence[UUID] | None = None) -> list[Any]:
    """The oldest requests that nobody has applied or is applying, of ``ids`` when given."""
    return list(run(tx, LOCK_NEW, {"limit": limit, "ids": None if ids is None else list(ids)}))


def new_ids(tx: Connection, limit: int) -> list[UUID]:
    """Ids of the oldest requests that wait."""
    sql = "SELECT id FROM receipts WHERE applied_at IS NULL ORDER BY received_at LIMIT %(limit)s"
    return [row[0] for row in run(tx, sql, {"limit": limit})]


def waiting(tx: Connection, seconds: float) -> bool:
    """Whether a request that came more than ``seconds`` ago is not applied yet."""
    sql = """SELECT EXISTS (SELECT 1 FROM receipts WHERE applied_at IS NULL
        AND received_at < clock_timestamp() - make_interval(secs => %(seconds)s))"""
    return bool(run(tx, sql, {"seconds": seconds}).scalar())


def applied(tx: Connection, ids: Sequence[UUID]) -> None:
    """They are done with. What they said in full is let go: the events are kept."""
    sql = """UPDATE receipts SET applied_at = clock_timestamp(), sealed = NULL WHERE id = ANY(%(ids)b::uuid[])"""
    run(tx, sql, {"ids": list(ids)})


FAILED = """
UPDATE receipts SET tries = tries + 1,
    problem = CASE WHEN tries + 1 >= %(most)s THEN %(problem)s END,
    applied_at = CASE WHEN tries + 1 >= %(most)s THEN clock_timestamp() END
WHERE id = %(id)s AND applied_at IS NULL RETURNING applied_at IS NOT NULL
"""


def failed(tx: Connection, id: UUID, problem: str, most: int) -> bool:
    """Counts a try that failed. True when it was the last: then it is set aside with its ``problem``."""
    return bool(run(tx, FAILED, {"id": id, "problem": problem, "most": most}).scalar())


class NewEvent(NamedTuple):
    """An event as it came, its message still to be found."""

    key: bytes
    receipt_id: UUID
    attempt_id: UUID | None
    place: int | None
    what: str
    reason: str | None
    code: str | None
    failure: str | None
    at: datetime
    received_at: datetime


# In the order of the keys, so that two who keep the same events do not wait for each other in a circle.
KEEP_EVENTS = """
INSERT INTO receipt_events (event_key, receipt_id, attempt_id, message_id, what, reason, code, failure, at, received_at)
SELECT v.key, v.receipt_id, v.attempt_id, a.message_ids[v.place + 1], v.what, v.reason, v.code, v.failure, v.at,
    v.received_at
FROM unnest(%(keys)b::bytea[], %(receipt_ids)b::uuid[], %(attempt_ids)b::uuid[], %(places)b::integer[],
    %(whats)b::text[], %(reasons)b::text[], %(codes)b::text[], %(failures)b::text[], %(ats)b::timestamptz[],
    %(received_ats)b::timestamptz[])
    AS v(key, receipt_id, attempt_id, place, what, reason, code, failure, at, received_at)
LEFT JOIN attempts a ON a.id = v.attempt_id
ORDER BY v.key
ON CONFLICT (event_key) DO NOTHING RETURNING event_key, message_id
"""


def keep_events(tx: Connection, events: Sequence[NewEvent]) -> dict[bytes, UUID | None]:
    """Keeps events. Returns those that nobody had told before, each with the message it is about."""
    if not events:
        return {}
    names = [f"{name}s" for name in NewEvent._fields]
    columns = (list(column) for column in zip(*events, strict=True))
    rows = run(tx, KEEP_EVENTS, dict(zip(names, columns, strict=True))).all()
    return {bytes(row[0]): row[1] for row in rows}


def events_of(tx: Connection, message_ids: Sequence[UUID]) -> list[Any]:
    """Everything that was ever told about these messages."""
    sql = """SELECT message_id, attempt_id, what, reason, code, failure FROM receipt_events
    WHERE message_id = ANY(%(ids)b::uuid[])"""
    return list(run(tx, sql, {"ids": list(message_ids)}).all())


def lock_attempts(tx: Connection, ids: Sequence[UUID]) -> list[Any]:
    """Attempts, locked in the order of their ids as everybody does. Those that do not exist are left out."""
    sql = """SELECT id, channel, sender, started_at, seen_at, provider_id FROM attempts WHERE id = ANY(%(ids)b::uuid[])
    ORDER BY id FOR NO KEY UPDATE"""
    return list(run(tx, sql, {"ids": list(ids)}))


class Seen(NamedTuple):
    """What a vendor's word proves of an attempt; ``final`` when no other word about its one message will come."""

    id: UUID
    provider_id: str | None
    final: bool


# A text message's id belongs to one attempt. lease_until of one that is done is when it was looked at last.
SEE = """
UPDATE attempts a SET seen_at = coalesce(a.seen_at, clock_timestamp()),
    state = CASE WHEN a.state IN ('started', 'unknown') THEN 'done' ELSE a.state END,
    result = CASE WHEN a.state IN ('started', 'unknown') THEN 'found' ELSE a.result END,
    ended_at = CASE WHEN a.state IN ('started', 'unknown') THEN clock_timestamp() ELSE a.ended_at END,
    lease_until = CASE WHEN a.state IN ('started', 'unknown') THEN clock_timestamp() ELSE a.lease_until END,
    provider_id = CASE WHEN a.channel <> 'sms' OR a.provider_id IS NOT NULL OR v.provider_id IS NULL OR EXISTS (
        SELECT 1 FROM attempts o WHERE o.channel = 'sms' AND o.provider_id = v.provider_id)
        THEN a.provider_id ELSE v.provider_id END,
    final_at = CASE WHEN v.final AND a.channel = 'sms' THEN coalesce(a.final_at, clock_timestamp()) ELSE a.final_at END
FROM unnest(%(ids)b::uuid[], %(provider_ids)b::text[], %(finals)b::boolean[]) AS v(id, provider_id, final)
WHERE a.id = v.id
"""


def see(tx: Connection, seen: Sequence[Seen]) -> None:
    """Notes that the vendor knows these attempts, whose locks the caller holds."""
    if seen:
        values = {
            "ids": [one.id for one in seen],
            "provider_ids": [one.provider_id for one in seen],
            "finals": [one.final for one in seen],
        }
        run(tx, SEE, values)


TAKEN = """
SELECT m.id, a.id FROM attempts a CROSS JOIN unnest(a.message_ids) AS x(id) JOIN messages m ON m.id = x.id
WHERE a.id = ANY(%(ids)b::uuid[]) AND m.attempt_id = a.id AND m.status IN ('claimed', 'unknown')
"""


def open_entries(tx: Connection, attempts: Sequence[UUID]) -> list[tuple[UUID, UUID]]:
    """(message, attempt) of these attempts where nobody knew yet whether the message left."""
    if not attempts:
        return []
    return [(row[0], row[1]) for row in run(tx, TAKEN, {"ids": list(attempts)}).all()]


class Standing(NamedTuple):
    """A message as receipts find it."""

    id: UUID
    status: str
    reason: str | None
    attempt_id: UUID | None


def standing(tx: Connection, ids: Sequence[UUID]) -> list[Standing]:
    """Messages, not locked."""
    sql = "SELECT id, status, reason, attempt_id FROM messages WHERE id = ANY(%(ids)b::uuid[])"
    return [Standing._make(row) for row in run(tx, sql, {"ids": list(ids)}).all()]


class Moved(NamedTuple):
    """What a message becomes, if it still is what it ``was``. ``attempt_id`` and ``due_at`` only where they change."""

    id: UUID
    was: str
    status: str
    reason: str | None
    provider_id: str | None = None
    attempt_id: UUID | None = None
    due_at: datetime | None = None
    free: bool = False


MOVE = """
WITH held AS (SELECT id FROM messages WHERE id = ANY(%(ids)b::uuid[]) ORDER BY id FOR NO KEY UPDATE)
UPDATE messages m SET status = v.status, reason = v.reason,
    provider_id = coalesce(v.provider_id, m.provider_id),
    attempt_id = coalesce(v.attempt_id, m.attempt_id),
    due_at = coalesce(v.due_at, m.due_at), tries = greatest(0, m.tries - v.free::int),
    sent_at = CASE WHEN v.status = 'planned' THEN NULL ELSE coalesce(m.sent_at, %(now)s) END,
    ended_at = CASE WHEN v.status IN ('delivered', 'failed', 'expired') THEN %(now)s::timestamptz END
FROM held h JOIN unnest(%(ids)b::uuid[], %(wases)b::text[], %(statuses)b::text[], %(reasons)b::text[],
    %(provider_ids)b::text[], %(attempt_ids)b::uuid[], %(due_ats)b::timestamptz[], %(frees)b::boolean[])
    AS v(id, was, status, reason, provider_id, attempt_id, due_at, free) ON v.id = h.id
WHERE m.id = h.id AND m.status = v.was RETURNING m.id
"""


def move(tx: Connection, moved: Sequence[Moved], now: datetime) -> set[UUID]:
    """Moves messages, locked in the order of their ids. Returns those that were what they had been."""
    if not moved:
        return set()
    values = {
        "now": now,
        "ids": [one.id for one in moved],
        "wases": [one.was for one in moved],
        "statuses": [one.status for one in moved],
        "reasons": [one.reason for one in moved],
        "provider_ids": [one.provider_id for one in moved],
        "attempt_ids": [one.attempt_id for one in moved],
        "due_ats": [one.due_at for one in moved],
        "frees": [one.free for one in moved],
    }
    return {row[0] for row in run(tx, MOVE, values).all()}


# Text messages of which nothing final was heard. Each look is this caller's alone until the next.
NOT_FINAL = """
WITH due AS (
    SELECT id FROM attempts WHERE listened_until <= clock_timestamp() - make_interval(secs => %(wait)s)
    ORDER BY listened_until LIMIT %(limit)s FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE attempts a SET lease_until = clock_timestamp() FROM due WHERE a.id = due.id
RETURNING a.id, a.channel, a.sender, a.provider_id, a.ended_at < clock_timestamp() - make_interval(secs => %(give_up)s)
    AS old
"""


def not_final(tx: Connection, limit: int, wait_seconds: float, give_up_seconds: float) -> list[Any]:
    """Attempts that nobody heard of or looked at for ``wait_seconds``; ``old`` after ``give_up_seconds``."""
    return list(run(tx, NOT_FINAL, {"limit": limit, "wait": wait_seconds, "give_up": give_up_seconds}))


def give_up(tx: Connection, attempt: UUID) -> None:
    """Nothing more will be heard of it."""
    sql = "UPDATE attempts SET final_at = clock_timestamp() WHERE id = %(id)s AND final_at IS NULL"
    run(tx, sql, {"id": attempt})


def place_of(tx: Connection, attempt: UUID, message: UUID) -> int | None:
    """A message's place among an attempt's entries, counted from 0."""
    sql = "SELECT array_position(message_ids, %(message)s) - 1 FROM attempts WHERE id = %(id)s"
    found: int | None = run(tx, sql, {"id": attempt, "message": message}).scalar()
    return found

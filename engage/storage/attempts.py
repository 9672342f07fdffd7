"""Attempts: one row for each provider request. Leases run on the database's real clock."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection

from engage.storage.database import run


class Opened(NamedTuple):
    """An attempt as the claim makes it."""

    id: UUID
    sender: str
    channel: str
    message_ids: list[UUID]


OPEN = """
INSERT INTO attempts (id, sender, channel, message_ids, lease_until, created_at)
VALUES (%(id)s, %(sender)s, %(channel)s, %(message_ids)b::uuid[],
    clock_timestamp() + make_interval(secs => %(lease)s), clock_timestamp())
"""


def open_many(tx: Connection, attempts: Sequence[Opened], lease_seconds: float) -> None:
    """Opens the attempts of one claim."""
    for attempt in attempts:
        run(tx, OPEN, {**attempt._asdict(), "lease": lease_seconds})


START = """
UPDATE attempts SET state = 'started', started_at = clock_timestamp(),
    lease_until = clock_timestamp() + make_interval(secs => %(lease)s)
WHERE id = %(id)s AND state = 'open' AND lease_until > clock_timestamp()
"""


def start(tx: Connection, id: UUID, lease_seconds: float) -> bool:
    """True when the attempt may send its first byte: its lease still held. Fences a frozen worker."""
    return run(tx, START, {"id": id, "lease": lease_seconds}).rowcount == 1


END = """
UPDATE attempts SET state = %(state)s, result = %(result)s, ended_at = clock_timestamp(),
    lease_until = clock_timestamp()
WHERE id = %(id)s AND state IN ('started', 'unknown')
"""


def end(tx: Connection, id: UUID, state: str, result: str) -> bool:
    """Records how an attempt ended ("done") or that nobody knows ("unknown"). False when it had ended."""
    return run(tx, END, {"id": id, "state": state, "result": result}).rowcount == 1


RELEASE = """
WITH late AS (
    SELECT id FROM attempts WHERE state = 'open' AND lease_until <= clock_timestamp()
    ORDER BY lease_until LIMIT 500 FOR UPDATE SKIP LOCKED
), closed AS (
    UPDATE attempts a SET state = 'done', result = 'lease_expired', ended_at = clock_timestamp()
    FROM late WHERE a.id = late.id RETURNING a.id, a.message_ids
)
UPDATE messages m SET status = 'planned', reason = 'lease_expired', attempt_id = NULL, tries = m.tries - 1
FROM closed c WHERE m.id = ANY(c.message_ids) AND m.attempt_id = c.id AND m.status = 'claimed'
"""


def release_unstarted(tx: Connection) -> int:
    """Gives back messages whose worker never started to send. It does not count as a try."""
    return run(tx, RELEASE).rowcount


DOUBT = """
WITH late AS (
    SELECT id FROM attempts WHERE state = 'started' AND lease_until <= clock_timestamp()
    ORDER BY lease_until LIMIT 500 FOR UPDATE SKIP LOCKED
), doubted AS (
    UPDATE attempts a SET state = 'unknown', result = 'no_answer' FROM late WHERE a.id = late.id
    RETURNING a.id, a.message_ids
)
UPDATE messages m SET status = 'unknown', reason = 'no_answer'
FROM doubted d WHERE m.id = ANY(d.message_ids) AND m.attempt_id = d.id AND m.status = 'claimed'
"""


def doubt_unanswered(tx: Connection) -> int:
    """Messages whose worker stopped after it started to send become ``unknown``: never a blind retry."""
    return run(tx, DOUBT).rowcount


# The lease of an unknown attempt is the time until somebody looks at it again, so that one about which
# nobody can tell anything does not stand in front of the others.
UNRESOLVED = """
WITH due AS (
    SELECT id FROM attempts WHERE state = 'unknown' AND lease_until <= clock_timestamp()
    ORDER BY lease_until LIMIT %(limit)s FOR UPDATE SKIP LOCKED
)
UPDATE attempts a SET lease_until = clock_timestamp() + make_interval(secs => %(again)s)
FROM due WHERE a.id = due.id RETURNING a.id, a.sender, a.channel, a.message_ids
"""


def unresolved(tx: Connection, limit: int, again_seconds: float) -> list[Any]:
    """Attempts that wait for evidence, for this caller alone during ``again_seconds``."""
    return list(run(tx, UNRESOLVED, {"limit": limit, "again": again_seconds}))


def of_message(tx: Connection, message_id: UUID) -> list[Any]:
    """All attempts that carried a message, oldest first."""
    sql = "SELECT * FROM attempts WHERE message_ids @> ARRAY[%(id)s::uuid] ORDER BY created_at"
    return list(run(tx, sql, {"id": message_id}))

"""The pipe's hot statements: claim, facts, record. Each works on a whole batch."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection

from engage.storage.arrays import Blobs, Texts, Uuids
from engage.storage.database import rows, run

# A row of which any lock is held elsewhere is left out. A sign-up that is gone holds nothing up: the rules end
# its message.
CLAIM = """
WITH due AS MATERIALIZED (
    SELECT id, person_id, contact_id, cause, cause_id, due_at FROM messages
    WHERE queued AND lane = %(lane)s AND channel = %(channel)s AND due_at <= %(now)s
    ORDER BY due_at, id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
), persons AS MATERIALIZED (
    SELECT id FROM people WHERE id IN (SELECT person_id FROM due) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED
), addresses AS MATERIALIZED (
    SELECT id FROM contacts WHERE id IN (SELECT contact_id FROM due) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED
), asked AS MATERIALIZED (
    SELECT id FROM signups WHERE id IN (SELECT cause_id FROM due WHERE cause = 'signup')
    ORDER BY id FOR NO KEY UPDATE SKIP LOCKED
)
SELECT d.id, d.cause FROM due d
WHERE (d.person_id IS NULL OR EXISTS (SELECT 1 FROM persons p WHERE p.id = d.person_id))
    AND (d.contact_id IS NULL OR EXISTS (SELECT 1 FROM addresses c WHERE c.id = d.contact_id))
    AND (d.cause <> 'signup' OR EXISTS (SELECT 1 FROM asked g WHERE g.id = d.cause_id)
        OR NOT EXISTS (SELECT 1 FROM signups g WHERE g.id = d.cause_id))
ORDER BY d.due_at, d.id
"""


def lock_due(tx: Connection, lane: int, channel: str, now: datetime, limit: int) -> dict[UUID, str]:
    """Due messages of a lane and channel, in their order and each with its cause, locked together with their people,
    contacts and sign-ups.

    Facts must be read in a later statement, so that they are younger than the locks.
    """
    values = {"lane": lane, "channel": channel, "now": now, "limit": limit}
    return {row[0]: row[1] for row in rows(tx, CLAIM, values)}


def any_due(tx: Connection, lanes: Sequence[int], channel: str, now: datetime) -> bool:
    """Whether anything is due in these lanes of a channel."""
    sql = """SELECT EXISTS (SELECT 1 FROM messages WHERE queued AND lane = ANY(%(lanes)b::smallint[])
        AND channel = %(channel)s AND due_at <= %(now)s)"""
    return bool(run(tx, sql, {"lanes": list(lanes), "channel": channel, "now": now}).scalar())


class Claimed(NamedTuple):
    """A message that got its attempt."""

    id: UUID
    attempt_id: UUID
    content_id: UUID
    consent_id: UUID | None
    sealed: bytes


CLAIMED = """
UPDATE messages m SET status = 'claimed', reason = NULL, tries = m.tries + 1, attempt_id = v.attempt_id,
    content_id = v.content_id, consent_id = v.consent_id, sealed = v.sealed
FROM unnest(%(ids)b::uuid[], %(attempts)b::uuid[], %(contents)b::uuid[], %(consents)b::uuid[], %(sealeds)b::bytea[])
    AS v(id, attempt_id, content_id, consent_id, sealed)
WHERE m.id = v.id
"""


def mark_claimed(tx: Connection, claimed: Sequence[Claimed]) -> None:
    """Records what the claim decided to send."""
    if claimed:
        run(
            tx,
            CLAIMED,
            {
                "ids": Uuids(row.id for row in claimed),
                "attempts": Uuids(row.attempt_id for row in claimed),
                "contents": Uuids(row.content_id for row in claimed),
                "consents": Uuids(row.consent_id for row in claimed),
                "sealeds": Blobs(row.sealed for row in claimed),
            },
        )


class Settled(NamedTuple):
    """A message that ends, is held, or waits: ``due_at`` moves it, None leaves it where it is."""

    id: UUID
    status: str
    reason: str
    due_at: datetime | None = None


SETTLE = """
UPDATE messages m SET status = v.status, reason = v.reason, due_at = coalesce(v.due_at, m.due_at),
    ended_at = CASE WHEN v.status IN ('planned', 'held', 'unknown') THEN NULL ELSE %(now)s::timestamptz END
FROM unnest(%(ids)b::uuid[], %(statuses)b::text[], %(reasons)b::text[], %(due_ats)b::timestamptz[])
    AS v(id, status, reason, due_at)
WHERE m.id = v.id
"""


def settle(tx: Connection, settled: Sequence[Settled], now: datetime) -> None:
    """Records what the claim decided not to send now."""
    if settled:
        run(
            tx,
            SETTLE,
            {
                "now": now,
                "ids": [row.id for row in settled],
                "statuses": [row.status for row in settled],
                "reasons": [row.reason for row in settled],
                "due_ats": [row.due_at for row in settled],
            },
        )


EXPIRE_HELD = """
WITH old AS (
    SELECT id FROM messages WHERE queued IS NOT NULL AND queued IS FALSE AND not_after < %(now)s
        AND reason IS DISTINCT FROM 'two_candidates'
    ORDER BY id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
)
UPDATE messages m SET status = 'expired', reason = 'too_late', ended_at = %(now)s FROM old WHERE m.id = old.id
RETURNING m.id
"""


def expire_held(tx: Connection, now: datetime, limit: int) -> list[UUID]:
    """Ends held messages whose time of use is over, but for those that may have left. Returns their ids."""
    return [row[0] for row in run(tx, EXPIRE_HELD, {"now": now, "limit": limit})]


# Only rows that still belong to the attempt: a late answer never overwrites what evidence settled. That something
# left is true however late it is said, also of what waits to be sent once more.
ACCEPT = """
UPDATE messages m SET status = 'accepted', reason = NULL, provider_id = v.provider_id, sent_at = %(now)s
FROM unnest(%(ids)b::uuid[], %(attempts)b::uuid[], %(provider_ids)b::text[]) AS v(id, attempt_id, provider_id)
WHERE m.id = v.id AND m.attempt_id = v.attempt_id AND m.status IN ('claimed', 'unknown', 'planned', 'held')
"""
RECORD = """
UPDATE messages m SET status = v.status, reason = v.reason,
    ended_at = CASE WHEN v.status IN ('failed', 'expired') THEN %(now)s::timestamptz END,
    due_at = coalesce(v.due_at, m.due_at), tries = greatest(0, m.tries - v.free::int), again = m.again OR v.again
FROM unnest(%(ids)b::uuid[], %(attempts)b::uuid[], %(statuses)b::text[], %(reasons)b::text[],
    %(due_ats)b::timestamptz[], %(frees)b::boolean[], %(agains)b::boolean[])
    AS v(id, attempt_id, status, reason, due_at, free, again)
WHERE m.id = v.id AND m.attempt_id = v.attempt_id AND m.status IN ('claimed', 'unknown')
"""


class Accepted(NamedTuple):
    """A message that the provider took."""

    id: UUID
    attempt_id: UUID
    provider_id: str | None


class Answer(NamedTuple):
    """What an attempt's end means for a message that was not taken.

    ``due_at`` moves it, ``free`` gives its try back, ``again`` notes that it goes without proof.
    """

    id: UUID
    attempt_id: UUID
    status: str
    reason: str
    due_at: datetime | None = None
    free: bool = False
    again: bool = False


def accept(tx: Connection, accepted: Sequence[Accepted], now: datetime) -> int:
    """Records what providers took. Returns how many messages still were their attempts'."""
    if not accepted:
        return 0
    values = {
        "now": now,
        "ids": Uuids(a.id for a in accepted),
        "attempts": Uuids(a.attempt_id for a in accepted),
        "provider_ids": Texts(a.provider_id for a in accepted),
    }
    return run(tx, ACCEPT, values).rowcount


def record(tx: Connection, answers: Sequence[Answer], now: datetime) -> int:
    """Records what was not taken. Returns how many messages still were their attempts'."""
    if not answers:
        return 0
    values = {
        "now": now,
        "ids": [a.id for a in answers],
        "attempts": [a.attempt_id for a in answers],
        "statuses": [a.status for a in answers],
        "reasons": [a.reason for a in answers],
        "due_ats": [a.due_at for a in answers],
        "frees": [a.free for a in answers],
        "agains": [a.again for a in answers],
    }
    return run(tx, RECORD, values).rowcount


REPOINT = """
UPDATE messages m SET attempt_id = v.new, status = 'claimed', reason = NULL FROM unnest(%(ids)b::uuid[], %(olds)b::uuid[], %(news)b::uuid[])
    AS v(id, old, new)
WHERE m.id = v.id AND m.attempt_id = v.old AND m.status IN ('claimed', 'unknown') RETURNING m.id
"""


def repoint(tx: Connection, moves: Sequence[tuple[UUID, UUID, UUID]]) -> set[UUID]:
    """Gives claimed messages to new attempts: (message, old attempt, new attempt), also those that were doubted
    meanwhile. Returns those that were."""
    if not moves:
        return set()
    ids, olds, news = (list(column) for column in zip(*moves, strict=True))
    return {row[0] for row in run(tx, REPOINT, {"ids": ids, "olds": olds, "news": news})}


class Sent(NamedTuple):
    """A message as the rules about refusals and doubts need it."""

    id: UUID
    kind: str
    purpose: str
    channel: str
    status: str
    cause: str
    cause_id: UUID
    step: str
    person_id: UUID | None
    contact_id: UUID | None
    tries: int
    again: bool
    not_before: datetime
    due_at: datetime
    not_after: datetime
    dedup_key: str
    attempt_id: UUID | None
    content_id: UUID | None
    sealed: bytes | None


def sent(tx: Connection, ids: Sequence[UUID]) -> dict[UUID, Sent]:
    """Messages by id."""
    if not ids:
        return {}
    sql = f"SELECT {', '.join(Sent._fields)} FROM messages WHERE id = ANY(%(ids)b::uuid[])"
    return {row[0]: Sent._make(row) for row in run(tx, sql, {"ids": list(ids)})}

"""Text messages that people sent to us, and what each was taken for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from engage.storage.database import run

ADD = """
INSERT INTO inbound (id, provider_id, number_index, opt_out_type, sealed, received_at)
VALUES (%(id)s, %(provider_id)s, %(number)s, %(opt_out)s, %(sealed)s, %(received_at)s)
ON CONFLICT (provider_id) DO NOTHING
"""


def add(
    tx: Connection,
    id: UUID,
    provider_id: str,
    number_index: bytes,
    opt_out_type: str | None,
    sealed: bytes,
    received_at: datetime,
) -> bool:
    """Keeps one; False when it is kept already."""
    values = {
        "id": id,
        "provider_id": provider_id,
        "number": number_index,
        "opt_out": opt_out_type,
        "sealed": sealed,
        "received_at": received_at,
    }
    return run(tx, ADD, values).rowcount == 1


# The oldest of each number, so that its START is never understood before its STOP, however many look.
NEXT = """
SELECT i.id, i.number_index, i.opt_out_type, i.sealed, i.received_at, i.tries,
    clock_timestamp() - i.received_at AS age
FROM inbound i
WHERE i.understood_at IS NULL AND i.id <> ALL(%(but)b::uuid[])
    AND NOT EXISTS (SELECT 1 FROM inbound o WHERE o.number_index = i.number_index AND o.understood_at IS NULL
        AND (o.received_at, o.id) < (i.received_at, i.id))
ORDER BY i.received_at, i.id LIMIT 1 FOR NO KEY UPDATE OF i SKIP LOCKED
"""


def lock_next(tx: Connection, but: Sequence[UUID] = ()) -> Any | None:
    """The next text that nobody has understood yet, locked, with its ``age`` by real time; None when there is none.

    ``but`` are left out.
    """
    return run(tx, NEXT, {"but": list(but)}).one_or_none()


def understood(
    tx: Connection, id: UUID, intent: str, why: str, outcome: str, answer: UUID | None = None
) -> None:
    """What it was taken for and what followed."""
    sql = """UPDATE inbound SET understood_at = clock_timestamp(), intent = %(intent)s, why = %(why)s,
    outcome = %(outcome)s, answer_id = %(answer)s, problem = NULL WHERE id = %(id)s"""
    run(tx, sql, {"id": id, "intent": intent, "why": why, "outcome": outcome, "answer": answer})


def failed(tx: Connection, id: UUID, problem: str) -> int:
    """Notes that it could not be understood. Returns how often."""
    sql = """UPDATE inbound SET tries = tries + 1, problem = %(problem)s WHERE id = %(id)s AND understood_at IS NULL
    RETURNING tries"""
    return int(run(tx, sql, {"id": id, "problem": problem}).scalar() or 0)


def one(tx: Connection, id: UUID) -> Any | None:
    """One text's row."""
    return run(tx, "SELECT * FROM inbound WHERE id = %(id)s", {"id": id}).one_or_none()


def of_numbers(tx: Connection, indexes: Sequence[bytes], limit: int) -> list[Any]:
    """What came from these numbers, newest first."""
    sql = """SELECT * FROM inbound WHERE number_index = ANY(%(indexes)b::bytea[])
    ORDER BY received_at DESC, id DESC LIMIT %(limit)s"""
    return list(run(tx, sql, {"indexes": list(indexes), "limit": limit}))


def answered_lately(tx: Connection, index: bytes, kinds: Sequence[str], within: timedelta) -> int:
    """How many answers of these kinds a number's texts of the last time (real) brought."""
    sql = """SELECT count(*) FROM inbound i JOIN messages m ON m.id = i.answer_id
    WHERE i.number_index = %(index)s AND i.received_at > clock_timestamp() - %(within)s AND m.kind = ANY(%(kinds)b::text[])"""
    return int(run(tx, sql, {"index": index, "within": within, "kinds": list(kinds)}).scalar() or 0)


def asked_already(tx: Connection, index: bytes, kind: str) -> bool:
    """Whether an open follow-up of a kind is about a text from this number."""
    sql = """SELECT EXISTS (SELECT 1 FROM follow_ups f JOIN inbound i ON i.id = f.cause_id
    WHERE f.state = 'open' AND f.cause = 'inbound' AND f.kind = %(kind)s AND i.number_index = %(index)s)"""
    return bool(run(tx, sql, {"index": index, "kind": kind}).scalar())


def nobody_has(tx: Connection, index: bytes, kind: str, since: datetime) -> bool:
    """Whether an open follow-up of a kind, made after ``since``, is about a text from this number and nobody has it."""
    sql = """SELECT EXISTS (SELECT 1 FROM follow_ups f JOIN inbound i ON i.id = f.cause_id
    WHERE f.state = 'open' AND f.assignee IS NULL AND f.cause = 'inbound' AND f.kind = %(kind)s
        AND f.created_at > %(since)s AND i.number_index = %(index)s)"""
    return bool(run(tx, sql, {"index": index, "kind": kind, "since": since}).scalar())


def keep_mail(
    tx: Connection, id: UUID, digest: bytes, outcome: str, sealed: bytes | None, now: datetime
) -> bool:
    """Keeps a mail; False when the same is kept already."""
    sql = """INSERT INTO inbound_mails (id, digest, outcome, sealed, received_at)
    VALUES (%(id)s, %(digest)s, %(outcome)s, %(sealed)s, %(now)s) ON CONFLICT (digest) DO NOTHING"""
    values = {"id": id, "digest": digest, "outcome": outcome, "sealed": sealed, "now": now}
    return run(tx, sql, values).rowcount == 1


def mail(tx: Connection, id: UUID) -> Any | None:
    """One mail's row."""
    return run(tx, "SELECT * FROM inbound_mails WHERE id = %(id)s", {"id": id}).one_or_none()

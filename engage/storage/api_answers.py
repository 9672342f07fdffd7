"""Answers to requests that named an ``Idempotency-Key``, for whoever sends the same once more."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from engage.storage.database import run


def claim(
    tx: Connection,
    id: UUID,
    key_id: UUID,
    name_hash: bytes,
    body_hash: bytes,
    now: datetime,
    before: datetime,
) -> bool:
    """Takes a name for this transaction's request: False when it was taken after ``before``.

    Waits for another transaction that has just taken it, until that one is over.
    """
    sql = """INSERT INTO api_answers (id, key_id, name_hash, body_hash, created_at)
    VALUES (%(id)s, %(key)s, %(name)s, %(body)s, %(now)s)
    ON CONFLICT (key_id, name_hash) DO UPDATE SET id = excluded.id, body_hash = excluded.body_hash,
        status = NULL, sealed = NULL, person_id = NULL, created_at = excluded.created_at
        WHERE api_answers.created_at < %(before)s"""
    values = {
        "id": id,
        "key": key_id,
        "name": name_hash,
        "body": body_hash,
        "now": now,
        "before": before,
    }
    return run(tx, sql, values).rowcount == 1


def one(tx: Connection, key_id: UUID, name_hash: bytes) -> Any | None:
    """What was answered under a name."""
    sql = """SELECT id, body_hash, status, sealed FROM api_answers
    WHERE key_id = %(key)s AND name_hash = %(name)s"""
    return run(tx, sql, {"key": key_id, "name": name_hash}).one_or_none()


def keep(tx: Connection, id: UUID, status: int, sealed: bytes, person: UUID | None) -> None:
    """The answer, in the transaction that took its name, and whom it tells of."""
    sql = """UPDATE api_answers SET status = %(status)s, sealed = %(sealed)s, person_id = %(person)s
    WHERE id = %(id)s"""
    run(tx, sql, {"id": id, "status": status, "sealed": sealed, "person": person})


def forget(tx: Connection, before: datetime, limit: int) -> int:
    """Deletes old answers, up to ``limit``. Returns how many."""
    sql = """DELETE FROM api_answers WHERE id IN (SELECT id FROM api_answers WHERE created_at < %(before)s
    ORDER BY created_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED)"""
    return run(tx, sql, {"before": before, "limit": limit}).rowcount

"""Rendered texts, one row for each distinct text, shared by everyone who got it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from engage.ids import new_id
from engage.storage.database import run


def keep(tx: Connection, hash: bytes, subject: str, html: str, body: str, now: datetime) -> UUID:
    """The id of the row that holds this text, inserted when it is new."""
    found = run(tx, "SELECT id FROM contents WHERE hash = %(hash)s", {"hash": hash}).scalar()
    if found is None:
        sql = """INSERT INTO contents (id, hash, subject, html, body, created_at)
        VALUES (%(id)s, %(hash)s, %(subject)s, %(html)s, %(body)s, %(now)s)
        ON CONFLICT (hash) DO UPDATE SET hash = excluded.hash RETURNING id"""
        values = {"id": new_id(), "hash": hash, "subject": subject, "html": html, "body": body, "now": now}
        found = run(tx, sql, values).scalar_one()
    return UUID(str(found))


def one(tx: Connection, id: UUID) -> Any | None:
    """A text with its merge marks still in."""
    return run(tx, "SELECT * FROM contents WHERE id = %(id)s", {"id": id}).one_or_none()

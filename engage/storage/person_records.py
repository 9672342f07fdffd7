"""People's rows as other systems see them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from engage.storage.database import run


def many(tx: Connection, ids: Sequence[UUID]) -> list[Any]:
    """Living people by id."""
    sql = """SELECT p.id, p.sealed, p.zone, w.agreed AS check_ins, p.created_at, p.updated_at FROM people p
    LEFT JOIN check_in_wishes w ON w.person_id = p.id
    WHERE p.id = ANY(%(ids)b::uuid[]) AND p.state = 'active'"""
    return list(run(tx, sql, {"ids": list(ids)}))


def keys_of(tx: Connection, person: UUID) -> list[Any]:
    """The ids by which booking systems know a person, oldest first."""
    sql = """SELECT id, source, sealed FROM person_keys WHERE person_id = %(person)s AND sealed IS NOT NULL
    ORDER BY created_at, id"""
    return list(run(tx, sql, {"person": person}))


def by_key(tx: Connection, source: str, index: bytes) -> UUID | None:
    """Whom a booking system knows by an id."""
    sql = "SELECT person_id FROM person_keys WHERE source = %(source)s AND key_index = %(index)s"
    found: UUID | None = run(tx, sql, {"source": source, "index": index}).scalar_one_or_none()
    return found

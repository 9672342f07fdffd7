"""Keys of other systems, and how many requests each made in this minute."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from engage.storage.database import run

SHOWN = "id, name, scopes, prefix, created_at, created_by, last_used_on, revoked_at"


def add(
    tx: Connection,
    id: UUID,
    name: str,
    scopes: Sequence[str],
    hash: bytes,
    prefix: str,
    created_by: str,
    now: datetime,
) -> None:
    """A new key."""
    run(
        tx,
        """INSERT INTO api_keys (id, name, scopes, hash, prefix, created_at, created_by)
        VALUES (%(id)s, %(name)s, %(scopes)s::text[], %(hash)s, %(prefix)s, %(now)s, %(by)s)""",
        {
            "id": id,
            "name": name,
            "scopes": list(scopes),
            "hash": hash,
            "prefix": prefix,
            "now": now,
            "by": created_by,
        },
    )


def listing(tx: Connection) -> list[Any]:
    """All keys, oldest first, without their hashes."""
    return list(run(tx, f"SELECT {SHOWN} FROM api_keys ORDER BY created_at, id"))


def living(tx: Connection, prefix: str) -> Any | None:
    """The key with this prefix and its hash, None when it was revoked or there is none."""
    sql = """SELECT id, name, scopes, hash, prefix, last_used_on FROM api_keys
    WHERE prefix = %(prefix)s AND revoked_at IS NULL"""
    return run(tx, sql, {"prefix": prefix}).one_or_none()


def revoke(tx: Connection, which: str, now: datetime) -> UUID | None:
    """Ends a key by prefix or id. Returns its id, None when there is no such key that works."""
    sql = """UPDATE api_keys SET revoked_at = %(now)s
    WHERE (prefix = %(which)s OR id::text = %(which)s) AND revoked_at IS NULL RETURNING id"""
    found: UUID | None = run(tx, sql, {"which": which, "now": now}).scalar_one_or_none()
    return found


def used(tx: Connection, id: UUID, today: date) -> None:
    """Notes the day on which a key was used last."""
    sql = "UPDATE api_keys SET last_used_on = %(today)s WHERE id = %(id)s AND last_used_on IS DISTINCT FROM %(today)s"
    run(tx, sql, {"id": id, "today": today})


def count(tx: Connection, index: bytes, minute: datetime, requests: int) -> int:
    """Adds requests to a key's count of a minute. Returns the count with them; forgotten with forms' counts."""
    sql = """INSERT INTO form_counts (ip_index, hour, count) VALUES (%(index)s, %(minute)s, %(requests)s)
    ON CONFLICT (ip_index, hour) DO UPDATE SET count = form_counts.count + excluded.count RETURNING count"""
    return int(run(tx, sql, {"index": index, "minute": minute, "requests": requests}).scalar_one())

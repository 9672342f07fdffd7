"""Addresses that get nothing, by blind index: they outlive the person's row."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from engage.ids import new_id
from engage.storage.database import run

RAN_OUT = """
UPDATE suppressions SET lifted_at = expires_at, lifted_by = 'its time', left_at = clock_timestamp()
WHERE channel = %(channel)s AND address_index = %(index)s AND scope = %(scope)s AND reason = %(reason)s
    AND lifted_at IS NULL AND expires_at <= %(now)s
"""


def add(
    tx: Connection,
    channel: str,
    index: bytes,
    scope: str,
    reason: str,
    now: datetime,
    message: UUID | None = None,
    expires: datetime | None = None,
) -> None:
    """Suppresses an address for a purpose or ``all``. Standing ones stay as they are; one that ran out is closed, or
    the time between would look as if it had stood."""
    if expires is not None:
        run(tx, RAN_OUT, {"channel": channel, "index": index, "scope": scope, "reason": reason, "now": now})
    run(
        tx,
        """INSERT INTO suppressions (id, channel, address_index, scope, reason, message_id, created_at, expires_at)
        VALUES (%(id)s, %(channel)s, %(index)s, %(scope)s, %(reason)s, %(message)s, %(now)s, %(expires)s)
        ON CONFLICT (channel, address_index, scope, reason) WHERE lifted_at IS NULL
        DO UPDATE SET expires_at = excluded.expires_at WHERE suppressions.expires_at IS NOT NULL""",
        {
            "id": new_id(),
            "channel": channel,
            "index": index,
            "scope": scope,
            "reason": reason,
            "message": message,
            "now": now,
            "expires": expires,
        },
    )


def lift(
    tx: Connection, channel: str, index: bytes, scope: str, reasons: Sequence[str], by: str, now: datetime
) -> int:
    """Lifts standing suppressions of a scope for these reasons. Returns how many."""
    return run(
        tx,
        """UPDATE suppressions SET lifted_at = %(now)s, lifted_by = %(by)s, left_at = clock_timestamp()
        WHERE channel = %(channel)s
        AND address_index = %(index)s AND scope = %(scope)s AND reason = ANY(%(reasons)b::text[])
        AND lifted_at IS NULL""",
        {"channel": channel, "index": index, "scope": scope, "reasons": list(reasons), "by": by, "now": now},
    ).rowcount


def standing(
    tx: Connection,
    channel: str,
    indexes: Sequence[bytes],
    scope: str,
    now: datetime,
    but: Sequence[str] = (),
) -> dict[bytes, str]:
    """Of these addresses, those that a message of purpose ``scope`` may not go to, each with a reason; reasons ``but``
    do not count."""
    sql = """SELECT address_index, min(reason) FROM suppressions WHERE channel = %(channel)s
    AND address_index = ANY(%(indexes)b::bytea[]) AND scope IN ('all', %(scope)s) AND lifted_at IS NULL
    AND (expires_at IS NULL OR expires_at > %(now)s) AND reason <> ALL(%(but)b::text[]) GROUP BY address_index"""
    values = {"channel": channel, "indexes": list(indexes), "scope": scope, "now": now, "but": list(but)}
    return {bytes(row[0]): row[1] for row in run(tx, sql, values)}

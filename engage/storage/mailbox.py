"""What the local senders took. Every attempt is stored whole, once, or never."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from engage.storage.database import run

TAKE = "INSERT INTO mailbox_attempts (attempt_id, stored) VALUES (%(id)s, %(stored)s) ON CONFLICT DO NOTHING"
STORE = """
INSERT INTO mailbox (id, attempt_id, message_id, channel, kind, content_id, sealed, sent_at)
SELECT v.id, %(attempt)s, v.message_id, %(channel)s, %(kind)s, %(content)s, v.sealed, %(now)s
FROM unnest(%(ids)b::uuid[], %(message_ids)b::uuid[], %(sealeds)b::bytea[])
    WITH ORDINALITY AS v(id, message_id, sealed, n) ORDER BY v.n
"""


def store(
    tx: Connection,
    attempt: UUID,
    channel: str,
    kind: str,
    content_id: UUID,
    rows: Sequence[tuple[UUID, UUID, bytes]],
    now: datetime,
) -> bool:
    """Keeps an attempt's (id, message_id, sealed) rows. True also when it already was kept.

    False when the attempt was declared absent before: then it never will be.
    """
    if run(tx, TAKE, {"id": attempt, "stored": True}).rowcount == 0:
        return _stored(tx, attempt)
    values = {
        "attempt": attempt,
        "channel": channel,
        "kind": kind,
        "content": content_id,
        "now": now,
        "ids": [row[0] for row in rows],
        "message_ids": [row[1] for row in rows],
        "sealeds": [row[2] for row in rows],
    }
    run(tx, STORE, values)
    return True


def has(tx: Connection, attempt: UUID) -> bool:
    """Whether an attempt was kept. If not, it is closed, so that a late store of it is refused."""
    return run(tx, TAKE, {"id": attempt, "stored": False}).rowcount == 0 and _stored(tx, attempt)


def _stored(tx: Connection, attempt: UUID) -> bool:
    return bool(
        run(tx, "SELECT stored FROM mailbox_attempts WHERE attempt_id = %(id)s", {"id": attempt}).scalar()
    )


LIST = """
SELECT b.id, b.attempt_id, b.message_id, b.channel, b.kind, b.sealed, b.sent_at, b.content_id, b.place
FROM mailbox b {where} ORDER BY b.place DESC LIMIT %(limit)s
"""


def newest(tx: Connection, limit: int, before: int | None = None) -> list[Any]:
    """The latest rows, newest first, of those with a place before ``before`` when given."""
    where = "WHERE b.place < %(before)s" if before is not None else ""
    return list(run(tx, LIST.format(where=where), {"limit": limit, "before": before}))


def one(tx: Connection, id: UUID) -> Any | None:
    """One row by its id."""
    return run(tx, LIST.format(where="WHERE b.id = %(id)s"), {"id": id, "limit": 1}).one_or_none()

"""Sign-ups: one sealed row for each form that was sent, whoever sent it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from engage.storage.database import run

ADD = """
INSERT INTO signups (id, course, address_index, sealed, created_at)
VALUES (%(id)s, %(course)s, %(index)s, %(sealed)s, %(now)s)
"""


def add(tx: Connection, id: UUID, course: str, index: bytes, sealed: bytes, now: datetime) -> None:
    """The one row that a sign-up writes. Looks nothing up, so that its answer tells nothing."""
    run(tx, ADD, {"id": id, "course": course, "index": index, "sealed": sealed, "now": now})


def lock_new(tx: Connection, limit: int) -> list[Any]:
    """Sign-ups that were not looked at yet, oldest first, locked."""
    sql = """SELECT id, address_index, created_at FROM signups WHERE state = 'new'
    ORDER BY created_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED"""
    return list(run(tx, sql, {"limit": limit}))


def lock_addresses(tx: Connection, indexes: Sequence[bytes]) -> None:
    """Two workers never weigh the same address at once, or each would find it within its limits."""
    keys = sorted({int.from_bytes(index[:8], "big", signed=True) for index in indexes})
    run(tx, "SELECT pg_advisory_xact_lock(k) FROM unnest(%(keys)s::bigint[]) AS k", {"keys": keys})


def answered(tx: Connection, indexes: Sequence[bytes], since: datetime) -> dict[bytes, list[datetime]]:
    """When confirmations went to each of these addresses since ``since``."""
    sql = """SELECT address_index, array_agg(answered_at) FROM signups
    WHERE address_index = ANY(%(indexes)s::bytea[]) AND answered_at > %(since)s GROUP BY address_index"""
    return {bytes(row[0]): list(row[1]) for row in run(tx, sql, {"indexes": list(indexes), "since": since})}


def decide_many(tx: Connection, rows: Sequence[tuple[UUID, str]], now: datetime) -> None:
    """Sets the state of looked-at sign-ups; ``sent`` ones count against their address from now on."""
    run(
        tx,
        """UPDATE signups g SET state = v.state,
            answered_at = CASE WHEN v.state = 'sent' THEN %(now)s::timestamptz END
        FROM unnest(%(ids)s::uuid[], %(states)s::text[]) AS v(id, state) WHERE g.id = v.id""",
        {"ids": [row[0] for row in rows], "states": [row[1] for row in rows], "now": now},
    )


def one(tx: Connection, id: UUID) -> Any | None:
    """A sign-up's row."""
    return run(tx, "SELECT * FROM signups WHERE id = %(id)s", {"id": id}).one_or_none()


def lock(tx: Connection, id: UUID) -> Any | None:
    """A sign-up's row, locked until the transaction ends."""
    return run(tx, "SELECT * FROM signups WHERE id = %(id)s FOR NO KEY UPDATE", {"id": id}).one_or_none()


def end(
    tx: Connection,
    id: UUID,
    state: str,
    now: datetime,
    person: UUID | None = None,
    enrolment: UUID | None = None,
) -> None:
    """Confirmed or refused: what was typed is let go, the row stays for the link's second click."""
    run(
        tx,
        """UPDATE signups SET state = %(state)s, ended_at = %(now)s, sealed = NULL, person_id = %(person)s,
        enrolment_id = %(enrolment)s WHERE id = %(id)s""",
        {"id": id, "state": state, "now": now, "person": person, "enrolment": enrolment},
    )


def forget_unconfirmed(tx: Connection, before: datetime) -> int:
    """Deletes what nobody confirmed, with the messages about it. Returns how many sign-ups went."""
    sql = """
    WITH old AS (
        SELECT id FROM signups WHERE state NOT IN ('confirmed', 'refused') AND created_at < %(before)s
        ORDER BY created_at LIMIT 1000 FOR UPDATE SKIP LOCKED
    ), gone AS (DELETE FROM signups g USING old WHERE g.id = old.id RETURNING g.id), letters AS (
        UPDATE messages m SET sealed = NULL,
            status = CASE WHEN m.status = 'planned' THEN 'cancelled' ELSE m.status END,
            reason = CASE WHEN m.status = 'planned' THEN 'not_confirmed_in_time' ELSE m.reason END
        FROM gone WHERE m.dedup_key = 'signup/' || gone.id || '/confirm'
    )
    SELECT count(*) FROM gone
    """
    return int(run(tx, sql, {"before": before}).scalar() or 0)


def count_new(tx: Connection) -> int:
    """How many sign-ups were not looked at yet."""
    return int(run(tx, "SELECT count(*) FROM signups WHERE state = 'new'").scalar_one())

"""Sign-ups: one sealed row for each form that was sent, whoever sent it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from engage.storage import form_counts
from engage.storage.database import run
from engage.storage.form_counts import COUNT, Counted

_COLUMNS = "(id, course, address_index, sealed, resend, created_at)"
_VALUES = "%(id)s, %(course)s, %(index)s, %(sealed)s, %(resend)s, %(now)s"
ADD = f"INSERT INTO signups {_COLUMNS} VALUES ({_VALUES})"
ADD_COUNTED = f"{COUNT} INSERT INTO signups {_COLUMNS} SELECT {_VALUES} FROM counted WHERE within"


def add(
    tx: Connection,
    id: UUID,
    course: str,
    index: bytes,
    sealed: bytes,
    now: datetime,
    counted: Counted | None = None,
    resend: bool = False,
) -> bool:
    """The one row that a sign-up writes. Looks nothing up, so that its answer tells nothing.

    False when the client had enough: the form was counted, but not kept.
    """
    row = {"id": id, "course": course, "index": index, "sealed": sealed, "resend": resend, "now": now}
    if counted is None:
        return run(tx, ADD, row).rowcount == 1
    return run(tx, ADD_COUNTED, {**row, **form_counts.values(counted)}).rowcount == 1


def lock_new(tx: Connection, limit: int) -> list[Any]:
    """Sign-ups that were not looked at yet, oldest first, locked."""
    sql = """SELECT id, address_index, resend, created_at FROM signups WHERE state = 'new'
    ORDER BY created_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED"""
    return list(run(tx, sql, {"limit": limit}))


def decide_many(tx: Connection, rows: Sequence[tuple[UUID, str]], now: datetime) -> None:
    """Sets the state of looked-at sign-ups; ``sent`` ones count against their address from now on."""
    run(
        tx,
        """UPDATE signups g SET state = v.state,
            answered_at = CASE WHEN v.state = 'sent' THEN %(now)s::timestamptz END
        FROM unnest(%(ids)b::uuid[], %(states)b::text[]) AS v(id, state) WHERE g.id = v.id""",
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


def forget_unconfirmed(tx: Connection, before: datetime, now: datetime) -> int:
    """Deletes what nobody confirmed, with the messages about it. Returns how many sign-ups went."""
    sql = """
    WITH old AS (
        SELECT id FROM signups WHERE state NOT IN ('confirmed', 'refused') AND created_at < %(before)s
        ORDER BY created_at LIMIT 1000 FOR UPDATE SKIP LOCKED
    ), gone AS (DELETE FROM signups g USING old WHERE g.id = old.id RETURNING g.id), letters AS (
        UPDATE messages m SET sealed = NULL,
            status = CASE WHEN m.status IN ('planned', 'held') THEN 'cancelled' ELSE m.status END,
            reason = CASE WHEN m.status IN ('planned', 'held') THEN 'not_confirmed_in_time' ELSE m.reason END,
            ended_at = CASE WHEN m.status IN ('planned', 'held') THEN %(now)s ELSE m.ended_at END
        FROM gone WHERE m.dedup_key = 'signup/' || gone.id || '/confirm'
    )
    SELECT count(*) FROM gone
    """
    return int(run(tx, sql, {"before": before, "now": now}).scalar() or 0)


def count_new(tx: Connection) -> int:
    """How many sign-ups were not looked at yet."""
    return int(run(tx, "SELECT count(*) FROM signups WHERE state = 'new'").scalar_one())

"""Numbers that people asked for texts to, and whether they were confirmed."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from engage.storage.database import run
from engage.storage.locks import Lock

COLUMNS = (
    "n.id, n.person_id, n.number_index, n.sealed, n.state, n.code_hash, n.tries, n.segments, n.created_at"
)
WAITING = "n.state IN ('sent', 'limited', 'suppressed')"


def weigh_alone(tx: Connection) -> None:
    """Waits until nobody else weighs texts: two at once would each find room below a limit."""
    run(tx, "SELECT pg_advisory_xact_lock(%(key)s)", {"key": Lock.NUMBERS})


def add(
    tx: Connection,
    id: UUID,
    person: UUID,
    number: bytes,
    prefix: bytes,
    sealed: bytes,
    state: str,
    code_hash: bytes | None,
    segments: int,
    now: datetime,
) -> None:
    """Keeps one request; ``segments`` is 0 where no text leaves."""
    run(
        tx,
        """INSERT INTO numbers (id, person_id, number_index, prefix_index, sealed, state, code_hash, segments, created_at)
        VALUES (%(id)s, %(person)s, %(number)s, %(prefix)s, %(sealed)s, %(state)s, %(code)s, %(segments)s, %(now)s)""",
        {
            "id": id,
            "person": person,
            "number": number,
            "prefix": prefix,
            "sealed": sealed,
            "state": state,
            "code": code_hash,
            "segments": segments,
            "now": now,
        },
    )


def times_of_number(tx: Connection, number: bytes, since: datetime) -> list[datetime]:
    """When texts went to a number, whoever asked for them."""
    sql = """SELECT created_at FROM numbers WHERE number_index = %(number)s AND segments > 0
    AND created_at > %(since)s"""
    return [row[0] for row in run(tx, sql, {"number": number, "since": since})]


def sent_counts(
    tx: Connection, person: UUID, prefix: bytes, day: datetime, hour: datetime
) -> tuple[int, int, int, int]:
    """Since ``day``: what this person asked for (a text or not), texts and segments of all; since ``hour``: texts
    to a prefix. In the order prefix, person, texts, segments."""
    sql = """SELECT
        (SELECT count(*) FROM numbers WHERE segments > 0 AND created_at > %(hour)s AND prefix_index = %(prefix)s),
        (SELECT count(*) FROM numbers WHERE person_id = %(person)s AND created_at > %(day)s),
        count(*), coalesce(sum(segments), 0)
    FROM numbers WHERE segments > 0 AND created_at > %(day)s"""
    row = run(tx, sql, {"person": person, "prefix": prefix, "day": day, "hour": hour}).one()
    return int(row[0]), int(row[1]), int(row[2]), int(row[3])


def newest(tx: Connection, person: UUID, *, lock: bool = False) -> Any | None:
    """A person's latest request."""
    sql = f"""SELECT {COLUMNS} FROM numbers n WHERE n.person_id = %(person)s
    ORDER BY n.created_at DESC, n.id DESC LIMIT 1 {"FOR UPDATE" if lock else ""}"""
    return run(tx, sql, {"person": person}).one_or_none()


def asked_at(tx: Connection, number: bytes, since: datetime) -> list[Any]:
    """Requests of which a text went to this number after ``since`` and that still wait, newest first."""
    sql = f"""SELECT {COLUMNS} FROM numbers n WHERE n.number_index = %(number)s AND n.state = 'sent'
    AND n.created_at > %(since)s ORDER BY n.created_at DESC, n.id DESC"""
    return list(run(tx, sql, {"number": number, "since": since}))


def lock(tx: Connection, id: UUID) -> Any | None:
    """A request's row, locked; lock its person first."""
    return run(
        tx, f"SELECT {COLUMNS} FROM numbers n WHERE n.id = %(id)s FOR UPDATE", {"id": id}
    ).one_or_none()


def count_try(tx: Connection, id: UUID) -> None:
    """One more code was typed."""
    run(tx, "UPDATE numbers SET tries = tries + 1 WHERE id = %(id)s", {"id": id})


def end(tx: Connection, id: UUID, state: str, now: datetime) -> None:
    """Ends a request: what was typed and the code's hash go."""
    sql = """UPDATE numbers SET state = %(state)s, ended_at = %(now)s, sealed = NULL, code_hash = NULL
    WHERE id = %(id)s"""
    run(tx, sql, {"id": id, "state": state, "now": now})


def replace_waiting(tx: Connection, person: UUID, now: datetime) -> None:
    """Ends all that a person still waits for: a newer request, or a confirmation, took its place."""
    sql = f"""UPDATE numbers n SET state = 'replaced', ended_at = %(now)s, sealed = NULL, code_hash = NULL
    WHERE n.person_id = %(person)s AND {WAITING}"""
    run(tx, sql, {"person": person, "now": now})


def forget(tx: Connection, before: datetime) -> int:
    """Empties what was typed in requests older than ``before``. Returns how many."""
    sql = "UPDATE numbers SET sealed = NULL, code_hash = NULL WHERE sealed IS NOT NULL AND created_at < %(before)s"
    return run(tx, sql, {"before": before}).rowcount


def sent_today(tx: Connection, since: datetime) -> tuple[int, int]:
    """Texts and segments of all after ``since``."""
    sql = "SELECT count(*), coalesce(sum(segments), 0) FROM numbers WHERE segments > 0 AND created_at > %(since)s"
    row = run(tx, sql, {"since": since}).one()
    return int(row[0]), int(row[1])

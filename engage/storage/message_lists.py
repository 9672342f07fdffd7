"""Messages as staff look for them: filtered, in pages, with what they are about."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from engage.domain.message_filter import Filter, Place
from engage.storage.database import run

COLUMNS = """m.id, m.kind, m.step, m.channel, m.purpose, m.status, m.reason, m.due_at, m.sent_at, m.ended_at,
    m.cause, coalesce(m.person_id, g.person_id, q.person_id) AS person_id, e.course"""
FROM = """FROM messages m LEFT JOIN enrolments e ON m.cause = 'enrolment' AND e.id = m.cause_id
    LEFT JOIN signups g ON m.cause = 'signup' AND g.id = m.cause_id
    LEFT JOIN consultations q ON m.cause = 'consultation' AND q.id = m.cause_id"""


def page(tx: Connection, wanted: Filter, after: Place | None, limit: int) -> list[Any]:
    """The next messages after ``after``, latest due first."""
    values: dict[str, Any] = {"limit": limit}
    tests = _tests(wanted, values)
    if after is not None:
        tests.append("(m.due_at, m.id) < (%(after_due)s, %(after_id)s)")
        values |= {"after_due": after.due_at, "after_id": after.id}
    where = f"WHERE {' AND '.join(tests)}" if tests else ""
    sql = f"SELECT {COLUMNS} {FROM} {where} ORDER BY m.due_at DESC, m.id DESC LIMIT %(limit)s"
    return list(run(tx, sql, values))


def one(tx: Connection, id: UUID) -> Any | None:
    """One message with what it is about, None when there is no such id."""
    return run(tx, f"SELECT {COLUMNS} {FROM} WHERE m.id = %(id)s", {"id": id}).one_or_none()


def waiting(tx: Connection, limit: int) -> list[Any]:
    """Messages that wait for a person, oldest first."""
    sql = f"SELECT {COLUMNS} {FROM} WHERE m.queued IS NOT NULL AND m.queued IS FALSE ORDER BY m.due_at, m.id LIMIT %(limit)s"
    return list(run(tx, sql, {"limit": limit}))


def _tests(wanted: Filter, values: dict[str, Any]) -> list[str]:
    tests = []
    for name in ("status", "kind", "channel", "purpose"):
        if value := getattr(wanted, name):
            tests.append(f"m.{name} = %({name})s")
            values[name] = value
    if wanted.person is not None:
        tests.append("m.person_id IN (SELECT person_and_merged(%(person)s))")
        values["person"] = wanted.person
    if wanted.since is not None:
        tests.append("m.due_at >= %(since)s")
        values["since"] = wanted.since
    if wanted.until is not None:
        tests.append("m.due_at < %(until)s")
        values["until"] = wanted.until
    return tests

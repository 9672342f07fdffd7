"""Visits in pages, in the order of their times."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from engage.domain.message_filter import Place
from engage.domain.visit_filter import VisitFilter
from engage.storage.appointments import COLUMNS
from engage.storage.database import run


def page(tx: Connection, wanted: VisitFilter, after: Place | None, limit: int) -> list[Any]:
    """The next visits behind ``after``, the earliest first."""
    values: dict[str, Any] = {"limit": limit}
    tests = ["true"]
    if wanted.first is not None:
        tests.append("a.starts_at >= %(first)s")
        values["first"] = wanted.first
    if wanted.until is not None:
        tests.append("a.starts_at < %(until)s")
        values["until"] = wanted.until
    if wanted.status is not None:
        tests.append("a.status = %(status)s")
        values["status"] = wanted.status
    if wanted.person is not None:
        tests.append("a.person_id = %(person)s")
        values["person"] = wanted.person
    if after is not None:
        tests.append("(a.starts_at, a.id) > (%(after_at)s, %(after_id)s)")
        values |= {"after_at": after.due_at, "after_id": after.id}
    sql = f"""SELECT {COLUMNS} FROM appointments a WHERE {" AND ".join(tests)}
    ORDER BY a.starts_at, a.id LIMIT %(limit)s"""
    return list(run(tx, sql, values))

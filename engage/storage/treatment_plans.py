"""Plans of treatment: what visits belong together."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from engage.storage.appointments import COLUMNS
from engage.storage.database import run


def add(tx: Connection, id: UUID, person: UUID, sealed: bytes | None, now: datetime) -> None:
    """A new plan. The caller holds the person's lock."""
    sql = """INSERT INTO treatment_plans (id, person_id, sealed, created_at)
    VALUES (%(id)s, %(person)s, %(sealed)s, %(now)s)"""
    run(tx, sql, {"id": id, "person": person, "sealed": sealed, "now": now})


def one(tx: Connection, id: UUID) -> Any | None:
    """A plan's row."""
    sql = "SELECT id, person_id, sealed, created_at FROM treatment_plans WHERE id = %(id)s"
    return run(tx, sql, {"id": id}).one_or_none()


def sessions(tx: Connection, plan: UUID, person: UUID) -> list[Any]:
    """The visits of a plan, in their order."""
    sql = f"""SELECT {COLUMNS} FROM appointments a WHERE a.person_id = %(person)s AND a.plan_id = %(plan)s
    ORDER BY a.starts_at, a.id"""
    return list(run(tx, sql, {"plan": plan, "person": person}))

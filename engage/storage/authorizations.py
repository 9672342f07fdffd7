"""Patients' written authorizations for marketing: a ledger that only grows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from engage.storage.arrays import Uuids
from engage.storage.database import run

# A clock that is set back must not make an earlier entry the latest one.
ENTER = """
INSERT INTO authorizations (id, person_id, action, actor, staff_id, source, expires_at, sealed, at)
SELECT %(id)s, %(person)s, %(action)s, %(actor)s, %(staff)s, %(source)s, %(expires)s, %(sealed)s,
    greatest(%(now)s, max(at) + interval '1 microsecond')
FROM authorizations WHERE person_id = %(person)s
"""


def enter(
    tx: Connection,
    id: UUID,
    person: UUID,
    action: str,
    *,
    actor: str,
    staff: UUID | None,
    source: str,
    now: datetime,
    expires: datetime | None = None,
    sealed: bytes | None = None,
) -> None:
    """Adds an entry; the latest one counts. The caller holds the person's lock."""
    values = {"id": id, "person": person, "action": action, "actor": actor, "staff": staff, "source": source}
    run(tx, ENTER, {**values, "expires": expires, "sealed": sealed, "now": now})


def latest(tx: Connection, person: UUID) -> Any | None:
    """The entry that counts, None when nobody ever asked."""
    sql = "SELECT * FROM authorizations WHERE person_id = %(person)s ORDER BY at DESC, id DESC LIMIT 1"
    return run(tx, sql, {"person": person}).one_or_none()


def ledger(tx: Connection, people: Sequence[UUID]) -> list[Any]:
    """All entries of these people, newest first."""
    sql = "SELECT * FROM authorizations WHERE person_id = ANY(%(people)b::uuid[]) ORDER BY at DESC, id DESC"
    return list(run(tx, sql, {"people": Uuids(people)}))

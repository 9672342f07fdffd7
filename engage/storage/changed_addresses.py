"""New email addresses: each a contact row that counts only once its link was followed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from engage.storage.database import run


def add_pending(
    tx: Connection, id: UUID, person: UUID, index: bytes, sealed: bytes, now: datetime
) -> UUID | None:
    """A new address that waits; None when it is the one that counts. One that the person had before waits again under
    its old id, for which the caller has sealed it. The caller holds the person's lock."""
    sql = """INSERT INTO contacts (id, person_id, channel, address_index, sealed, state, created_at)
    VALUES (%(id)s, %(person)s, 'email', %(index)s, %(sealed)s, 'pending', %(now)s)
    ON CONFLICT (person_id, channel, address_index)
        DO UPDATE SET state = 'pending', created_at = excluded.created_at, sealed = excluded.sealed
        WHERE contacts.state <> 'confirmed' RETURNING id"""
    values = {"id": id, "person": person, "index": index, "sealed": sealed, "now": now}
    found: UUID | None = run(tx, sql, values).scalar()
    return found


def give_up(tx: Connection, contact: UUID) -> bool:
    """A waiting address waits no more: its owner had not asked. False when it did not wait."""
    sql = "UPDATE contacts SET state = 'replaced' WHERE id = %(id)s AND state = 'pending'"
    return run(tx, sql, {"id": contact}).rowcount == 1


def asked_since(tx: Connection, person: UUID, since: datetime) -> int:
    """How many addresses were asked for by this person's page since then, whatever became of them."""
    sql = """SELECT count(*) FROM contacts c WHERE c.person_id = %(person)s AND c.channel = 'email'
    AND c.created_at > %(since)s AND EXISTS (
        SELECT 1 FROM contacts o WHERE o.person_id = c.person_id AND o.channel = 'email' AND o.created_at < c.created_at)"""
    return int(run(tx, sql, {"person": person, "since": since}).scalar_one())


def replace(tx: Connection, person: UUID, contact: UUID, now: datetime) -> list[Any]:
    """Makes a waiting address the person's only one; courses and what is planned follow it, and links that were given
    out before open nothing any more.

    Returns the rows of those that counted before. The caller holds the locks of person and contacts.
    """
    sql = """WITH was AS (
        SELECT id, address_index, sealed, state FROM contacts
        WHERE person_id = %(person)s AND channel = 'email' AND id <> %(contact)s
    ), now AS (
        UPDATE contacts c SET state = CASE WHEN c.id = %(contact)s THEN 'confirmed' ELSE 'replaced' END,
            care_only = c.care_only AND c.id <> %(contact)s
        WHERE c.person_id = %(person)s AND c.channel = 'email'
    )
    SELECT id, address_index, sealed FROM was WHERE state = 'confirmed' ORDER BY id"""
    before = list(run(tx, sql, {"person": person, "contact": contact}))
    _follow(tx, person, contact, [row.id for row in before])
    if before:
        run(
            tx,
            "UPDATE people SET links_since = %(now)s WHERE id = %(person)s",
            {"person": person, "now": now},
        )
    return before


def _follow(tx: Connection, person: UUID, contact: UUID, before: Sequence[UUID]) -> None:
    values = {"person": person, "contact": contact, "before": list(before)}
    run(
        tx,
        """UPDATE enrolments SET contact_id = %(contact)s WHERE person_id = %(person)s
        AND contact_id = ANY(%(before)b::uuid[]) AND state IN ('active', 'completed')""",
        values,
    )
    run(
        tx,
        """UPDATE messages SET contact_id = %(contact)s WHERE person_id = %(person)s
        AND contact_id = ANY(%(before)b::uuid[]) AND status IN ('planned', 'held')
        AND (cause = 'enrolment' OR sealed IS NULL)""",
        values,
    )

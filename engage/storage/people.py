"""People and their contacts. A contact's address never changes: a new address is a new row."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from engage.storage.database import run


def add(tx: Connection, id: UUID, sealed: bytes, zone: str, now: datetime) -> None:
    """A new person."""
    run(
        tx,
        """INSERT INTO people (id, sealed, zone, created_at, updated_at)
        VALUES (%(id)s, %(sealed)s, %(zone)s, %(now)s, %(now)s)""",
        {"id": id, "sealed": sealed, "zone": zone, "now": now},
    )


def update(tx: Connection, id: UUID, sealed: bytes, zone: str, now: datetime) -> None:
    """New personal fields and zone for a person whose lock the caller holds."""
    run(
        tx,
        "UPDATE people SET sealed = %(sealed)s, zone = %(zone)s, updated_at = %(now)s WHERE id = %(id)s",
        {"id": id, "sealed": sealed, "zone": zone, "now": now},
    )


def lock(tx: Connection, id: UUID) -> Any | None:
    """The person's row, locked until the transaction ends. None when there is none."""
    sql = "SELECT id, sealed, zone, state, links_since FROM people WHERE id = %(id)s FOR NO KEY UPDATE"
    return run(tx, sql, {"id": id}).one_or_none()


def one(tx: Connection, id: UUID) -> Any | None:
    """The person's row."""
    sql = "SELECT id, sealed, zone, state, links_since FROM people WHERE id = %(id)s"
    return run(tx, sql, {"id": id}).one_or_none()


def add_contact(
    tx: Connection, id: UUID, person_id: UUID, channel: str, index: bytes, sealed: bytes, now: datetime
) -> None:
    """A confirmed address or number of a person."""
    run(
        tx,
        """INSERT INTO contacts (id, person_id, channel, address_index, sealed, created_at)
        VALUES (%(id)s, %(person)s, %(channel)s, %(index)s, %(sealed)s, %(now)s)""",
        {"id": id, "person": person_id, "channel": channel, "index": index, "sealed": sealed, "now": now},
    )


def contacts_at(tx: Connection, channel: str, index: bytes) -> list[Any]:
    """Contacts of living people at an address, oldest first, each with what is sealed of the person."""
    sql = """SELECT c.id, c.person_id, c.state, p.sealed FROM contacts c JOIN people p ON p.id = c.person_id
    WHERE c.channel = %(channel)s AND c.address_index = %(index)s AND p.state = 'active' ORDER BY c.created_at, c.id"""
    return list(run(tx, sql, {"channel": channel, "index": index}))


def lock_contacts_at(tx: Connection, channel: str, index: bytes) -> list[Any]:
    """As ``contacts_at``, with the contacts' rows locked; lock their people first."""
    sql = """SELECT id, person_id, address_index FROM contacts WHERE channel = %(channel)s AND address_index = %(index)s
    ORDER BY id FOR NO KEY UPDATE"""
    return list(run(tx, sql, {"channel": channel, "index": index}))


def contact(tx: Connection, id: UUID) -> Any | None:
    """One contact's row."""
    sql = "SELECT id, person_id, channel, address_index, sealed, state, created_at FROM contacts WHERE id = %(id)s"
    return run(tx, sql, {"id": id}).one_or_none()


def contacts_of(tx: Connection, person_id: UUID) -> list[Any]:
    """All of a person's contacts, oldest first."""
    sql = """SELECT id, channel, address_index, sealed, state, care_only, created_at FROM contacts
    WHERE person_id = %(person)s ORDER BY created_at, id"""
    return list(run(tx, sql, {"person": person_id}))


def mark_bad(tx: Connection, ids: Sequence[UUID]) -> list[Any]:
    """Contacts that can't be reached: nothing more goes there until they are confirmed anew.

    Returns those that were confirmed until now: id, person_id, channel.
    """
    if not ids:
        return []
    sql = """UPDATE contacts SET state = 'bad' WHERE id = ANY(%(ids)b::uuid[]) AND state = 'confirmed'
    RETURNING id, person_id, channel"""
    return list(run(tx, sql, {"ids": list(ids)}))


def confirm_contact(tx: Connection, id: UUID) -> None:
    """Its owner has just proven it: whatever it was before, it can be reached, with all that they agree to."""
    run(tx, "UPDATE contacts SET state = 'confirmed', care_only = false WHERE id = %(id)s", {"id": id})


def replace_contact(tx: Connection, id: UUID) -> None:
    """Another address of the same person took its place."""
    run(tx, "UPDATE contacts SET state = 'replaced' WHERE id = %(id)s AND state = 'confirmed'", {"id": id})


def states(tx: Connection, ids: Sequence[UUID]) -> dict[UUID, str]:
    """The states of those of these people that there are."""
    sql = "SELECT id, state FROM people WHERE id = ANY(%(ids)b::uuid[])"
    return {row[0]: row[1] for row in run(tx, sql, {"ids": list(ids)})}

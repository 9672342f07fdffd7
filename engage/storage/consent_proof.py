"""What the proof of consent reads, person by person and in batches. Changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection

from engage.domain.consent_proof import Entry, Sent, Shut, State
from engage.storage.arrays import Blobs, Uuids
from engage.storage.database import rows, run

FIRST = UUID(int=0)


def freeze(tx: Connection) -> None:
    """From here on the transaction sees the database as it is at this moment. Must be its first statement."""
    run(tx, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")


def people_after(tx: Connection, after: UUID, limit: int) -> list[UUID]:
    """The next people, in the order of their ids."""
    sql = "SELECT id FROM people WHERE id > %(after)s ORDER BY id LIMIT %(limit)s"
    return [row[0] for row in rows(tx, sql, {"after": after, "limit": limit})]


# Entries from before the real clock was kept have the clinic's: in production they are the same.
ENTRY = "c.id, c.person_id, c.channel, c.purpose, c.action = 'granted', coalesce(c.entered_at, c.at)"


def ledger(tx: Connection, people: Sequence[UUID]) -> list[Entry]:
    """All entries of these people."""
    sql = f"SELECT {ENTRY} FROM consents c WHERE c.person_id = ANY(%(ids)b::uuid[])"
    return [Entry._make(row) for row in rows(tx, sql, {"ids": Uuids(people)})]


def entries(tx: Connection, ids: Sequence[UUID]) -> list[Entry]:
    """Entries by id; those that do not exist are left out."""
    sql = f"SELECT {ENTRY} FROM consents c WHERE c.id = ANY(%(ids)b::uuid[])"
    return [Entry._make(row) for row in rows(tx, sql, {"ids": Uuids(ids)})] if ids else []


def states(tx: Connection, people: Sequence[UUID]) -> list[State]:
    """The current states of these people."""
    sql = """SELECT person_id, channel, purpose, granted, consent_id FROM consent_states
    WHERE person_id = ANY(%(ids)b::uuid[])"""
    return [State._make(row) for row in rows(tx, sql, {"ids": Uuids(people)})]


# Every message that an attempt took, whatever became of it, and every one that is said to have left. An attempt that
# came of another's split keeps the moment of the claim. The clinic's clock at the claim follows from how far it was
# ahead when the answer was written down.
SENT = """
SELECT m.id, m.kind, m.channel, m.purpose, m.person_id, m.contact_id, m.consent_id,
    coalesce(c.address_index, g.address_index, q.address_index, n.number_index, t.number_index) AS address_index,
    coalesce(a.claimed_at, a.created_at) AS claimed_at,
    coalesce(a.claimed_at, a.created_at) + coalesce(m.sent_at - a.ended_at, interval '0') AS clinic_at
FROM messages m
LEFT JOIN attempts a ON a.id = m.attempt_id
LEFT JOIN contacts c ON c.id = m.contact_id
LEFT JOIN signups g ON m.cause = 'signup' AND g.id = m.cause_id
LEFT JOIN consultations q ON m.cause = 'consultation' AND q.id = m.cause_id
LEFT JOIN numbers n ON m.cause = 'number' AND n.id = m.cause_id
LEFT JOIN inbound t ON m.cause = 'inbound' AND m.channel = 'sms' AND t.id = m.cause_id
WHERE {which}
    AND (m.attempt_id IS NOT NULL OR m.sent_at IS NOT NULL
        OR m.status IN ('claimed', 'accepted', 'delivered', 'unknown'))
    AND coalesce(a.claimed_at, a.created_at, %(since)s::timestamptz) >= %(since)s::timestamptz
"""


def sent_to(tx: Connection, people: Sequence[UUID], since: datetime) -> list[Sent]:
    """What left for these people, claimed at or after ``since``, and what has no attempt on record."""
    sql = SENT.format(which="m.person_id = ANY(%(ids)b::uuid[])")
    return [Sent._make(row) for row in rows(tx, sql, {"ids": Uuids(people), "since": since})]


def sent_to_nobody(tx: Connection, after: UUID, limit: int, since: datetime) -> list[Sent]:
    """As ``sent_to``, the next messages that belong to no person who is on record, in the order of their ids."""
    sql = SENT.format(
        which="""m.id > %(after)s
        AND (m.person_id IS NULL OR NOT EXISTS (SELECT 1 FROM people p WHERE p.id = m.person_id))"""
    )
    values = {"after": after, "limit": limit, "since": since}
    return [Sent._make(row) for row in rows(tx, f"{sql} ORDER BY m.id LIMIT %(limit)s", values)]


class At(NamedTuple):
    """A suppression with the address that it shuts."""

    channel: str
    address_index: bytes
    shut: Shut


SHUT = """
SELECT channel, address_index, scope, reason, coalesce(entered_at, created_at), coalesce(left_at, lifted_at), expires_at
FROM suppressions WHERE address_index = ANY(%(indexes)b::bytea[])
"""


def shut(tx: Connection, indexes: Sequence[bytes]) -> list[At]:
    """All that ever was suppressed at these addresses, lifted or not."""
    if not indexes:
        return []
    found = rows(tx, SHUT, {"indexes": Blobs(indexes)})
    return [At(row[0], bytes(row[1]), Shut._make(row[2:])) for row in found]

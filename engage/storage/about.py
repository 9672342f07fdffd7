"""Everything that is kept about one person: which rows of which table, and what they hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection

from engage.storage.database import run


class About(NamedTuple):
    """The rows about a person. ``emails`` and ``numbers`` are blind indexes of the addresses that are theirs;
    the rest are ids. ``messages`` holds also answers to forms and texts, which have no person of their own."""

    person: UUID
    emails: list[bytes]
    numbers: list[bytes]
    signups: list[UUID]
    consultations: list[UUID]
    inbound: list[UUID]
    messages: list[UUID]

    @property
    def causes(self) -> list[UUID]:
        """What came in from the person."""
        return [*self.signups, *self.consultations, *self.inbound]


# A number that was typed into a request proves nothing: such a request is theirs by its email or not at all.
# Only what is theirs for certain tells what came from them: whoever types a stranger's address, or had a number that is
# somebody else's by now, gets and erases nothing of the stranger's.
CONTACTS = """
SELECT c.channel, c.address_index FROM contacts c JOIN people p ON p.id = c.person_id
WHERE c.person_id = %(person)s AND p.state IN ('active', 'merged') AND c.state IN ('confirmed', 'bad')
"""
CONSULTATIONS = """
SELECT id FROM consultations WHERE person_id = %(person)s OR person_id IS NULL
    AND address_index = ANY(%(emails)b::bytea[]) ORDER BY created_at, id
"""
MESSAGES = """
SELECT id FROM messages WHERE person_id = %(person)s
UNION SELECT id FROM messages WHERE person_id IS NULL AND cause_id = ANY(%(causes)b::uuid[])
"""


# From a number that somebody else has too, or before it was this person's, a text may be anybody's. Both ids begin
# with the real time at which they were made; a contact's created_at is by the clinic's clock.
INBOUND = """
SELECT i.id FROM inbound i JOIN contacts c ON c.channel = 'sms' AND c.address_index = i.number_index
WHERE c.person_id = %(person)s AND i.number_index = ANY(%(numbers)b::bytea[]) AND i.id > c.id
    AND NOT EXISTS (SELECT 1 FROM contacts o JOIN people p ON p.id = o.person_id AND p.state = 'active'
        WHERE o.channel = 'sms' AND o.address_index = i.number_index AND o.person_id <> %(person)s
        AND o.state IN ('confirmed', 'bad', 'quarantined'))
ORDER BY i.id
"""


def about(tx: Connection, person: UUID) -> About:
    """What there is, not locked. What comes in from the address of an erased person is not theirs any more."""
    contacts = run(tx, CONTACTS, {"person": person}).all()
    emails, numbers = (
        sorted({bytes(row.address_index) for row in contacts if row.channel == channel})
        for channel in ("email", "sms")
    )
    values = {"person": person, "emails": emails, "numbers": numbers}
    signups = _ids(
        tx,
        """SELECT id FROM signups WHERE address_index = ANY(%(emails)b::bytea[])
        AND (person_id IS NULL OR person_id = %(person)s) ORDER BY id""",
        values,
    )
    consultations = _ids(tx, CONSULTATIONS, values)
    inbound = _ids(tx, INBOUND, values)
    causes = [*signups, *consultations, *inbound]
    messages = _ids(tx, MESSAGES, {"person": person, "causes": causes})
    return About(person, emails, numbers, signups, consultations, inbound, messages)


def _ids(tx: Connection, sql: str, values: dict[str, Any]) -> list[UUID]:
    return [row[0] for row in run(tx, sql, values)]


def person(tx: Connection, id: UUID) -> Any | None:
    """All columns of a person."""
    return run(tx, "SELECT * FROM people WHERE id = %(id)s", {"id": id}).one_or_none()


def signups(tx: Connection, ids: Sequence[UUID]) -> list[Any]:
    """Sign-ups, oldest first."""
    return _rows(tx, "SELECT * FROM signups WHERE id = ANY(%(ids)b::uuid[]) ORDER BY created_at, id", ids)


def consultations(tx: Connection, ids: Sequence[UUID]) -> list[Any]:
    """Consultation requests, oldest first."""
    return _rows(
        tx, "SELECT * FROM consultations WHERE id = ANY(%(ids)b::uuid[]) ORDER BY created_at, id", ids
    )


def consultation_events(tx: Connection, ids: Sequence[UUID]) -> list[Any]:
    """What happened to these requests, oldest first."""
    sql = "SELECT * FROM consultation_events WHERE consultation_id = ANY(%(ids)b::uuid[]) ORDER BY place"
    return _rows(tx, sql, ids)


def inbound(tx: Connection, ids: Sequence[UUID]) -> list[Any]:
    """Texts that came in, oldest first."""
    return _rows(tx, "SELECT * FROM inbound WHERE id = ANY(%(ids)b::uuid[]) ORDER BY received_at, id", ids)


def keys(tx: Connection, person: UUID) -> list[Any]:
    """The person's ids in booking systems, oldest first."""
    sql = "SELECT * FROM person_keys WHERE person_id = %(person)s ORDER BY created_at, id"
    return list(run(tx, sql, {"person": person}))


def numbers(tx: Connection, person: UUID) -> list[Any]:
    """Numbers that the person asked for texts to, oldest first."""
    sql = "SELECT * FROM numbers WHERE person_id = %(person)s ORDER BY created_at, id"
    return list(run(tx, sql, {"person": person}))


def mails(tx: Connection) -> list[Any]:
    """All mails to the address for leaving that a person has to read, oldest first: what is sealed tells whose."""
    return list(run(tx, "SELECT * FROM inbound_mails WHERE sealed IS NOT NULL ORDER BY received_at, id"))


def messages(tx: Connection, ids: Sequence[UUID]) -> list[Any]:
    """Messages in the order in which they were due."""
    return _rows(tx, "SELECT * FROM messages WHERE id = ANY(%(ids)b::uuid[]) ORDER BY due_at, id", ids)


def ledger(tx: Connection, person: UUID) -> list[Any]:
    """The person's consent entries with their wording, oldest first."""
    sql = """SELECT c.*, w.wording FROM consents c LEFT JOIN wordings w ON w.hash = c.wording_hash
    WHERE c.person_id = %(person)s ORDER BY c.at, c.id"""
    return list(run(tx, sql, {"person": person}))


CHECK_INS = """
SELECT c.*, m.channel, m.sent_at FROM check_ins c LEFT JOIN messages m ON m.id = c.message_id
WHERE c.person_id = %(person)s ORDER BY c.due_at, c.id
"""


def check_ins(tx: Connection, person: UUID) -> list[Any]:
    """Questions how the person is, with their answers, oldest first."""
    return list(run(tx, CHECK_INS, {"person": person}))


# What is about another person stays theirs, whatever it came from.
FOLLOW_UPS = """
SELECT * FROM follow_ups WHERE person_id = %(person)s OR person_id IS NULL AND cause_id = ANY(%(causes)b::uuid[])
ORDER BY created_at, id
"""


def follow_ups(tx: Connection, told: About) -> list[Any]:
    """Work that waited for staff and was about the person."""
    return list(run(tx, FOLLOW_UPS, {"person": told.person, "causes": [*told.causes, *told.messages]}))


def opened(tx: Connection, person: UUID) -> list[Any]:
    """(day in UTC, what) on which staff saw, changed or took out something of the person; no names."""
    sql = """SELECT DISTINCT (at AT TIME ZONE 'UTC')::date AS day, action, what FROM audit
    WHERE person_id = %(person)s AND actor = 'staff' ORDER BY 1, 2, 3"""
    return list(run(tx, sql, {"person": person}))


def _rows(tx: Connection, sql: str, ids: Sequence[UUID]) -> list[Any]:
    return list(run(tx, sql, {"ids": list(ids)}))

"""Everything about one person that staff may see, read for the person's page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from engage.storage import enrolments
from engage.storage.arrays import Uuids
from engage.storage.database import run
from engage.storage.messages import EXPLAIN_COLUMNS


def consent_states(tx: Connection, person: UUID) -> list[Any]:
    """What the person agrees to now: channel, purpose, granted, and the entry that it came from."""
    sql = """SELECT s.channel, s.purpose, s.granted, c.at FROM consent_states s
    JOIN consents c ON c.id = s.consent_id WHERE s.person_id = %(person)s ORDER BY s.channel, s.purpose"""
    return list(run(tx, sql, {"person": person}))


def ledger(tx: Connection, people: Sequence[UUID]) -> list[Any]:
    """These people's consent entries with their wording, newest first."""
    sql = """SELECT c.id, c.channel, c.purpose, c.action, c.actor, c.source, c.at, w.wording FROM consents c
    LEFT JOIN wordings w ON w.hash = c.wording_hash WHERE c.person_id = ANY(%(people)b::uuid[]) ORDER BY c.at DESC, c.id DESC"""
    return list(run(tx, sql, {"people": Uuids(people)}))


def suppressions(tx: Connection, indexes: Sequence[bytes]) -> list[Any]:
    """What stands or stood against these addresses, newest first."""
    sql = """SELECT channel, address_index, scope, reason, created_at, expires_at, lifted_at, lifted_by
    FROM suppressions WHERE address_index = ANY(%(indexes)s::bytea[]) ORDER BY created_at DESC, id DESC"""
    return list(run(tx, sql, {"indexes": list(indexes)}))


def courses(tx: Connection, person: UUID) -> list[Any]:
    """All of the person's enrolments, newest first."""
    sql = f"""SELECT {enrolments.COLUMNS} FROM enrolments e WHERE e.person_id = %(person)s
    ORDER BY e.started_at DESC, e.id DESC"""
    return list(run(tx, sql, {"person": person}))


def messages(tx: Connection, people: Sequence[UUID], indexes: Sequence[bytes], limit: int) -> list[Any]:
    """Messages of these records of one person, and the answers to forms from the person's addresses, latest due first."""
    sql = f"""SELECT {EXPLAIN_COLUMNS} FROM messages m WHERE m.person_id = ANY(%(people)b::uuid[])
    UNION
    SELECT {EXPLAIN_COLUMNS} FROM messages m JOIN signups g ON m.dedup_key = 'signup/' || g.id || '/confirm'
    WHERE g.address_index = ANY(%(indexes)s::bytea[])
    UNION
    SELECT {EXPLAIN_COLUMNS} FROM messages m
    JOIN consultations q ON m.dedup_key = 'consultation/' || q.id || '/received' WHERE q.person_id = ANY(%(people)b::uuid[])
    ORDER BY due_at DESC, id DESC LIMIT %(limit)s"""
    return list(run(tx, sql, {"people": Uuids(people), "indexes": list(indexes), "limit": limit}))


def consultations(tx: Connection, person: UUID) -> list[Any]:
    """The person's consultation requests, newest first."""
    sql = """SELECT id, state, outcome, created_at, due_at, closed_at FROM consultations
    WHERE person_id = %(person)s ORDER BY created_at DESC, id DESC"""
    return list(run(tx, sql, {"person": person}))


def names(tx: Connection, people: Sequence[UUID]) -> list[Any]:
    """The sealed rows of several people."""
    sql = "SELECT id, sealed, zone FROM people WHERE id = ANY(%(ids)s::uuid[])"
    return list(run(tx, sql, {"ids": list(people)}))

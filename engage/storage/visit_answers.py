"""What an answer about a visit may mean: the visits of a number's people, what was told last, and what we asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection

from engage.storage.appointments import COLUMNS
from engage.storage.arrays import Texts, Uuids
from engage.storage.database import run


def visits(
    tx: Connection, people: Sequence[UUID], since: datetime, until: datetime, ids: Sequence[UUID]
) -> list[Any]:
    """Visits of these locked people that start between the two moments, and those of ``ids`` whenever they are."""
    sql = f"""SELECT {COLUMNS} FROM appointments a WHERE a.person_id = ANY(%(people)b::uuid[])
    AND (a.starts_at BETWEEN %(since)s AND %(until)s OR a.id = ANY(%(ids)b::uuid[])) ORDER BY a.starts_at, a.id"""
    values = {"people": Uuids(people), "since": since, "until": until, "ids": Uuids(ids)}
    return list(run(tx, sql, values))


class Said(NamedTuple):
    """What one of our texts told of a visit: the time of that version. ``off``: that it does not take place."""

    visit: UUID
    starts_at: datetime
    zone: str
    minutes: int
    location: str
    off: bool
    at: datetime


# What another message carries is told by that one, with all that it carries.
LAST = """
WITH last AS (
    SELECT m.id, coalesce(m.sent_at, m.due_at) AS at FROM messages m
    WHERE m.person_id = ANY(%(people)b::uuid[]) AND m.contact_id = ANY(%(contacts)b::uuid[])
        AND m.cause = 'appointment' AND m.channel = 'sms' AND m.merged_into IS NULL
        AND m.status IN ('claimed', 'accepted', 'delivered', 'unknown')
        AND m.due_at BETWEEN %(since)s::timestamptz - interval '14 days' AND %(now)s
        AND coalesce(m.sent_at, m.due_at) > %(since)s
    ORDER BY coalesce(m.sent_at, m.due_at) DESC, m.id DESC LIMIT 1
)
SELECT m.cause_id, v.starts_at, v.zone, v.minutes, v.location, m.kind = ANY(%(off)b::text[]) AS off, m.at
FROM (
    SELECT o.cause_id, o.kind, o.dedup_key, l.at FROM last l JOIN messages o ON o.id = l.id
    UNION ALL
    SELECT c.cause_id, c.kind, c.dedup_key, l.at FROM last l JOIN messages c ON c.merged_into = l.id
    WHERE c.person_id = ANY(%(people)b::uuid[]) AND c.due_at > %(since)s::timestamptz - interval '14 days'
) m
JOIN appointment_versions v ON v.appointment_id = m.cause_id
    AND v.version = split_part(m.dedup_key, '/', 3)::integer
ORDER BY v.starts_at, m.cause_id
"""


def last_told(
    tx: Connection,
    people: Sequence[UUID],
    contacts: Sequence[UUID],
    off: Sequence[str],
    since: datetime,
    now: datetime,
) -> list[Said]:
    """What the last text about visits told that left to these contacts after ``since``, or may have left; one row for
    each visit. ``off`` are the kinds that tell that a visit is off."""
    values = {
        "people": Uuids(people),
        "contacts": Uuids(contacts),
        "off": Texts(off),
        "since": since,
        "now": now,
    }
    return [Said._make(row) for row in run(tx, LAST, values)]


def question(tx: Connection, index: bytes) -> Any | None:
    """What a number was asked last."""
    sql = "SELECT * FROM visit_questions WHERE number_index = %(index)s"
    return run(tx, sql, {"index": index}).one_or_none()


def ask(
    tx: Connection,
    index: bytes,
    asks: str,
    listed: Sequence[tuple[UUID, int]],
    now: datetime,
    forget: datetime,
    chosen: bool = False,
) -> None:
    """Keeps what a number was asked, or with ``chosen`` the one visit that was spoken of, in place of what was before.
    ``listed`` are visits with their versions. What was asked before ``forget`` goes, of all numbers."""
    old = """DELETE FROM visit_questions WHERE number_index IN (SELECT number_index FROM visit_questions
    WHERE asked_at < %(forget)s ORDER BY asked_at LIMIT 100 FOR UPDATE SKIP LOCKED)"""
    run(tx, old, {"forget": forget})
    sql = """INSERT INTO visit_questions (number_index, asks, listed, versions, chosen, chosen_version, asked_at, chosen_at)
    VALUES (%(index)s, %(asks)s, %(listed)b::uuid[], %(versions)b::integer[], %(chosen)s, %(chosen_version)s, %(now)s,
        %(chosen_at)s)
    ON CONFLICT (number_index) DO UPDATE SET asks = excluded.asks, listed = excluded.listed,
        versions = excluded.versions, chosen = excluded.chosen, chosen_version = excluded.chosen_version,
        asked_at = excluded.asked_at, chosen_at = excluded.chosen_at"""
    values = {
        "index": index,
        "asks": asks,
        "listed": Uuids(visit for visit, _ in listed),
        "versions": [version for _, version in listed],
        "chosen": listed[0][0] if chosen else None,
        "chosen_version": listed[0][1] if chosen else None,
        "now": now,
        "chosen_at": now if chosen else None,
    }
    run(tx, sql, values)


def choose(tx: Connection, index: bytes, visit: UUID, version: int, now: datetime) -> None:
    """A digit chose this visit: the list stays, so that another digit may choose another."""
    sql = """UPDATE visit_questions SET chosen = %(visit)s, chosen_version = %(version)s, chosen_at = %(now)s
    WHERE number_index = %(index)s"""
    run(tx, sql, {"index": index, "visit": visit, "version": version, "now": now})

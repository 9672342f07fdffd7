"""Check-ins: what was asked and answered, and who agreed to be asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection

from engage.storage.arrays import Moments, Texts, Uuids
from engage.storage.database import run

SET_WISH = """
INSERT INTO check_in_wishes (person_id, channel, agreed, source, actor, at)
VALUES (%(person)s, %(channel)s, %(agreed)s, %(source)s, %(actor)s, %(now)s)
ON CONFLICT (person_id) DO UPDATE SET channel = excluded.channel, agreed = excluded.agreed, source = excluded.source,
    actor = excluded.actor, at = excluded.at, look_at = NULL
    WHERE (check_in_wishes.channel, check_in_wishes.agreed) <> (excluded.channel, excluded.agreed)
"""


def set_wish(
    tx: Connection, person: UUID, channel: str, agreed: bool, source: str, actor: str, now: datetime
) -> bool:
    """Whether a person agrees to be asked on a channel; the caller holds their lock. False when that is so already."""
    values = {"person": person, "channel": channel, "agreed": agreed, "source": source, "actor": actor}
    return run(tx, SET_WISH, {**values, "now": now}).rowcount == 1


AGREE = """
INSERT INTO check_in_wishes (person_id, channel, agreed, source, actor, at, look_at)
SELECT p.id, CASE WHEN EXISTS (SELECT FROM contacts c WHERE c.person_id = p.id AND c.channel = 'email'
    AND c.state = 'confirmed') THEN 'email' ELSE 'sms' END, true, %(source)s, %(actor)s, %(now)s, %(now)s
FROM people p WHERE p.id = ANY(%(people)b::uuid[]) AND p.state = 'active' ORDER BY p.id
ON CONFLICT (person_id) DO NOTHING
"""


def agree(tx: Connection, people: Sequence[UUID], source: str, actor: str, now: datetime) -> int:
    """Those of these people who never said anything about check-ins agree to them: by email, or by text where there is
    no confirmed address. The sweep plans what follows; the caller holds their locks. Returns how many there were."""
    if not people:
        return 0
    values = {"people": Uuids(people), "source": source, "actor": actor, "now": now}
    return run(tx, AGREE, values).rowcount


def wish(tx: Connection, person: UUID) -> Any | None:
    """``channel``, ``agreed``, ``source``, ``actor`` and ``at``; None when nobody ever said anything."""
    sql = "SELECT channel, agreed, source, actor, at FROM check_in_wishes WHERE person_id = %(person)s"
    return run(tx, sql, {"person": person}).one_or_none()


class New(NamedTuple):
    """A check-in to be, or one that is planned again."""

    id: UUID
    person_id: UUID
    appointment_id: UUID | None
    kind: str
    slug: str
    due_at: datetime


# A slug that is there keeps its row: whatever was answered there stays.
KEEP = """
INSERT INTO check_ins (id, person_id, appointment_id, kind, slug, due_at, created_at)
SELECT v.id, v.person_id, v.appointment_id, v.kind, v.slug, v.due_at, %(now)s
FROM unnest(%(ids)b::uuid[], %(people)b::uuid[], %(visits)b::uuid[], %(kinds)b::text[], %(slugs)b::text[],
    %(dues)b::timestamptz[]) AS v(id, person_id, appointment_id, kind, slug, due_at)
ON CONFLICT (person_id, slug) DO UPDATE SET due_at = excluded.due_at
RETURNING person_id, slug, id
"""


def keep(tx: Connection, new: Sequence[New], now: datetime) -> dict[tuple[UUID, str], UUID]:
    """Adds or moves check-ins. Returns their ids by (person, slug)."""
    if not new:
        return {}
    values = {
        "now": now,
        "ids": Uuids(one.id for one in new),
        "people": Uuids(one.person_id for one in new),
        "visits": Uuids(one.appointment_id for one in new),
        "kinds": Texts(one.kind for one in new),
        "slugs": Texts(one.slug for one in new),
        "dues": Moments(one.due_at for one in new),
    }
    return {(row[0], row[1]): row[2] for row in run(tx, KEEP, values)}


def asked_by(tx: Connection, keys: Sequence[str]) -> None:
    """Notes which messages ask, by their dedup keys: one that is planned again keeps its row."""
    if not keys:
        return
    sql = """UPDATE check_ins c SET message_id = m.id FROM messages m
    WHERE m.dedup_key = ANY(%(keys)b::text[]) AND c.id = m.cause_id"""
    run(tx, sql, {"keys": Texts(keys)})


# Two records of one person may have been asked in the same week.
MOVE = """
UPDATE check_ins c SET person_id = %(to)s WHERE c.person_id = %(person)s
    AND NOT EXISTS (SELECT FROM check_ins o WHERE o.person_id = %(to)s AND o.slug = c.slug) RETURNING c.id
"""


def move(tx: Connection, person: UUID, to: UUID) -> list[UUID]:
    """Makes a person's check-ins another's, but for those that the other has too. Returns their ids."""
    return [row[0] for row in run(tx, MOVE, {"person": person, "to": to})]


def look_now(tx: Connection, people: Sequence[UUID], now: datetime) -> None:
    """Has these people's check-ins planned again by the next sweep."""
    sql = "UPDATE check_in_wishes SET look_at = %(now)s WHERE person_id = ANY(%(people)b::uuid[])"
    run(tx, sql, {"people": Uuids(people), "now": now})


COLUMNS = "c.id, c.person_id, c.appointment_id, c.kind, c.slug, c.due_at, c.answered_at, c.sealed"


def one(tx: Connection, id: UUID) -> Any | None:
    """A check-in's row."""
    return run(tx, f"SELECT {COLUMNS} FROM check_ins c WHERE c.id = %(id)s", {"id": id}).one_or_none()


def lock(tx: Connection, id: UUID) -> Any | None:
    """A check-in's row, locked; lock its person first."""
    sql = f"SELECT {COLUMNS} FROM check_ins c WHERE c.id = %(id)s FOR NO KEY UPDATE"
    return run(tx, sql, {"id": id}).one_or_none()


def answer(tx: Connection, id: UUID, sealed: bytes, now: datetime) -> None:
    """Keeps an answer in the place of an earlier one."""
    run(
        tx,
        "UPDATE check_ins SET sealed = %(sealed)s, answered_at = %(now)s WHERE id = %(id)s",
        {"id": id, "sealed": sealed, "now": now},
    )


OF_PEOPLE = f"""
SELECT {COLUMNS}, m.sent_at, m.status, m.channel FROM check_ins c LEFT JOIN messages m ON m.id = c.message_id
WHERE c.person_id = ANY(%(people)b::uuid[]) ORDER BY c.due_at, c.id
"""


def of_people(tx: Connection, people: Sequence[UUID]) -> list[Any]:
    """All check-ins of a person and of records that were found to be theirs, oldest first, with what became of the
    message that asks."""
    return list(run(tx, OF_PEOPLE, {"people": Uuids(people)}))


def first_visit(tx: Connection, people: Sequence[UUID]) -> datetime | None:
    """When the first visit of a person, under these records, began or begins; None when there is none that took or takes
    place."""
    sql = """SELECT min(starts_at) FROM appointments WHERE person_id = ANY(%(people)b::uuid[])
    AND status IN ('booked', 'pending', 'arrived', 'checked-in', 'fulfilled')"""
    found: datetime | None = run(tx, sql, {"people": Uuids(people)}).scalar()
    return found


# The latest question that a number was sent, each person's own.
LATEST_TEXTS = """
SELECT DISTINCT ON (c.person_id) c.person_id, c.id AS check_in_id FROM check_ins c
JOIN messages m ON m.id = c.message_id AND m.channel = 'sms'
    AND m.status IN ('claimed', 'accepted', 'delivered', 'unknown')
JOIN contacts k ON k.id = m.contact_id AND k.address_index = %(index)s AND k.channel = 'sms'
WHERE c.person_id = ANY(%(people)b::uuid[]) AND coalesce(m.sent_at, m.due_at) > %(since)s
    AND coalesce(m.sent_at, m.due_at) <= %(until)s
ORDER BY c.person_id, coalesce(m.sent_at, m.due_at) DESC
"""


def latest_texts(
    tx: Connection, index: bytes, people: Sequence[UUID], since: datetime, until: datetime
) -> list[Any]:
    """For each of these people who was asked at that number then: the person and the latest check-in."""
    values = {"index": index, "people": Uuids(people), "since": since, "until": until}
    return list(run(tx, LATEST_TEXTS, values))

"""What decides about check-ins, for many people at a time: wishes, visits, what was asked, and other texts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection

from engage.storage.arrays import Moments, Uuids
from engage.storage.database import rows, run


class WishRow(NamedTuple):
    """What a person said about check-ins, and where their clocks are."""

    person_id: UUID
    channel: str
    agreed: bool
    at: datetime
    look_at: datetime | None
    zone: str
    state: str


def wishes(tx: Connection, people: Sequence[UUID]) -> list[WishRow]:
    """Of those of these people who ever said anything about check-ins."""
    sql = """SELECT w.person_id, w.channel, w.agreed, w.at, w.look_at, p.zone, p.state FROM check_in_wishes w
    JOIN people p ON p.id = w.person_id WHERE w.person_id = ANY(%(people)b::uuid[])"""
    return [WishRow._make(row) for row in rows(tx, sql, {"people": Uuids(people)})]


class VisitRow(NamedTuple):
    """A visit. ``ends_plan``: it took place as the last of its plan."""

    id: UUID
    person_id: UUID
    starts_at: datetime
    minutes: int
    status: str
    since: datetime
    ends_plan: bool


VISITS = """
SELECT a.id, a.person_id, a.starts_at, a.minutes, a.status, a.since,
    a.plan_id IS NOT NULL AND a.status = 'fulfilled' AND NOT EXISTS (SELECT FROM appointments b
        WHERE b.person_id = a.person_id AND b.plan_id = a.plan_id AND b.id <> a.id
        AND (b.status IN ('booked', 'pending', 'proposed', 'waitlist', 'arrived', 'checked-in')
            OR b.status = 'fulfilled' AND (b.starts_at, b.id) > (a.starts_at, a.id))) AS ends_plan
FROM appointments a WHERE a.person_id = ANY(%(people)b::uuid[]) AND a.status NOT IN ('cancelled', 'entered-in-error')
ORDER BY a.person_id, a.starts_at, a.id
"""


def visits(tx: Connection, people: Sequence[UUID]) -> list[VisitRow]:
    """All visits of these people but those that are off."""
    return [VisitRow._make(row) for row in rows(tx, VISITS, {"people": Uuids(people)})]


class MessageRow(NamedTuple):
    """A message that asks, with its check-in. ``left_at`` is when it left, or is due; ``planned_for`` the moment that was
    planned, whatever it had to wait for since."""

    id: UUID
    person_id: UUID
    check_in_id: UUID
    slug: str
    asks: str
    channel: str
    status: str
    planned_for: datetime
    left_at: datetime
    not_after: datetime
    contact_id: UUID | None
    answered: bool


MESSAGES = """
SELECT m.id, m.person_id, c.id, c.slug, c.kind, m.channel, m.status, m.not_before,
    coalesce(m.sent_at, m.due_at), m.not_after, m.contact_id,
    c.answered_at IS NOT NULL
FROM messages m JOIN check_ins c ON c.id = m.cause_id
WHERE m.person_id = ANY(%(people)b::uuid[]) AND m.cause = 'check_in' ORDER BY m.due_at, m.id
"""


def messages(tx: Connection, people: Sequence[UUID]) -> list[MessageRow]:
    """All that ever asked these people."""
    return [MessageRow._make(row) for row in rows(tx, MESSAGES, {"people": Uuids(people)})]


# What a claim of a text about care counts, and what it is going to count.
TEXTS = """
SELECT m.person_id, m.kind, coalesce(m.sent_at, m.due_at) FROM messages m
WHERE m.person_id = ANY(%(people)b::uuid[]) AND m.channel = 'sms' AND m.purpose = 'care' AND NOT m.anytime
    AND m.due_at > %(since)s AND m.merged_into IS NULL
    AND (m.status IN ('claimed', 'accepted', 'delivered', 'unknown')
        OR m.cause <> 'check_in' AND m.status IN ('planned', 'held'))
"""


def texts(tx: Connection, people: Sequence[UUID], since: datetime) -> list[tuple[UUID, str, datetime]]:
    """(person, kind, moment) of texts about care since then: those that left, and others that are planned."""
    found = rows(tx, TEXTS, {"people": Uuids(people), "since": since})
    return [(row[0], row[1], row[2]) for row in found]


def look_at(tx: Connection, looks: Sequence[tuple[UUID, datetime | None]]) -> None:
    """When each person's check-ins are looked at again; None: when something changes."""
    if not looks:
        return
    sql = """UPDATE check_in_wishes w SET look_at = v.look_at
    FROM unnest(%(people)b::uuid[], %(looks)b::timestamptz[]) AS v(person_id, look_at) WHERE w.person_id = v.person_id"""
    values = {"people": Uuids(person for person, _ in looks), "looks": Moments(look for _, look in looks)}
    run(tx, sql, values)


DUE = """
SELECT person_id FROM check_in_wishes WHERE agreed AND look_at <= %(now)s ORDER BY look_at LIMIT %(limit)s
"""


def lock_due(tx: Connection, now: datetime, limit: int) -> list[UUID]:
    """People whose check-ins are to be looked at, locked; those whom somebody else has are left for the next round."""
    found = [row[0] for row in run(tx, DUE, {"now": now, "limit": limit})]
    if not found:
        return []
    sql = "SELECT id FROM people WHERE id = ANY(%(ids)b::uuid[]) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED"
    return [row[0] for row in run(tx, sql, {"ids": Uuids(found)})]


class ClaimFacts(NamedTuple):
    """What may have changed since a message that asks was planned. ``visit`` is the status of the visit that it is
    about, None where it is about none; ``last_at`` when the person was asked anything before."""

    wanted: bool
    channel: str
    answered: bool
    slug: str
    visit: str | None
    person_id: UUID
    last_at: datetime | None


CLAIM = """
SELECT m.id, coalesce(w.agreed, false), coalesce(w.channel, ''), c.answered_at IS NOT NULL, c.slug, a.status, m.person_id, l.at
FROM messages m JOIN check_ins c ON c.id = m.cause_id
LEFT JOIN check_in_wishes w ON w.person_id = m.person_id LEFT JOIN appointments a ON a.id = c.appointment_id
LEFT JOIN LATERAL (
    SELECT max(coalesce(x.sent_at, %(now)s)) AS at FROM messages x WHERE x.person_id = m.person_id AND x.id <> m.id
        AND x.cause = 'check_in' AND x.status IN ('claimed', 'accepted', 'delivered', 'unknown')
        AND x.due_at > %(now)s::timestamptz - interval '7 days'
) l ON true
WHERE m.id = ANY(%(ids)b::uuid[])
"""


def claim_facts(tx: Connection, ids: Sequence[UUID], now: datetime) -> dict[UUID, ClaimFacts]:
    """By message, read under the claim's locks."""
    if not ids:
        return {}
    return {row[0]: ClaimFacts._make(row[1:]) for row in rows(tx, CLAIM, {"ids": Uuids(ids), "now": now})}

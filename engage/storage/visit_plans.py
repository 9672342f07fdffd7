"""Whose visits are to be planned again, on which ways people can be reached, and what a new plan changes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection

from engage.storage.arrays import Moments, Texts, Uuids
from engage.storage.database import rows, run


class WayRow(NamedTuple):
    """A person and the newest confirmed contact on a channel, None where there is none."""

    person_id: UUID
    state: str
    zone: str
    contact_hours: list[str] | None
    channel: str
    contact_id: UUID | None
    contact_sealed: bytes | None
    agreed: bool
    suppressed: str | None


WAYS = """
SELECT p.id, p.state, p.zone, nullif(p.contact_hours, '{}'), ch.channel, c.id, c.sealed, coalesce(k.granted, false),
    s.reason
FROM people p CROSS JOIN (VALUES ('email'), ('sms')) AS ch(channel)
LEFT JOIN LATERAL (
    SELECT c.id, c.sealed, c.address_index FROM contacts c
    WHERE c.person_id = p.id AND c.channel = ch.channel AND c.state = 'confirmed'
    ORDER BY c.created_at DESC, c.id DESC LIMIT 1
) c ON true
LEFT JOIN consent_states k ON k.person_id = p.id AND k.channel = ch.channel AND k.purpose = 'care'
LEFT JOIN LATERAL (
    SELECT x.reason FROM suppressions x WHERE x.channel = ch.channel AND x.address_index = c.address_index
        AND x.lifted_at IS NULL AND (x.expires_at IS NULL OR x.expires_at > %(now)s) AND x.scope IN ('all', 'care')
    ORDER BY x.scope, x.created_at LIMIT 1
) s ON c.id IS NOT NULL
WHERE p.id = ANY(%(people)b::uuid[])
"""


def ways(tx: Connection, people: Sequence[UUID], now: datetime) -> list[WayRow]:
    """Two rows for each person, one a channel."""
    return [WayRow._make(row) for row in rows(tx, WAYS, {"people": Uuids(people), "now": now})]


def cancel(tx: Connection, ends: Sequence[tuple[UUID, str]], now: datetime) -> int:
    """Cancels what still is planned or held: (message, reason). Returns how many."""
    if not ends:
        return 0
    sql = """UPDATE messages m SET status = 'cancelled', reason = v.reason, ended_at = %(now)s
    FROM unnest(%(ids)b::uuid[], %(reasons)b::text[]) AS v(id, reason)
    WHERE m.id = v.id AND m.status IN ('planned', 'held')"""
    values = {"ids": Uuids(e[0] for e in ends), "reasons": Texts(e[1] for e in ends), "now": now}
    return run(tx, sql, values).rowcount


class Move(NamedTuple):
    """A planned message's new times and contact."""

    id: UUID
    due_at: datetime
    not_after: datetime
    contact_id: UUID | None


def move(tx: Connection, moves: Sequence[Move]) -> int:
    """Gives planned messages other times. Returns how many still were planned."""
    if not moves:
        return 0
    sql = """UPDATE messages m SET not_before = v.due_at, due_at = v.due_at, not_after = v.not_after,
        contact_id = v.contact_id, reason = NULL
    FROM unnest(%(ids)b::uuid[], %(dues)b::timestamptz[], %(ends)b::timestamptz[], %(contacts)b::uuid[])
        AS v(id, due_at, not_after, contact_id)
    WHERE m.id = v.id AND m.status = 'planned'"""
    values = {
        "ids": Uuids(m.id for m in moves),
        "dues": Moments(m.due_at for m in moves),
        "ends": Moments(m.not_after for m in moves),
        "contacts": Uuids(m.contact_id for m in moves),
    }
    return run(tx, sql, values).rowcount


def switches(tx: Connection) -> dict[str, bool]:
    """Which rules staff turned on or off."""
    return {row[0]: row[1] for row in run(tx, "SELECT rule, enabled FROM reminder_switches")}


def switch(tx: Connection, rule: str, enabled: bool, actor: str, now: datetime) -> None:
    """Turns a rule on or off."""
    sql = """INSERT INTO reminder_switches (rule, enabled, actor, at) VALUES (%(rule)s, %(enabled)s, %(actor)s, %(now)s)
    ON CONFLICT (rule) DO UPDATE SET enabled = excluded.enabled, actor = excluded.actor, at = excluded.at"""
    run(tx, sql, {"rule": rule, "enabled": enabled, "actor": actor, "now": now})
    # Visits that are over are not looked at again by themselves.
    sql = """INSERT INTO visits_to_replan (person_id) SELECT DISTINCT person_id FROM messages
    WHERE queued IS NOT NULL AND lane = 1 AND cause = 'appointment' AND step = %(rule)s AND person_id IS NOT NULL"""
    run(tx, sql, {"rule": rule})


def want(tx: Connection, people: Sequence[UUID]) -> None:
    """Wishes that these people's visits be planned again, within a moment."""
    sql = "INSERT INTO visits_to_replan (person_id) SELECT unnest(%(people)b::uuid[])"
    run(tx, sql, {"people": Uuids(people)})


# A wish to plan again is taken with its person, or left for the next round.
CHANGED = """
WITH wanted AS MATERIALIZED (
    SELECT place, person_id FROM visits_to_replan ORDER BY place LIMIT %(limit)s FOR UPDATE SKIP LOCKED
), people_locked AS MATERIALIZED (
    SELECT id FROM people WHERE id IN (SELECT person_id FROM wanted) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED
)
DELETE FROM visits_to_replan r USING wanted w
WHERE r.place = w.place AND w.person_id IN (SELECT id FROM people_locked) RETURNING r.person_id
"""


def take_changed(tx: Connection, limit: int) -> list[UUID]:
    """People about whom something changed that their reminders depend on, locked; each is returned once."""
    return list({row[0] for row in run(tx, CHANGED, {"limit": limit})})


# Two walks along the index instead of one past every visit that is planned as it should be.
OUTDATED = """
SELECT person_id FROM (
    (SELECT person_id FROM appointments WHERE status IN ('booked', 'pending') AND planned_with < %(policy)s LIMIT %(limit)s)
    UNION ALL
    (SELECT person_id FROM appointments WHERE status IN ('booked', 'pending') AND planned_with > %(policy)s LIMIT %(limit)s)
    UNION ALL
    (SELECT person_id FROM appointments WHERE status IN ('booked', 'pending') AND planned_with IS NULL LIMIT %(limit)s)
) x LIMIT %(limit)s
"""


def lock_outdated(tx: Connection, policy: str, limit: int) -> list[UUID]:
    """People with visits that were planned with another policy, locked."""
    found = list({row[0] for row in run(tx, OUTDATED, {"policy": policy, "limit": limit})})
    if not found:
        return []
    sql = "SELECT id FROM people WHERE id = ANY(%(ids)b::uuid[]) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED"
    return [row[0] for row in run(tx, sql, {"ids": Uuids(found)})]

"""What messages about visits say, read under the claim's locks; and those that one of them can carry along."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection

from engage.storage.arrays import Blobs, Texts, Uuids
from engage.storage.database import rows, run


class VisitFacts(NamedTuple):
    """A visit as it is now, for one message about it. ``told_version`` is the visit's version that the message was
    planned for; ``was_*`` what the person was told before, None where that was nothing else."""

    message_id: UUID
    visit_id: UUID
    person_id: UUID
    starts_at: datetime
    zone: str
    minutes: int
    location: str
    status: str
    version: int
    told_version: int
    was_starts_at: datetime | None
    was_zone: str | None
    person_sealed: bytes | None


FACTS = """
SELECT m.id, a.id, a.person_id, a.starts_at, a.zone, a.minutes, a.location, a.status, a.version,
    split_part(m.dedup_key, '/', 3)::integer, w.starts_at, w.zone, p.sealed
FROM messages m JOIN appointments a ON a.id = m.cause_id JOIN people p ON p.id = a.person_id
LEFT JOIN LATERAL (
    SELECT v.starts_at, v.zone FROM messages t JOIN appointment_versions v ON v.appointment_id = a.id
        AND v.version = split_part(t.dedup_key, '/', 3)::integer
    WHERE t.person_id IN (SELECT person_and_merged(a.person_id)) AND t.cause_id = a.id AND t.status IN ('claimed', 'accepted', 'delivered', 'unknown')
        AND v.version < a.version
    ORDER BY coalesce(t.sent_at, t.due_at) DESC LIMIT 1
) w ON m.step = 'moved'
WHERE m.id = ANY(%(ids)b::uuid[])
"""


def fetch(tx: Connection, ids: Sequence[UUID]) -> dict[UUID, VisitFacts]:
    """Facts of the messages among these that are about visits, by message."""
    if not ids:
        return {}
    return {row[0]: VisitFacts._make(row) for row in rows(tx, FACTS, {"ids": Uuids(ids)})}


# People's locks as a claim takes them: what is not won is told by itself.
COMPANIONS = """
WITH wanted AS (
    SELECT DISTINCT v.address, v.channel, v.kind FROM unnest(%(addresses)b::bytea[], %(channels)b::text[],
        %(kinds)b::text[]) AS v(address, channel, kind)
), near AS MATERIALIZED (
    SELECT m.id, m.person_id FROM wanted w JOIN contacts c ON c.channel = w.channel AND c.address_index = w.address
    JOIN messages m ON m.person_id = c.person_id AND m.contact_id = c.id AND m.kind = w.kind
        AND m.status = 'planned' AND m.tries = 0 AND m.due_at < %(until)s
    WHERE NOT m.id = ANY(%(ids)b::uuid[])
    ORDER BY m.id FOR UPDATE OF m SKIP LOCKED
), persons AS MATERIALIZED (
    SELECT id FROM people WHERE id IN (SELECT person_id FROM near) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED
)
SELECT n.id FROM near n JOIN persons p ON p.id = n.person_id ORDER BY n.id
"""


def lock_companions(
    tx: Connection,
    ids: Sequence[UUID],
    addresses: Sequence[bytes],
    channels: Sequence[str],
    kinds: Sequence[str],
    until: datetime,
) -> list[UUID]:
    """Planned messages of the same kinds to the same addresses as the claimed ``ids``, due before ``until``, locked."""
    values = {
        "ids": Uuids(ids),
        "addresses": Blobs(addresses),
        "channels": Texts(channels),
        "kinds": Texts(kinds),
        "until": until,
    }
    return [row[0] for row in rows(tx, COMPANIONS, values)]


def in_calendars(tx: Connection, visits: Sequence[UUID], inviting: Sequence[str]) -> set[UUID]:
    """Those of these visits that a message of one of these kinds may have put into somebody's calendar."""
    if not visits:
        return set()
    sql = """SELECT DISTINCT m.cause_id FROM messages m JOIN appointments a ON a.id = m.cause_id
    WHERE m.person_id IN (SELECT person_and_merged(a.person_id)) AND a.id = ANY(%(visits)b::uuid[])
        AND m.cause = 'appointment' AND m.kind = ANY(%(kinds)b::text[]) AND m.merged_into IS NULL
        AND m.status IN ('claimed', 'accepted', 'delivered', 'unknown')"""
    return {row[0] for row in run(tx, sql, {"visits": Uuids(visits), "kinds": Texts(inviting)})}


def carried(tx: Connection, carriers: Sequence[UUID]) -> list[tuple[UUID, UUID]]:
    """(message, carrier) of those that these messages took along when they were claimed before."""
    sql = "SELECT message_id, carrier_id FROM carried_messages WHERE carrier_id = ANY(%(ids)b::uuid[])"
    return [(row[0], row[1]) for row in run(tx, sql, {"ids": Uuids(carriers)})]


class Merged(NamedTuple):
    """A message that another one carries."""

    id: UUID
    carrier: UUID
    consent_id: UUID | None


def merge(tx: Connection, merged: Sequence[Merged], now: datetime) -> None:
    """Ends messages that others carry."""
    if not merged:
        return
    sql = """WITH merged AS (
        UPDATE messages m SET status = 'accepted', reason = 'merged', merged_into = v.carrier,
            consent_id = v.consent, sent_at = %(now)s
        FROM unnest(%(ids)b::uuid[], %(carriers)b::uuid[], %(consents)b::uuid[]) AS v(id, carrier, consent)
        WHERE m.id = v.id RETURNING m.id, m.merged_into
    )
    INSERT INTO carried_messages (message_id, carrier_id) SELECT id, merged_into FROM merged"""
    values = {
        "ids": Uuids(m.id for m in merged),
        "carriers": Uuids(m.carrier for m in merged),
        "consents": Uuids(m.consent_id for m in merged),
        "now": now,
    }
    run(tx, sql, values)


# What its carrier could not bring goes by itself, if that still helps; what it brought is over.
REVIVE = """
WITH over AS MATERIALIZED (
    SELECT r.message_id, c.status IN ('delivered', 'accepted') AS brought FROM carried_messages r
    JOIN messages c ON c.id = r.carrier_id
    WHERE c.status IN ('failed', 'expired', 'skipped', 'cancelled', 'delivered')
        OR c.status = 'accepted' AND c.sent_at < %(now)s::timestamptz - interval '4 days'
    ORDER BY r.message_id LIMIT %(limit)s FOR UPDATE OF r SKIP LOCKED
), forgotten AS (
    DELETE FROM carried_messages r USING over o WHERE r.message_id = o.message_id
)
UPDATE messages m SET status = CASE WHEN m.not_after > %(now)s THEN 'planned' ELSE 'failed' END,
    reason = 'carrier_failed', merged_into = NULL, sent_at = NULL, due_at = greatest(m.due_at, %(now)s),
    ended_at = CASE WHEN m.not_after > %(now)s THEN NULL ELSE %(now)s END
FROM over o WHERE m.id = o.message_id AND NOT o.brought AND m.status = 'accepted' RETURNING m.id, m.status
"""


def revive(tx: Connection, now: datetime, limit: int) -> list[tuple[UUID, str]]:
    """Lets go by themselves what others were to carry and did not: (message, its status now)."""
    return [(row[0], row[1]) for row in run(tx, REVIVE, {"now": now, "limit": limit})]

"""All that decides about claimed messages: the claim's second statement, and what people were sent lately."""

from __future__ import annotations

from collections.abc import Sequence, Set
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection

from engage.storage.arrays import Uuids
from engage.storage.database import rows


class FactsRow(NamedTuple):
    """One claimed message with all that decides about it."""

    id: UUID
    kind: str
    cause_id: UUID
    step: str
    person_id: UUID | None
    contact_id: UUID | None
    anytime: bool
    not_after: datetime
    tries: int
    message_sealed: bytes | None
    person_sealed: bytes | None
    person_state: str | None
    zone: str | None
    wish_pause: datetime | None
    wish_fewer: bool | None
    wish_hours: list[str] | None
    contact_sealed: bytes | None
    contact_state: str | None
    contact_care_only: bool | None
    signup_sealed: bytes | None
    cause_state: str | None
    course: str | None
    started_at: datetime | None
    done: list[str] | None
    last_day: int | None
    last_on: date | None
    shift_days: int | None
    paused_until: datetime | None
    consent_id: UUID | None
    suppressed: str | None
    address_index: bytes | None


# The few causes that a claim of lessons and campaigns has none of: leaving them out saves a fifth of the statement.
_BESIDE = """LEFT JOIN signups g ON m.cause = 'signup' AND g.id = m.cause_id
LEFT JOIN consultations q ON m.cause = 'consultation' AND q.id = m.cause_id
LEFT JOIN numbers n ON m.cause = 'number' AND n.id = m.cause_id
LEFT JOIN inbound t ON m.cause = 'inbound' AND m.channel = 'sms' AND t.id = m.cause_id"""
BESIDE = frozenset({"signup", "consultation", "number", "inbound"})


def _facts(*, beside: bool) -> str:
    states = "WHEN 'signup' THEN g.state WHEN 'consultation' THEN q.state WHEN 'number' THEN n.state"
    indexes = "c.address_index, g.address_index, q.address_index, n.number_index, t.number_index"
    index = f"coalesce({indexes})" if beside else "c.address_index"
    return f"""
SELECT m.id, m.kind, m.cause_id, m.step, m.person_id, m.contact_id, m.anytime, m.not_after, m.tries,
    m.sealed AS message_sealed, p.sealed AS person_sealed, p.state AS person_state, p.zone,
    p.paused_until AS wish_pause, p.fewer AS wish_fewer, nullif(p.contact_hours, '{{}}') AS wish_hours,
    c.sealed AS contact_sealed, c.state AS contact_state, c.care_only AS contact_care_only,
    {"g.sealed" if beside else "NULL::bytea"} AS signup_sealed,
    CASE m.cause WHEN 'enrolment' THEN CASE WHEN h.id IS NOT NULL AND e.state IN ('active', 'completed') THEN 'halted'
        ELSE e.state END {states if beside else ""} ELSE 'asked' END AS cause_state,
    e.course, e.started_at, e.done, e.last_day, e.last_on, e.shift_days, e.paused_until,
    k.consent_id, s.reason AS suppressed, {index} AS address_index
FROM messages m
LEFT JOIN people p ON p.id = m.person_id
LEFT JOIN contacts c ON c.id = m.contact_id
{_BESIDE if beside else ""}
LEFT JOIN enrolments e ON m.cause = 'enrolment' AND e.id = m.cause_id
LEFT JOIN pauses h ON h.cause = 'course' AND h.slug = e.course AND h.resumed_at IS NULL
LEFT JOIN consent_states k ON k.person_id = m.person_id AND k.channel = m.channel
    AND k.purpose = m.purpose AND k.granted
LEFT JOIN LATERAL (
    SELECT reason FROM suppressions x
    WHERE x.channel = m.channel AND x.address_index = {index}
        AND x.lifted_at IS NULL AND (x.expires_at IS NULL OR x.expires_at > %(now)s)
        AND x.scope IN ('all', m.purpose)
    ORDER BY x.reason IN ('opted_out', 'not_me'), x.scope, x.created_at LIMIT 1
) s ON true
WHERE m.id = ANY(%(ids)b::uuid[])
ORDER BY m.due_at, m.id
"""


FACTS, FACTS_OF_PLANS = _facts(beside=True), _facts(beside=False)


def fetch(
    tx: Connection, ids: Sequence[UUID], now: datetime, causes: Set[str] | None = None
) -> list[FactsRow]:
    """The facts of locked messages, in the order in which they were due. ``causes`` are all that they have, None when
    the caller doesn't know."""
    sql = FACTS if causes is None or not causes.isdisjoint(BESIDE) else FACTS_OF_PLANS
    return [FactsRow._make(row) for row in rows(tx, sql, {"ids": Uuids(ids), "now": now})]


# A message that left late was due long before it left. What is in another worker's hands leaves now; what nobody knows
# about left, if ever, when its request began.
RECENT = """
SELECT * FROM (
    SELECT m.person_id, least(coalesce(m.sent_at, CASE m.status WHEN 'claimed' THEN %(now)s ELSE a.started_at END,
        m.due_at), %(now)s) AS at, m.purpose, m.channel, m.kind, m.anytime
    FROM messages m LEFT JOIN attempts a ON m.status = 'unknown' AND a.id = m.attempt_id
    WHERE m.person_id = ANY(%(ids)b::uuid[])
        AND m.due_at BETWEEN %(since)s::timestamptz - interval '14 days' AND %(now)s
        AND m.status IN ('claimed', 'accepted', 'delivered', 'unknown') AND m.merged_into IS NULL
) r WHERE at > %(since)s
"""


class Recent(NamedTuple):
    """A message that left, or may have left."""

    person_id: UUID
    at: datetime
    purpose: str
    channel: str
    kind: str
    anytime: bool


def recent(tx: Connection, people: Sequence[UUID], since: datetime, now: datetime) -> list[Recent]:
    """What these locked people were sent since then, none of it later than ``now``."""
    if not people:
        return []
    values = {"ids": Uuids(people), "since": since, "now": now}
    return [Recent._make(row) for row in rows(tx, RECENT, values)]


# Among people of a course hardly anybody visits: an index tells so without reading a row.
VISITS = """
SELECT person_id, array_agg(starts_at ORDER BY starts_at) FROM appointments
WHERE person_id = ANY(%(ids)b::uuid[]) AND starts_at BETWEEN %(since)s AND %(until)s
    AND status IN ('booked', 'pending', 'arrived', 'checked-in', 'fulfilled')
GROUP BY person_id
"""


def visits(
    tx: Connection, people: Sequence[UUID], since: datetime, until: datetime
) -> dict[UUID, list[datetime]]:
    """When these people visit, from ``since`` to ``until``; nobody without a visit is in it."""
    if not people:
        return {}
    found = rows(tx, VISITS, {"ids": Uuids(people), "since": since, "until": until})
    return {row[0]: row[1] for row in found}

"""The derived row per person that audiences are counted on: what it is made of, and writing it anew in batches."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection

from engage.storage.arrays import Blobs, Moments, Texts, Uuids
from engage.storage.database import rows, run
from engage.storage.locks import Lock

# The caller alone makes profiles while it holds the lock, so a wish that is gone was heeded, and two batches never
# write one person in the wrong order. Its batch is over in a moment.
ALONE = "SELECT pg_try_advisory_xact_lock(%(key)s)"
TURN = "SELECT pg_advisory_xact_lock(%(key)s)"


def try_alone(tx: Connection) -> bool:
    """True when nobody else makes profiles until this transaction ends."""
    return bool(run(tx, ALONE, {"key": Lock.PROFILES}).scalar_one())


def wait_alone(tx: Connection) -> None:
    """As ``try_alone``, after whoever is at it has finished a batch."""
    run(tx, TURN, {"key": Lock.PROFILES})


# A file of visits wishes for each of its people several times: with the first wish all of a person's are heeded.
WISHED = """
WITH page AS MATERIALIZED (
    SELECT place, person_id FROM profiles_to_make ORDER BY place LIMIT %(limit)s FOR UPDATE SKIP LOCKED
)
DELETE FROM profiles_to_make WHERE person_id IN (SELECT person_id FROM page) RETURNING person_id
"""
PASSED = "SELECT person_id FROM profiles WHERE look_again <= %(now)s ORDER BY look_again LIMIT %(limit)s"


def take(tx: Connection, now: datetime, limit: int) -> list[UUID]:
    """People whose profile is to be made anew: of those whom something changed about, else of those whom time did."""
    found = {row[0] for row in run(tx, WISHED, {"limit": limit})}
    found = found or {row[0] for row in run(tx, PASSED, {"now": now, "limit": limit})}
    return sorted(found)


def waiting(tx: Connection, now: datetime, most: int) -> int:
    """About how many wait to be made anew, counted up to ``most``."""
    sql = """SELECT (SELECT count(*) FROM (SELECT FROM profiles_to_make LIMIT %(most)s) a)
        + (SELECT count(*) FROM (SELECT FROM profiles WHERE look_again <= %(now)s LIMIT %(most)s) b)"""
    return min(most, int(run(tx, sql, {"now": now, "most": most}).scalar_one()))


class FactsRow(NamedTuple):
    """What a person's profile is made of. Contacts are the ones that marketing would use, None where there is none.

    ``*_ends`` is the latest end of what suppresses the address, None where one has no end. ``last*``: the visit that
    took place last; ``before`` and ``next`` are the starts of the one before it and of the first to come.
    ``was_*`` are the addresses of the profile as it stands.
    """

    id: UUID
    state: str
    paused_until: datetime | None
    email_contact: UUID | None
    email_index: bytes | None
    email_state: str | None
    email_care_only: bool | None
    email_agreed: bool
    email_suppressed: bool
    email_ends: datetime | None
    sms_contact: UUID | None
    sms_index: bytes | None
    sms_state: str | None
    sms_care_only: bool | None
    sms_agreed: bool
    sms_suppressed: bool
    sms_ends: datetime | None
    agreed: bool
    course: str | None
    course_state: str | None
    lessons_done: int
    courses: int
    last: datetime | None
    last_zone: str | None
    last_location: str | None
    before: datetime | None
    next: datetime | None
    next_location: str | None
    asked: bool
    patient: bool
    authorized: bool
    authorized_until: datetime | None
    was_email: bytes | None
    was_sms: bytes | None


def _way(channel: str) -> str:
    """The contact of a channel, and what stands against its address."""
    return f"""LEFT JOIN LATERAL (
    SELECT c.id, c.address_index, c.state, c.care_only FROM contacts c
    WHERE c.person_id = p.id AND c.channel = '{channel}' AND c.state <> 'replaced'
    ORDER BY c.state = 'confirmed' AND NOT c.care_only DESC, c.created_at DESC, c.id DESC LIMIT 1
) {channel} ON true
LEFT JOIN LATERAL (
    SELECT count(*) > 0 AS stands,
        CASE WHEN bool_and(x.expires_at IS NOT NULL) THEN max(x.expires_at) END AS ends
    FROM suppressions x WHERE x.channel = '{channel}' AND x.address_index = {channel}.address_index
        AND x.lifted_at IS NULL AND (x.expires_at IS NULL OR x.expires_at > %(now)s) AND x.scope IN ('all', 'marketing')
) {channel}_barred ON {channel}.id IS NOT NULL
"""


# A visit that is past and that nobody marked is taken for one that took place: not every desk marks each.
TOOK_PLACE = "v.status IN ('booked', 'pending', 'arrived', 'checked-in', 'fulfilled')"
FACTS = f"""
SELECT p.id, p.state, p.paused_until,
    email.id, email.address_index, email.state, email.care_only,
    coalesce(k.email, false), coalesce(email_barred.stands, false), email_barred.ends,
    sms.id, sms.address_index, sms.state, sms.care_only,
    coalesce(k.sms, false), coalesce(sms_barred.stands, false), sms_barred.ends,
    coalesce(k.agreed, false) OR coalesce(e.state = 'active', false),
    e.course, e.state, coalesce(cardinality(e.done), 0), coalesce(e.courses, 0),
    past.starts_at, past.zone, past.location, past.before, coming.starts_at, coming.location,
    EXISTS (SELECT FROM consultations q WHERE q.person_id = p.id AND q.state <> 'closed'),
    EXISTS (SELECT FROM appointments v WHERE v.person_id = p.id AND v.status <> 'entered-in-error')
        OR EXISTS (SELECT FROM person_keys y WHERE y.person_id = p.id),
    coalesce(a.action = 'granted' AND (a.expires_at IS NULL OR a.expires_at > %(now)s), false), a.expires_at,
    f.email_index, f.sms_index
FROM people p
{_way("email")}
{_way("sms")}
LEFT JOIN LATERAL (
    SELECT bool_or(granted) AS agreed, bool_or(granted) FILTER (WHERE purpose = 'marketing' AND channel = 'email') AS email,
        bool_or(granted) FILTER (WHERE purpose = 'marketing' AND channel = 'sms') AS sms
    FROM consent_states WHERE person_id = p.id AND purpose IN ('education', 'marketing')
) k ON true
LEFT JOIN LATERAL (
    SELECT course, state, done, count(*) OVER () AS courses FROM enrolments WHERE person_id = p.id
    ORDER BY state = 'active' DESC, started_at DESC, id DESC LIMIT 1
) e ON true
LEFT JOIN LATERAL (
    SELECT v.starts_at, v.zone, v.location, lead(v.starts_at) OVER (ORDER BY v.starts_at DESC) AS before
    FROM (SELECT v.starts_at, v.zone, v.location FROM appointments v WHERE v.person_id = p.id
        AND v.starts_at <= %(now)s AND {TOOK_PLACE} ORDER BY v.starts_at DESC LIMIT 2) v
    ORDER BY v.starts_at DESC LIMIT 1
) past ON true
LEFT JOIN LATERAL (
    SELECT v.starts_at, v.location FROM appointments v WHERE v.person_id = p.id AND v.starts_at > %(now)s
        AND {TOOK_PLACE} ORDER BY v.starts_at LIMIT 1
) coming ON true
LEFT JOIN LATERAL (
    SELECT action, expires_at FROM authorizations WHERE person_id = p.id ORDER BY at DESC, id DESC LIMIT 1
) a ON true
LEFT JOIN LATERAL (SELECT email_index, sms_index FROM profiles WHERE person_id = p.id LIMIT 1) f ON true
WHERE p.id = ANY(%(people)b::uuid[])
"""


def facts(tx: Connection, people: Sequence[UUID], now: datetime) -> list[FactsRow]:
    """What these people's profiles are made of at ``now``, in no order."""
    return [FactsRow._make(row) for row in rows(tx, FACTS, {"people": Uuids(people), "now": now})]


class Profile(NamedTuple):
    """A profile to be written; ``tags`` and what is shared the database adds."""

    person_id: UUID
    stage: int
    lessons_done: int
    courses: int
    email_reach: int
    sms_reach: int
    patient: bool
    authorized: bool
    last_visit: date | None
    location: str | None
    course: str | None
    course_state: str | None
    email_contact: UUID | None
    email_index: bytes | None
    sms_contact: UUID | None
    sms_index: bytes | None
    look_again: datetime | None


COLUMNS = ", ".join(Profile._fields)
KINDS = {
    "person_id": "uuid", "stage": "smallint", "lessons_done": "smallint", "courses": "smallint",
    "email_reach": "smallint", "sms_reach": "smallint", "patient": "boolean", "authorized": "boolean",
    "last_visit": "date", "location": "text", "course": "text", "course_state": "text", "email_contact": "uuid",
    "email_index": "bytea", "sms_contact": "uuid", "sms_index": "bytea", "look_again": "timestamptz",
}  # fmt: skip
LISTS: dict[str, Any] = {"uuid": Uuids, "text": Texts, "bytea": Blobs, "timestamptz": Moments}
CHANGED = [name for name in Profile._fields if name != "person_id"] + ["tags"]
# A row that would stay as it is is not written.
WRITE = f"""
INSERT INTO profiles AS f ({COLUMNS}, tags)
SELECT {", ".join(f"v.{name}" for name in Profile._fields)},
    (SELECT array_agg(t.tag_id ORDER BY t.tag_id) FROM person_tags t WHERE t.person_id = v.person_id)
FROM unnest({", ".join(f"%({name}){'b' if kind in LISTS else 's'}::{kind}[]" for name, kind in KINDS.items())})
    AS v({COLUMNS})
ON CONFLICT (person_id) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in CHANGED)},
    email_shared = f.email_shared AND excluded.email_index IS NOT DISTINCT FROM f.email_index,
    sms_shared = f.sms_shared AND excluded.sms_index IS NOT DISTINCT FROM f.sms_index
WHERE ({", ".join(f"f.{name}" for name in CHANGED)}) IS DISTINCT FROM ({", ".join(f"excluded.{name}" for name in CHANGED)})
"""


def write(tx: Connection, profiles: Sequence[Profile]) -> int:
    """Adds these profiles, or mends what is different of them; ``share`` follows. Returns how many were written."""
    if not profiles:
        return 0
    columns = zip(*profiles, strict=True)
    values = {
        name: LISTS.get(KINDS[name], list)(column)
        for name, column in zip(Profile._fields, columns, strict=True)
    }
    return run(tx, WRITE, values).rowcount


def want_everybody(tx: Connection) -> None:
    """Wishes that all profiles be made anew, as after the clock went back."""
    run(
        tx,
        "INSERT INTO profiles_to_make (person_id) SELECT id FROM people WHERE state = 'active' ORDER BY id",
    )


def drop(tx: Connection, people: Sequence[UUID]) -> None:
    """People who are forgotten, or a part of somebody else by now, are in no audience."""
    if people:
        run(tx, "DELETE FROM profiles WHERE person_id = ANY(%(ids)b::uuid[])", {"ids": Uuids(people)})


def share(tx: Connection, channel: str, indexes: Sequence[bytes]) -> None:
    """Notes of these addresses whether several people have them."""
    if not indexes:
        return
    sql = f"""UPDATE profiles f SET {channel}_shared = s.shared FROM (
        SELECT {channel}_index AS address, count(*) > 1 AS shared FROM profiles
        WHERE {channel}_index = ANY(%(indexes)b::bytea[]) GROUP BY 1
    ) s WHERE f.{channel}_index = s.address AND f.{channel}_shared <> s.shared"""
    run(tx, sql, {"indexes": Blobs(indexes)})

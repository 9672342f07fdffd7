"""Letting go of a person: the locks, and what is emptied in which table."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from engage.storage.about import About
from engage.storage.database import run

# Every table that may hold something of a person, in the order in which everybody locks them. Ids, keyed hashes and
# codes stay: they are what the ledger and the counts refer to.
EMPTIED: dict[str, str] = {
    "people": """UPDATE people SET state = 'erased', sealed = NULL, zone = %(zone)s, paused_until = NULL, fewer = false,
        contact_hours = '{}', updated_at = %(now)s WHERE id = %(person)s""",
    "contacts": "UPDATE contacts SET sealed = NULL, state = 'replaced' WHERE person_id = %(person)s",
    # Their keyed hashes stay: whom a booking system goes on to tell of is known to be forgotten.
    "person_keys": "UPDATE person_keys SET sealed = NULL WHERE person_id = %(person)s",
    "numbers": """UPDATE numbers SET sealed = NULL, code_hash = NULL, ended_at = coalesce(ended_at, %(now)s),
        state = CASE WHEN state IN ('sent', 'limited', 'suppressed') THEN 'stopped' ELSE state END
        WHERE person_id = %(person)s""",
    "person_tokens": "DELETE FROM person_tokens WHERE person_id = %(person)s",
    "consents": "UPDATE consents SET sealed = NULL WHERE person_id = %(person)s AND sealed IS NOT NULL",
    # Its link must not bring the person back.
    "signups": """UPDATE signups SET sealed = NULL, ended_at = coalesce(ended_at, %(now)s),
        state = CASE WHEN state = 'confirmed' THEN state ELSE 'refused' END WHERE id = ANY(%(signups)b::uuid[])""",
    "consultations": """UPDATE consultations SET sealed = NULL, state = 'closed', outcome = coalesce(outcome, 'other'),
        due_at = coalesce(due_at, %(now)s), closed_at = coalesce(closed_at, %(now)s)
        WHERE id = ANY(%(consultations)b::uuid[])""",
    "consultation_events": """UPDATE consultation_events SET sealed = NULL
        WHERE consultation_id = ANY(%(consultations)b::uuid[]) AND sealed IS NOT NULL""",
    "enrolments": """UPDATE enrolments SET state = 'unsubscribed', ended_at = %(now)s, paused_until = NULL
        WHERE person_id = %(person)s AND state = 'active'""",
    "treatment_plans": "UPDATE treatment_plans SET sealed = NULL WHERE person_id = %(person)s",
    "appointments": "UPDATE appointments SET sealed = NULL WHERE person_id = %(person)s AND sealed IS NOT NULL",
    # A keyed hash of what a file said of their visits: the file's row is looked at again, and refused.
    "imported_visits": """DELETE FROM imported_visits i USING appointments a
        WHERE a.person_id = %(person)s AND i.external_index = a.external_index""",
    # What nobody has understood yet may be a STOP, also of somebody else at that number: it is emptied afterwards.
    "inbound": """UPDATE inbound SET sealed = NULL,
        forget_asked = true WHERE id = ANY(%(inbound)b::uuid[]) AND understood_at IS NOT NULL""",
    # What was claimed before goes its way; it is in nobody's hands but the sender's.
    "messages": """UPDATE messages SET sealed = NULL,
        reason = CASE WHEN status IN ('planned', 'held') THEN 'erased' ELSE reason END,
        ended_at = CASE WHEN status IN ('planned', 'held') THEN %(now)s ELSE ended_at END,
        status = CASE WHEN status IN ('planned', 'held') THEN 'cancelled' ELSE status END
        WHERE id = ANY(%(messages)b::uuid[]) AND (sealed IS NOT NULL OR status IN ('planned', 'held'))""",
    "mailbox": "DELETE FROM mailbox WHERE message_id = ANY(%(messages)b::uuid[])",
    # What is about another person is their work still, whatever it came from.
    "follow_ups": """UPDATE follow_ups SET sealed = NULL, state = 'done', outcome = coalesce(outcome, 'not_needed'),
        done_at = coalesce(done_at, %(now)s)
        WHERE person_id = %(person)s OR person_id IS NULL
            AND (cause_id = ANY(%(causes)b::uuid[]) OR cause_id = ANY(%(messages)b::uuid[]))""",
    "api_answers": "DELETE FROM api_answers WHERE person_id = %(person)s",
    "check_in_wishes": """UPDATE check_in_wishes SET agreed = false, look_at = NULL, source = 'erasure', at = %(now)s
        WHERE person_id = %(person)s AND agreed""",
    "check_ins": "UPDATE check_ins SET sealed = NULL WHERE person_id = %(person)s AND sealed IS NOT NULL",
    # A tag that nobody else has may say something of them alone.
    "tags": """WITH off AS (DELETE FROM person_tags WHERE person_id = %(person)s RETURNING tag_id)
        DELETE FROM tags t USING off WHERE t.id = off.tag_id AND NOT EXISTS (
            SELECT FROM person_tags o WHERE o.tag_id = t.id AND o.person_id <> %(person)s)""",
    "authorizations": "UPDATE authorizations SET sealed = NULL WHERE person_id = %(person)s AND sealed IS NOT NULL",
    "profiles": "DELETE FROM profiles WHERE person_id = %(person)s",
    "attempts": """UPDATE attempts SET forget_asked = true WHERE channel = 'sms' AND NOT forget_asked AND id IN (
        SELECT attempt_id FROM messages WHERE id = ANY(%(messages)b::uuid[]) AND attempt_id IS NOT NULL
        UNION SELECT attempt_id FROM receipt_events WHERE message_id = ANY(%(messages)b::uuid[]))""",
}
# What a worker that had it in its hands may have written down since.
LATE = ("messages", "mailbox", "attempts", "inbound")
# Nothing but what is sealed tells whom these are about: they are opened and searched for the person's addresses.
# Receipts that wait to be applied are emptied then, in a moment.
SEARCHED: dict[str, str] = {"receipts": "problem IS NOT NULL", "inbound_mails": "true"}
# Sealed tables that are not emptied with the person: why not.
ELSEWHERE: dict[str, str] = {
    "erasures": "emptied when the vendor has confirmed",
    "staff": "members of staff are disabled, not erased",
}


def lock_signups(tx: Connection, told: About) -> None:
    """Sign-ups and texts that came in are locked before their address's value, as everybody does."""
    _lock(tx, "signups", told.signups)
    _lock(tx, "inbound", told.inbound)


def lock_requests(tx: Connection, told: About) -> None:
    """Consultation requests are locked after their address's value and before people."""
    _lock(tx, "consultations", told.consultations)


def lock_contacts(tx: Connection, indexes: Sequence[bytes]) -> None:
    """All contacts at these addresses, the person's and others'; lock their people first."""
    sql = "SELECT id FROM contacts WHERE address_index = ANY(%(indexes)b::bytea[]) ORDER BY id FOR NO KEY UPDATE"
    run(tx, sql, {"indexes": list(indexes)})


def empty(
    tx: Connection, told: About, zone: str, now: datetime, tables: Collection[str] = EMPTIED.keys()
) -> None:
    """Lets go of all that is kept in these tables, but for ids, keyed hashes and codes. The caller holds the locks."""
    _lock(tx, "messages", told.messages)
    values = {**told._asdict(), "causes": told.causes, "zone": zone, "now": now}
    for table, sql in EMPTIED.items():
        if table in tables:
            run(tx, sql, values)


def _lock(tx: Connection, table: str, ids: Sequence[UUID]) -> None:
    sql = f"SELECT id FROM {table} WHERE id = ANY(%(ids)b::uuid[]) ORDER BY id FOR NO KEY UPDATE"
    run(tx, sql, {"ids": list(ids)})


def open_consultations(tx: Connection, ids: Sequence[UUID]) -> list[UUID]:
    """Those of them that are not closed."""
    sql = "SELECT id FROM consultations WHERE id = ANY(%(ids)b::uuid[]) AND state <> 'closed'"
    return [row[0] for row in run(tx, sql, {"ids": list(ids)})]


def granted(tx: Connection, person: UUID) -> list[Any]:
    """(channel, purpose) to which the person agrees now."""
    sql = """SELECT channel, purpose FROM consent_states WHERE person_id = %(person)s AND granted
    ORDER BY channel, purpose"""
    return list(run(tx, sql, {"person": person}))


def shared(tx: Connection, person: UUID, indexes: Sequence[bytes]) -> set[bytes]:
    """Of these addresses, those that another living person has too."""
    sql = """SELECT DISTINCT c.address_index FROM contacts c JOIN people p ON p.id = c.person_id AND p.state = 'active'
    WHERE c.address_index = ANY(%(indexes)b::bytea[]) AND c.person_id <> %(person)s
        AND c.state IN ('confirmed', 'bad', 'quarantined')"""
    return {bytes(row[0]) for row in run(tx, sql, {"indexes": list(indexes), "person": person})}


def searched(tx: Connection, table: str) -> list[Any]:
    """The rows of one of SEARCHED."""
    return list(
        run(tx, f"SELECT id, sealed FROM {table} WHERE {SEARCHED[table]} AND sealed IS NOT NULL ORDER BY id")
    )


def empty_found(tx: Connection, table: str, ids: Sequence[UUID]) -> None:
    """Lets go of what these rows of one of SEARCHED say."""
    if ids:
        run(tx, f"UPDATE {table} SET sealed = NULL WHERE id = ANY(%(ids)b::uuid[])", {"ids": list(ids)})


def ask(tx: Connection, id: UUID, person: UUID, sealed: bytes | None, seconds: float) -> None:
    """The erasure is looked at again, and told to vendors, after ``seconds`` of real time."""
    sql = """INSERT INTO erasures (id, person_id, sealed, next_at)
    VALUES (%(id)s, %(person)s, %(sealed)s, clock_timestamp() + make_interval(secs => %(seconds)s))"""
    run(tx, sql, {"id": id, "person": person, "sealed": sealed, "seconds": seconds})


TAKE = """
WITH due AS (
    SELECT id FROM erasures WHERE state = 'waiting' AND next_at <= clock_timestamp()
    ORDER BY next_at LIMIT %(limit)s FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE erasures e SET next_at = clock_timestamp() + make_interval(secs => %(lease)s), tries = e.tries + 1
FROM due WHERE e.id = due.id RETURNING e.id, e.person_id, e.sealed, e.tries
"""


def take(tx: Connection, limit: int, lease_seconds: float) -> list[Any]:
    """Erasures that are due, for this caller alone during the lease; ``tries`` counts this one."""
    return list(run(tx, TAKE, {"limit": limit, "lease": lease_seconds}))


def under_way(tx: Connection, person: UUID) -> bool:
    """Whether a message to the person is with a worker or waits for evidence."""
    sql = """SELECT EXISTS (SELECT 1 FROM messages WHERE person_id = %(person)s AND (status = 'claimed'
        OR status = 'unknown' AND reason IS DISTINCT FROM 'never_known'))"""
    return bool(run(tx, sql, {"person": person}).scalar())


def done(tx: Connection, ids: Sequence[UUID]) -> None:
    """Nobody has to be told any more: the addresses go."""
    sql = """UPDATE erasures SET state = 'done', sealed = NULL, ended_at = clock_timestamp()
    WHERE id = ANY(%(ids)b::uuid[])"""
    run(tx, sql, {"ids": list(ids)})


def again(tx: Connection, id: UUID, seconds: float, *, free: bool = False) -> None:
    """Looked at again after ``seconds``; ``free`` gives the try back."""
    sql = """UPDATE erasures SET next_at = clock_timestamp() + make_interval(secs => %(seconds)s),
        tries = tries - %(free)s::int WHERE id = %(id)s"""
    run(tx, sql, {"id": id, "seconds": seconds, "free": free})


ATTEMPTS = """
WITH due AS (
    SELECT id FROM attempts WHERE sender = 'twilio' AND provider_id IS NOT NULL AND final_at IS NOT NULL
        AND forgotten_at IS NULL AND forget_tries < 8 AND (forget_next IS NULL OR forget_next <= clock_timestamp())
        AND (%(all)s OR forget_asked)
    ORDER BY forget_next NULLS FIRST LIMIT %(limit)s FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE attempts t SET forget_next = clock_timestamp() + make_interval(secs => %(lease)s),
    forget_tries = t.forget_tries + 1
FROM due WHERE t.id = due.id RETURNING t.id, t.provider_id, t.forget_tries AS tries
"""
INBOUND = """
WITH due AS (
    SELECT id FROM inbound WHERE understood_at IS NOT NULL AND forgotten_at IS NULL AND forget_tries < 8
        AND (forget_next IS NULL OR forget_next <= clock_timestamp()) AND (%(all)s OR forget_asked)
    ORDER BY forget_next NULLS FIRST LIMIT %(limit)s FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE inbound t SET forget_next = clock_timestamp() + make_interval(secs => %(lease)s),
    forget_tries = t.forget_tries + 1
FROM due WHERE t.id = due.id RETURNING t.id, t.provider_id, t.forget_tries AS tries
"""
TEXTS = {"attempts": ATTEMPTS, "inbound": INBOUND}
# As the queries' and their indexes' conditions say.
MOST_TRIES = 8


def take_texts(tx: Connection, table: str, everything: bool, limit: int, lease_seconds: float) -> list[Any]:
    """Texts that a vendor still keeps though nothing more will be heard of them, for this caller alone during the
    lease: those of erased people, or all."""
    return list(run(tx, TEXTS[table], {"all": everything, "limit": limit, "lease": lease_seconds}))


def texts_gone(tx: Connection, table: str, ids: Sequence[UUID]) -> None:
    """The vendor has deleted them."""
    sql = f"UPDATE {table} SET forgotten_at = clock_timestamp() WHERE id = ANY(%(ids)b::uuid[])"
    run(tx, sql, {"ids": list(ids)})


def texts_again(tx: Connection, table: str, ids: Sequence[UUID], seconds: float) -> None:
    """The vendor is asked again after ``seconds``."""
    sql = f"""UPDATE {table} SET forget_next = clock_timestamp() + make_interval(secs => %(seconds)s)
    WHERE id = ANY(%(ids)b::uuid[])"""
    run(tx, sql, {"ids": list(ids), "seconds": seconds})

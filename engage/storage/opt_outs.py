"""What a number's opt-out and its end change, whoever has the number."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from engage.storage import people
from engage.storage.database import lock_value, run


def lock_holders(tx: Connection, channel: str, index: bytes) -> list[Any]:
    """Holds off claims of messages to an address, and other opt-outs: its people, and who waits for its confirmation,
    are locked in the order of their ids, then its contacts, as everybody does.

    Returns the contacts of living people, oldest first: id, person_id, state, sealed (the person's), zone.
    """
    lock_people_at(tx, channel, [index])
    people.lock_contacts_at(tx, channel, index)
    sql = """SELECT c.id, c.person_id, c.state, p.sealed, p.zone FROM contacts c JOIN people p ON p.id = c.person_id
    WHERE c.channel = %(channel)s AND c.address_index = %(index)s AND p.state = 'active' ORDER BY c.created_at, c.id"""
    return list(run(tx, sql, {"channel": channel, "index": index}))


PEOPLE_AT = """
SELECT id FROM people WHERE id = %(person)s
    OR id IN (SELECT person_id FROM contacts
        WHERE channel = %(channel)s AND address_index = ANY(%(indexes)b::bytea[]))
    OR id IN (SELECT person_id FROM numbers
        WHERE %(channel)s = 'sms' AND number_index = ANY(%(indexes)b::bytea[]) AND state = 'sent')
ORDER BY id FOR NO KEY UPDATE
"""


def lock_people_at(
    tx: Connection, channel: str, indexes: Sequence[bytes], person: UUID | None = None
) -> None:
    """The first locks of ``lock_holders``, for several addresses, and ``person``: all addresses, then all people."""
    for index in sorted(indexes):
        lock_value(tx, index)
    run(tx, PEOPLE_AT, {"channel": channel, "indexes": list(indexes), "person": person}).all()


def granted(tx: Connection, channel: str, people: Sequence[UUID]) -> list[tuple[UUID, str]]:
    """(person, purpose) of what these people agree to on a channel."""
    sql = """SELECT person_id, purpose FROM consent_states WHERE channel = %(channel)s AND granted
    AND person_id = ANY(%(people)b::uuid[]) ORDER BY person_id, purpose"""
    return [(row[0], row[1]) for row in run(tx, sql, {"channel": channel, "people": list(people)})]


def stopped_by(tx: Connection, channel: str, people: Sequence[UUID], source: str) -> list[Any]:
    """What these people agreed to before a withdrawal whose source begins with ``source`` and which is the last word.

    Rows of person_id, purpose, and the wording_hash that they agreed to.
    """
    sql = """
    SELECT s.person_id, s.purpose, (
        SELECT g.wording_hash FROM consents g WHERE g.person_id = s.person_id AND g.channel = s.channel
            AND g.purpose = s.purpose AND g.action = 'granted' ORDER BY g.at DESC, g.id DESC LIMIT 1
    ) AS wording_hash
    FROM consent_states s JOIN consents c ON c.id = s.consent_id
    WHERE s.channel = %(channel)s AND s.person_id = ANY(%(people)b::uuid[]) AND NOT s.granted
        AND starts_with(c.source, %(source)s)
    ORDER BY s.person_id, s.purpose"""
    return list(run(tx, sql, {"channel": channel, "people": list(people), "source": source}))


# Of each suppression the STOP that made it, and what the same number said while it stood. A STOP that staff were told
# has no text: it is one transaction's, and so of one moment.
STOPPED_WITH = """
SELECT s.person_id, s.purpose, c.at, (
    SELECT g.wording_hash FROM consents g WHERE g.person_id = s.person_id AND g.channel = s.channel
        AND g.purpose = s.purpose AND g.action = 'granted' ORDER BY g.at DESC, g.id DESC LIMIT 1
) AS wording_hash
FROM consent_states s JOIN consents c ON c.id = s.consent_id LEFT JOIN inbound i ON i.id = c.message_id
WHERE s.channel = 'sms' AND s.person_id = ANY(%(people)b::uuid[]) AND NOT s.granted
    AND starts_with(c.source, %(source)s)
    AND EXISTS (SELECT 1 FROM suppressions x WHERE x.id = ANY(%(episode)b::uuid[]) AND (
        x.message_id = c.message_id
        OR i.number_index = %(index)s AND c.at >= x.created_at
        OR x.message_id IS NULL AND c.message_id IS NULL AND c.at = x.created_at))
ORDER BY s.person_id, s.purpose
"""


def stopped_with(
    tx: Connection, people: Sequence[UUID], source: str, index: bytes, episode: Sequence[UUID]
) -> list[Any]:
    """As ``stopped_by``, of texts: only what ended by the STOP that made the suppressions ``episode`` of a number, with
    the moment ``at`` which it ended."""
    values = {"people": list(people), "source": source, "index": index, "episode": list(episode)}
    return list(run(tx, STOPPED_WITH, values))


def standing(tx: Connection, channel: str, index: bytes, now: datetime) -> list[Any]:
    """What stands against an address: id, scope, reason, and the message_id of the text that said so."""
    sql = """SELECT id, scope, reason, message_id FROM suppressions WHERE channel = %(channel)s AND address_index = %(index)s
    AND lifted_at IS NULL AND (expires_at IS NULL OR expires_at > %(now)s) ORDER BY created_at, id"""
    return list(run(tx, sql, {"channel": channel, "index": index, "now": now}))


def lift(tx: Connection, ids: Sequence[UUID], by: str, now: datetime) -> None:
    """Lifts suppressions."""
    sql = """UPDATE suppressions SET lifted_at = %(now)s, lifted_by = %(by)s, left_at = clock_timestamp()
    WHERE id = ANY(%(ids)b::uuid[])"""
    run(tx, sql, {"ids": list(ids), "by": by, "now": now})


def cancel_emails(tx: Connection, person: UUID, purposes: Sequence[str], now: datetime) -> int:
    """Ends what a locked person's email still had planned for these purposes. Returns how many."""
    sql = """UPDATE messages SET status = 'cancelled', reason = 'unsubscribed', ended_at = %(now)s
    WHERE person_id = %(person)s AND channel = 'email' AND purpose = ANY(%(purposes)b::text[])
        AND status IN ('planned', 'held')"""
    return run(tx, sql, {"person": person, "purposes": list(purposes), "now": now}).rowcount


# Messages to the number have its contact; answers to texts have none, so they are found by what they answer, which is
# of use for minutes.
CANCEL_TEXTS = """
UPDATE messages m SET status = 'cancelled', reason = 'unsubscribed', ended_at = %(now)s
FROM (
    SELECT w.id FROM messages w WHERE w.person_id = ANY(%(people)b::uuid[])
        AND w.contact_id = ANY(%(contacts)b::uuid[]) AND w.status IN ('planned', 'held')
    UNION
    SELECT i.answer_id FROM inbound i WHERE i.number_index = %(index)s AND i.answer_id IS NOT NULL
        AND i.received_at > clock_timestamp() - interval '1 day'
) waiting
WHERE m.id = waiting.id AND m.channel = 'sms' AND m.status IN ('planned', 'held') AND m.kind <> ALL(%(but)b::text[])
"""


def cancel_texts(
    tx: Connection,
    index: bytes,
    people: Sequence[UUID],
    contacts: Sequence[UUID],
    but: Sequence[str],
    now: datetime,
) -> int:
    """Ends what is planned for a number whose holders are locked, but for kinds ``but``. Returns how many."""
    values = {
        "index": index,
        "people": list(people),
        "contacts": list(contacts),
        "but": list(but),
        "now": now,
    }
    return run(tx, CANCEL_TEXTS, values).rowcount

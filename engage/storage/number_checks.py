"""Numbers that wait until their person has said by email whether they are theirs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from engage.storage.database import run


def move(tx: Connection, ids: Sequence[UUID], old: Sequence[str], new: str) -> int:
    """Moves contacts from one of the states ``old`` to another. Returns how many were in one."""
    sql = (
        "UPDATE contacts SET state = %(new)s WHERE id = ANY(%(ids)b::uuid[]) AND state = ANY(%(old)b::text[])"
    )
    return run(tx, sql, {"ids": list(ids), "old": list(old), "new": new}).rowcount


# A number has one contact however often it is confirmed, so what it is now may be younger than the mail.
STILL_ASKED = """
SELECT NOT EXISTS (SELECT 1 FROM messages WHERE person_id = m.person_id AND kind = 'number-check' AND step = m.step
        AND id > m.id)
    AND NOT EXISTS (SELECT 1 FROM numbers WHERE person_id = m.person_id AND state = 'confirmed'
        AND ended_at > m.created_at)
    AND NOT EXISTS (SELECT 1 FROM contacts WHERE person_id = m.person_id AND channel = 'sms' AND state = 'confirmed'
        AND id::text <> m.step AND id > m.id)
FROM messages m WHERE m.id = %(message)s
"""


def still_asked(tx: Connection, message: UUID) -> bool:
    """Whether a mail's question is open: no later mail asked about the same number, and the person has confirmed none
    since, neither this one nor another."""
    return bool(run(tx, STILL_ASKED, {"message": message}).scalar())


def settle(tx: Connection, index: bytes, now: datetime) -> int:
    """Nobody has to ask about a number any more that its person has answered for. Returns how many follow-ups."""
    sql = """UPDATE follow_ups f SET state = 'done', outcome = 'not_needed', done_at = %(now)s FROM inbound i
    WHERE f.state = 'open' AND f.kind = 'wrong_number' AND f.cause = 'inbound' AND i.id = f.cause_id
        AND i.number_index = %(index)s
        AND NOT EXISTS (SELECT 1 FROM contacts c WHERE c.channel = 'sms' AND c.address_index = %(index)s
            AND c.state = 'quarantined')"""
    return run(tx, sql, {"index": index, "now": now}).rowcount

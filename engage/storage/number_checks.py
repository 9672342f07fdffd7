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


def is_latest(tx: Connection, message: UUID, person: UUID, number: str) -> bool:
    """Whether no later mail asked the same about the same number."""
    sql = """SELECT NOT EXISTS (SELECT 1 FROM messages WHERE person_id = %(person)s AND kind = 'number-check'
    AND step = %(number)s AND id > %(message)s)"""
    return bool(run(tx, sql, {"message": message, "person": person, "number": number}).scalar())


def settle(tx: Connection, index: bytes, now: datetime) -> int:
    """Nobody has to ask about a number any more that its person has answered for. Returns how many follow-ups."""
    sql = """UPDATE follow_ups f SET state = 'done', outcome = 'not_needed', done_at = %(now)s FROM inbound i
    WHERE f.state = 'open' AND f.kind = 'wrong_number' AND f.cause = 'inbound' AND i.id = f.cause_id
        AND i.number_index = %(index)s
        AND NOT EXISTS (SELECT 1 FROM contacts c WHERE c.channel = 'sms' AND c.address_index = %(index)s
            AND c.state = 'quarantined')"""
    return run(tx, sql, {"index": index, "now": now}).rowcount

"""What a restored database would send at once."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from engage.storage.database import run


def due_by_lane(tx: Connection, now: datetime) -> list[Any]:
    """(lane, due, too_late, oldest) of what is due at ``now`` (the movable clock); what is too late expires instead."""
    sql = """SELECT lane, count(*) AS due, count(*) FILTER (WHERE not_after <= %(now)s) AS too_late,
        min(due_at) AS oldest
    FROM messages WHERE queued AND lane IN (0, 1, 2, 3) AND channel IN ('email', 'sms') AND due_at <= %(now)s
    GROUP BY lane ORDER BY lane"""
    return list(run(tx, sql, {"now": now}))


def hold_due(tx: Connection, now: datetime) -> int:
    """Lets everything that is due and still of use wait for a person. Returns how many."""
    sql = """UPDATE messages SET status = 'held', reason = 'restored'
    WHERE queued AND lane IN (0, 1, 2, 3) AND channel IN ('email', 'sms') AND due_at <= %(now)s
        AND not_after > %(now)s"""
    return run(tx, sql, {"now": now}).rowcount

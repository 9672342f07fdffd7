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


HOLD_DUE = """
UPDATE messages SET status = 'held', reason = 'restored'
WHERE queued AND lane IN (0, 1, 2, 3) AND channel IN ('email', 'sms') AND due_at <= %(now)s AND not_after > %(now)s
"""
# Its answer or its events may have come to the database that is gone: silence proves nothing here.
HOLD_DOUBTFUL = """
WITH doubtful AS (
    SELECT id, message_ids FROM attempts WHERE running ORDER BY id FOR NO KEY UPDATE
)
UPDATE messages m SET status = 'held', reason = 'restored'
FROM doubtful d CROSS JOIN unnest(d.message_ids) AS x(id)
WHERE m.id = x.id AND m.attempt_id = d.id AND m.status IN ('claimed', 'unknown')
"""
# A dump that was made while a migration wrote the table of attempts anew has none of them.
HOLD_ORPHANS = """
UPDATE messages m SET status = 'held', reason = 'restored'
WHERE status IN ('claimed', 'unknown') AND NOT EXISTS (SELECT 1 FROM attempts a WHERE a.id = m.attempt_id)
"""


def hold_due(tx: Connection, now: datetime) -> int:
    """Lets everything that is due and still of use, or was being sent, wait for a person. Returns how many."""
    doubtful = run(tx, HOLD_DOUBTFUL).rowcount + run(tx, HOLD_ORPHANS).rowcount
    return doubtful + run(tx, HOLD_DUE, {"now": now}).rowcount

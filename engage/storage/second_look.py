"""Sign-ups that got no confirmation only because the address had an acknowledgement that day."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection

from engage.storage.database import run

# Whoever waits longer than this has long forgotten the form.
TOO_LATE = timedelta(days=7)
DAY = timedelta(days=1)


def give(tx: Connection, now: datetime) -> int:
    """Makes the newest one of each address new again, once, when its day is over. Returns how many."""
    sql = """
    WITH waiting AS (
        SELECT g.id, row_number() OVER (PARTITION BY g.address_index ORDER BY g.created_at DESC, g.id) AS place
        FROM signups g
        WHERE g.state = 'limited' AND NOT g.looked_again AND NOT g.resend AND g.created_at > %(too_late)s
            AND EXISTS (SELECT 1 FROM consultations c WHERE c.address_index = g.address_index
                AND c.answered_at > g.created_at - %(day)s AND c.answered_at < g.created_at + %(day)s)
            AND NOT EXISTS (SELECT 1 FROM consultations c WHERE c.address_index = g.address_index
                AND c.answered_at > %(now)s - %(day)s)
            AND NOT EXISTS (SELECT 1 FROM signups s WHERE s.address_index = g.address_index
                AND s.answered_at > g.created_at - %(day)s)
    ), looked AS (
        UPDATE signups g SET looked_again = true, state = CASE WHEN w.place = 1 THEN 'new' ELSE g.state END
        FROM waiting w WHERE w.id = g.id AND g.state = 'limited' RETURNING w.place
    )
    SELECT count(*) FROM looked WHERE place = 1
    """
    return int(run(tx, sql, {"now": now, "day": DAY, "too_late": now - TOO_LATE}).scalar_one())

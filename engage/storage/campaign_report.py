"""What came of a campaign: how far each recipient got, who answered, who booked, who was not reached and why."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection

from engage.storage.database import run


def left_out(tx: Connection, id: UUID) -> dict[str, int]:
    """How many people are no recipients, by reason."""
    sql = """SELECT excluded, count(*) FROM campaign_recipients WHERE campaign_id = %(id)s AND excluded IS NOT NULL
    GROUP BY 1 ORDER BY 2 DESC, 1"""
    return {row[0]: int(row[1]) for row in run(tx, sql, {"id": id})}


def not_begun(tx: Connection, id: UUID) -> int:
    """How many recipients no message was planned for (yet)."""
    sql = """SELECT count(*) FROM campaign_recipients WHERE campaign_id = %(id)s AND excluded IS NULL
    AND message_id IS NULL"""
    return int(run(tx, sql, {"id": id}).scalar_one())


class After(NamedTuple):
    """How many people opted out, answered by text, and booked a visit within some days of its leaving."""

    opted_out: int
    replied: int
    booked: int


AFTER = """
WITH sent AS MATERIALIZED (
    SELECT r.person_id, r.contact_id, m.sent_at FROM campaign_recipients r JOIN messages m ON m.id = r.message_id
    WHERE r.campaign_id = %(id)s AND m.sent_at IS NOT NULL
)
SELECT
    (SELECT count(DISTINCT c.person_id) FROM consents c
        JOIN messages m ON m.person_id = c.person_id AND m.cause = 'campaign' AND m.cause_id = %(id)s
        WHERE c.action = 'withdrawn' AND c.channel = %(channel)s AND c.at >= %(since)s AND c.at >= m.sent_at
            AND c.at < m.sent_at + %(span)s),
    (SELECT count(DISTINCT s.person_id) FROM sent s JOIN contacts k ON k.id = s.contact_id AND k.channel = 'sms'
        JOIN inbound i ON i.number_index = k.address_index AND i.received_at >= s.sent_at
            AND i.received_at < s.sent_at + %(span)s),
    (SELECT count(DISTINCT s.person_id) FROM sent s JOIN appointments a ON a.person_id = s.person_id
        AND a.created_at >= s.sent_at AND a.created_at < s.sent_at + %(span)s AND a.status <> 'entered-in-error')
"""


def after(tx: Connection, id: UUID, channel: str, since: datetime, span: timedelta) -> After:
    """Counted for each from the moment at which it left, for ``span``; ``since``: when the campaign began."""
    values = {"id": id, "channel": channel, "since": since, "span": span}
    return After._make(run(tx, AFTER, values).one())


COMPLAINTS = """
SELECT count(DISTINCT e.message_id) FROM receipt_events e
JOIN messages m ON m.id = e.message_id AND m.cause = 'campaign' AND m.cause_id = %(id)s WHERE e.what = 'complaint'
"""


def complaints(tx: Connection, id: UUID) -> int:
    """How many of its messages were reported as spam."""
    return int(run(tx, COMPLAINTS, {"id": id}).scalar_one())


RECIPIENTS = """
SELECT r.place, r.person_id, r.excluded, m.id AS message_id, m.status, m.reason, m.sent_at, m.due_at
FROM campaign_recipients r LEFT JOIN messages m ON m.id = r.message_id
WHERE r.campaign_id = %(id)s AND r.place > %(after)s
    AND (%(reached)s::boolean IS NULL OR %(reached)s = (m.status IS NOT NULL AND m.status IN ('accepted', 'delivered')))
ORDER BY r.place LIMIT %(limit)s
"""


def recipients(
    tx: Connection, id: UUID, after: int = 0, limit: int = 50, reached: bool | None = None
) -> list[Any]:
    """Everybody that it was about, behind a place, with what became of it; with ``reached`` only those it reached, or
    only those it did not."""
    values = {"id": id, "after": after, "limit": limit, "reached": reached}
    return list(run(tx, RECIPIENTS, values))


def first(tx: Connection, id: UUID, limit: int) -> list[UUID]:
    """The first people of its fixed list, in its order."""
    sql = """SELECT person_id FROM campaign_recipients WHERE campaign_id = %(id)s AND excluded IS NULL ORDER BY place
    LIMIT %(limit)s"""
    return [row[0] for row in run(tx, sql, {"id": id, "limit": limit})]

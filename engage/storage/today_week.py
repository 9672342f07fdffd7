"""The figures of the last days: counting them, and the one row that keeps them, so that no page has to count."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from sqlalchemy import Connection

from engage.storage.arrays import Moments
from engage.storage.database import run


def kept(tx: Connection) -> Any | None:
    """The figures, when they were counted and last tried (the movable clock), and how long it took; None before the first."""
    return run(tx, "SELECT counts, counted_at, tried_at, took_ms FROM week_counts").one_or_none()


def take(tx: Connection, seen: datetime | None, now: datetime, took_ms: int) -> bool:
    """True for one caller: it counts now. ``seen`` is the last try it knows of. Should it never come back, the others wait as
    long as they would after ``took_ms``."""
    if seen is None:
        sql = """INSERT INTO week_counts (tried_at, took_ms) VALUES (%(now)s, %(took)s) ON CONFLICT DO NOTHING"""
    else:
        sql = "UPDATE week_counts SET tried_at = %(now)s, took_ms = %(took)s WHERE tried_at = %(seen)s"
    return run(tx, sql, {"now": now, "took": took_ms, "seen": seen}).rowcount == 1


def keep(tx: Connection, counts: Mapping[str, Mapping[str, int]], now: datetime, took: timedelta) -> None:
    """Keeps the figures, by day and by what was counted."""
    sql = "UPDATE week_counts SET counts = %(counts)s::jsonb, counted_at = %(now)s, took_ms = %(took)s"
    values = {"counts": orjson.dumps(counts).decode(), "now": now, "took": took // timedelta(milliseconds=1)}
    run(tx, sql, values)


def limit(tx: Connection, span: timedelta) -> None:
    """No statement of this transaction takes longer."""
    run(tx, f"SET LOCAL statement_timeout = {span // timedelta(milliseconds=1)}")


class Counted(NamedTuple):
    """How ``many`` of something (a status, a reason) on a day, by its place among the days."""

    day: int
    what: str
    many: int


class CountedMessages(NamedTuple):
    """How ``many`` messages of a status, ``care`` of which were of the lane and none of the kinds that were named."""

    day: int
    what: str
    many: int
    care: int


# The requests of these days lead to the messages that left in them: there is no index by when a message left. OFFSET 0
# keeps the planner from walking through all messages instead, which it thinks is quicker.
MESSAGES = """
SELECT width_bucket(coalesce(m.sent_at, m.ended_at, m.due_at), %(edges)b::timestamptz[]) - 1 AS day, m.status, count(*),
    count(*) FILTER (WHERE m.lane = %(lane)s AND m.kind <> ALL(%(but)s::text[]))
FROM attempts a CROSS JOIN LATERAL unnest(a.message_ids) AS u(id)
CROSS JOIN LATERAL (
    SELECT status, lane, kind, sent_at, ended_at, due_at FROM messages WHERE id = u.id AND attempt_id = a.id
        AND status IN ('accepted', 'delivered', 'failed', 'unknown') OFFSET 0
) m
WHERE a.id >= %(floor)s
GROUP BY day, m.status
UNION ALL
SELECT width_bucket(m.due_at, %(edges)b::timestamptz[]) - 1 AS day, m.status, count(*), 0
FROM messages m WHERE m.queued IS NOT NULL AND m.queued IS FALSE GROUP BY day, m.status
"""


def messages(
    tx: Connection, edges: Sequence[datetime], floor: UUID, lane: int, but: Sequence[str]
) -> list[CountedMessages]:
    """Messages by the day on which they left, or, of those that wait for a person, were due. Days before the first and after
    the last have the places -1 and ``len(edges) - 1``. ``floor`` is the least id that a request of the first day can have."""
    values = {"edges": Moments(edges), "floor": floor, "lane": lane, "but": list(but)}
    return [CountedMessages._make(row) for row in run(tx, MESSAGES, values)]


def signups(tx: Connection, edges: Sequence[datetime], floor: UUID) -> list[Counted]:
    """Sign-ups by the day on which they were confirmed. ``floor`` is the least id that one of these can have."""
    sql = """SELECT width_bucket(ended_at, %(edges)b::timestamptz[]) - 1 AS day, state, count(*) FROM signups
    WHERE id >= %(floor)s AND state = 'confirmed' GROUP BY day, state"""
    return [Counted._make(row) for row in run(tx, sql, {"edges": Moments(edges), "floor": floor})]


def opt_outs(tx: Connection, edges: Sequence[datetime], floor: UUID) -> list[Counted]:
    """Addresses and numbers by the day on which they were suppressed, each once for a reason and a day."""
    sql = """SELECT day, reason, count(*) FROM (
        SELECT DISTINCT width_bucket(created_at, %(edges)b::timestamptz[]) - 1 AS day, reason, channel, address_index
        FROM suppressions WHERE id >= %(floor)s
    ) x GROUP BY day, reason"""
    return [Counted._make(row) for row in run(tx, sql, {"edges": Moments(edges), "floor": floor})]

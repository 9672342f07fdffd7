"""What the staff's first page shows as it is now: each statement reads the rows that wait, or a day's stretch of an index,
whatever lies in the tables."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection

from engage.storage.arrays import Moments
from engage.storage.consultations import ANSWERED
from engage.storage.database import run


def follow_ups(tx: Connection, most: int) -> list[Any]:
    """(kind, taken, count, due_at, since) of open follow-ups, the first ``most`` that are due: whether somebody has them, the
    earliest deadline, and when the oldest came."""
    sql = """SELECT kind, assignee IS NOT NULL AS taken, count(*) AS count, min(due_at) AS due_at,
        min(created_at) AS since
    FROM (SELECT kind, assignee, due_at, created_at FROM follow_ups WHERE state = 'open'
        ORDER BY due_at LIMIT %(most)s) x
    GROUP BY kind, taken"""
    return list(run(tx, sql, {"most": most}))


def requests(tx: Connection, due_before: datetime, most: int) -> list[datetime]:
    """Deadlines until ``due_before`` of consultation requests that nobody has answered, the earliest first."""
    sql = f"""SELECT c.due_at FROM consultations c WHERE c.state IN ('new', 'open') AND c.due_at <= %(before)s
        AND NOT {ANSWERED} ORDER BY c.due_at LIMIT %(most)s"""
    return [row.due_at for row in run(tx, sql, {"before": due_before, "most": most})]


def held(tx: Connection, most: int) -> Any:
    """(count, since) of messages that wait for a person, counted up to ``most``; ``since`` is when the first was due."""
    # The first test is the index's own: without it the planner does not see that it fits.
    sql = """SELECT count(*) AS count, min(due_at) AS since FROM (SELECT due_at FROM messages
        WHERE queued IS NOT NULL AND queued IS FALSE LIMIT %(most)s) x"""
    return run(tx, sql, {"most": most}).one()


def unknown(tx: Connection, most: int) -> Any:
    """(count, since) of messages whose answer never came and of which evidence is awaited, counted up to ``most``; ``since``
    is real time."""
    sql = """SELECT count(*) AS count, min(unknown_since) AS since FROM (
        SELECT a.unknown_since FROM attempts a CROSS JOIN LATERAL unnest(a.message_ids) AS u(id)
        JOIN messages m ON m.id = u.id AND m.attempt_id = a.id AND m.status = 'unknown'
        WHERE a.running AND a.state = 'unknown' ORDER BY a.unknown_since LIMIT %(most)s) x"""
    return run(tx, sql, {"most": most}).one()


class Campaign(NamedTuple):
    """A campaign that is under way, stands still, or waits for a second person. ``audience`` is None before its people were
    chosen, ``rate_per_minute`` where it has no pace of its own; ``tally`` is what became of its messages."""

    id: UUID
    name: str
    channel: str
    state: str
    phase: str
    paused_reason: str | None
    paused_at: datetime | None
    audience: int | None
    rate_per_minute: int | None
    begins_at: datetime | None
    tally: dict[str, Any]


def campaigns(tx: Connection, most: int) -> list[Campaign]:
    """These campaigns, the oldest first."""
    sql = f"""SELECT {", ".join(Campaign._fields)} FROM campaigns
    WHERE state IN ('checking', 'starting', 'running', 'paused') ORDER BY created_at, id LIMIT %(most)s"""
    return [Campaign._make(row) for row in run(tx, sql, {"most": most})]


# Before anything that was ever planned.
EVER = datetime(2000, 1, 1, tzinfo=UTC)


class Planned(NamedTuple):
    """How many messages of a lane and a channel are planned for a piece of time, by its place among the pieces."""

    piece: int
    lane: int
    channel: str
    many: int


# A look into the index for each piece, lane and channel: none reads further than it counts.
PLANNED = """
SELECT p.place - 1, l.lane, c.channel, x.count
FROM unnest(%(starts)b::timestamptz[], %(ends)b::timestamptz[]) WITH ORDINALITY AS p(first, last, place)
CROSS JOIN unnest(%(lanes)s::smallint[]) AS l(lane) CROSS JOIN unnest(%(channels)s::text[]) AS c(channel)
CROSS JOIN LATERAL (SELECT count(*) FROM (
    SELECT FROM messages m WHERE m.queued AND m.lane = l.lane AND m.channel = c.channel
        AND m.due_at >= p.first AND m.due_at < p.last LIMIT %(most)s
) y) x
WHERE x.count > 0
"""


def planned(
    tx: Connection,
    pieces: Sequence[tuple[datetime, datetime]],
    lanes: Sequence[int],
    channels: Sequence[str],
    most: int,
) -> list[Planned]:
    """What is planned for each piece of time, counted up to ``most``. What is due already belongs to the first."""
    values = {
        "starts": Moments([EVER, *(start for start, _ in pieces[1:])]),
        "ends": Moments(end for _, end in pieces),
        "lanes": list(lanes),
        "channels": list(channels),
        "most": most,
    }
    return [Planned._make(row) for row in run(tx, PLANNED, values)]


def visits(tx: Connection, edges: Sequence[datetime], now: datetime) -> list[Any]:
    """(day, status, over, count, first) of visits by the day on which they start: its place among the days that begin at
    ``edges``, the last of which ends them. ``over`` says that their time is, ``first`` is the earliest start to come."""
    sql = """SELECT width_bucket(starts_at, %(edges)b::timestamptz[]) - 1 AS day, status,
        starts_at + minutes * interval '1 minute' <= %(now)s AS over, count(*) AS count,
        min(starts_at) FILTER (WHERE starts_at > %(now)s) AS first
    FROM appointments WHERE starts_at >= %(first)s AND starts_at < %(last)s
    GROUP BY day, status, over"""
    values = {"edges": Moments(edges), "now": now, "first": edges[0], "last": edges[-1]}
    return list(run(tx, sql, values))

"""Numbers for whoever watches: through partial indexes and the newest ids only, whatever lies in the tables."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from engage.ids import first_id
from engage.storage.database import run

TIMEOUT_MS = 5000


def begin(tx: Connection) -> None:
    """All that follows in this transaction sees one moment, changes nothing, and does not take long."""
    run(tx, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
    run(tx, f"SET LOCAL statement_timeout = {TIMEOUT_MS}")


def due(tx: Connection, now: datetime) -> list[Any]:
    """(lane, channel, count, oldest) of what is due. ``now`` is the movable clock."""
    sql = """SELECT lane, channel, count(*) AS count, min(due_at) AS oldest FROM messages
    WHERE queued AND lane IN (0, 1, 2, 3) AND channel IN ('email', 'sms') AND due_at <= %(now)s
    GROUP BY lane, channel ORDER BY lane, channel"""
    return list(run(tx, sql, {"now": now}))


def held(tx: Connection) -> list[Any]:
    """(lane, channel, reason, count) of what waits for a person."""
    # The first test is the index's own: without it the planner does not see that it fits.
    sql = """SELECT lane, channel, reason, count(*) AS count FROM messages
    WHERE queued IS NOT NULL AND queued IS FALSE GROUP BY lane, channel, reason ORDER BY lane, channel, reason"""
    return list(run(tx, sql))


def under_way(tx: Connection) -> list[Any]:
    """(lane, channel, status, reason, count) of messages that are being sent or wait for evidence."""
    sql = """SELECT m.lane, m.channel, m.status, m.reason, count(*) AS count
    FROM attempts a CROSS JOIN unnest(a.message_ids) AS x(id) JOIN messages m ON m.id = x.id
    WHERE a.running AND m.attempt_id = a.id AND m.status IN ('claimed', 'unknown')
    GROUP BY m.lane, m.channel, m.status, m.reason ORDER BY m.lane, m.channel, m.status, m.reason"""
    return list(run(tx, sql))


def unknown(tx: Connection) -> list[Any]:
    """(channel, sender, attempts, oldest) of requests whose answer never came; times are real."""
    sql = """SELECT channel, sender, count(*) AS attempts, min(unknown_since) AS oldest FROM attempts
    WHERE running AND state = 'unknown' GROUP BY channel, sender ORDER BY channel, sender"""
    return list(run(tx, sql))


def oldest_unknown(tx: Connection) -> Any | None:
    """The message that waits longest for evidence, with its attempt; None when none does."""
    sql = """SELECT m.id, a.id AS attempt_id FROM attempts a CROSS JOIN unnest(a.message_ids) AS x(id)
    JOIN messages m ON m.id = x.id
    WHERE a.running AND a.state = 'unknown' AND m.attempt_id = a.id AND m.status = 'unknown'
    ORDER BY a.unknown_since, m.id LIMIT 1"""
    return run(tx, sql).one_or_none()


def requests(tx: Connection, since: datetime) -> list[Any]:
    """(lane, channel, sender, result, requests, messages) of attempts since then; result None while under way."""
    sql = """SELECT lane, channel, sender, result, count(*) AS requests,
        coalesce(sum(cardinality(message_ids)), 0) AS messages
    FROM attempts WHERE id >= %(floor)s GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4"""
    return list(run(tx, sql, {"floor": first_id(since)}))


def latency(tx: Connection, since: datetime, bounds: Sequence[float]) -> list[Any]:
    """(channel, sender, bucket, count, seconds) of requests that were answered, or given up while somebody waited for the
    answer: bucket 0 is up to the first bound."""
    sql = """SELECT channel, sender, width_bucket(took, %(bounds)s::float8[]) AS bucket, count(*) AS count,
        sum(took) AS seconds
    FROM (
        SELECT channel, sender, extract(epoch FROM ended_at - started_at)::float8 AS took FROM attempts
        WHERE id >= %(floor)s AND started_at IS NOT NULL AND ended_at IS NOT NULL
            AND (state = 'unknown' OR state = 'done' AND result IN ('answered', 'split', 'busy')
                AND unknown_since IS NULL)
    ) x GROUP BY channel, sender, bucket ORDER BY channel, sender, bucket"""
    return list(run(tx, sql, {"floor": first_id(since), "bounds": list(bounds)}))


def receipts(tx: Connection) -> Any:
    """How many receipts wait to be applied, since when the oldest (real), and how many were set aside."""
    sql = """SELECT w.waiting, w.oldest, p.problems, i.inbound
    FROM (SELECT count(*) AS waiting, min(received_at) AS oldest FROM receipts WHERE applied_at IS NULL) w,
        (SELECT count(*) AS problems FROM receipts WHERE problem IS NOT NULL) p,
        (SELECT count(*) AS inbound FROM inbound WHERE understood_at IS NULL) i"""
    return run(tx, sql).one()


def open_follow_ups(tx: Connection) -> list[Any]:
    """(kind, count) of what waits for a person."""
    sql = "SELECT kind, count(*) AS count FROM follow_ups WHERE state = 'open' GROUP BY kind ORDER BY kind"
    return list(run(tx, sql))


def open_alerts(tx: Connection) -> list[Any]:
    """(kind, count) of alerts that are not over."""
    sql = "SELECT kind, count(*) AS count FROM alerts WHERE state = 'open' GROUP BY kind ORDER BY kind"
    return list(run(tx, sql))

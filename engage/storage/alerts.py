"""Alerts: one open row for each kind and what it is about. All their times are real."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from engage.ids import new_ids
from engage.storage.database import run


def open_many(tx: Connection, kind: str, rows: Sequence[tuple[str, str]]) -> int:
    """Raises an alert for each (about, link), unless one is open. Returns how many were raised."""
    sql = """INSERT INTO alerts (id, kind, about, link, created_at)
    SELECT v.id, %(kind)s, v.about, v.link, clock_timestamp()
    FROM unnest(%(ids)s::uuid[], %(abouts)s::text[], %(links)s::text[]) AS v(id, about, link)
    ON CONFLICT (kind, about) WHERE state = 'open' DO NOTHING"""
    values = {"kind": kind, "ids": new_ids(len(rows))}
    return run(
        tx, sql, {**values, "abouts": [row[0] for row in rows], "links": [row[1] for row in rows]}
    ).rowcount


def over(tx: Connection, kind: str, about: str) -> bool:
    """Ends an open alert. False when there was none."""
    sql = """UPDATE alerts SET state = 'over', over_at = clock_timestamp()
    WHERE kind = %(kind)s AND about = %(about)s AND state = 'open'"""
    return run(tx, sql, {"kind": kind, "about": about}).rowcount == 1


def over_once_told(tx: Connection, kind: str) -> None:
    """Ends the open alerts of a kind that somebody was told about."""
    sql = """UPDATE alerts SET state = 'over', over_at = clock_timestamp()
    WHERE kind = %(kind)s AND state = 'open' AND told_at IS NOT NULL"""
    run(tx, sql, {"kind": kind})


def over_taken(tx: Connection, kinds: Sequence[str]) -> int:
    """Ends the open alerts of these kinds whose follow-ups of the same kind somebody has taken or finished. Returns how
    many."""
    sql = """UPDATE alerts a SET state = 'over', over_at = clock_timestamp()
    WHERE a.kind = ANY(%(kinds)s::text[]) AND a.state = 'open' AND NOT EXISTS (SELECT FROM follow_ups f
        WHERE f.cause_id::text = a.about AND f.kind = a.kind AND f.state = 'open' AND f.assignee IS NULL)"""
    return run(tx, sql, {"kinds": list(kinds)}).rowcount


def not_alerted(tx: Connection, kind: str) -> list[tuple[str, UUID]]:
    """Causes (what, id) of open follow-ups of a kind that nobody has, and of which no alert is open."""
    sql = """SELECT f.cause, f.cause_id FROM follow_ups f WHERE f.state = 'open' AND f.kind = %(kind)s AND f.assignee IS NULL
    AND NOT EXISTS (SELECT FROM alerts a WHERE a.kind = f.kind AND a.about = f.cause_id::text AND a.state = 'open')
    ORDER BY f.due_at, f.id"""
    return [(row[0], row[1]) for row in run(tx, sql, {"kind": kind})]


def kinds_to_tell(tx: Connection, before: datetime) -> list[str]:
    """Kinds with an open alert that was never told, or last told at or before ``before``."""
    sql = """SELECT DISTINCT kind FROM alerts
    WHERE state = 'open' AND (told_at IS NULL OR told_at <= %(before)s) ORDER BY kind"""
    return [row[0] for row in run(tx, sql, {"before": before})]


def lock_to_tell(tx: Connection, kind: str, before: datetime) -> list[Any]:
    """Those alerts of one kind, oldest first, locked."""
    sql = """SELECT id, about, link, told_at, times FROM alerts
    WHERE state = 'open' AND kind = %(kind)s AND (told_at IS NULL OR told_at <= %(before)s)
    ORDER BY created_at, id FOR UPDATE SKIP LOCKED"""
    return list(run(tx, sql, {"kind": kind, "before": before}))


def told_since(tx: Connection, kind: str, since: datetime) -> int:
    """How many alerts of a kind were told after ``since``."""
    sql = "SELECT count(*) FROM alerts WHERE kind = %(kind)s AND told_at > %(since)s"
    return int(run(tx, sql, {"kind": kind, "since": since}).scalar_one())


def told(tx: Connection, ids: Sequence[UUID], now: datetime) -> None:
    """Somebody was told about these."""
    sql = "UPDATE alerts SET told_at = %(now)s, times = times + 1 WHERE id = ANY(%(ids)s::uuid[])"
    run(tx, sql, {"ids": list(ids), "now": now})


def oldest_due(tx: Connection, now: datetime) -> datetime | None:
    """Since when the message waits that should have left first. ``now`` is the movable clock."""
    sql = """SELECT min(due_at) FROM (
        SELECT (SELECT m.due_at FROM messages m WHERE m.queued AND m.lane = l.lane
            AND m.channel = c.channel AND m.due_at <= %(now)s ORDER BY m.due_at LIMIT 1) AS due_at
        FROM generate_series(0, 3) AS l(lane), (VALUES ('email'), ('sms')) AS c(channel)
    ) x"""
    moment: datetime | None = run(tx, sql, {"now": now}).scalar()
    return moment


def sent_in_vain(tx: Connection, since: datetime) -> int:
    """How many messages were in requests, after ``since``, that a sender did not answer or could not take."""
    # Ids begin with the time, so the primary key finds the last hour's attempts.
    floor = UUID(int=(int(since.timestamp() * 1000) << 80) | (0x7 << 76) | (0x2 << 62))
    sql = """SELECT coalesce(sum(cardinality(message_ids)), 0) FROM attempts
    WHERE id >= %(floor)s AND result IN ('no_answer', 'busy', 'absent')"""
    return int(run(tx, sql, {"floor": floor}).scalar_one())


def filtered(tx: Connection, limit: int) -> tuple[int, int]:
    """Of the newest texts, at most ``limit``, how many were filtered, and how many they are."""
    sql = """SELECT count(*) FILTER (WHERE m.status = 'failed' AND m.reason = 'filtered'), count(*)
    FROM (SELECT id, message_ids FROM attempts WHERE channel = 'sms' ORDER BY id DESC LIMIT %(limit)s) a
    LEFT JOIN messages m ON m.id = a.message_ids[1] AND m.attempt_id = a.id"""
    row = run(tx, sql, {"limit": limit}).one()
    return int(row[0]), int(row[1])

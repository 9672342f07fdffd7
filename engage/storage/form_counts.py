"""How many forms came from one client in this hour of real time, and how much mail they caused."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection

from engage.storage.database import run
from engage.storage.locks import Lock


class Counted(NamedTuple):
    """Whom a form counts for, as how many, and how many there may be in an hour."""

    ip_index: bytes
    weight: int
    limit: int


# The first part of the statement that keeps a form: counted in the same breath, or not kept.
COUNT = """
WITH counted AS (
    INSERT INTO form_counts (ip_index, hour, count)
    VALUES (%(ip)s, date_trunc('hour', clock_timestamp()), %(weight)s)
    ON CONFLICT (ip_index, hour) DO UPDATE SET count = form_counts.count + excluded.count
    RETURNING count <= %(limit)s AS within
)
"""


def values(counted: Counted) -> dict[str, object]:
    """The values for the places in COUNT."""
    return {"ip": counted.ip_index, "weight": counted.weight, "limit": counted.limit}


def count_only(tx: Connection, counted: Counted) -> bool:
    """Counts a form that keeps nothing. False when the client had enough."""
    return bool(run(tx, f"{COUNT} SELECT within FROM counted", values(counted)).scalar_one())


def forget(tx: Connection) -> int:
    """Deletes the counts of hours that are over. Returns how many."""
    sql = "DELETE FROM form_counts WHERE hour < date_trunc('hour', clock_timestamp())"
    return run(tx, sql).rowcount


def weigh_alone(tx: Connection) -> bool:
    """True when nobody else weighs forms until this transaction ends."""
    return bool(run(tx, "SELECT pg_try_advisory_xact_lock(%(key)s)", {"key": Lock.WEIGHING}).scalar())


def mailed(
    tx: Connection, indexes: Sequence[bytes], since: datetime, *, unwanted: bool = False
) -> dict[bytes, list[datetime]]:
    """When forms caused mail to each of these addresses, after ``since``: sign-ups and consultations.

    With ``unwanted`` only what the owner may never have asked for: not the confirmations until they
    confirmed one.
    """
    sql = """SELECT address_index, array_agg(answered_at) FROM (
        SELECT g.address_index, g.answered_at FROM signups g
        WHERE g.address_index = ANY(%(indexes)s::bytea[]) AND g.answered_at > %(since)s
            AND NOT (%(unwanted)s AND EXISTS (SELECT 1 FROM signups k WHERE k.address_index = g.address_index
                AND k.state = 'confirmed' AND k.ended_at >= g.answered_at))
        UNION ALL
        SELECT address_index, answered_at FROM consultations
        WHERE address_index = ANY(%(indexes)s::bytea[]) AND answered_at > %(since)s
    ) both_kinds GROUP BY address_index"""
    rows = run(tx, sql, {"indexes": list(indexes), "since": since, "unwanted": unwanted})
    return {bytes(row[0]): list(row[1]) for row in rows}


def mail_count(tx: Connection, since: datetime) -> int:
    """How many mails forms have caused after ``since``."""
    sql = """SELECT (SELECT count(*) FROM signups WHERE answered_at > %(since)s)
        + (SELECT count(*) FROM consultations WHERE answered_at > %(since)s)"""
    return int(run(tx, sql, {"since": since}).scalar_one())

"""What is known about each sender: its breaker, its tokens, the newest request of which evidence came.

A sender's key is ``channel:name``. All times are the database's real clock.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from engage.domain.breaker import TOLD, Breaker
from engage.storage.database import run


def one(tx: Connection, key: str) -> Any | None:
    """A sender's row with ``now``, None when nothing was ever noted."""
    sql = """SELECT sender, failures, rests, rest_until, reason, tokens, evidence_at, changed_at,
        clock_timestamp() AS now FROM sender_states WHERE sender = %(key)s"""
    return run(tx, sql, {"key": key}).one_or_none()


def everyone(tx: Connection) -> list[Any]:
    """All senders of which something was noted."""
    sql = "SELECT *, clock_timestamp() AS now FROM sender_states ORDER BY sender"
    return list(run(tx, sql))


def breaker_of(row: Any | None) -> Breaker:
    """The breaker that a row holds; a closed one without a row."""
    return Breaker(row.failures, row.rests, row.rest_until, row.reason) if row is not None else Breaker()


def lock(tx: Connection, key: str) -> Any:
    """A sender's row with ``now``, made when it is missing, locked until the transaction ends."""
    run(tx, "INSERT INTO sender_states (sender) VALUES (%(key)s) ON CONFLICT DO NOTHING", {"key": key})
    sql = "SELECT *, clock_timestamp() AS now FROM sender_states WHERE sender = %(key)s FOR NO KEY UPDATE"
    return run(tx, sql, {"key": key}).one()


def keep_breaker(tx: Connection, key: str, breaker: Breaker) -> None:
    """Writes a breaker down, and since when it rests for this reason. The caller holds the row's lock."""
    sql = """UPDATE sender_states SET failures = %(failures)s, rests = %(rests)s, rest_until = %(until)s,
        reason = %(reason)s, changed_at = CASE WHEN (rests, reason) IS NOT DISTINCT FROM (%(rests)s, %(reason)s)
        THEN changed_at ELSE clock_timestamp() END WHERE sender = %(key)s"""
    values = {"key": key, "failures": breaker.failures, "rests": breaker.rests}
    run(tx, sql, {**values, "until": breaker.until, "reason": breaker.reason})


def proven(tx: Connection, key: str, started_at: datetime) -> None:
    """A receipt proves that a request that began then was sent: that earlier receipts said no is over."""
    sql = """UPDATE sender_states SET failures = 0, rests = 0, rest_until = NULL, reason = NULL,
        changed_at = clock_timestamp() WHERE sender = %(key)s AND reason = %(told)s AND changed_at < %(at)s"""
    run(tx, sql, {"key": key, "told": TOLD, "at": started_at})


PROBE = """
WITH free AS (
    SELECT sender FROM sender_states WHERE sender = %(key)s AND rest_until <= clock_timestamp()
    FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE sender_states s SET rest_until = clock_timestamp() + make_interval(secs => %(seconds)s)
FROM free WHERE s.sender = free.sender
"""


def take_probe(tx: Connection, key: str, seconds: float) -> bool:
    """True for one caller: it may try a single request, and nobody else may for ``seconds``."""
    return run(tx, PROBE, {"key": key, "seconds": seconds}).rowcount == 1


def give_probe_back(tx: Connection, key: str) -> None:
    """A probe that was taken was not needed. In the transaction that took it."""
    run(tx, "UPDATE sender_states SET rest_until = clock_timestamp() WHERE sender = %(key)s", {"key": key})


TAKE = """
WITH bucket AS (
    SELECT least(%(capacity)s, tokens + %(rate)s * coalesce(
        extract(epoch FROM clock_timestamp() - filled_at)::float8, %(capacity)s / %(rate)s)) AS held
    FROM sender_states WHERE sender = %(key)s
)
UPDATE sender_states s SET filled_at = clock_timestamp(),
    tokens = b.held - greatest(0, least(floor(b.held), %(wanted)s))
FROM bucket b WHERE s.sender = %(key)s
RETURNING greatest(0, least(floor(b.held), %(wanted)s))::int
"""


def take_tokens(tx: Connection, key: str, wanted: int, rate: float, capacity: float) -> int:
    """Takes up to ``wanted`` whole tokens of a bucket that gains ``rate`` a second up to ``capacity``."""
    lock(tx, key)
    values = {"key": key, "wanted": wanted, "rate": rate, "capacity": capacity}
    return int(run(tx, TAKE, values).scalar_one())


def charge(tx: Connection, key: str, tokens: int) -> None:
    """Takes more tokens, also beyond what there is: the next ones wait for it. Less than none gives them back."""
    sql = "UPDATE sender_states SET tokens = tokens - %(tokens)s WHERE sender = %(key)s"
    run(tx, sql, {"key": key, "tokens": tokens})


def evidence_at(tx: Connection, key: str) -> datetime | None:
    """When the newest request began of which a receipt came."""
    row = one(tx, key)
    return row.evidence_at if row is not None else None


def note_evidence(tx: Connection, key: str, started_at: datetime) -> None:
    """A receipt came for a request that began then."""
    sql = """INSERT INTO sender_states (sender, evidence_at) VALUES (%(key)s, %(at)s)
    ON CONFLICT (sender) DO UPDATE SET evidence_at = excluded.evidence_at
    WHERE sender_states.evidence_at IS NULL OR sender_states.evidence_at < excluded.evidence_at"""
    run(tx, sql, {"key": key, "at": started_at})

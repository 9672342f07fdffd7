"""Follow-ups: work that waits for a person."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from engage.ids import new_id
from engage.storage.arrays import Moments, Uuids
from engage.storage.database import run


def add(
    tx: Connection,
    kind: str,
    cause: str,
    cause_id: UUID,
    person_id: UUID | None,
    due_at: datetime,
    dedup_key: str,
    now: datetime,
) -> bool:
    """A new follow-up; the same ``dedup_key`` twice is one. False when it was there."""
    sql = """INSERT INTO follow_ups (id, kind, dedup_key, person_id, cause, cause_id, created_at, due_at)
    VALUES (%(id)s, %(kind)s, %(key)s, %(person)s, %(cause)s, %(cause_id)s, %(now)s, %(due_at)s)
    ON CONFLICT (dedup_key) DO NOTHING"""
    row = {"id": new_id(), "kind": kind, "key": dedup_key, "person": person_id, "cause": cause}
    return run(tx, sql, {**row, "cause_id": cause_id, "now": now, "due_at": due_at}).rowcount == 1


def asked(tx: Connection, dedup_key: str) -> bool:
    """Whether a follow-up with this key was ever added."""
    sql = "SELECT EXISTS (SELECT 1 FROM follow_ups WHERE dedup_key = %(key)s)"
    return bool(run(tx, sql, {"key": dedup_key}).scalar())


def listing(tx: Connection, states: Sequence[str], limit: int, kind: str = "") -> list[Any]:
    """Follow-ups in these states, of one kind or all: the most urgent first, done ones newest first."""
    only = "AND kind = %(kind)s" if kind else ""
    sql = f"""SELECT * FROM follow_ups WHERE state = ANY(%(states)s::text[]) {only}
    ORDER BY done_at DESC NULLS FIRST, due_at, id LIMIT %(limit)s"""
    return list(run(tx, sql, {"states": list(states), "limit": limit, "kind": kind}))


def one(tx: Connection, id: UUID) -> Any | None:
    """A follow-up's row."""
    return run(tx, "SELECT * FROM follow_ups WHERE id = %(id)s", {"id": id}).one_or_none()


def lock(tx: Connection, id: UUID) -> Any | None:
    """A follow-up's row, locked until the transaction ends."""
    sql = "SELECT * FROM follow_ups WHERE id = %(id)s FOR NO KEY UPDATE"
    return run(tx, sql, {"id": id}).one_or_none()


def assign(tx: Connection, id: UUID, to: UUID | None) -> None:
    """Gives it to a member of staff, or back."""
    run(tx, "UPDATE follow_ups SET assignee = %(to)s WHERE id = %(id)s", {"id": id, "to": to})


def done(tx: Connection, id: UUID, outcome: str, sealed: bytes | None, now: datetime) -> None:
    """It needs nobody any more."""
    sql = """UPDATE follow_ups SET state = 'done', outcome = %(outcome)s, sealed = %(sealed)s, done_at = %(now)s
    WHERE id = %(id)s"""
    run(tx, sql, {"id": id, "outcome": outcome, "sealed": sealed, "now": now})


def is_open(tx: Connection, kind: str, cause_id: UUID) -> bool:
    """Whether one of a kind waits about a cause."""
    sql = """SELECT EXISTS (SELECT FROM follow_ups WHERE cause_id = %(cause)s AND kind = %(kind)s AND state = 'open')"""
    return bool(run(tx, sql, {"cause": cause_id, "kind": kind}).scalar())


def settle_kinds(
    tx: Connection, cause_ids: Iterable[UUID], kinds: Sequence[str], outcome: str, now: datetime
) -> int:
    """Ends what is open of these kinds about these causes. Returns how many."""
    sql = """UPDATE follow_ups SET state = 'done', outcome = %(outcome)s, done_at = %(now)s
    WHERE cause_id = ANY(%(causes)b::uuid[]) AND kind = ANY(%(kinds)b::text[]) AND state = 'open'"""
    values = {"causes": Uuids(cause_ids), "kinds": list(kinds), "outcome": outcome, "now": now}
    return run(tx, sql, values).rowcount


def reopen(tx: Connection, since: Sequence[tuple[UUID, datetime]], kinds: Sequence[str]) -> int:
    """Lets those wait again that were done about a cause at that very moment, where none of these kinds waits now.
    Returns how many."""
    sql = """UPDATE follow_ups f SET state = 'open', outcome = NULL, done_at = NULL
    FROM unnest(%(causes)b::uuid[], %(moments)b::timestamptz[]) AS v(cause, moment)
    WHERE f.cause_id = v.cause AND f.done_at = v.moment AND f.kind = ANY(%(kinds)b::text[]) AND f.state = 'done'
        AND f.outcome = 'done' AND NOT EXISTS (SELECT FROM follow_ups o WHERE o.cause_id = v.cause
            AND o.kind = ANY(%(kinds)b::text[]) AND o.state = 'open')"""
    values = {
        "causes": Uuids(id for id, _ in since),
        "moments": Moments(at for _, at in since),
        "kinds": list(kinds),
    }
    return run(tx, sql, values).rowcount


def settle(tx: Connection, cause_id: UUID, outcome: str, now: datetime) -> int:
    """Ends all that is open about one cause. Returns how many."""
    sql = """UPDATE follow_ups SET state = 'done', outcome = %(outcome)s, done_at = %(now)s
    WHERE cause_id = %(cause)s AND state = 'open'"""
    return run(tx, sql, {"cause": cause_id, "outcome": outcome, "now": now}).rowcount

"""The audit trail, and the chain over it. Both only grow: triggers refuse every change."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from engage.domain.audit_chain import Link, Row
from engage.storage.arrays import Moments, Texts, Uuids
from engage.storage.database import run
from engage.storage.locks import Lock

_FIELDS = "a.id, a.at, a.actor, a.staff_id, a.action, a.what, a.what_id, a.person_id"


def add(tx: Connection, row: Row) -> None:
    """One row of the trail."""
    run(
        tx,
        """INSERT INTO audit (id, at, actor, staff_id, action, what, what_id, person_id)
        VALUES (%(id)s, %(at)s, %(actor)s, %(staff)s, %(action)s, %(what)s, %(what_id)s, %(person)s)""",
        {
            "id": row.id,
            "at": row.at,
            "actor": row.actor,
            "staff": row.staff_id,
            "action": row.action,
            "what": row.what,
            "what_id": row.what_id,
            "person": row.person_id,
        },
    )


ADD_MANY = """
INSERT INTO audit (id, at, actor, staff_id, action, what, what_id, person_id)
SELECT v.id, v.at, v.actor, v.staff, v.action, v.what, v.what_id, v.person
FROM unnest(%(ids)b::uuid[], %(ats)b::timestamptz[], %(actors)b::text[], %(staff)b::uuid[], %(actions)b::text[],
    %(whats)b::text[], %(what_ids)b::uuid[], %(people)b::uuid[])
    AS v(id, at, actor, staff, action, what, what_id, person)
"""


def add_many(tx: Connection, rows: Sequence[Row]) -> None:
    """As ``add``, for many rows at once."""
    if rows:
        run(
            tx,
            ADD_MANY,
            {
                "ids": Uuids(row.id for row in rows),
                "ats": Moments(row.at for row in rows),
                "actors": Texts(row.actor for row in rows),
                "staff": Uuids(row.staff_id for row in rows),
                "actions": Texts(row.action for row in rows),
                "whats": Texts(row.what for row in rows),
                "what_ids": Uuids(row.what_id for row in rows),
                "people": Uuids(row.person_id for row in rows),
            },
        )


def try_lock_chain(tx: Connection) -> bool:
    """Whether this transaction is the one that may append to the chain."""
    return bool(run(tx, "SELECT pg_try_advisory_xact_lock(%(key)s)", {"key": Lock.AUDIT_CHAIN}).scalar_one())


def end_of_chain(tx: Connection) -> tuple[int, bytes, UUID] | None:
    """The last entry as (seq, hash, row's id)."""
    row = run(tx, "SELECT seq, hash, audit_id FROM audit_chain ORDER BY seq DESC LIMIT 1").one_or_none()
    return None if row is None else (row.seq, bytes(row.hash), row.audit_id)


def head(tx: Connection) -> tuple[int, bytes, bytes] | None:
    """The noted end of the chain as (seq, hash, mark)."""
    row = run(tx, "SELECT seq, hash, mark FROM audit_head").one_or_none()
    return None if row is None else (row.seq, bytes(row.hash), bytes(row.mark))


def anchor(tx: Connection) -> tuple[int, bytes, bytes] | None:
    """After which entry the chain begins, as (seq, hash, mark); None when nothing was ever let go."""
    row = run(tx, "SELECT seq, hash, mark FROM audit_anchor").one_or_none()
    return None if row is None else (row.seq, bytes(row.hash), bytes(row.mark))


def let_go(tx: Connection, last: Link, mark: bytes) -> int:
    """Deletes the chain's entries up to ``last`` with their rows, and notes where it begins. Returns how many."""
    run(
        tx,
        """INSERT INTO audit_anchor (seq, hash, mark) VALUES (%(seq)s, %(hash)s, %(mark)s)
        ON CONFLICT (one) DO UPDATE SET seq = excluded.seq, hash = excluded.hash, mark = excluded.mark""",
        {"seq": last.seq, "hash": last.hash, "mark": mark},
    )
    gone = run(tx, "DELETE FROM audit_chain WHERE seq <= %(seq)s RETURNING audit_id", {"seq": last.seq})
    ids = [row[0] for row in gone]
    return run(tx, "DELETE FROM audit WHERE id = ANY(%(ids)b::uuid[])", {"ids": ids}).rowcount


def unchained(tx: Connection, since: UUID | None, limit: int) -> list[Row]:
    """Rows that are not in the chain yet, by id; only those after the id ``since``, when it is given."""
    sql = f"""SELECT {_FIELDS} FROM audit a LEFT JOIN audit_chain c ON c.audit_id = a.id
    WHERE c.audit_id IS NULL AND (%(since)s::uuid IS NULL OR a.id > %(since)s) ORDER BY a.id LIMIT %(limit)s"""
    return [_row(found) for found in run(tx, sql, {"since": since, "limit": limit})]


def append(tx: Connection, links: Sequence[Link], mark: bytes) -> None:
    """Makes ``links`` (at least one) the end of the chain and notes it."""
    run(
        tx,
        """INSERT INTO audit_chain (seq, audit_id, hash)
        SELECT * FROM unnest(%(seqs)s::bigint[], %(ids)s::uuid[], %(hashes)s::bytea[])""",
        {
            "seqs": [link.seq for link in links],
            "ids": [link.audit_id for link in links],
            "hashes": [link.hash for link in links],
        },
    )
    run(
        tx,
        """INSERT INTO audit_head (seq, hash, mark) VALUES (%(seq)s, %(hash)s, %(mark)s)
        ON CONFLICT (one) DO UPDATE SET seq = excluded.seq, hash = excluded.hash, mark = excluded.mark""",
        {"seq": links[-1].seq, "hash": links[-1].hash, "mark": mark},
    )


def links_after(tx: Connection, seq: int, limit: int) -> list[Link]:
    """The chain's next entries with their rows."""
    sql = f"""SELECT c.seq, c.audit_id, c.hash, {_FIELDS} FROM audit_chain c
    LEFT JOIN audit a ON a.id = c.audit_id WHERE c.seq > %(seq)s ORDER BY c.seq LIMIT %(limit)s"""
    found = run(tx, sql, {"seq": seq, "limit": limit})
    return [Link(r.seq, r.audit_id, bytes(r.hash), _row(r) if r.id is not None else None) for r in found]


def count_unchained(tx: Connection) -> tuple[int, datetime | None]:
    """How many rows the chain does not hold yet, and the oldest one's time."""
    sql = """SELECT count(*), min(a.at) FROM audit a LEFT JOIN audit_chain c ON c.audit_id = a.id
    WHERE c.audit_id IS NULL"""
    count, oldest = run(tx, sql).one()
    return int(count), oldest


def listing(tx: Connection, person: UUID | None, staff: UUID | None, limit: int) -> list[Row]:
    """The newest rows about a person, or by a member of staff, or all."""
    sql = f"""SELECT {_FIELDS} FROM audit a WHERE (%(person)s::uuid IS NULL OR a.person_id = %(person)s)
    AND (%(staff)s::uuid IS NULL OR a.staff_id = %(staff)s) ORDER BY a.at DESC, a.id DESC LIMIT %(limit)s"""
    return [_row(found) for found in run(tx, sql, {"person": person, "staff": staff, "limit": limit})]


def _row(found: Any) -> Row:
    return Row(
        found.id,
        found.at,
        found.actor,
        found.staff_id,
        found.action,
        found.what,
        found.what_id,
        found.person_id,
    )

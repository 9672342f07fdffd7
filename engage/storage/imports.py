"""Files of visits: each import, what it changed, and what the rows of a file said last."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection

from engage.storage.appointments import COLUMNS
from engage.storage.arrays import Blobs, Moments, Texts, Uuids
from engage.storage.database import rows, run
from engage.storage.locks import Lock


def try_lock(connection: Connection) -> bool:
    """One import at a time, for as long as this connection keeps it."""
    return bool(run(connection, "SELECT pg_try_advisory_lock(%(key)s)", {"key": Lock.IMPORTING}).scalar())


def unlock(connection: Connection) -> None:
    """Lets the next import begin."""
    run(connection, "SELECT pg_advisory_unlock(%(key)s)", {"key": Lock.IMPORTING})


def told(tx: Connection, indexes: Sequence[bytes]) -> dict[bytes, bytes]:
    """What the rows of these visits said when they were last heeded."""
    sql = """SELECT external_index, told FROM imported_visits WHERE external_index = ANY(%(indexes)b::bytea[])"""
    return {bytes(row[0]): bytes(row[1]) for row in rows(tx, sql, {"indexes": Blobs(indexes)})}


def keep_told(tx: Connection, said: Mapping[bytes, bytes]) -> None:
    """Notes what the rows of these visits say."""
    if said:
        sql = """INSERT INTO imported_visits (external_index, told)
        SELECT * FROM unnest(%(indexes)b::bytea[], %(told)b::bytea[])
        ON CONFLICT (external_index) DO UPDATE SET told = excluded.told WHERE imported_visits.told <> excluded.told"""
        run(tx, sql, {"indexes": Blobs(said), "told": Blobs(said.values())})


def forget_told(tx: Connection, visits: Iterable[UUID]) -> None:
    """What is told of these visits next is news, whatever it is."""
    sql = """DELETE FROM imported_visits i USING appointments a
    WHERE a.id = ANY(%(ids)b::uuid[]) AND i.external_index = a.external_index"""
    run(tx, sql, {"ids": Uuids(visits)})


def start(tx: Connection, id: UUID, source: str, file_hash: bytes, actor: str, now: datetime) -> None:
    """An import that is going to change something."""
    sql = """INSERT INTO imports (id, source, file_hash, actor, at)
    VALUES (%(id)s, %(source)s, %(hash)s, %(actor)s, %(now)s)"""
    run(tx, sql, {"id": id, "source": source, "hash": file_hash, "actor": actor, "now": now})


def end(tx: Connection, id: UUID, counts: Mapping[str, int], now: datetime) -> None:
    """It came to its end."""
    sql = (
        "UPDATE imports SET state = 'done', counts = %(counts)s::jsonb, ended_at = %(now)s WHERE id = %(id)s"
    )
    run(tx, sql, {"id": id, "counts": json.dumps(dict(counts), sort_keys=True), "now": now})


class Did(NamedTuple):
    """What an import did to a visit: ``version`` is the visit's afterwards, ``was`` its status before."""

    visit: UUID
    what: str
    version: int
    was: str | None


def note(tx: Connection, import_id: UUID, did: Sequence[Did]) -> None:
    """Keeps what was done, so that it can be undone."""
    if did:
        sql = """INSERT INTO import_rows (import_id, appointment_id, what, version, was)
        SELECT %(import)s, * FROM unnest(%(ids)b::uuid[], %(whats)b::text[], %(versions)b::integer[], %(was)b::text[])
        ON CONFLICT DO NOTHING"""
        visits, whats, versions, was = zip(*did, strict=True)
        values = {"ids": Uuids(visits), "whats": Texts(whats), "versions": list(versions), "was": Texts(was)}
        run(tx, sql, {"import": import_id, **values})


def one(tx: Connection, id: UUID) -> Any | None:
    """An import."""
    return run(tx, "SELECT * FROM imports WHERE id = %(id)s", {"id": id}).one_or_none()


def listing(tx: Connection, limit: int) -> list[Any]:
    """The newest imports first."""
    return list(run(tx, "SELECT * FROM imports ORDER BY at DESC, id DESC LIMIT %(limit)s", {"limit": limit}))


def mapping(tx: Connection, source: str) -> dict[str, Any]:
    """How the files of a source are read, as it was last said; {} when never."""
    sql = "SELECT mapping FROM import_mappings WHERE source = %(source)s"
    return dict(run(tx, sql, {"source": source}).scalar() or {})


def keep_mapping(tx: Connection, source: str, mapping: Mapping[str, Any], actor: str, now: datetime) -> None:
    """Remembers how the files of a source are read; the same again writes nothing."""
    sql = """INSERT INTO import_mappings (source, mapping, actor, at)
    VALUES (%(source)s, %(mapping)s::jsonb, %(actor)s, %(now)s)
    ON CONFLICT (source) DO UPDATE SET mapping = excluded.mapping, actor = excluded.actor, at = excluded.at
    WHERE import_mappings.mapping <> excluded.mapping"""
    run(tx, sql, {"source": source, "mapping": json.dumps(dict(mapping)), "actor": actor, "now": now})


class Marked(NamedTuple):
    """How a visit went; ``since`` is when what follows it counts from."""

    id: UUID
    status: str
    since: datetime


def mark(tx: Connection, marked: Sequence[Marked], now: datetime) -> None:
    """How visits went on: no version begins. The caller holds their people's locks."""
    if marked:
        sql = """UPDATE appointments a SET status = v.status, updated_at = %(now)s,
            since = CASE WHEN v.status IN ('fulfilled', 'noshow') THEN v.since ELSE a.since END
        FROM unnest(%(ids)b::uuid[], %(statuses)b::text[], %(sinces)b::timestamptz[]) AS v(id, status, since)
        WHERE a.id = v.id"""
        ids, statuses, sinces = zip(*marked, strict=True)
        values = {"ids": Uuids(ids), "statuses": Texts(statuses), "sinces": Moments(sinces), "now": now}
        run(tx, sql, values)


def reseal(tx: Connection, sealed: Mapping[UUID, bytes], now: datetime) -> None:
    """New words about visits."""
    if sealed:
        sql = """UPDATE appointments a SET sealed = v.sealed, updated_at = %(now)s
        FROM unnest(%(ids)b::uuid[], %(sealeds)b::bytea[]) AS v(id, sealed) WHERE a.id = v.id"""
        run(tx, sql, {"ids": Uuids(sealed), "sealeds": Blobs(sealed.values()), "now": now})


def release(tx: Connection, visits: Sequence[UUID], now: datetime) -> None:
    """The booking system's ids of these visits are others' from now on."""
    if visits:
        sql = "UPDATE appointments SET external_index = NULL, updated_at = %(now)s WHERE id = ANY(%(ids)b::uuid[])"
        run(tx, sql, {"ids": Uuids(visits), "now": now})


# Visits of a source that stand and are to come, in the order of their start.
STANDING = """
SELECT a.id, a.starts_at, a.external_index FROM appointments a
WHERE a.source = %(source)s AND a.external_index IS NOT NULL AND a.status IN ('booked', 'pending')
    AND a.starts_at > %(now)s AND (a.starts_at, a.id) > (%(after)s, %(after_id)s) AND a.starts_at <= %(until)s
ORDER BY a.starts_at, a.id LIMIT %(limit)s
"""


class Standing(NamedTuple):
    """A visit that stands."""

    id: UUID
    starts_at: datetime
    external_index: bytes


def standing(
    tx: Connection, source: str, now: datetime, after: datetime, after_id: UUID, until: datetime, limit: int
) -> list[Standing]:
    """Visits of a source from after (``after``, ``after_id``) to ``until``, in their order."""
    values = {"source": source, "now": now, "after": after, "after_id": after_id, "until": until}
    return [Standing(row[0], row[1], bytes(row[2])) for row in rows(tx, STANDING, {**values, "limit": limit})]


def lock_visits(tx: Connection, ids: Sequence[UUID]) -> list[Any]:
    """These visits, with their people locked, in the order of everybody."""
    sql = """SELECT p.id FROM people p WHERE p.id IN (SELECT person_id FROM appointments WHERE id = ANY(%(ids)b::uuid[]))
    ORDER BY p.id FOR NO KEY UPDATE"""
    run(tx, sql, {"ids": Uuids(ids)})
    sql = f"SELECT {COLUMNS} FROM appointments a WHERE a.id = ANY(%(ids)b::uuid[]) ORDER BY a.id"
    return list(run(tx, sql, {"ids": Uuids(ids)}))


def care_agreed(tx: Connection, people: Sequence[UUID]) -> set[tuple[UUID, str]]:
    """(person, channel) of those who agree to messages about their visits now."""
    sql = """SELECT person_id, channel FROM consent_states
    WHERE person_id = ANY(%(people)b::uuid[]) AND purpose = 'care' AND granted"""
    return {(row[0], row[1]) for row in run(tx, sql, {"people": Uuids(people)})}


def set_state(tx: Connection, id: UUID, state: str) -> None:
    """An import's state."""
    run(tx, "UPDATE imports SET state = %(state)s WHERE id = %(id)s", {"id": id, "state": state})


def undone(tx: Connection, id: UUID, now: datetime) -> None:
    """All that could be taken back was."""
    sql = "UPDATE imports SET state = 'undone', undone_at = %(now)s WHERE id = %(id)s"
    run(tx, sql, {"id": id, "now": now})


def did(tx: Connection, id: UUID, limit: int) -> list[Any]:
    """What an import did that was not taken back yet."""
    sql = """SELECT appointment_id, what, version, was FROM import_rows WHERE import_id = %(id)s
    ORDER BY appointment_id LIMIT %(limit)s FOR UPDATE"""
    return list(run(tx, sql, {"id": id, "limit": limit}))


def forget_did(tx: Connection, id: UUID, visits: Sequence[UUID]) -> None:
    """These were looked at."""
    sql = "DELETE FROM import_rows WHERE import_id = %(id)s AND appointment_id = ANY(%(visits)b::uuid[])"
    run(tx, sql, {"id": id, "visits": Uuids(visits)})

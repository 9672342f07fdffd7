"""What claims have in their hands. A row that outlives its claim names messages among which a worker died."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Connection

from engage.storage.arrays import Uuids
from engage.storage.database import run


def note(tx: Connection, id: UUID, message_ids: Sequence[UUID]) -> None:
    """Notes what a claim is going to look into; committed on its own, so that it survives the claim's death.

    It need not survive the server's: a loss costs one more try at a row that kills.
    """
    sql = """WITH quick AS (SELECT set_config('synchronous_commit', 'off', true))
    INSERT INTO claims (id, message_ids) SELECT %(id)s, %(ids)b::uuid[] FROM quick ON CONFLICT DO NOTHING"""
    run(tx, sql, {"id": id, "ids": Uuids(message_ids)})


def forget(tx: Connection, id: UUID) -> None:
    """The claim is done; in the claim's own transaction."""
    run(tx, "DELETE FROM claims WHERE id = %(id)s", {"id": id})


def deaths(tx: Connection, message_ids: Sequence[UUID]) -> Counter[UUID]:
    """How many claims died over each of these locked messages: whoever holds their locks is the only claim that
    lives, so any noted one is dead."""
    sql = """SELECT m.id, count(*) FROM claims c, unnest(c.message_ids) AS m(id)
    WHERE m.id = ANY(%(ids)b::uuid[]) GROUP BY m.id"""
    if not run(tx, "SELECT EXISTS (SELECT 1 FROM claims)").scalar():
        return Counter()
    return Counter({row[0]: int(row[1]) for row in run(tx, sql, {"ids": Uuids(message_ids)})})


def clear(tx: Connection, message_id: UUID) -> None:
    """A message was looked into and nobody died; emptied rows go."""
    sql = """WITH lighter AS (
        UPDATE claims SET message_ids = array_remove(message_ids, %(id)s)
        WHERE message_ids @> ARRAY[%(id)s::uuid] RETURNING id, message_ids
    ) SELECT id FROM lighter WHERE cardinality(message_ids) = 0"""
    empty = [row[0] for row in run(tx, sql, {"id": message_id})]
    if empty:
        run(tx, "DELETE FROM claims WHERE id = ANY(%(ids)b::uuid[])", {"ids": empty})


def forget_old(tx: Connection, seconds: float) -> int:
    """Rows whose messages nobody claims any more (they ended otherwise)."""
    sql = """DELETE FROM claims c WHERE c.at < clock_timestamp() - make_interval(secs => %(seconds)s)
    AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.id = ANY(c.message_ids) AND m.status = 'planned')"""
    return run(tx, sql, {"seconds": seconds}).rowcount

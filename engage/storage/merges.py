"""Two records of one person made one, and parted again: what moves, and the note of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Connection

from engage.domain.matching import same_person_key
from engage.domain.merging import NOT_ASKED
from engage.storage.arrays import Texts, Uuids
from engage.storage.database import run

UP = """
WITH RECURSIVE up(id, steps) AS (
    SELECT %(id)s::uuid, 0
    UNION ALL SELECT m.kept, up.steps + 1 FROM up JOIN person_merges m ON m.other = up.id AND m.undone_at IS NULL
)
SELECT id FROM up ORDER BY steps DESC LIMIT 1
"""
# Of ``people``: they and all who were merged into them.
PARTS = """WITH RECURSIVE parts(id) AS (
    SELECT unnest(%(people)b::uuid[])
    UNION SELECT g.other FROM parts JOIN person_merges g ON g.kept = parts.id AND g.undone_at IS NULL
)"""
DOWN = """
WITH RECURSIVE down(id, steps) AS (
    SELECT %(id)s::uuid, 0
    UNION ALL SELECT m.other, down.steps + 1 FROM down JOIN person_merges m ON m.kept = down.id AND m.undone_at IS NULL
)
SELECT id FROM down ORDER BY steps, id
"""


def kept(tx: Connection, person: UUID) -> UUID:
    """Who a person is now: the one that they were merged into, or they themselves."""
    return UUID(str(run(tx, UP, {"id": person}).scalar_one()))


def lock_kept(tx: Connection, person: UUID) -> UUID:
    """As ``kept``, with that one's row locked until the transaction ends."""
    for _ in range(5):
        found = kept(tx, person)
        run(tx, "SELECT id FROM people WHERE id = %(id)s FOR NO KEY UPDATE", {"id": found})
        # Merged while we waited for the lock?
        if kept(tx, person) == found:
            break
    return found


def all_of(tx: Connection, person: UUID) -> list[UUID]:
    """A person and all who were merged into them, they themselves first."""
    return [row[0] for row in run(tx, DOWN, {"id": person})]


def lock_people(tx: Connection, people: Sequence[UUID]) -> dict[UUID, Any]:
    """Their rows, locked in the order of their ids."""
    sql = "SELECT id, state FROM people WHERE id = ANY(%(ids)b::uuid[]) ORDER BY id FOR NO KEY UPDATE"
    return {row.id: row for row in run(tx, sql, {"ids": Uuids(people)})}


def indexes(tx: Connection, people: Sequence[UUID]) -> list[bytes]:
    """The blind indexes of all addresses that these people have or had."""
    sql = "SELECT DISTINCT address_index FROM contacts WHERE person_id = ANY(%(ids)b::uuid[])"
    return [bytes(row[0]) for row in run(tx, sql, {"ids": Uuids(people)})]


def lock_consultations(tx: Connection, people: Sequence[UUID]) -> None:
    """Their requests, which are locked before people."""
    sql = "SELECT id FROM consultations WHERE person_id = ANY(%(ids)b::uuid[]) ORDER BY id FOR NO KEY UPDATE"
    run(tx, sql, {"ids": Uuids(people)})


def contacts(tx: Connection, people: Sequence[UUID]) -> list[Any]:
    """All contacts of these people."""
    sql = """SELECT id, person_id, channel, address_index, state, care_only FROM contacts
    WHERE person_id = ANY(%(ids)b::uuid[]) ORDER BY id"""
    return list(run(tx, sql, {"ids": Uuids(people)}))


def under_way(tx: Connection, people: Sequence[UUID]) -> bool:
    """Whether a message to one of them is being sent, waits for evidence, or was tried and goes again."""
    sql = """SELECT EXISTS (SELECT 1 FROM messages WHERE person_id = ANY(%(ids)b::uuid[]) AND (status = 'claimed'
        OR status = 'unknown' AND reason IS DISTINCT FROM 'never_known'
        OR status = 'planned' AND attempt_id IS NOT NULL))"""
    return bool(run(tx, sql, {"ids": Uuids(people)}).scalar_one())


def consent_states(tx: Connection, people: Sequence[UUID]) -> list[Any]:
    """What these people agree to now (None: never asked), with the entry that it came from and the words of their last
    yes."""
    sql = """SELECT s.person_id, s.channel, s.purpose, s.consent_id,
        CASE WHEN c.source = %(not_asked)s THEN NULL ELSE s.granted END AS granted, (
        SELECT g.wording_hash FROM consents g WHERE g.person_id = s.person_id AND g.channel = s.channel
            AND g.purpose = s.purpose AND g.action = 'granted' ORDER BY g.at DESC, g.id DESC LIMIT 1) AS wording_hash
    FROM consent_states s JOIN consents c ON c.id = s.consent_id WHERE s.person_id = ANY(%(ids)b::uuid[])"""
    return list(run(tx, sql, {"ids": Uuids(people), "not_asked": NOT_ASKED}))


# What belongs to a person and moves whole.
MOVED = ("person_keys", "consultations", "treatment_plans", "appointments")


def move_all(tx: Connection, table: str, person: UUID, to: UUID) -> list[UUID]:
    """Moves all rows of one of MOVED. Returns their ids."""
    sql = f"UPDATE {table} SET {_set(table)} WHERE person_id = %(person)s RETURNING id"
    return [row[0] for row in run(tx, sql, {"person": person, "to": to})]


def move(tx: Connection, table: str, ids: Sequence[UUID], person: UUID, to: UUID) -> None:
    """Moves these rows of a table that are still the person's."""
    sql = f"UPDATE {table} SET {_set(table)} WHERE id = ANY(%(ids)b::uuid[]) AND person_id = %(person)s"
    run(tx, sql, {"ids": Uuids(ids), "person": person, "to": to})


def _set(table: str) -> str:
    # What is planned for a visit depends on whose it is.
    return "person_id = %(to)s" + (", planned_with = NULL" if table == "appointments" else "")


def restate(tx: Connection, contact: UUID, state: str, care_only: bool) -> None:
    """Gives a contact another state."""
    sql = "UPDATE contacts SET state = %(state)s, care_only = %(care_only)s WHERE id = %(id)s"
    run(tx, sql, {"id": contact, "state": state, "care_only": care_only})


def enrolments(tx: Connection, people: Sequence[UUID]) -> list[Any]:
    """All courses of these people: id, person_id, contact_id, course, state."""
    sql = """SELECT id, person_id, contact_id, course, state FROM enrolments
    WHERE person_id = ANY(%(ids)b::uuid[]) ORDER BY id FOR NO KEY UPDATE"""
    return list(run(tx, sql, {"ids": Uuids(people)}))


def waiting(tx: Connection, person: UUID) -> list[Any]:
    """A person's messages that wait and were never tried: id, cause_id, contact_id, status, reason."""
    sql = """SELECT id, cause_id, contact_id, status, reason FROM messages WHERE person_id = %(person)s
    AND status IN ('planned', 'held') AND attempt_id IS NULL ORDER BY id FOR NO KEY UPDATE"""
    return list(run(tx, sql, {"person": person}))


REPOINT = """
UPDATE {table} t SET person_id = %(to)s, contact_id = v.contact
FROM unnest(%(ids)b::uuid[], %(contacts)b::uuid[]) AS v(id, contact)
WHERE t.id = v.id AND t.person_id = %(person)s {still}
"""
STILL = {"messages": "AND t.status IN ('planned', 'held')", "enrolments": ""}


def repoint(
    tx: Connection, table: str, rows: Sequence[tuple[UUID, UUID | None]], person: UUID, to: UUID
) -> None:
    """Gives these (row, contact) of ``messages`` that wait, or of ``enrolments``, to another person."""
    if rows:
        ids, contacts = zip(*rows, strict=True)
        values = {"ids": Uuids(ids), "contacts": Uuids(contacts), "person": person, "to": to}
        run(tx, REPOINT.format(table=table, still=STILL[table]), values)


def revive(tx: Connection, rows: Sequence[tuple[UUID, str, str | None]]) -> None:
    """Lets these (message, status, reason) wait again that ended with a merge."""
    if rows:
        ids, statuses, reasons = zip(*rows, strict=True)
        sql = """UPDATE messages m SET status = v.status, reason = v.reason, ended_at = NULL
        FROM unnest(%(ids)b::uuid[], %(statuses)b::text[], %(reasons)b::text[]) AS v(id, status, reason)
        WHERE m.id = v.id AND m.status = 'cancelled' AND m.reason = 'one_person'"""
        run(tx, sql, {"ids": Uuids(ids), "statuses": Texts(statuses), "reasons": Texts(reasons)})


def cancel(tx: Connection, ids: Sequence[UUID], now: datetime) -> None:
    """Ends messages that a merged person had twice."""
    sql = """UPDATE messages SET status = 'cancelled', reason = 'one_person', ended_at = %(now)s
    WHERE id = ANY(%(ids)b::uuid[]) AND status IN ('planned', 'held')"""
    run(tx, sql, {"ids": Uuids(ids), "now": now})


def reopen_courses(tx: Connection, ids: Sequence[UUID]) -> None:
    """Courses that ended with a merge, since the other was the same, go on."""
    sql = "UPDATE enrolments SET state = 'active', ended_at = NULL WHERE id = ANY(%(ids)b::uuid[]) AND state = 'stopped'"
    run(tx, sql, {"ids": Uuids(ids)})


def carry_links_since(tx: Connection, keep: UUID, other: UUID) -> None:
    """Links that were dead for either are dead for both."""
    sql = """UPDATE people k SET links_since = greatest(k.links_since, o.links_since)
    FROM people o WHERE k.id = %(keep)s AND o.id = %(other)s AND o.links_since IS NOT NULL"""
    run(tx, sql, {"keep": keep, "other": other})


def set_state(tx: Connection, person: UUID, state: str) -> None:
    """Merged, or active again."""
    run(tx, "UPDATE people SET state = %(state)s WHERE id = %(id)s", {"id": person, "state": state})


def add(
    tx: Connection,
    id: UUID,
    kept: UUID,
    other: UUID,
    moved: Mapping[str, Any],
    actor: str,
    staff: UUID | None,
    now: datetime,
) -> None:
    """Notes a merge. ``moved`` holds ids and codes only."""
    sql = """INSERT INTO person_merges (id, kept, other, moved, actor, staff_id, at)
    VALUES (%(id)s, %(kept)s, %(other)s, %(moved)s::jsonb, %(actor)s, %(staff)s, %(now)s)"""
    told = orjson.dumps(moved).decode()
    values = {"id": id, "kept": kept, "other": other, "moved": told, "actor": actor, "staff": staff}
    run(tx, sql, {**values, "now": now})


def one(tx: Connection, id: UUID, *, lock: bool = False) -> Any | None:
    """A merge's row, locked when asked; lock its people first."""
    sql = f"SELECT * FROM person_merges WHERE id = %(id)s {'FOR UPDATE' if lock else ''}"
    return run(tx, sql, {"id": id}).one_or_none()


def of(tx: Connection, person: UUID) -> list[Any]:
    """Merges into a person that stand, newest first."""
    sql = """SELECT id, kept, other, at FROM person_merges WHERE kept = %(person)s AND undone_at IS NULL
    ORDER BY at DESC, id DESC"""
    return list(run(tx, sql, {"person": person}))


def undone(tx: Connection, id: UUID, now: datetime) -> None:
    """A merge does not stand any more."""
    run(tx, "UPDATE person_merges SET undone_at = %(now)s WHERE id = %(id)s", {"id": id, "now": now})


def follow(tx: Connection, messages: Sequence[UUID], now: datetime) -> None:
    """Gives messages of merged people that came to wait again to whom they are now; they are due at once."""
    if not messages:
        return
    sql = """UPDATE messages m SET person_id = g.kept, due_at = greatest(m.not_before, %(now)s::timestamptz), reason = NULL
    FROM person_merges g WHERE g.other = m.person_id AND g.undone_at IS NULL
        AND m.id = ANY(%(ids)b::uuid[]) AND m.status = 'planned'"""
    run(tx, sql, {"ids": Uuids(messages), "now": now})


def settle(tx: Connection, one: UUID, other: UUID, now: datetime) -> None:
    """The question whether two are one person is answered."""
    sql = """UPDATE follow_ups SET state = 'done', outcome = 'done', done_at = %(now)s
    WHERE dedup_key = %(key)s AND state = 'open'"""
    run(tx, sql, {"key": same_person_key(one, other), "now": now})


def candidates(tx: Connection, person: UUID) -> list[UUID]:
    """Living people of whom staff are asked whether they are this one."""
    sql = """SELECT p.id FROM people p JOIN (
        SELECT CASE WHEN person_id = %(person)s THEN cause_id ELSE person_id END AS id FROM follow_ups
        WHERE kind = 'same_person' AND state = 'open' AND (person_id = %(person)s OR cause_id = %(person)s)
    ) f ON f.id = p.id WHERE p.state = 'active' ORDER BY p.id"""
    return [row[0] for row in run(tx, sql, {"person": person})]

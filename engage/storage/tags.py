"""Tags: what they say (sealed), and who has them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from engage.storage.arrays import Uuids
from engage.storage.database import run


def find(tx: Connection, index: bytes) -> UUID | None:
    """The tag with this name's blind index."""
    found: UUID | None = run(
        tx, "SELECT id FROM tags WHERE name_index = %(index)s", {"index": index}
    ).scalar()
    return found


def add(tx: Connection, id: UUID, index: bytes, sealed: bytes, now: datetime) -> bool:
    """A new tag. False when there is one of that name."""
    sql = """INSERT INTO tags (id, name_index, sealed, created_at) VALUES (%(id)s, %(index)s, %(sealed)s, %(now)s)
    ON CONFLICT (name_index) DO NOTHING"""
    return run(tx, sql, {"id": id, "index": index, "sealed": sealed, "now": now}).rowcount == 1


def listing(tx: Connection, limit: int) -> list[Any]:
    """All tags, oldest first: id, sealed."""
    return list(run(tx, "SELECT id, sealed FROM tags ORDER BY id LIMIT %(limit)s", {"limit": limit}))


def known(tx: Connection, ids: Sequence[UUID]) -> list[Any]:
    """Those of these tags that there are: id, sealed."""
    return list(run(tx, "SELECT id, sealed FROM tags WHERE id = ANY(%(ids)b::uuid[])", {"ids": Uuids(ids)}))


def of_people(tx: Connection, people: Sequence[UUID]) -> list[Any]:
    """Tags of these people, oldest first: id, sealed, person_id, actor, at."""
    sql = """SELECT t.id, t.sealed, p.person_id, p.actor, p.at FROM person_tags p JOIN tags t ON t.id = p.tag_id
    WHERE p.person_id = ANY(%(people)b::uuid[]) ORDER BY p.at, t.id"""
    return list(run(tx, sql, {"people": Uuids(people)}))


def put(tx: Connection, person: UUID, tag: UUID, actor: str, now: datetime) -> bool:
    """The person has the tag; the caller holds their lock. False when they had."""
    sql = """INSERT INTO person_tags (person_id, tag_id, actor, at) VALUES (%(person)s, %(tag)s, %(actor)s, %(now)s)
    ON CONFLICT DO NOTHING"""
    return run(tx, sql, {"person": person, "tag": tag, "actor": actor, "now": now}).rowcount == 1


def take_off(tx: Connection, person: UUID, tag: UUID) -> bool:
    """The person has the tag no more; the caller holds their lock. False when they had not."""
    sql = "DELETE FROM person_tags WHERE person_id = %(person)s AND tag_id = %(tag)s"
    return run(tx, sql, {"person": person, "tag": tag}).rowcount == 1


# Two records of one person may have the same tag.
MOVE = """
UPDATE person_tags t SET person_id = %(to)s WHERE t.person_id = %(person)s
    AND NOT EXISTS (SELECT FROM person_tags o WHERE o.person_id = %(to)s AND o.tag_id = t.tag_id) RETURNING t.tag_id
"""


def move(tx: Connection, person: UUID, to: UUID) -> list[UUID]:
    """Makes a person's tags another's, but for those that the other has too. Returns them."""
    return [row[0] for row in run(tx, MOVE, {"person": person, "to": to})]


def move_back(tx: Connection, tags: Sequence[UUID], person: UUID, to: UUID) -> None:
    """Makes these tags, where ``person`` still has them, ``to``'s again."""
    sql = "UPDATE person_tags SET person_id = %(to)s WHERE person_id = %(person)s AND tag_id = ANY(%(ids)b::uuid[])"
    run(tx, sql, {"ids": Uuids(tags), "person": person, "to": to})

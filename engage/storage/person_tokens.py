"""The keyed token index that people are found by: hashes of the beginnings of words, nothing in clear."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from engage.storage.database import run

DROP = "DELETE FROM person_tokens WHERE person_id = %(person)s AND NOT token = ANY(%(tokens)s::bytea[])"
ADD = """INSERT INTO person_tokens (token, person_id) SELECT unnest(%(tokens)s::bytea[]), %(person)s
ON CONFLICT DO NOTHING"""


def replace(tx: Connection, person_id: UUID, tokens: Iterable[bytes]) -> None:
    """Makes these the person's tokens. Twice changes nothing."""
    values = {"person": person_id, "tokens": sorted(tokens)}
    run(tx, DROP, values)
    run(tx, ADD, values)


def find(tx: Connection, words: Sequence[Sequence[bytes]], limit: int) -> list[Any]:
    """Living people who have, for every word, at least one of its tokens; latest changed first."""
    having = " AND ".join(
        f"p.id IN (SELECT person_id FROM person_tokens WHERE token = ANY(%(word_{n})s::bytea[]))"
        for n in range(len(words))
    )
    sql = f"""SELECT p.id, p.sealed, p.zone, p.created_at FROM people p
    WHERE p.state = 'active' AND {having} ORDER BY p.updated_at DESC, p.id DESC LIMIT %(limit)s"""
    return list(run(tx, sql, {f"word_{n}": list(word) for n, word in enumerate(words)} | {"limit": limit}))


def newest(tx: Connection, limit: int) -> list[Any]:
    """Living people, the latest first: ids are in order of time."""
    sql = """SELECT id, sealed, zone, created_at FROM people WHERE state = 'active'
    ORDER BY id DESC LIMIT %(limit)s"""
    return list(run(tx, sql, {"limit": limit}))


def next_people(tx: Connection, after: UUID | None, limit: int) -> list[Any]:
    """The next people in order of id, for making the whole index again."""
    sql = """SELECT id, sealed FROM people WHERE (%(after)s::uuid IS NULL OR id > %(after)s)
    ORDER BY id LIMIT %(limit)s FOR NO KEY UPDATE"""
    return list(run(tx, sql, {"after": after, "limit": limit}))

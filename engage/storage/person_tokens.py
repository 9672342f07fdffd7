"""The keyed token index that people are found by: hashes of the beginnings of words, nothing in clear."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from engage.storage.arrays import Blobs, Uuids
from engage.storage.database import run

DROP = "DELETE FROM person_tokens WHERE person_id = %(person)s AND NOT token = ANY(%(tokens)s::bytea[])"
ADD = """INSERT INTO person_tokens (token, person_id) SELECT unnest(%(tokens)s::bytea[]), %(person)s
ON CONFLICT DO NOTHING"""


def replace(tx: Connection, person_id: UUID, tokens: Iterable[bytes]) -> None:
    """Makes these the person's tokens. Twice changes nothing."""
    values = {"person": person_id, "tokens": sorted(tokens)}
    run(tx, DROP, values)
    run(tx, ADD, values)


REPLACE_MANY = """
DELETE FROM person_tokens t WHERE t.person_id = ANY(%(known)b::uuid[]) AND NOT EXISTS (
    SELECT 1 FROM unnest(%(people)b::uuid[], %(tokens)b::bytea[]) AS v(person, token)
    WHERE v.person = t.person_id AND v.token = t.token)
"""
ADD_MANY = """INSERT INTO person_tokens (token, person_id)
SELECT v.token, v.person FROM unnest(%(people)b::uuid[], %(tokens)b::bytea[]) AS v(person, token) ORDER BY 1, 2
ON CONFLICT DO NOTHING"""


def replace_many(tx: Connection, tokens: Mapping[UUID, Iterable[bytes]], new: Container[UUID]) -> None:
    """As ``replace``, for many people; those in ``new`` have none yet."""
    pairs = [(person, token) for person, theirs in tokens.items() for token in theirs]
    if not pairs:
        return
    people, every = zip(*pairs, strict=True)
    values = {"people": Uuids(people), "tokens": Blobs(every)}
    known = [person for person in tokens if person not in new]
    if known:
        run(tx, REPLACE_MANY, {**values, "known": Uuids(known)})
    run(tx, ADD_MANY, values)


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

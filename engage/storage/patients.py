"""People from booking systems: what a batch of them needs to know, and what it writes; a statement each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection

from engage.domain.merging import NOT_ASKED
from engage.domain.messages import Channel
from engage.ids import new_ids
from engage.storage.arrays import Blobs, Moments, Texts, Uuids
from engage.storage.database import run
from engage.storage.locks import Lock

# More values than this are not locked one by one: the server's table of locks is small.
FEW = 64


def lock_values(tx: Connection, indexes: Iterable[bytes]) -> None:
    """Holds off everybody else who acts on these addresses, or makes people of any, until this transaction ends."""
    keys = [int.from_bytes(index[:8], "big", signed=True) for index in sorted(set(indexes))]
    if len(keys) > FEW:
        lock_alone(tx)
        return
    lock_beside(tx)
    if keys:
        run(tx, "SELECT pg_advisory_xact_lock(k) FROM unnest(%(keys)b::bigint[]) AS k", {"keys": keys})


def lock_alone(tx: Connection) -> None:
    """Nobody else makes or merges people until this transaction ends."""
    run(tx, "SELECT pg_advisory_xact_lock(%(key)s)", {"key": Lock.PEOPLE})


def lock_beside(tx: Connection) -> None:
    """Nobody does ``lock_alone`` until this transaction ends."""
    run(tx, "SELECT pg_advisory_xact_lock_shared(%(key)s)", {"key": Lock.PEOPLE})


class Sought(NamedTuple):
    """What people are looked for by: ids in booking systems, and addresses; each by its blind index."""

    sources: Texts
    keys: Blobs
    channels: Texts
    indexes: Blobs


WHO = """
SELECT k.person_id FROM person_keys k
JOIN unnest(%(sources)b::text[], %(keys)b::bytea[]) AS v(source, key) ON k.source = v.source AND k.key_index = v.key
UNION SELECT c.person_id FROM contacts c
JOIN unnest(%(channels)b::text[], %(indexes)b::bytea[]) AS v(channel, index)
    ON c.channel = v.channel AND c.address_index = v.index
"""


def lock_people(tx: Connection, sought: Sought) -> list[Any]:
    """Whoever has one of these, in the order of their ids, locked: id, sealed, zone, state, check_ins, updated_at.
    Erased people too."""
    sql = f"""SELECT p.id, p.sealed, p.zone, p.state, w.agreed AS check_ins, p.updated_at FROM people p
    LEFT JOIN check_in_wishes w ON w.person_id = p.id WHERE p.id IN ({WHO}) AND p.state <> 'merged' ORDER BY p.id FOR NO KEY UPDATE OF p"""
    return list(run(tx, sql, sought._asdict()))


def lock_contacts(tx: Connection, sought: Sought) -> None:
    """All contacts at these addresses; lock their people first."""
    sql = """SELECT c.id FROM contacts c WHERE (c.channel, c.address_index) IN (
        SELECT * FROM unnest(%(channels)b::text[], %(indexes)b::bytea[])) ORDER BY c.id FOR NO KEY UPDATE OF c"""
    run(tx, sql, {"channels": sought.channels, "indexes": sought.indexes})


def keys(tx: Connection, sought: Sought) -> list[Any]:
    """source, key_index and person_id of the ids that are known."""
    sql = """SELECT k.source, k.key_index, k.person_id FROM person_keys k
    JOIN unnest(%(sources)b::text[], %(keys)b::bytea[]) AS v(source, key) ON k.source = v.source AND k.key_index = v.key"""
    return list(run(tx, sql, {"sources": sought.sources, "keys": sought.keys}))


def contacts(tx: Connection, people: Sequence[UUID]) -> list[Any]:
    """All contacts of these people, in the order of their ids."""
    sql = """SELECT id, person_id, channel, address_index, state, sealed FROM contacts
    WHERE person_id = ANY(%(ids)b::uuid[]) ORDER BY id"""
    return list(run(tx, sql, {"ids": Uuids(people)}))


def care_consents(tx: Connection, people: Sequence[UUID]) -> list[Any]:
    """person_id, channel, granted and at: what these people last said about messages about their visits."""
    sql = """SELECT s.person_id, s.channel, s.granted, c.at FROM consent_states s JOIN consents c ON c.id = s.consent_id
    WHERE s.purpose = 'care' AND s.person_id = ANY(%(ids)b::uuid[]) AND c.source <> %(not_asked)s"""
    return list(run(tx, sql, {"ids": Uuids(people), "not_asked": NOT_ASKED}))


def suppressed(tx: Connection, indexes: Sequence[bytes], now: datetime) -> set[tuple[Channel, bytes]]:
    """(channel, index) of these addresses to which no care may go."""
    sql = """SELECT channel, address_index FROM suppressions WHERE address_index = ANY(%(indexes)b::bytea[])
    AND scope IN ('all', 'care') AND lifted_at IS NULL AND (expires_at IS NULL OR expires_at > %(now)s)"""
    return {(row[0], bytes(row[1])) for row in run(tx, sql, {"indexes": Blobs(indexes), "now": now})}


def keyed(tx: Connection, people: Sequence[UUID]) -> set[UUID]:
    """Those of these people whom a booking system knows."""
    sql = "SELECT DISTINCT person_id FROM person_keys WHERE person_id = ANY(%(ids)b::uuid[])"
    return {row[0] for row in run(tx, sql, {"ids": Uuids(people)})} if people else set()


class Person(NamedTuple):
    """A person's row as it is to be."""

    id: UUID
    sealed: bytes
    zone: str


ADD = """
INSERT INTO people (id, sealed, zone, created_at, updated_at)
SELECT v.id, v.sealed, v.zone, %(now)s, %(now)s
FROM unnest(%(ids)b::uuid[], %(sealeds)b::bytea[], %(zones)b::text[]) AS v(id, sealed, zone)
"""
UPDATE = """
UPDATE people p SET sealed = v.sealed, updated_at = %(now)s
FROM unnest(%(ids)b::uuid[], %(sealeds)b::bytea[]) AS v(id, sealed) WHERE p.id = v.id
"""


def add(tx: Connection, people: Sequence[Person], now: datetime) -> None:
    """New people."""
    if people:
        run(tx, ADD, {**_columns(people), "zones": Texts(one.zone for one in people), "now": now})


def update(tx: Connection, people: Sequence[Person], now: datetime) -> None:
    """New personal fields for people whose locks the caller holds."""
    if people:
        run(tx, UPDATE, {**_columns(people), "now": now})


def _columns(people: Sequence[Person]) -> dict[str, Any]:
    return {
        "ids": Uuids(one.id for one in people),
        "sealeds": Blobs(one.sealed for one in people),
    }


class NewContact(NamedTuple):
    """An address or number that a booking system told."""

    id: UUID
    person: UUID
    channel: str
    address_index: bytes
    sealed: bytes


ADD_CONTACTS = """
INSERT INTO contacts (id, person_id, channel, address_index, sealed, created_at, care_only)
SELECT v.id, v.person, v.channel, v.index, v.sealed, %(now)s, true
FROM unnest(%(ids)b::uuid[], %(people)b::uuid[], %(channels)b::text[], %(indexes)b::bytea[], %(sealeds)b::bytea[])
    AS v(id, person, channel, index, sealed)
"""


def add_contacts(tx: Connection, contacts: Sequence[NewContact], now: datetime) -> None:
    """Addresses that care may go to, and nothing else until their owners have confirmed them."""
    if contacts:
        ids, people, channels, indexes, sealeds = zip(*contacts, strict=True)
        values = {"ids": Uuids(ids), "people": Uuids(people), "channels": Texts(channels)}
        run(tx, ADD_CONTACTS, {**values, "indexes": Blobs(indexes), "sealeds": Blobs(sealeds), "now": now})


def confirm_waiting(tx: Connection, contacts: Sequence[UUID]) -> None:
    """Addresses that waited for their owners, and that a booking system tells too: care may go there."""
    if contacts:
        sql = """UPDATE contacts SET state = 'confirmed', care_only = true
        WHERE id = ANY(%(ids)b::uuid[]) AND state = 'pending'"""
        run(tx, sql, {"ids": Uuids(contacts)})


class NewKey(NamedTuple):
    """A person's id in a booking system."""

    source: str
    key_index: bytes
    id: UUID
    person: UUID
    sealed: bytes


# The id of somebody who was forgotten may become somebody's again.
ADD_KEYS = """
INSERT INTO person_keys (source, key_index, id, person_id, sealed, created_at)
SELECT v.source, v.index, v.id, v.person, v.sealed, %(now)s
FROM unnest(%(sources)b::text[], %(indexes)b::bytea[], %(ids)b::uuid[], %(people)b::uuid[], %(sealeds)b::bytea[])
    AS v(source, index, id, person, sealed)
ON CONFLICT (source, key_index) DO UPDATE SET id = excluded.id, person_id = excluded.person_id,
    sealed = excluded.sealed, created_at = excluded.created_at
"""


def add_keys(tx: Connection, keys: Sequence[NewKey], now: datetime) -> None:
    """Lets people be found by their ids."""
    if keys:
        sources, indexes, ids, people, sealeds = zip(*keys, strict=True)
        values = {"sources": Texts(sources), "indexes": Blobs(indexes), "ids": Uuids(ids), "now": now}
        run(tx, ADD_KEYS, {**values, "people": Uuids(people), "sealeds": Blobs(sealeds)})


class Ask(NamedTuple):
    """A follow-up about a person."""

    id: UUID
    kind: str
    person: UUID
    cause_id: UUID
    dedup_key: str
    sealed: bytes | None
    due_at: datetime


ASK = """
INSERT INTO follow_ups (id, kind, dedup_key, person_id, cause, cause_id, sealed, created_at, due_at)
SELECT v.id, v.kind, v.key, v.person, 'person', v.cause_id, v.sealed, %(now)s, v.due_at
FROM unnest(%(ids)b::uuid[], %(kinds)b::text[], %(keys)b::text[], %(people)b::uuid[], %(causes)b::uuid[],
    %(sealeds)b::bytea[], %(due_ats)b::timestamptz[]) AS v(id, kind, key, person, cause_id, sealed, due_at)
ON CONFLICT (dedup_key) DO NOTHING RETURNING dedup_key
"""


def ask(tx: Connection, asks: Sequence[Ask], now: datetime) -> set[str]:
    """Asks staff. Returns the keys of the questions that were not asked before."""
    if not asks:
        return set()
    ids, kinds, people, causes, keys, sealeds, due_ats = zip(*asks, strict=True)
    values = {"ids": Uuids(ids), "kinds": Texts(kinds), "people": Uuids(people), "causes": Uuids(causes)}
    values |= {"keys": Texts(keys), "sealeds": Blobs(sealeds), "due_ats": Moments(due_ats)}
    return {row[0] for row in run(tx, ASK, {**values, "now": now})}


# An entry for each, and the current states with them.
GRANT = """
WITH entry AS (
    INSERT INTO consents (id, person_id, channel, purpose, action, actor, source, wording_hash, at)
    SELECT v.id, v.person, v.channel, 'care', 'granted', %(actor)s, v.source, v.wording, %(now)s
    FROM unnest(%(ids)b::uuid[], %(people)b::uuid[], %(channels)b::text[], %(sources)b::text[], %(wordings)b::bytea[])
        AS v(id, person, channel, source, wording)
    RETURNING id, person_id, channel, purpose
)
INSERT INTO consent_states (person_id, channel, purpose, granted, consent_id)
SELECT person_id, channel, purpose, true, id FROM entry
ON CONFLICT (person_id, channel, purpose) DO UPDATE SET granted = true, consent_id = excluded.consent_id
"""


class Grant(NamedTuple):
    """A person's consent to messages about their visits on a channel; ``wording`` is its words' hash."""

    person: UUID
    channel: str
    source: str
    wording: bytes


def grant(
    tx: Connection, grants: Sequence[Grant], words: dict[bytes, str], actor: str, now: datetime
) -> None:
    """Enters consents to care in the ledger, with their words by hash. The caller holds the locks of the people."""
    if not grants:
        return
    sql = """INSERT INTO wordings (hash, wording, created_at)
    SELECT v.hash, v.wording, %(now)s FROM unnest(%(hashes)b::bytea[], %(words)b::text[]) AS v(hash, wording)
    ON CONFLICT DO NOTHING"""
    run(tx, sql, {"hashes": Blobs(words), "words": Texts(words.values()), "now": now})
    people, channels, sources, wordings = zip(*grants, strict=True)
    values = {"ids": Uuids(new_ids(len(grants))), "people": Uuids(people), "channels": Texts(channels)}
    run(
        tx,
        GRANT,
        {**values, "sources": Texts(sources), "wordings": Blobs(wordings), "actor": actor, "now": now},
    )

"""People for other systems: who somebody is, where they can be reached, and what they agreed to.

What a person told about their pain stays here: it is not needed to write to them or to book a visit. Whoever was merged
into another record is answered with that one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from engage.domain.messages import Channel
from engage.runtime import Runtime
from engage.services.audit import Actor, note
from engage.services.opening import opened
from engage.services.patients import key_of
from engage.services.timeline import Timeline, timeline
from engage.storage import merges, people, person_page, person_records


class Erased(Exception):
    """The person was erased: only the id is left."""


@dataclass(frozen=True, slots=True)
class Contact:
    """An address or number. ``state`` is confirmed, bad (nothing arrives) or quarantined (maybe somebody else's);
    ``care_only``: nothing but messages about visits goes there."""

    channel: str
    address: str
    state: str
    care_only: bool


@dataclass(frozen=True, slots=True)
class KnownAs:
    """A booking system's id of the person."""

    source: str
    external_id: str


@dataclass(frozen=True, slots=True)
class Agreed:
    """Whether the person agrees to a purpose on a channel, and since when (aware UTC)."""

    channel: str
    purpose: str
    granted: bool
    since: datetime


@dataclass(frozen=True, slots=True)
class PersonRecord:
    """One person. Times are aware UTC."""

    id: UUID
    given_name: str
    family_name: str
    zone: str
    check_ins: bool | None
    external_ids: list[KnownAs]
    contacts: list[Contact]
    agreements: list[Agreed]
    created_at: datetime
    updated_at: datetime


# Those that are, or were until something went wrong, a person's own.
CURRENT = ("confirmed", "bad", "quarantined")


def find(rt: Runtime, tx: Connection, actor: Actor, channel: Channel, normal: str) -> list[PersonRecord]:
    """Living people at an address or number in its normal form, oldest first; a row of the audit trail for each."""
    index = rt.sealer.index(channel, normal)
    ids = [row.person_id for row in people.contacts_at(tx, channel, index) if row.state in CURRENT]
    return _records(rt, tx, actor, list(dict.fromkeys(ids)))


def find_external(
    rt: Runtime, tx: Connection, actor: Actor, source: str, external_id: str
) -> list[PersonRecord]:
    """The living person whom a booking system knows by an id, if there is one."""
    id = who(rt, tx, source, external_id)
    return _records(rt, tx, actor, [id] if id is not None else [])


def who(rt: Runtime, tx: Connection, source: str, external_id: str) -> UUID | None:
    """Whom a booking system knows by an id, None for nobody."""
    key = key_of(rt, source, external_id)
    found: UUID | None = person_records.by_key(tx, key.source, key.key_index)
    return found


def one(rt: Runtime, tx: Connection, actor: Actor, id: UUID) -> PersonRecord | None:
    """One person, None when there is no such id. Raises Erased."""
    row = _living(tx, id)
    return _records(rt, tx, actor, [row.id])[0] if row is not None else None


def now_is(rt: Runtime, tx: Connection, id: UUID) -> PersonRecord:
    """A living person as this transaction has left them."""
    return _record(rt, tx, person_records.many(tx, [id])[0])


def kept(tx: Connection, id: UUID) -> UUID:
    """Who a person is now: the one that they were merged into, or they themselves."""
    return merges.kept(tx, id)


def timeline_of(rt: Runtime, tx: Connection, actor: Actor, id: UUID) -> tuple[UUID, Timeline] | None:
    """A person's id and messages, past and to come, None when there is no such id. Raises Erased."""
    row = _living(tx, id)
    if row is None:
        return None
    indexes = [bytes(contact.address_index) for contact in people.contacts_of(tx, row.id)]
    note(tx, rt, actor, "view", "timeline", row.id, row.id)
    courses = person_page.courses(tx, row.id)
    return row.id, timeline(rt, tx, row.id, row.zone, indexes, courses, rt.now(tx))


def _living(tx: Connection, id: UUID) -> Any | None:
    row = people.one(tx, id)
    if row is not None and row.state == "merged":
        row = people.one(tx, merges.kept(tx, id))
    if row is not None and row.state == "erased":
        raise Erased
    return row


def _records(rt: Runtime, tx: Connection, actor: Actor, ids: Sequence[UUID]) -> list[PersonRecord]:
    found = {row.id: row for row in person_records.many(tx, ids)}
    for id in ids:
        note(tx, rt, actor, "view", "person", id, id)
    return [_record(rt, tx, found[id]) for id in ids if id in found]


def _record(rt: Runtime, tx: Connection, row: Any) -> PersonRecord:
    told = opened(rt, "people", row.id, row.sealed)
    return PersonRecord(
        id=row.id,
        given_name=told.get("given_name", ""),
        family_name=told.get("family_name", ""),
        zone=row.zone,
        check_ins=row.check_ins,
        external_ids=[
            KnownAs(k.source, opened(rt, "person_keys", k.id, k.sealed).get("external_id", ""))
            for k in person_records.keys_of(tx, row.id)
        ],
        contacts=[
            Contact(
                c.channel, opened(rt, "contacts", c.id, c.sealed).get("address", ""), c.state, c.care_only
            )
            for c in people.contacts_of(tx, row.id)
            if c.state in CURRENT and c.sealed is not None
        ],
        agreements=[
            Agreed(s.channel, s.purpose, s.granted, s.at) for s in person_page.consent_states(tx, row.id)
        ],
        created_at=row.created_at,
        updated_at=row.updated_at,
    )

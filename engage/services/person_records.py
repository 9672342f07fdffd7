"""People for other systems: who somebody is, where they can be reached, and what they agreed to.

What a person told about their pain stays here: it is not needed to write to them or to book a visit.
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
from engage.services.timeline import Timeline, timeline
from engage.storage import people, person_page, person_records


class Erased(Exception):
    """The person was erased: only the id is left."""


@dataclass(frozen=True, slots=True)
class Contact:
    """An address or number. ``state`` is confirmed, bad (nothing arrives) or quarantined (maybe somebody else's)."""

    channel: str
    address: str
    state: str


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
    zone: str
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


def one(rt: Runtime, tx: Connection, actor: Actor, id: UUID) -> PersonRecord | None:
    """One person, None when there is no such id. Raises Erased."""
    row = people.one(tx, id)
    if row is None:
        return None
    if row.state == "erased":
        raise Erased
    return _records(rt, tx, actor, [id])[0]


def timeline_of(rt: Runtime, tx: Connection, actor: Actor, id: UUID) -> Timeline | None:
    """A person's messages, past and to come, None when there is no such id. Raises Erased."""
    row = people.one(tx, id)
    if row is None:
        return None
    if row.state == "erased":
        raise Erased
    indexes = [bytes(contact.address_index) for contact in people.contacts_of(tx, id)]
    note(tx, rt, actor, "view", "timeline", id, id)
    return timeline(rt, tx, id, row.zone, indexes, person_page.courses(tx, id), rt.now(tx))


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
        zone=row.zone,
        contacts=[
            Contact(c.channel, opened(rt, "contacts", c.id, c.sealed).get("address", ""), c.state)
            for c in people.contacts_of(tx, row.id)
            if c.state in CURRENT and c.sealed is not None
        ],
        agreements=[
            Agreed(s.channel, s.purpose, s.granted, s.at) for s in person_page.consent_states(tx, row.id)
        ],
        created_at=row.created_at,
        updated_at=row.updated_at,
    )

"""The page about one person: everything that is known, with where it came from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Connection

from engage.domain.courses import MAIN_PAINS
from engage.domain.messages import Channel, Purpose
from engage.domain.people import full_name
from engage.domain.timing import local, usable
from engage.runtime import Runtime
from engage.services import authorizations, outcomes, tags
from engage.services.audit import Actor, note
from engage.services.authorizations import Standing
from engage.services.desk_visits import Brief as Visit
from engage.services.desk_visits import of_person
from engage.services.find import Address, addresses_of
from engage.services.opening import opened
from engage.services.outcomes import CheckIns
from engage.services.tags import Tag
from engage.services.texts_in import TextIn, of_numbers
from engage.services.timeline import Timeline, timeline
from engage.storage import merges, people
from engage.storage import person_page as rows

CONSENTED: tuple[tuple[Channel, Purpose], ...] = (
    ("email", "education"),
    ("email", "care"),
    ("email", "marketing"),
    ("sms", "education"),
    ("sms", "care"),
    ("sms", "marketing"),
)


@dataclass(frozen=True, slots=True)
class Agreement:
    """Whether the person agrees to a purpose on a channel. ``since`` is None when nobody ever asked."""

    channel: str
    purpose: str
    granted: bool
    since: datetime | None


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One line of the consent ledger. ``at`` is aware, in the clinic's zone."""

    at: datetime
    channel: str
    purpose: str
    action: str
    actor: str
    source: str
    wording: str


@dataclass(frozen=True, slots=True)
class Suppression:
    """What stops, or once stopped, messages to an address. Times are aware, in the clinic's zone."""

    address: str
    scope: str
    reason: str
    since: datetime
    until: datetime | None
    lifted_at: datetime | None
    lifted_by: str
    standing: bool


@dataclass(frozen=True, slots=True)
class OnCourse:
    """A course that the person takes or took. Times are aware, in the person's zone."""

    id: UUID
    slug: str
    title: str
    state: Literal["active", "paused", "completed", "stopped", "booked", "unsubscribed"]
    done: int
    total: int
    started_at: datetime
    paused_until: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Request:
    """A consultation request of this person. Times are aware, in the clinic's zone."""

    id: UUID
    state: str
    outcome: str | None
    created_at: datetime
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Part:
    """Another record of the person: ``merge`` undoes the merge, where it is one that stands; ``at`` is in the clinic's
    zone."""

    id: UUID
    name: str
    merge: UUID | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PersonPage:
    """All that the page shows. ``erased`` people have neither name nor addresses.

    ``merged_into``: this record is a part of that one by now. ``parts`` were merged into this one; ``maybe`` are those
    of whom staff are asked whether they are the same.
    """

    id: UUID
    given_name: str
    family_name: str
    main_pain: str
    zone: str
    now: datetime
    erased: bool
    addresses: list[Address]
    agreements: list[Agreement]
    ledger: list[LedgerEntry]
    suppressions: list[Suppression]
    courses: list[OnCourse]
    requests: list[Request]
    timeline: Timeline
    texts: list[TextIn]
    merged_into: UUID | None
    parts: list[Part]
    maybe: list[Part]
    visits: list[Visit]
    check_ins: CheckIns
    tags: list[Tag]
    authorization: Standing


def see(rt: Runtime, actor: Actor, id: UUID) -> PersonPage | None:
    """As ``person_page``, for staff: with a row of the audit trail."""
    with rt.transaction() as tx:
        page = person_page(rt, tx, id)
        if page is not None:
            note(tx, rt, actor, "view", "person", id, id)
        return page


def person_page(rt: Runtime, tx: Connection, id: UUID) -> PersonPage | None:
    """What is known about a person, None when there is no such id."""
    person = people.one(tx, id)
    if person is None:
        return None
    now = rt.now(tx)
    told = opened(rt, "people", id, person.sealed)
    # What comes in from the address of an erased person is not theirs any more.
    contacts = people.contacts_of(tx, id) if person.state != "erased" else []
    indexes = {bytes(row.address_index): row for row in contacts}
    enrolled = rows.courses(tx, id)
    numbers = [index for index, row in indexes.items() if row.channel == "sms"]
    return PersonPage(
        id=id,
        given_name=told.get("given_name", ""),
        family_name=told.get("family_name", ""),
        main_pain=MAIN_PAINS.get(told.get("main_pain", ""), ""),
        zone=person.zone,
        now=now,
        erased=person.state == "erased",
        addresses=addresses_of(rt, tx, id),
        agreements=_agreements(rt, tx, id),
        ledger=_ledger(rt, tx, id),
        suppressions=_suppressions(rt, tx, indexes, now),
        courses=[_course(rt, row, person.zone, now) for row in enrolled],
        requests=[_request(rt, row) for row in rows.consultations(tx, id)],
        timeline=timeline(rt, tx, id, person.zone, list(indexes), enrolled, now),
        texts=of_numbers(rt, tx, numbers) if numbers else [],
        merged_into=merges.kept(tx, id) if person.state == "merged" else None,
        parts=[_part(rt, tx, row.other, row.id, row.at) for row in merges.of(tx, id)],
        maybe=[_part(rt, tx, other) for other in merges.candidates(tx, id)],
        visits=of_person(rt, tx, id, now),
        check_ins=outcomes.of_person(rt, tx, id, usable(person.zone, rt.clinic.zone), now),
        tags=tags.of_people(rt, tx, [id]),
        authorization=authorizations.standing(rt, tx, merges.all_of(tx, id), now),
    )


def _part(
    rt: Runtime, tx: Connection, id: UUID, merge: UUID | None = None, at: datetime | None = None
) -> Part:
    row = people.one(tx, id)
    name = full_name(opened(rt, "people", id, row.sealed)) if row is not None else ""
    return Part(id, name, merge, local(at, rt.clinic.zone) if at is not None else None)


def name_of(rt: Runtime, tx: Connection, ids: set[UUID]) -> dict[UUID, str]:
    """Given names by id, for lists; a person without one is left out."""
    found = {}
    for row in rows.names(tx, list(ids)):
        if row.sealed is not None:
            found[row.id] = str(opened(rt, "people", row.id, row.sealed).get("given_name", ""))
    return {id: name for id, name in found.items() if name}


def names(rt: Runtime, ids: set[UUID]) -> dict[UUID, str]:
    """As ``name_of``, for a list whose rows were noted as seen."""
    with rt.transaction() as tx:
        return name_of(rt, tx, ids)


def _agreements(rt: Runtime, tx: Connection, id: UUID) -> list[Agreement]:
    states = {(row.channel, row.purpose): row for row in rows.consent_states(tx, id)}
    pairs = dict.fromkeys([*CONSENTED, *states])
    return [_agreement(rt, channel, purpose, states.get((channel, purpose))) for channel, purpose in pairs]


def _agreement(rt: Runtime, channel: str, purpose: str, row: Any | None) -> Agreement:
    since = local(row.at, rt.clinic.zone) if row is not None else None
    return Agreement(channel, purpose, row is not None and row.granted, since)


def _ledger(rt: Runtime, tx: Connection, id: UUID) -> list[LedgerEntry]:
    return [
        LedgerEntry(
            at=local(row.at, rt.clinic.zone),
            channel=row.channel,
            purpose=row.purpose,
            action=row.action,
            actor=row.actor,
            source=row.source,
            wording=row.wording or "",
        )
        for row in rows.ledger(tx, merges.all_of(tx, id))
    ]


def _suppressions(rt: Runtime, tx: Connection, indexes: dict[bytes, Any], now: datetime) -> list[Suppression]:
    zone = rt.clinic.zone
    return [
        Suppression(
            address=_address(rt, indexes[bytes(row.address_index)]),
            scope=row.scope,
            reason=row.reason,
            since=local(row.created_at, zone),
            until=local(row.expires_at, zone) if row.expires_at is not None else None,
            lifted_at=local(row.lifted_at, zone) if row.lifted_at is not None else None,
            lifted_by=row.lifted_by or "",
            standing=row.lifted_at is None and (row.expires_at is None or row.expires_at > now),
        )
        for row in rows.suppressions(tx, list(indexes))
    ]


def _address(rt: Runtime, contact: Any) -> str:
    return str(opened(rt, "contacts", contact.id, contact.sealed).get("address", ""))


def _course(rt: Runtime, row: Any, zone: str, now: datetime) -> OnCourse:
    course = rt.library.courses.get(row.course)
    paused = row.paused_until if row.paused_until is not None and row.paused_until > now else None
    return OnCourse(
        id=row.id,
        slug=row.course,
        title=course.title if course is not None else row.course,
        state="paused" if row.state == "active" and paused is not None else row.state,
        done=len(row.done),
        total=len(course.lessons) if course is not None else len(row.done),
        started_at=local(row.started_at, zone),
        paused_until=local(paused, zone) if paused is not None else None,
        ended_at=local(row.ended_at, zone) if row.ended_at is not None else None,
    )


def _request(rt: Runtime, row: Any) -> Request:
    zone = rt.clinic.zone
    due = local(row.due_at, zone) if row.due_at is not None else None
    return Request(row.id, row.state, row.outcome, local(row.created_at, zone), due)

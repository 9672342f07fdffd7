"""People from booking systems: found again or made, a batch in a constant number of statements."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from engage.domain import patients as rules
from engage.domain.matching import Agreed, Book, Contact, How, Key, Known, Row, Taken
from engage.domain.messages import Channel
from engage.domain.patients import Checked, Problem
from engage.domain.patients import PersonIn as PersonIn
from engage.domain.people import full_name, normal_email
from engage.domain.timing import zone_names
from engage.ids import new_ids
from engage.runtime import Runtime
from engage.services.audit import Actor, note_each
from engage.services.find import index_people
from engage.services.opening import UNREADABLE, opened
from engage.storage import check_ins, enrolments, patients
from engage.storage.arrays import Blobs, Texts
from engage.storage.patients import Sought

# So long staff have for a question about who is who.
ASKED_FOR = timedelta(days=2)
# Where an agreement to check-ins is from that nobody but a booking system told of.
BOOKING_SYSTEM = "booking system"


@dataclass(frozen=True, slots=True)
class Matched:
    """What became of one person.

    ``how`` they were found: "external_id", "email", "mobile", "new" (made), or "refused", then ``person_id`` is None.
    ``doubt``: staff are asked something that they were not asked before. ``problems``: fields that were left out, or
    why the person was refused. ``skipped``: channels whose consent was not entered, each with a key of
    ``domain.patients.SKIPPED``. ``changed``: anything was written.
    """

    person_id: UUID | None
    how: How
    doubt: bool
    problems: list[Problem]
    skipped: dict[Channel, str] = field(default_factory=dict)
    changed: bool = False


def check(rt: Runtime, person: PersonIn, now: datetime) -> list[Problem]:
    """What is wrong with one person as told, with a cure for each; writes nothing."""
    return _check(rt, person, now).problems


def match_or_create(
    rt: Runtime, tx: Connection, actor: Actor, persons: Sequence[PersonIn], now: datetime
) -> list[Matched]:
    """Finds or makes each of these people, in their order; the same person twice in a batch is one.

    Found are people by their id in the booking system, else by a confirmed address or number together with the given
    name. Anybody else is new; staff are asked where the address is somebody's. Addresses are added where the channel
    had none that works, never replaced. Consents to care are entered where no opt-out speaks against it. What is known
    already writes nothing. Up to a thousand or so at once; each person's rows stay locked until the transaction ends.
    """
    checked = [_check(rt, person, now) for person in persons]
    rows = [_row(rt, one) for one in checked]
    sought = _sought(rows)
    patients.lock_values(tx, [index for row in rows for index in row.indexes.values()])
    book = _book(rt, tx, sought, now, len(rows))
    taken = [book.take(row) for row in rows]
    fresh = _write(rt, tx, actor, book, now)
    touched = {one.person for one in taken if one.changed and one.person is not None}
    note_each(tx, actor, "change", "person", sorted(touched))
    return [_matched(one, fresh) for one in taken]


def stop_courses(tx: Connection, person_ids: Collection[UUID], now: datetime) -> int:
    """Booking stops the course: what people had planned of theirs ends. Returns how many courses ended; twice ends none.

    Locks people in the order of their ids, then messages.
    """
    running = enrolments.lock_unfinished(tx, person_ids)
    return enrolments.end_booked(tx, running, now)


def _check(rt: Runtime, person: PersonIn, now: datetime) -> Checked:
    return rules.check(person, rt.clinic.sms.countries, zone_names(), now)


def _row(rt: Runtime, told: Checked) -> Row:
    if told.refused:
        return Row(told, None, {})
    indexes: dict[Channel, bytes] = {}
    if told.email:
        indexes["email"] = rt.sealer.index("email", normal_email(told.email))
    if told.mobile:
        indexes["sms"] = rt.sealer.index("sms", told.mobile)
    return Row(told, key_of(rt, told.source, told.external_id) if told.external_id else None, indexes)


def key_of(rt: Runtime, source: str, external_id: str) -> Key:
    """What a checked id in a booking system is found by."""
    return Key(source, rt.sealer.index("person-key", f"{source}\0{external_id}"))


def _sought(rows: Sequence[Row]) -> Sought:
    keys = list(dict.fromkeys(row.key for row in rows if row.key is not None))
    at = list(dict.fromkeys(pair for row in rows for pair in row.indexes.items()))
    return Sought(
        Texts(key.source for key in keys),
        Blobs(key.key_index for key in keys),
        Texts(channel for channel, _ in at),
        Blobs(index for _, index in at),
    )


def _book(rt: Runtime, tx: Connection, sought: Sought, now: datetime, size: int) -> Book:
    """All that is known about those who are sought, locked."""
    people = {row.id: _known(rt, row) for row in patients.lock_people(tx, sought)}
    patients.lock_contacts(tx, sought)
    living = [one.id for one in people.values() if one.forgotten_at is None]
    keys = {Key(row.source, bytes(row.key_index)): row.person_id for row in patients.keys(tx, sought)}
    indexes = {index for index in sought.indexes if index is not None}
    for row in patients.contacts(tx, living):
        index = bytes(row.address_index)
        indexes.add(index)
        contact = Contact(row.id, row.person_id, row.channel, index, row.state, sealed=row.sealed)
        people[row.person_id].contacts.append(contact)
    agreed: dict[tuple[UUID, Channel], Agreed] = {
        (row.person_id, row.channel): Agreed(row.granted, row.at)
        for row in patients.care_consents(tx, living)
    }
    # In order, so that what is made first is also found first. A row makes a person and two addresses at most.
    ids = iter(sorted(new_ids(3 * size)))
    return Book(
        now=now,
        zone=rt.clinic.zone,
        make_id=lambda: next(ids),
        people=people,
        keys={key: person for key, person in keys.items() if person in people},
        agreed=agreed,
        suppressed=patients.suppressed(tx, list(indexes), now),
    )


def _known(rt: Runtime, row: Any) -> Known:
    if row.state == "erased":
        return Known(row.id, {}, row.zone, forgotten_at=row.updated_at)
    told = opened(rt, "people", row.id, row.sealed)
    readable = told.get("given_name") != UNREADABLE
    return Known(row.id, told, row.zone, row.check_ins, readable=readable)


def _write(rt: Runtime, tx: Connection, actor: Actor, book: Book, now: datetime) -> set[str]:
    """Writes what the book says. Returns the keys of the questions that staff are asked now."""
    new = [one for one in book.people.values() if one.new]
    changed = [one for one in book.people.values() if one.changed and not one.new]
    patients.add(tx, _people(rt, new), now)
    patients.update(tx, _people(rt, changed), now)
    contacts = [contact for one in book.people.values() for contact in one.contacts]
    patients.add_contacts(tx, [_contact(rt, one) for one in contacts if one.new], now)
    patients.confirm_waiting(tx, [one.id for one in contacts if one.changed])
    patients.add_keys(tx, _keys(rt, book), now)
    _grant(rt, tx, actor, book, now)
    # Those who said yes or no before stay as they are.
    agreed = [one.id for one in [*new, *changed] if one.check_ins]
    check_ins.agree(tx, agreed, BOOKING_SYSTEM, actor.name, now)
    found = {
        one.id: (full_name(one.told), [_address(rt, contact) for contact in one.contacts])
        for one in book.people.values()
        if one.found_by_more
    }
    index_people(rt, tx, found, {one.id for one in new})
    return patients.ask(tx, _asks(rt, book, now), now)


def _people(rt: Runtime, people: Sequence[Known]) -> list[patients.Person]:
    return [patients.Person(one.id, rt.sealer.seal("people", one.id, one.told), one.zone) for one in people]


def _contact(rt: Runtime, one: Contact) -> patients.NewContact:
    sealed = rt.sealer.seal("contacts", one.id, {"address": one.address})
    return patients.NewContact(one.id, one.person, one.channel, one.index, sealed)


def _address(rt: Runtime, one: Contact) -> str:
    return one.address or str(opened(rt, "contacts", one.id, one.sealed).get("address", ""))


def _keys(rt: Runtime, book: Book) -> list[patients.NewKey]:
    ids = new_ids(len(book.new_keys))
    return [
        patients.NewKey(
            key.source,
            key.key_index,
            id,
            person,
            rt.sealer.seal("person_keys", id, {"external_id": external_id}),
        )
        for id, (key, (person, external_id)) in zip(ids, book.new_keys.items(), strict=True)
    ]


def _grant(rt: Runtime, tx: Connection, actor: Actor, book: Book, now: datetime) -> None:
    words: dict[bytes, str] = {}
    grants = []
    for one in book.grants:
        wording = rules.wording(one.channel, rt.clinic.name, one.consent_source)
        digest = sha256(wording.encode()).digest()
        words[digest] = wording
        grants.append(patients.Grant(one.person, one.channel, one.source, digest))
    patients.grant(tx, grants, words, "system" if actor.name == "system" else "staff", now)


def _asks(rt: Runtime, book: Book, now: datetime) -> list[patients.Ask]:
    ids = new_ids(len(book.asks))
    return [
        patients.Ask(
            id,
            one.kind,
            one.person,
            one.other,
            one.dedup_key,
            rt.sealer.seal("follow_ups", id, {"note": one.note}) if one.note else None,
            now + ASKED_FOR,
        )
        for id, one in zip(ids, book.asks.values(), strict=True)
    ]


def _matched(one: Taken, fresh: set[str]) -> Matched:
    """A question is the row's that asked it first."""
    mine = [key for key in one.asks if key in fresh]
    fresh.difference_update(mine)
    return Matched(one.person, one.how, bool(mine), one.problems, one.skipped, one.changed or bool(mine))

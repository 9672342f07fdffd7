"""Visits for other systems: seen, and put as a booking system has them. What is so already changes nothing."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Connection

from engage.domain.appointments import OFF, OPEN, When
from engage.domain.forms import InvalidInput
from engage.domain.message_filter import Place
from engage.domain.visit_filter import VisitFilter
from engage.runtime import Runtime
from engage.services import appointments as service
from engage.services import visit_times
from engage.services.appointments import Appointment, Booking
from engage.services.audit import Actor, note, note_each
from engage.storage import appointments, people, visit_lists
from engage.storage.database import lock_value

Outcome = Literal["created", "changed", "unchanged"]
# They have begun, or were to: a visit that is entered so may lie in the past.
BEGUN = frozenset({"arrived", "checked-in", "fulfilled", "noshow"})


class AnotherVisit(Exception):
    """A visit has this id of a booking system already: ``id``."""

    def __init__(self, id: UUID) -> None:
        super().__init__(str(id))
        self.id = id


def page(
    rt: Runtime, tx: Connection, actor: Actor, wanted: VisitFilter, after: Place | None, limit: int
) -> list[Appointment]:
    """The next visits behind ``after``, the earliest first, with a row of the audit trail."""
    found = visit_lists.page(tx, wanted, after, limit)
    note(tx, rt, actor, "view", "appointment list", None, wanted.person)
    note_each(tx, actor, "view", "visit in a list", list(dict.fromkeys(row.person_id for row in found)))
    return [service.opened(rt, row) for row in found]


def one(rt: Runtime, tx: Connection, actor: Actor, id: UUID) -> Appointment | None:
    """One visit with a row of the audit trail, None when there is none with that id."""
    row = appointments.one(tx, id)
    if row is None:
        return None
    note(tx, rt, actor, "view", "appointment", id, row.person_id)
    return service.opened(rt, row)


def locked(rt: Runtime, tx: Connection, id: UUID) -> Appointment | None:
    """One visit that nobody else changes until the transaction ends."""
    row = appointments.lock(tx, id)
    return service.opened(rt, row) if row is not None else None


def now_is(rt: Runtime, tx: Connection, id: UUID) -> Appointment:
    """The visit as this transaction has left it."""
    return service.opened(rt, appointments.one(tx, id))


def find(rt: Runtime, tx: Connection, source: str, external_id: str) -> UUID | None:
    """The visit that a booking system knows by an id; nobody else can add one until the transaction ends."""
    index = service.external_index(rt, source, external_id)
    if index is None:
        return None
    lock_value(tx, index)
    row = appointments.by_external(tx, [index]).get(index)
    return row.id if row is not None else None


def book(rt: Runtime, tx: Connection, actor: Actor, booking: Booking, now: datetime) -> UUID:
    """A new visit. Raises InvalidInput, and AnotherVisit when its booking system's id is known."""
    known = find(rt, tx, booking.source, booking.external_id)
    if known is not None:
        raise AnotherVisit(known)
    return service.book_many(rt, tx, actor, [booking], now)[0]


def put(rt: Runtime, tx: Connection, actor: Actor, booking: Booking, now: datetime) -> tuple[UUID, Outcome]:
    """Makes the visit with this id of a booking system what ``booking`` says, in one new version at most.

    A visit that is called off keeps its time. Raises InvalidInput, also for another person's visit.
    """
    known = find(rt, tx, booking.source, booking.external_id)
    if known is None:
        over = booking.status in BEGUN | OFF
        return service.book_many(rt, tx, actor, [booking], now, entered_later=over)[0], "created"
    row = appointments.lock(tx, known)
    assert row is not None
    if row.person_id != booking.person_id:
        words = "The visit with this id is another person’s. Cancel it and send the new one under an id of its own."
        raise InvalidInput({"person": words})
    if people.states(tx, [row.person_id]).get(row.person_id) != "active":
        raise InvalidInput({"person": "There is no such person, or they asked to be forgotten."})
    told = _tell(rt, tx, row, booking, now)
    changed = _change(rt, tx, actor, row, booking, now)
    if told and not changed:
        note(tx, rt, actor, "change", "appointment", row.id, row.person_id)
    return row.id, "changed" if told or changed else "unchanged"


def _change(rt: Runtime, tx: Connection, actor: Actor, row: Any, booking: Booking, now: datetime) -> bool:
    when, status, before = booking.when, booking.status, service.when_of(row)
    if status in OFF or (when == before and row.status not in OFF):
        return service.mark_row(rt, tx, actor, row, status, now)
    begun = status in BEGUN
    if begun and row.status in OFF and when == before:
        return service.mark_row(rt, tx, actor, row, status, now)
    visit_times.check_when(rt, when, now, entered_later=begun)
    if status in ("fulfilled", "noshow") and when.starts_at > now:
        raise InvalidInput({"status": "It has not begun yet."})
    if status in OPEN:
        visit_times.check_free(rt, when, _others(tx, row, now))
    service.change_row(rt, tx, actor, row, when, status, now)
    return True


def _others(tx: Connection, row: Any, now: datetime) -> list[When]:
    found = appointments.open_of(tx, [row.person_id], now)
    return [service.when_of(one) for one in found if one.id != row.id]


def _tell(rt: Runtime, tx: Connection, row: Any, booking: Booking, now: datetime) -> bool:
    """New words for staff about the visit. False when they are known."""
    kept = rt.sealer.open("appointments", row.id, row.sealed) if row.sealed is not None else {}
    words = {"practitioner": booking.practitioner, "note": booking.note}
    told = {name: value for name, value in {**kept, **words}.items() if value}
    if told == kept:
        return False
    appointments.set_sealed(tx, row.id, rt.sealer.seal("appointments", row.id, told), now)
    return True

"""Visits: booking, moving, calling off and on, and how they went. Messages are planned in the same transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Connection

from engage.domain import appointments as rules
from engage.domain.appointments import OFF, OPEN, STATUSES, Reply, Status, When
from engage.domain.forms import ChangedMeanwhile, InvalidInput
from engage.domain.visit_wishes import Wishes
from engage.domain.visit_wishes import opened as wishes_of
from engage.ids import new_ids
from engage.runtime import Runtime
from engage.services import visit_plans
from engage.services.audit import Actor, note
from engage.services.patients import stop_courses
from engage.services.visit_changes import change_rows
from engage.services.visit_times import check_free, check_when
from engage.storage import appointments, people
from engage.storage.appointments import Changed, New


class NoSuchVisit(LookupError):
    """There is no visit with that id."""


@dataclass(frozen=True, slots=True)
class Booking:
    """A visit to be. ``external_id`` is what its booking system calls it; ``practitioner`` and ``note`` are for staff
    and never leave."""

    person_id: UUID
    when: When
    status: Status = "booked"
    source: str = "staff"
    external_id: str = ""
    plan_id: UUID | None = None
    practitioner: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Appointment:
    """A visit as it is. Times are aware UTC. ``unplanned`` tells why what does not go out does not: rule/channel to a
    slug of message_words.REASONS; ``wishes`` when another time would suit, as last asked for."""

    id: UUID
    person_id: UUID
    plan_id: UUID | None
    when: When
    status: Status
    version: int
    since: datetime
    source: str
    external_id: str
    practitioner: str
    note: str
    reply: Reply | None
    replied_at: datetime | None
    unplanned: Mapping[str, str] = field(default_factory=dict)
    wishes: Wishes = field(default_factory=Wishes)


def book(rt: Runtime, actor: Actor, booking: Booking) -> UUID:
    """A new visit. Raises InvalidInput, NoSuchPerson as InvalidInput's ``person``."""
    with rt.transaction() as tx:
        return book_many(rt, tx, actor, [booking], rt.now(tx))[0]


def book_many(
    rt: Runtime,
    tx: Connection,
    actor: Actor,
    bookings: Sequence[Booking],
    now: datetime,
    *,
    entered_later: bool = False,
) -> list[UUID]:
    """New visits of any number of people, with their messages planned and their courses ended, in the order given.

    ``entered_later``: they come from a file and may be over. Raises InvalidInput for the first that can't be.
    """
    if not bookings:
        return []
    whose = list({booking.person_id for booking in bookings})
    appointments.lock_people(tx, whose)
    _check(rt, tx, bookings, now, entered_later)
    ids = new_ids(len(bookings))
    rows = [row_of(rt, id, one) for id, one in zip(ids, bookings, strict=True)]
    appointments.add(tx, rows, named(actor), now)
    for row in rows if len(rows) == 1 else ():
        note(tx, rt, actor, "change", "appointment", row.id, row.person_id)
    stop_courses(tx, [one.person_id for one in bookings if one.status in OPEN], now)
    visit_plans.replan(rt, tx, whose, now)
    return ids


def row_of(rt: Runtime, id: UUID, booking: Booking, since: datetime | None = None) -> New:
    """A booking as it is stored."""
    when = booking.when
    return New(
        id,
        booking.person_id,
        booking.plan_id,
        when.starts_at,
        when.zone,
        when.minutes,
        when.location,
        booking.status,
        booking.source,
        external_index(rt, booking.source, booking.external_id),
        sealed_words(rt, id, booking.external_id, booking.practitioner, booking.note),
        since,
    )


def _check(
    rt: Runtime, tx: Connection, bookings: Sequence[Booking], now: datetime, entered_later: bool
) -> None:
    known = people.states(tx, list({one.person_id for one in bookings}))
    taken: dict[UUID, list[When]] = defaultdict(list)
    for row in appointments.open_of(tx, list(known), now):
        taken[row.person_id].append(When(row.starts_at, row.zone, row.minutes, row.location))
    for one in bookings:
        if known.get(one.person_id) != "active":
            raise InvalidInput({"person": "There is no such person, or they asked to be forgotten."})
        check_when(rt, one.when, now, entered_later=entered_later)
        if one.status not in STATUSES:
            raise InvalidInput({"status": f"There is no such status; there is: {', '.join(STATUSES)}."})
        if one.status in OPEN:
            check_free(rt, one.when, taken[one.person_id])
            taken[one.person_id].append(one.when)


def move(rt: Runtime, actor: Actor, id: UUID, when: When, version: int | None = None) -> bool:
    """Gives a visit another time or place. False when that is what it has already.

    Raises NoSuchVisit, InvalidInput, and ChangedMeanwhile when ``version`` is given and is not the visit's.
    """
    with rt.transaction() as tx:
        row = _locked(tx, id, version)
        return move_row(rt, tx, actor, row, when, rt.now(tx))


def move_row(rt: Runtime, tx: Connection, actor: Actor, row: Any, when: When, now: datetime) -> bool:
    """As ``move``, for a locked row."""
    if row.status not in OPEN and row.status not in ("proposed", "waitlist"):
        words = rules.STATUS_WORDS[cast(Status, row.status)].lower()
        raise InvalidInput({"status": f"Only a visit to come can be moved; this one: {words}."})
    if when == when_of(row):
        return False
    check_when(rt, when, now)
    others = [when_of(one) for one in appointments.open_of(tx, [row.person_id], now) if one.id != row.id]
    check_free(rt, when, others)
    change_row(rt, tx, actor, row, when, row.status, now)
    return True


def cancel(rt: Runtime, actor: Actor, id: UUID, version: int | None = None) -> bool:
    """Calls a visit off. False when it was off already. Raises NoSuchVisit, InvalidInput, ChangedMeanwhile."""
    with rt.transaction() as tx:
        row = _locked(tx, id, version)
        return cancel_row(rt, tx, actor, row, rt.now(tx))


def cancel_row(rt: Runtime, tx: Connection, actor: Actor, row: Any, now: datetime) -> bool:
    """As ``cancel``, for a locked row."""
    if row.status in OFF:
        return False
    if row.status in ("fulfilled", "noshow"):
        raise InvalidInput({"status": "It is over, so that it can't be cancelled."})
    change_row(rt, tx, actor, row, when_of(row), "cancelled", now)
    return True


def reinstate(rt: Runtime, actor: Actor, id: UUID, version: int | None = None) -> bool:
    """Calls a cancelled visit on again: within a minute nobody hears of either. False when it was on.

    Raises NoSuchVisit, InvalidInput, ChangedMeanwhile.
    """
    with rt.transaction() as tx:
        row = _locked(tx, id, version)
        if row.status not in OFF:
            return False
        now = rt.now(tx)
        when = when_of(row)
        check_when(rt, when, now)
        check_free(rt, when, [when_of(one) for one in appointments.open_of(tx, [row.person_id], now)])
        change_row(rt, tx, actor, row, when, "booked", now)
        return True


def mark(rt: Runtime, actor: Actor, id: UUID, status: Status, version: int | None = None) -> bool:
    """How a visit goes on: arrived, checked in, took place, was missed. False when that is known.

    Raises NoSuchVisit, InvalidInput, ChangedMeanwhile.
    """
    if status not in STATUSES:
        raise InvalidInput({"status": f"There is no such status; there is: {', '.join(STATUSES)}."})
    with rt.transaction() as tx:
        row = _locked(tx, id, version)
        return mark_row(rt, tx, actor, row, status, rt.now(tx))


def mark_row(rt: Runtime, tx: Connection, actor: Actor, row: Any, status: Status, now: datetime) -> bool:
    """As ``mark``, for a locked row."""
    if row.status == status:
        return False
    if status in ("fulfilled", "noshow") and row.starts_at > now:
        raise InvalidInput({"status": "It has not begun yet."})
    if rules.begins_version(row.status, status):
        if status in OPEN:
            others = appointments.open_of(tx, [row.person_id], now)
            check_free(rt, when_of(row), [when_of(one) for one in others if one.id != row.id])
        change_row(rt, tx, actor, row, when_of(row), status, now)
        return True
    appointments.set_status(tx, row.id, status, now)
    note(tx, rt, actor, "change", "appointment", row.id, row.person_id)
    visit_plans.replan(rt, tx, [row.person_id], now)
    return True


def answer(rt: Runtime, tx: Connection, row: Any, reply: Reply | None, now: datetime) -> bool:
    """Notes what a person answered about a locked visit. False when that is known."""
    return appointments.set_reply(tx, row.id, reply, now)


def change_row(
    rt: Runtime, tx: Connection, actor: Actor, row: Any, when: When, status: str, now: datetime
) -> None:
    """Gives a locked visit another time, place or status in one new version. The caller has checked that it may."""
    changed = Changed(row.id, when.starts_at, when.zone, when.minutes, when.location, status)
    change_rows(tx, [changed], named(actor), now)
    note(tx, rt, actor, "change", "appointment", row.id, row.person_id)
    if status in OPEN:
        stop_courses(tx, [row.person_id], now)
    visit_plans.replan(rt, tx, [row.person_id], now)


def _locked(tx: Connection, id: UUID, version: int | None) -> Any:
    row = appointments.lock(tx, id)
    if row is None:
        raise NoSuchVisit(str(id))
    if version is not None and row.version != version:
        raise ChangedMeanwhile
    return row


def when_of(row: Any) -> When:
    """When and where a visit's row says."""
    return When(row.starts_at, row.zone, row.minutes, row.location)


def external_index(rt: Runtime, source: str, external_id: str) -> bytes | None:
    """What a visit is found by that a booking system knows."""
    return rt.sealer.index("appointment", f"{source}/{external_id}") if external_id else None


def named(actor: Actor) -> str:
    """Who acted, for a visit's history."""
    return f"{actor.name}/{actor.staff_id}" if actor.staff_id is not None else actor.label


def sealed_words(rt: Runtime, id: UUID, external_id: str, practitioner: str, words: str) -> bytes | None:
    """What is sealed of a visit, None for nothing."""
    told = {"external_id": external_id, "practitioner": practitioner, "note": words}
    told = {name: value for name, value in told.items() if value}
    return rt.sealer.seal("appointments", id, told) if told else None


def opened(rt: Runtime, row: Any) -> Appointment:
    """A row with what is sealed in it. Raises SealError."""
    told = rt.sealer.open("appointments", row.id, row.sealed) if row.sealed is not None else {}
    return Appointment(
        id=row.id,
        person_id=row.person_id,
        plan_id=row.plan_id,
        when=when_of(row),
        status=row.status,
        version=row.version,
        since=row.since,
        source=row.source,
        external_id=told.get("external_id", ""),
        practitioner=told.get("practitioner", ""),
        note=told.get("note", ""),
        reply=row.reply,
        replied_at=row.replied_at,
        wishes=wishes_of(told.get("wishes")),
        unplanned=row.unplanned,
    )


def one(rt: Runtime, id: UUID) -> Appointment | None:
    """A visit, None when there is none with that id."""
    with rt.transaction() as tx:
        row = appointments.one(tx, id)
        return opened(rt, row) if row is not None else None

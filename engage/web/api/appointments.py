"""``/appointments``: booking visits, putting them as a booking system has them, moving, calling off, listing."""

from __future__ import annotations

from uuid import UUID

from engage.domain.appointments import STATUS_WORDS, Status
from engage.domain.forms import InvalidInput
from engage.domain.message_filter import Place as End
from engage.domain.message_words import REASONS
from engage.domain.timing import local
from engage.domain.visit_filter import VisitFilter
from engage.services import appointments as service
from engage.services import person_records as people
from engage.services import visit_records as records
from engage.services.appointments import Booking
from engage.services.visit_records import AnotherVisit, Outcome
from engage.web.api import paging
from engage.web.api.appointment_shapes import (
    Appointment,
    AppointmentAsItIs,
    AppointmentQuery,
    Appointments,
    Move,
    NewAppointment,
    NotPlanned,
    PutAppointment,
    Told,
)
from engage.web.api.problems import Place, Refusal
from engage.web.api.routes import Answer, Call, Routes
from engage.web.api.shapes import ExternalId, Source, in_address
from engage.web.api.visit_times import refused, when_of

routes = Routes()


@routes.declare(
    "GET",
    "/appointments",
    "appointments:read",
    "List visits",
    {200: Appointments},
    query=AppointmentQuery,
)
def list_appointments(call: Call, query: AppointmentQuery) -> Answer:
    """Visits in the order of their times, past ones too. next_cursor opens the next page."""
    person = people.kept(call.tx, query.person) if query.person is not None else None
    wanted = VisitFilter(query.from_, query.to, query.status, person)
    after = paging.after(call.rt, query)
    found = records.page(call.rt, call.tx, call.actor, wanted, after, query.limit + 1)
    shown, more = found[: query.limit], len(found) > query.limit
    end = paging.cursor(call.rt, query, End(shown[-1].when.starts_at, shown[-1].id)) if more else None
    page = Appointments(data=[_appointment(one) for one in shown], next_cursor=end)
    return Answer(page, headers=paging.link(query, end))


@routes.declare(
    "GET",
    "/appointments/<uuid:id>",
    "appointments:read",
    "Get one visit",
    {200: Appointment},
)
def get_appointment(call: Call, id: UUID) -> Answer:
    """A visit, with what the person answered and why messages about it do not go out, if any do not."""
    found = records.one(call.rt, call.tx, call.actor, id)
    if found is None:
        raise _nothing()
    return Answer(_appointment(found))


@routes.declare(
    "POST",
    "/appointments",
    "appointments:write",
    "Book a visit",
    {201: PutAppointment},
    body=NewAppointment,
    problems=["conflict"],
)
def create_appointment(call: Call, body: NewAppointment) -> Answer:
    """Books a visit and plans its reminders. A person has one visit at a time; an external_id is one visit’s only."""
    booking = _booking(call, body, body.status, body.source, body.external_id or "")
    try:
        id = records.book(call.rt, call.tx, call.actor, booking, call.rt.now(call.tx))
    except InvalidInput as error:
        raise refused(error) from None
    except AnotherVisit as error:
        words = f"A visit has this external_id already: {error.id}. Use PUT to change it."
        raise Refusal("conflict", words) from None
    return _answer(call, id, "created")


@routes.declare(
    "PUT",
    "/appointments/by-external-id/<source>/<path:external_id>",
    "appointments:write",
    "Put a visit as a booking system has it",
    {200: PutAppointment, 201: PutAppointment},
    body=AppointmentAsItIs,
    problems=["changed"],
)
def put_appointment(call: Call, source: str, external_id: str, body: AppointmentAsItIs) -> Answer:
    """Books, moves, calls off or on, or marks the visit that the booking system knows by this id, whatever is needed
    for it to be so. Sending the same again changes nothing and says so: outcome is unchanged. Visits that are over are
    taken with a status that says how they went."""
    source = in_address("source", Source, source)
    external_id = in_address("external_id", ExternalId, external_id)
    booking = _booking(call, body, body.status, source, external_id)
    if call.if_match is not None:
        _still(call, records.find(call.rt, call.tx, source, external_id))
    try:
        id, outcome = records.put(call.rt, call.tx, call.actor, booking, call.rt.now(call.tx))
    except InvalidInput as error:
        raise refused(error) from None
    return _answer(call, id, outcome)


@routes.declare(
    "POST",
    "/appointments/<uuid:id>/move",
    "appointments:write",
    "Move a visit",
    {200: PutAppointment},
    body=Move,
    problems=["conflict", "changed"],
)
def move_appointment(call: Call, id: UUID, body: Move) -> Answer:
    """Gives a visit to come another time or place. Reminders of the old one are taken back, and who was told of it is
    told of the new one."""
    before = _still(call, id)
    when = when_of(call.rt, body, before.when)
    try:
        changed = service.move(call.rt, call.actor, id, when)
    except InvalidInput as error:
        raise _not_now(error) from None
    return _answer(call, id, "changed" if changed else "unchanged")


@routes.declare(
    "POST",
    "/appointments/<uuid:id>/cancel",
    "appointments:write",
    "Cancel a visit",
    {200: PutAppointment},
    problems=["conflict", "changed"],
)
def cancel_appointment(call: Call, id: UUID) -> Answer:
    """Calls a visit off. Reminders are taken back, and who was told of the visit is told that it is off."""
    _still(call, id)
    try:
        changed = service.cancel(call.rt, call.actor, id)
    except InvalidInput as error:
        raise _not_now(error) from None
    return _answer(call, id, "changed" if changed else "unchanged")


def _booking(call: Call, body: Told, status: Status, source: str, external_id: str) -> Booking:
    return Booking(
        _person(call, body, source),
        when_of(call.rt, body),
        status,
        source,
        external_id,
        practitioner=body.practitioner,
        note=body.note,
    )


def _person(call: Call, body: Told, source: str) -> UUID:
    if (body.person_id is None) == (body.person_external_id is None):
        raise Refusal("invalid", places=[Place("#/person_id", "Give person_id or person_external_id.")])
    if body.person_id is not None:
        return people.kept(call.tx, body.person_id)
    found = people.who(call.rt, call.tx, source, body.person_external_id or "")
    if found is None:
        words = "There is no person with this id yet: tell of them first."
        raise Refusal("invalid", places=[Place("#/person_external_id", words)])
    return found


def _still(call: Call, id: UUID | None) -> service.Appointment:
    """The visit, locked. Raises Refusal when there is none, or when it is not as If-Match says."""
    found = records.locked(call.rt, call.tx, id) if id is not None else None
    if found is None:
        raise Refusal("changed") if id is None else _nothing()
    if call.if_match is not None and not call.if_match(_appointment(found)):
        raise Refusal("changed")
    return found


def _answer(call: Call, id: UUID, outcome: Outcome) -> Answer:
    seen = _appointment(records.now_is(call.rt, call.tx, id))
    body = PutAppointment(**seen.model_dump(), outcome=outcome)
    created = outcome == "created"
    where = {"Location": f"/api/v1/appointments/{id}"} if created else {}
    return Answer(body, 201 if created else 200, where, seen, seen.person_id)


def _appointment(found: service.Appointment) -> Appointment:
    when = found.when
    return Appointment(
        id=found.id,
        person_id=found.person_id,
        starts_at=local(when.starts_at, when.zone),
        ends_at=local(when.ends_at, when.zone),
        zone=when.zone,
        minutes=when.minutes,
        location=when.location,
        status=found.status,
        status_words=STATUS_WORDS[found.status],
        version=found.version,
        source=found.source,
        external_id=found.external_id or None,
        practitioner=found.practitioner,
        note=found.note,
        reply=found.reply,
        replied_at=found.replied_at,
        not_planned=[_not_planned(key, reason) for key, reason in sorted(found.unplanned.items())],
    )


def _not_planned(key: str, reason: str) -> NotPlanned:
    rule, _, channel = key.partition("/")
    return NotPlanned(rule=rule, channel=channel, reason=reason, why=REASONS.get(reason, reason))


def _not_now(error: InvalidInput) -> Refusal:
    """What stands against it is not in the body but in the visit."""
    words = error.errors.get("status")
    return Refusal("conflict", words) if words is not None else refused(error)


def _nothing() -> Refusal:
    return Refusal("not-found", "There is no visit with this id.")

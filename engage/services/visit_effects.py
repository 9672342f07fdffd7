"""What would follow if a visit were booked, moved or called off: done for real, looked at, and rolled back.

Nothing is foreseen by rules of its own, so that what staff see before an act is what the act does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from engage.domain.appointments import Status, When
from engage.domain.forms import ChangedMeanwhile
from engage.domain.message_words import REASONS
from engage.domain.messages import KINDS
from engage.domain.reminder_words import name_of
from engage.domain.reminders import Policy
from engage.domain.timing import local
from engage.domain.treatment_plans import fits
from engage.runtime import Runtime
from engage.services import appointments as visits
from engage.services import visit_letters, visit_told
from engage.services.appointments import Booking, NoSuchVisit, when_of
from engage.services.audit import Actor, note
from engage.services.texts import text_of
from engage.services.visit_plans import MESSAGES_BACK, NOTICES, WAITING, policy_of
from engage.services.working_hours import hours_of
from engage.storage import appointments, claim_facts, person_page
from engage.storage.appointments import VisitMessage
from engage.storage.sealed import SealError

_RUNNING = "active"


@dataclass(frozen=True, slots=True)
class Line:
    """One message that would go, or would not any more. ``at`` and ``was_at`` are aware, by the clocks at its visit;
    ``was_at`` when it would have gone so far, None for a new one. ``other``: when another visit of the person is that
    it is about, None for the visit itself. ``text`` is what a notice says, "" for others."""

    name: str
    kind_words: str
    channel: str
    at: datetime
    was_at: datetime | None = None
    other: datetime | None = None
    subject: str = ""
    text: str = ""


@dataclass(slots=True)
class Effects:
    """All that would happen. ``notices`` correct what was told; ``new`` and ``moved`` are reminders; ``ended`` go no
    more. ``calls``: why no message can tell of the change, so that somebody is asked to telephone. ``no_ways``: why
    reminders go on a way not at all. ``courses`` end, by their titles. ``closed``: the clinic is not open then.
    ``version`` is the visit's before the act."""

    person_id: UUID
    version: int
    was: When | None
    now: When
    status: Status
    notices: list[Line] = field(default_factory=list)
    new: list[Line] = field(default_factory=list)
    moved: list[Line] = field(default_factory=list)
    ended: list[Line] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    no_ways: list[str] = field(default_factory=list)
    courses: list[str] = field(default_factory=list)
    closed: bool = False

    @property
    def silent(self) -> bool:
        """Whether nobody gets anything, and nothing that was planned changes."""
        return not (self.notices or self.new or self.moved or self.ended or self.calls)


@dataclass(frozen=True, slots=True)
class _Before:
    """What there was of a person's messages and courses."""

    messages: Mapping[UUID, VisitMessage]
    courses: Mapping[UUID, Any]


def of_booking(rt: Runtime, actor: Actor, booking: Booking) -> Effects:
    """As if it were booked. Raises InvalidInput."""
    with rt.transaction() as tx:
        now, undone = rt.now(tx), tx.begin_nested()
        appointments.lock_people(tx, [booking.person_id])
        before = _before(tx, booking.person_id, now)
        id = visits.book_many(rt, tx, actor, [booking], now)[0]
        found = _effects(rt, tx, id, before, None, now)
        undone.rollback()
        return replace(found, version=0)


def of_move(rt: Runtime, actor: Actor, id: UUID, when: When, version: int | None = None) -> Effects:
    """As if it were moved. Raises NoSuchVisit, InvalidInput, ChangedMeanwhile."""
    return _of(rt, actor, id, version, lambda tx, row, now: visits.move_row(rt, tx, actor, row, when, now))


def of_cancel(rt: Runtime, actor: Actor, id: UUID, version: int | None = None) -> Effects:
    """As if it were called off. Raises as ``of_move``."""
    return _of(rt, actor, id, version, lambda tx, row, now: visits.cancel_row(rt, tx, actor, row, now))


def of_mark(rt: Runtime, actor: Actor, id: UUID, status: Status, version: int | None = None) -> Effects:
    """As if it had that status. Raises as ``of_move``."""
    return _of(rt, actor, id, version, lambda tx, row, now: visits.mark_row(rt, tx, actor, row, status, now))


def _of(
    rt: Runtime,
    actor: Actor,
    id: UUID,
    version: int | None,
    act: Callable[[Connection, Any, datetime], bool],
) -> Effects:
    with rt.transaction() as tx:
        now, undone = rt.now(tx), tx.begin_nested()
        row = appointments.lock(tx, id)
        if row is None:
            raise NoSuchVisit(str(id))
        if version is not None and row.version != version:
            raise ChangedMeanwhile
        before = _before(tx, row.person_id, now)
        act(tx, row, now)
        found = _effects(rt, tx, id, before, row, now)
        undone.rollback()
        note(tx, rt, actor, "view", "appointment", id, row.person_id)
        return found


def _before(tx: Connection, person: UUID, now: datetime) -> _Before:
    return _Before(
        {one.id: one for one in appointments.messages_of(tx, [person], now - MESSAGES_BACK)},
        {row.id: row for row in person_page.courses(tx, person)},
    )


def _effects(
    rt: Runtime, tx: Connection, id: UUID, before: _Before, was: Any | None, now: datetime
) -> Effects:
    row = appointments.one(tx, id)
    assert row is not None
    found = Effects(
        person_id=row.person_id,
        version=was.version if was is not None else 0,
        was=when_of(was) if was is not None else None,
        now=when_of(row),
        status=row.status,
        no_ways=visit_told.no_ways(
            {key: why for key, why in row.unplanned.items() if key.partition("/")[0] not in NOTICES}
        ),
        courses=_courses(rt, tx, row.person_id, before),
        closed=_closed(rt, when_of(row)),
    )
    found.calls += [
        REASONS.get(why, why)
        for key, why in sorted(row.unplanned.items())
        if key.partition("/")[0] in NOTICES
    ]
    _messages(rt, tx, found, row, before, now)
    return found


def _closed(rt: Runtime, when: When) -> bool:
    """A place is open by its own clocks."""
    there, hours = local(when.starts_at, when.zone), hours_of(rt)
    return there.date() in hours.holidays or not fits(hours, there.weekday(), there.time(), when.minutes)


def _courses(rt: Runtime, tx: Connection, person: UUID, before: _Before) -> list[str]:
    ended = [
        row.course
        for row in person_page.courses(tx, person)
        if row.state != _RUNNING and (old := before.courses.get(row.id)) and old.state == _RUNNING
    ]
    return [found.title if (found := rt.library.courses.get(name)) else name for name in ended]


@dataclass(slots=True)
class Compared:
    """What became of a person's planned messages. ``moved`` with the moment at which each would have gone so far."""

    notices: list[VisitMessage] = field(default_factory=list)
    new: list[VisitMessage] = field(default_factory=list)
    moved: list[tuple[VisitMessage, datetime]] = field(default_factory=list)
    ended: list[VisitMessage] = field(default_factory=list)


def compared(before: Mapping[UUID, VisitMessage], after: Sequence[VisitMessage]) -> Compared:
    """What was planned beside what is. A reminder that went and came again has moved."""
    found = Compared()
    waited = {id: one for id, one in before.items() if one.status in WAITING}
    ended = {
        (one.visit_id, one.rule, one.channel): waited[one.id]
        for one in after
        if one.id in waited and one.status not in WAITING
    }
    for one in after:
        old = waited.get(one.id)
        if one.status not in WAITING or (old is not None and old.due_at == one.due_at):
            continue
        gone = ended.pop((one.visit_id, one.rule, one.channel), None)
        earlier = old or gone
        if one.rule in NOTICES:
            found.notices.append(one)
        elif earlier is None:
            found.new.append(one)
        elif earlier.due_at != one.due_at:
            found.moved.append((one, earlier.due_at))
    found.ended += ended.values()
    return found


def _messages(rt: Runtime, tx: Connection, found: Effects, row: Any, before: _Before, now: datetime) -> None:
    policy = policy_of(rt, tx)
    after = appointments.messages_of(tx, [row.person_id], now - MESSAGES_BACK)
    whens = {one.id: one for one in appointments.of_person(tx, row.person_id)}
    changes = compared(before.messages, after)

    def line(one: VisitMessage) -> Line:
        return _line(one, whens[one.visit_id], row.id, policy)

    found.notices += [_with_text(rt, tx, line(one), one, now) for one in changes.notices]
    found.new += [line(one) for one in changes.new]
    found.moved += [
        replace(line(one), was_at=local(was, whens[one.visit_id].zone)) for one, was in changes.moved
    ]
    found.ended += [line(one) for one in changes.ended]


def _line(message: VisitMessage, visit: Any, about: UUID, policy: Policy) -> Line:
    return Line(
        name=name_of(message.rule, policy, message.kind),
        kind_words=KINDS[message.kind].words,
        channel=message.channel,
        at=local(message.due_at, visit.zone),
        other=local(visit.starts_at, visit.zone) if visit.id != about else None,
    )


def _with_text(rt: Runtime, tx: Connection, line: Line, message: VisitMessage, now: datetime) -> Line:
    """The words of a notice, made as the claim makes them."""
    rows = claim_facts.fetch(tx, [message.id], now)
    facts = visit_letters.facts(tx, rows)
    try:
        letter = visit_letters.letter(rt, rows[0], [facts[message.id]], now)
    except SealError:
        return line
    subject, _, text = rt.library.plan(text_of(rt, message.kind, None, message.rule)).fill(letter.values)
    return replace(line, subject=subject, text=text)

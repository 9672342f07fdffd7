"""Plans of treatment at the front desk: laid out and looked at first, then booked as a whole."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from engage.domain import treatment_plans as rules
from engage.domain.appointments import LONGEST_MINUTES, OPEN, STATUS_WORDS, TENTATIVE, Status, When
from engage.domain.forms import ChangedMeanwhile, InvalidInput
from engage.domain.people import full_name
from engage.domain.reminders import Policy
from engage.domain.timing import local
from engage.domain.treatment_plans import MOST_SESSIONS, Layout, Part, Skipped, Wishes, fits
from engage.domain.visit_words import clock
from engage.ids import new_id
from engage.runtime import Runtime
from engage.services import appointments as visits
from engage.services import visit_times
from engage.services.appointments import Booking
from engage.services.audit import Actor, note
from engage.services.opening import opened
from engage.services.visit_plans import policy_of
from engage.services.working_hours import hours_of
from engage.storage import appointments, people, treatment_plans

_DAYS = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")


@dataclass(frozen=True, slots=True)
class PlanWish:
    """What staff typed for a plan. ``hours``: the wall time on each weekday that suits (0 is Monday)."""

    person_id: UUID
    location: str
    first: date
    hours: Mapping[int, time]
    minutes: int
    parts: tuple[Part, ...]
    practitioner: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """A plan before it is booked. ``sessions`` are aware, by the clocks of the place. ``mark`` names this very list."""

    sessions: list[datetime]
    skipped: list[Skipped]
    missing: int
    mark: str


@dataclass(frozen=True, slots=True)
class Session:
    """A visit of a plan. ``starts`` is aware, by the clocks at the visit."""

    id: UUID
    starts: datetime
    location: str
    status: Status
    status_words: str
    to_come: bool
    tentative: bool


@dataclass(frozen=True, slots=True)
class PlanPage:
    """A plan that was booked, with its sessions in their order. ``undo``: the sessions that were called off last, as long
    as nobody has heard of it."""

    id: UUID
    person_id: UUID
    name: str
    created_at: datetime
    sessions: list[Session]
    undo: PlanUndo | None = None

    @property
    def to_come(self) -> int:
        """How many of them can be called off."""
        return sum(one.to_come or one.tentative for one in self.sessions)


@dataclass(frozen=True, slots=True)
class PlanUndo:
    """``count`` sessions can be put back on ``until`` (aware UTC); ``seen`` names these very ones."""

    count: int
    until: datetime
    seen: str


def show(rt: Runtime, wish: PlanWish) -> Shown:
    """The sessions that would be booked. Raises InvalidInput naming each field."""
    with rt.transaction() as tx:
        return _shown(_laid_out(rt, tx, wish), _zone(rt, wish))


def book(rt: Runtime, actor: Actor, wish: PlanWish, mark: str) -> UUID:
    """Books all sessions in one transaction; returns the plan's id.

    ``mark`` is of the list that staff saw: raises ChangedMeanwhile when it would be another one now (so the same form
    sent twice books once), InvalidInput when a session can't be.
    """
    with rt.transaction() as tx:
        appointments.lock_people(tx, [wish.person_id])
        layout = _laid_out(rt, tx, wish)
        zone, now, id = _zone(rt, wish), rt.now(tx), new_id()
        if _shown(layout, zone).mark != mark:
            raise ChangedMeanwhile
        sealed = rt.sealer.seal("treatment_plans", id, {"practitioner": wish.practitioner})
        treatment_plans.add(tx, id, wish.person_id, sealed if wish.practitioner else None, now)
        bookings = [
            Booking(
                wish.person_id,
                When(start, zone, wish.minutes, wish.location),
                plan_id=id,
                practitioner=wish.practitioner,
            )
            for start in layout.sessions
        ]
        visits.book_many(rt, tx, actor, bookings, now)
        note(tx, rt, actor, "change", "treatment plan", id, wish.person_id)
        return id


def see(rt: Runtime, actor: Actor, id: UUID) -> PlanPage | None:
    """A plan with its sessions, None when there is none with that id. Leaves a row of the audit trail."""
    with rt.transaction() as tx:
        row = treatment_plans.one(tx, id)
        if row is None:
            return None
        note(tx, rt, actor, "view", "treatment plan", id, row.person_id)
        person, now = people.one(tx, row.person_id), rt.now(tx)
        assert person is not None
        sessions = treatment_plans.sessions(tx, id, row.person_id)
        off, until = called_off(sessions, policy_of(rt, tx), now)
        return PlanPage(
            id=id,
            person_id=row.person_id,
            name=full_name(opened(rt, "people", person.id, person.sealed)),
            created_at=local(row.created_at, rt.clinic.zone),
            sessions=[session(one, now) for one in sessions],
            undo=PlanUndo(len(off), until, mark_of(off)) if off else None,
        )


def to_come(sessions: Sequence[Any], now: datetime) -> list[Any]:
    """Those of a plan's rows that can be called off."""
    return [row for row in sessions if row.status in OPEN | TENTATIVE and row.starts_at > now]


def called_off(sessions: Sequence[Any], policy: Policy, now: datetime) -> tuple[list[Any], datetime]:
    """Those of a plan's rows that were called off last, all at one moment, and until when nobody hears of it: none once
    that is over."""
    off = [row for row in sessions if row.status == "cancelled"]
    last = max((row.since for row in off), default=now - policy.undo)
    until = last + policy.undo
    return [row for row in off if row.since == last] if now < until else [], until


def mark_of(rows: Sequence[Any]) -> str:
    """Names these visits as they are."""
    seen = [(str(row.id), row.version, row.status) for row in rows]
    return hashlib.sha256(repr(seen).encode()).hexdigest()[:32]


def session(row: Any, now: datetime) -> Session:
    """A row as it is shown."""
    status: Status = row.status
    return Session(
        id=row.id,
        starts=local(row.starts_at, row.zone),
        location=row.location,
        status=status,
        status_words=STATUS_WORDS[status],
        to_come=status in OPEN and row.starts_at > now,
        tentative=status in TENTATIVE and row.starts_at > now,
    )


def _zone(rt: Runtime, wish: PlanWish) -> str:
    return str(visit_times.place(rt, wish.location).zone)


def _laid_out(rt: Runtime, tx: Connection, wish: PlanWish) -> Layout:
    now = rt.now(tx)
    wishes = Wishes(wish.first, wish.hours, wish.minutes, _zone(rt, wish), wish.parts)
    _check(rt, tx, wish, wishes, now)
    taken = [
        (row.starts_at, row.starts_at + timedelta(minutes=row.minutes))
        for row in appointments.open_of(tx, [wish.person_id], now)
    ]
    layout = rules.lay_out(wishes, hours_of(rt), taken, now)
    if not layout.sessions:
        raise InvalidInput(
            {"first": "No day suits: please choose other weekdays, hours or a later first day."}
        )
    visit_times.check_when(rt, When(layout.sessions[-1], wishes.zone, wish.minutes, wish.location), now)
    return layout


def _check(rt: Runtime, tx: Connection, wish: PlanWish, wishes: Wishes, now: datetime) -> None:
    errors: dict[str, str] = {}
    person = people.one(tx, wish.person_id)
    if person is None or person.state != "active":
        errors["person"] = "There is no such person, or they asked to be forgotten."
    if not 1 <= wish.minutes <= LONGEST_MINUTES:
        errors["minutes"] = f"A visit takes between 1 and {LONGEST_MINUTES} minutes."
    if not 1 <= wishes.sessions <= MOST_SESSIONS:
        errors["sessions"] = (
            f"A plan has between 1 and {MOST_SESSIONS} sessions; these are {wishes.sessions}."
        )
    if not wish.hours:
        errors["hour-0"] = "Please give an hour for at least one weekday."
    if wish.first < local(now, wishes.zone).date():
        errors["first"] = "That day is over: please choose one to come."
    elif wish.first > (now + timedelta(days=366)).date():
        errors["first"] = "That is more than a year ahead: please check the year."
    for weekday, wall in wish.hours.items():
        if "minutes" not in errors and not fits(hours_of(rt), weekday, wall, wish.minutes):
            errors[f"hour-{weekday}"] = _closed(rt, weekday)
    if errors:
        raise InvalidInput(errors)


def _closed(rt: Runtime, weekday: int) -> str:
    periods = ", ".join(f"{clock(a)} to {clock(b)}" for a, b in rt.clinic.hours.week[weekday])
    if not periods:
        return f"The clinic is closed on {_DAYS[weekday]}."
    return f"On {_DAYS[weekday]} the clinic is open from {periods}, and a session has to fit in."


def _shown(layout: Layout, zone: str) -> Shown:
    starts = [start.isoformat() for start in layout.sessions]
    mark = hashlib.sha256(repr(starts).encode()).hexdigest()[:32]
    sessions = [local(start, zone) for start in layout.sessions]
    return Shown(sessions, layout.skipped, layout.missing, mark)

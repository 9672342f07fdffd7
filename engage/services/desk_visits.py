"""All about one visit: when, how it stands, what its person was told and why not more, and how it came to be so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Connection

from engage.domain.appointments import OFF, OPEN, REPLY_WORDS, STATUS_WORDS, Status
from engage.domain.people import full_name
from engage.domain.reminder_words import span
from engage.domain.reminders import Policy
from engage.domain.run_sheet import STANDING_WORDS, Standing, group, to_call
from engage.domain.timing import local
from engage.runtime import Runtime
from engage.services import visit_acts, visit_told
from engage.services.appointments import Appointment, opened, when_of
from engage.services.audit import Actor, note
from engage.services.front_desk import numbers_of
from engage.services.opening import opened as opened_for_people
from engage.services.visit_acts import Undo, Way
from engage.services.visit_plans import policy_of
from engage.services.visit_told import NotSent, Told
from engage.storage import appointments, people
from engage.storage.sealed import SealError

# So long before a visit somebody may have arrived for it.
NEAR = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Version:
    """What a visit was from ``at`` on (aware, in its zone). ``what``: how it came to be so, in words; ``staff_id``
    who did it, None where that was no member of staff."""

    version: int
    what: str
    starts: datetime
    location: str
    at: datetime
    by: str
    staff_id: UUID | None


@dataclass(frozen=True, slots=True)
class VisitAtDesk:
    """All that the page shows. ``starts`` and ``ends`` are aware, by the clocks at the visit. ``begun``: its time has
    come; ``near``: its person may be here. ``ways``: on which channels its reminder can be sent once more. ``after_missed``: what follows when it is marked as
    missed. ``numbers``: where the person can be telephoned."""

    visit: Appointment
    name: str
    starts: datetime
    ends: datetime
    begun: bool
    near: bool
    status_words: str
    reply_words: str
    standing: Standing
    standing_words: str
    messages: Sequence[Told]
    not_sent: Sequence[NotSent]
    versions: list[Version]
    undo: Undo | None
    ways: list[Way]
    readable: bool
    after_missed: str
    numbers: list[str]

    @property
    def open(self) -> bool:
        """Whether it is going to take place."""
        return self.visit.status in OPEN

    @property
    def off(self) -> bool:
        """Whether it was called off."""
        return self.visit.status in OFF

    @property
    def call(self) -> bool:
        """Whether somebody has to telephone before it."""
        return self.open and not self.begun and to_call(group(self.standing, self.visit.reply))


@dataclass(frozen=True, slots=True)
class Brief:
    """A visit in a person's list. ``starts`` is aware, by the clocks at the visit."""

    id: UUID
    starts: datetime
    location: str
    status: Status
    status_words: str
    reply: str | None
    reply_words: str
    to_come: bool


def see(rt: Runtime, actor: Actor, id: UUID) -> VisitAtDesk | None:
    """The page about a visit, None when there is none with that id. Leaves a row of the audit trail."""
    with rt.transaction() as tx:
        row = appointments.one(tx, id)
        if row is None:
            return None
        note(tx, rt, actor, "view", "appointment", id, row.person_id)
        return _page(rt, tx, row, rt.now(tx))


def _page(rt: Runtime, tx: Connection, row: Any, now: datetime) -> VisitAtDesk:
    policy = policy_of(rt, tx)
    history = appointments.history(tx, row.id)
    told = visit_told.of_visit(tx, row, policy)
    visit, readable = _opened(rt, row)
    standing = visit_told.known(told.messages, visit.reply)
    person = people.one(tx, row.person_id)
    assert person is not None
    return VisitAtDesk(
        visit=visit,
        name=full_name(opened_for_people(rt, "people", person.id, person.sealed)),
        starts=local(row.starts_at, row.zone),
        ends=local(row.starts_at + timedelta(minutes=row.minutes), row.zone),
        begun=row.starts_at <= now,
        near=row.starts_at <= now + NEAR,
        status_words=STATUS_WORDS[visit.status],
        reply_words=REPLY_WORDS[visit.reply],
        standing=standing,
        standing_words=STANDING_WORDS[standing],
        messages=told.messages,
        not_sent=told.not_sent,
        versions=[_version(row, was, history[n - 1] if n else None) for n, was in enumerate(history)],
        undo=visit_acts.undoable(row, history, policy, now),
        ways=_ways(rt, tx, row, now),
        readable=readable,
        after_missed=_after_missed(policy),
        numbers=numbers_of(rt, tx, {row.person_id}).get(row.person_id, []),
    )


def _after_missed(policy: Policy) -> str:
    """What follows when a visit is marked as missed, "" where nothing does."""
    rule = next((one for one in policy.rules if one.about == "missed" and one.enabled), None)
    return f"A message about it goes {span(rule.minutes)} after it is marked as missed." if rule else ""


def _opened(rt: Runtime, row: Any) -> tuple[Appointment, bool]:
    """A visit whose sealed words can't be read is shown without them."""
    try:
        return opened(rt, row), True
    except SealError:
        return (
            Appointment(
                id=row.id,
                person_id=row.person_id,
                plan_id=row.plan_id,
                when=when_of(row),
                status=row.status,
                version=row.version,
                since=row.since,
                source=row.source,
                external_id="",
                practitioner="",
                note="",
                reply=row.reply,
                replied_at=row.replied_at,
                unplanned=row.unplanned,
            ),
            False,
        )


def _ways(rt: Runtime, tx: Connection, row: Any, now: datetime) -> list[Way]:
    if row.status not in OPEN or row.starts_at <= now:
        return []
    try:
        return visit_acts.ways(rt, tx, row, now)
    except SealError:
        return []


def _version(row: Any, was: Any, before: Any | None) -> Version:
    by, _, staff = was.actor.partition("/")
    return Version(
        version=was.version,
        what=_what(was, before),
        starts=local(was.starts_at, was.zone),
        location=was.location,
        at=local(was.at, row.zone),
        by=by,
        staff_id=UUID(staff) if staff else None,
    )


def _what(was: Any, before: Any | None) -> str:
    status = cast(Status, was.status)
    if before is None:
        return STATUS_WORDS[status]
    if status in OFF and before.status not in OFF:
        return STATUS_WORDS[status]
    if status not in OFF and before.status in OFF:
        return "Called on again"
    if (was.starts_at, was.zone) != (before.starts_at, before.zone):
        return "Moved"
    if was.location != before.location:
        return "Another place"
    return "Changed"


def of_person(rt: Runtime, tx: Connection, person: UUID, now: datetime) -> list[Brief]:
    """A person's visits, the latest first."""
    return [
        Brief(
            id=row.id,
            starts=local(row.starts_at, row.zone),
            location=row.location,
            status=row.status,
            status_words=STATUS_WORDS[cast(Status, row.status)],
            reply=row.reply,
            reply_words=REPLY_WORDS[row.reply],
            to_come=row.status in OPEN and row.starts_at > now,
        )
        for row in appointments.of_person(tx, person)
    ]

"""What workers do about consultation requests: deadline, person, acknowledgement, alerts, follow-ups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from engage import log
from engage.domain.abuse import Asked
from engage.domain.consultations import Concern, concern
from engage.domain.messages import CONSULTATION_RECEIVED
from engage.domain.working_hours import after_work
from engage.ids import new_id
from engage.runtime import Runtime
from engage.services import alerts, courses, follow_ups, forms
from engage.services.working_hours import hours_of
from engage.storage import consultations, form_counts, messages
from engage.storage.consultations import Event, LookedAt
from engage.storage.messages import Plan
from engage.storage.sealed import SealError

logger = log.get(__name__)

# After this a "we have got it" is of no use.
ACKNOWLEDGED_WITHIN = timedelta(days=2)
BATCH = 500


def deadline(rt: Runtime, asked_at: datetime) -> datetime:
    """Until when a request of that moment is to be answered, in the clinic's working hours. Aware UTC."""
    return after_work(hours_of(rt), asked_at, timedelta(hours=rt.clinic.consultation.answer_within_hours))


def answer_new(rt: Runtime, limit: int = BATCH) -> int:
    """Looks at new requests. Returns how many; 0 too when somebody else is at it."""
    with rt.transaction() as tx:
        if not form_counts.weigh_alone(tx):
            return 0
        rows = consultations.lock_new(tx, limit)
        if not rows:
            return 0
        now = rt.now(tx)
        owner = _owners(tx, rows)
        _pause(rt, tx, set(owner.values()), now)
        acknowledged = _acknowledge(rt, tx, rows, now)
        consultations.looked_at(
            tx,
            [
                LookedAt(
                    row.id,
                    deadline(rt, row.created_at),
                    owner.get(row.id),
                    now if row.id in acknowledged else None,
                )
                for row in rows
            ],
        )
        told = [Event(new_id(), row.id, None, "received", None, row.created_at) for row in rows]
        told += [Event(new_id(), id, None, "acknowledged", None, now) for id in acknowledged]
        consultations.add_events(tx, told)
        # Staff who took one before us know of it: nothing would end the alert.
        unseen = [(str(row.id), link(row.id)) for row in rows if row.state == "new"]
        alerts.raise_many(rt, tx, "new_request", unseen)
        return len(rows)


def link(id: UUID) -> str:
    """The path of a request's page for staff."""
    return f"/staff/requests/{id}"


def _owners(tx: Connection, rows: Sequence[Any]) -> Mapping[UUID, UUID]:
    """Whose request it is, for those that name a confirmed address or number."""
    emails = [bytes(row.address_index) for row in rows if row.address_index]
    numbers = [bytes(row.number_index) for row in rows if row.number_index]
    by_email = consultations.owners(tx, "email", emails) if emails else {}
    by_number = consultations.owners(tx, "sms", numbers) if numbers else {}
    found = {
        row.id: by_email.get(bytes(row.address_index or b"")) or by_number.get(bytes(row.number_index or b""))
        for row in rows
    }
    return {id: person for id, person in found.items() if person is not None}


def _pause(rt: Runtime, tx: Connection, people: set[UUID], now: datetime) -> None:
    """Once for each person with a request: a pest who repeats the form does not pause a course for ever."""
    for person in sorted(people - consultations.waiting_people(tx, list(people))):
        courses.pause_for_consultation(rt, tx, person, now)


def _acknowledge(rt: Runtime, tx: Connection, rows: Sequence[Any], now: datetime) -> set[UUID]:
    """Plans the acknowledgements that may go out. Returns whose."""
    by_email = [row for row in rows if row.address_index]
    asked = [Asked(bytes(row.address_index)) for row in by_email]
    verdicts = forms.weigh(rt, tx, asked, now, acknowledging=True)
    plans, silent = [], []
    for row, verdict in zip(by_email, verdicts, strict=True):
        try:
            plan = _acknowledgement(rt, row, now) if verdict == "sent" else None
        except SealError:
            # Staff see on its page that it can't be read; the others get their answer.
            logger.error("unreadable", name="consultations", where=str(row.id))
            plan = None
        if plan is None:
            silent.append(row)
        else:
            plans.append(plan)
    messages.plan(tx, plans, now)
    _follow_silent(rt, tx, silent)
    return {plan.cause_id for plan in plans}


def _follow_silent(rt: Runtime, tx: Connection, rows: Sequence[Any]) -> None:
    """Whoever gave only an address that gets no mail now has to be reached by a person."""
    for row in rows:
        if row.number_index is None:
            due_at = deadline(rt, row.created_at)
            _follow(rt, tx, "not_acknowledged", row.id, None, due_at)


def _acknowledgement(rt: Runtime, row: Any, now: datetime) -> Plan:
    id = new_id()
    to = rt.sealer.open("consultations", row.id, row.sealed)["email"]
    return Plan(
        id=id,
        kind=CONSULTATION_RECEIVED,
        cause="consultation",
        cause_id=row.id,
        dedup_key=f"consultation/{row.id}/received",
        due_at=now,
        not_after=now + ACKNOWLEDGED_WITHIN,
        sealed=rt.sealer.seal("messages", id, {"to": to, "values": {}}),
    )


def _follow(rt: Runtime, tx: Connection, kind: str, id: UUID, person: UUID | None, due_at: datetime) -> None:
    # A request that was opened again can be late again, but is acknowledged once.
    key = f"{kind}/{id}/{due_at:%Y%m%dT%H%M}" if kind == "deadline_passed" else f"{kind}/{id}"
    follow_ups.add(tx, rt, kind, "consultation", id, person, due_at, key)


def watch(rt: Runtime, limit: int = BATCH) -> int:
    """Alerts about deadlines, and follow-ups for what was missed. Returns how many requests it looked at."""
    hours, warn = hours_of(rt), timedelta(hours=rt.clinic.consultation.warn_before_hours)
    with rt.transaction() as tx:
        now = rt.now(tx)
        rows = consultations.unanswered(tx, after_work(hours, now, warn), limit)
        for row in rows:
            _watch(rt, tx, row, concern(hours, row.due_at, warn, now))
        for row in consultations.not_acknowledged(tx, limit):
            _follow(rt, tx, "not_acknowledged", row.id, row.person_id, row.due_at)
        return len(rows)


def _watch(rt: Runtime, tx: Connection, row: Any, worry: Concern | None) -> None:
    about = str(row.id)
    if worry == "near":
        alerts.raise_alert(rt, tx, "deadline_near", about, link(row.id))
    elif worry == "passed":
        alerts.over(rt, tx, "deadline_near", about)
        alerts.raise_alert(rt, tx, "deadline_passed", about, link(row.id))
        _follow(rt, tx, "deadline_passed", row.id, row.person_id, row.due_at)

"""Consultation requests: the form, and what staff see and do. Every act of staff is audited here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from sqlalchemy import Connection

from engage.domain.consultations import OUTCOMES, REACH, TIMES
from engage.domain.courses import MAIN_PAINS
from engage.domain.forms import ChangedMeanwhile, InvalidInput
from engage.domain.people import normal_email
from engage.ids import new_id
from engage.runtime import Runtime
from engage.services import alerts, courses, forms
from engage.services.audit import Actor, note
from engage.services.consultation_form import check
from engage.services.consultation_work import deadline
from engage.services.follow_ups import actor_of
from engage.services.notes import clean_note
from engage.services.opening import opened
from engage.storage import consultations, follow_ups, people
from engage.storage.consultations import Event

SHOWN = 200
ALERTS_OF_NEW = ("new_request",)
ALERTS_OF_UNANSWERED = ("new_request", "deadline_near", "deadline_passed")


def consent_wording(rt: Runtime) -> str:
    """The sentence beside the unticked box, kept word for word with the request."""
    return (
        f"Yes, {rt.clinic.name} may contact me about this request in the way I chose above. "
        "I know that this is not a condition of care, and that I can take it back at any time."
    )


def accept(rt: Runtime, form: Mapping[str, str], ip: str) -> None:
    """Keeps a request as ONE sealed row and looks nothing up; the same form pressed twice is one.

    Raises InvalidInput naming each field, TooMany.
    """
    typed = check(rt, form)
    counted = forms.counted(rt, form, ip)
    if form.get("website"):
        return  # Only a program fills in the field that people can't see.
    id = _id(rt, form.get(forms.STAMP, ""), typed)
    sealed = rt.sealer.seal("consultations", id, {**typed, "wording": consent_wording(rt), "ip": ip})
    address = rt.sealer.index("email", normal_email(typed["email"])) if typed["email"] else None
    number = rt.sealer.index("sms", typed["telephone"]) if typed["telephone"] else None
    with rt.transaction() as tx:
        kept = consultations.add(tx, id, sealed, address, number, rt.now(tx), counted)
    if not kept:
        raise forms.too_many()


def _id(rt: Runtime, stamp: str, typed: Mapping[str, Any]) -> UUID:
    """The same id for the same words from our page within an hour of the clock: a second press, or the
    back button and send, is not a second request. Whoever sends them again weeks later asks anew."""
    if rt.links.stamped_at(stamp) is None:
        return new_id()
    hour = f"{datetime.now(UTC):%Y%m%d%H}"
    words = orjson.dumps(typed, option=orjson.OPT_SORT_KEYS).decode()
    value = int.from_bytes(rt.sealer.index("form", f"{hour}\0{words}")[:16], "big")
    # RFC 9562, 5.8: version 8 is for ids that are made in a way of one's own.
    return UUID(int=value & ~(0xF << 76) & ~(0x3 << 62) | (0x8 << 76) | (0x2 << 62))


class Summary(NamedTuple):
    """One request in a list. Times are aware UTC; ``due_at`` is None until the worker has seen it."""

    id: UUID
    state: str
    given_name: str
    reach: str
    created_at: datetime
    due_at: datetime | None
    overdue: bool
    answered: bool
    assignee: UUID | None
    outcome: str | None
    person_id: UUID | None


class Happened(NamedTuple):
    """One thing that happened to a request: a code of ``domain.consultations.EVENTS``, by whom, and the note."""

    at: datetime
    what: str
    staff_id: UUID | None
    note: str


@dataclass(frozen=True, slots=True)
class Detail:
    """One request with all that was typed. ``telephone`` is E.164, for a link; the rest are words to show."""

    summary: Summary
    email: str
    telephone: str
    telephone_spoken: str
    reach: str
    times: list[str]
    message: str
    main_pain: str
    wording: str
    acknowledged: bool
    closed_at: datetime | None
    events: list[Happened]

    @property
    def acts(self) -> int:
        """How often staff have acted: what a form sends back as ``seen``."""
        return len(self.done)

    @property
    def done(self) -> list[Happened]:
        """What staff did, oldest first."""
        return [event for event in self.events if event.what not in ("received", "acknowledged")]


def listing(rt: Runtime, state: str = "waiting", actor: Actor | None = None) -> list[Summary]:
    """Requests that are "new", "open", "closed", or "waiting" (new or open): the most urgent first.

    ``actor`` is noted as having seen each of them.
    """
    states = ("new", "open") if state == "waiting" else (state,)
    with rt.transaction() as tx:
        now = rt.now(tx)
        found = [_summary(row, _opened(rt, row), now) for row in consultations.listing(tx, states, SHOWN)]
        if actor is not None:
            for one in found:
                note(tx, rt, actor, "view", "consultation", one.id, one.person_id)
        return found


def one(rt: Runtime, id: UUID, actor: Actor | None = None) -> Detail | None:
    """A request, None when there is none such. ``actor`` is noted as having seen it."""
    with rt.transaction() as tx:
        row = consultations.one(tx, id)
        if row is None:
            return None
        if actor is not None:
            note(tx, rt, actor, "view", "consultation", id, row.person_id)
        return _detail(rt, row, consultations.events_of(tx, id), rt.now(tx))


def _opened(rt: Runtime, row: Any) -> dict[str, Any]:
    return opened(rt, "consultations", row.id, row.sealed)


def _summary(row: Any, typed: Mapping[str, Any], now: datetime) -> Summary:
    late = row.state != "closed" and not row.answered and row.due_at is not None and row.due_at <= now
    return Summary(
        id=row.id,
        state=row.state,
        given_name=typed.get("given_name", ""),
        reach=REACH.get(typed.get("reach", ""), ""),
        created_at=row.created_at,
        due_at=row.due_at,
        overdue=late,
        answered=row.answered,
        assignee=row.assignee,
        outcome=OUTCOMES.get(row.outcome) if row.outcome else None,
        person_id=row.person_id,
    )


def _detail(rt: Runtime, row: Any, events: list[Any], now: datetime) -> Detail:
    typed = _opened(rt, row)
    summary = _summary(row, typed, now)
    return Detail(
        summary=summary,
        email=typed.get("email", ""),
        telephone=typed.get("telephone", ""),
        telephone_spoken=typed.get("telephone_spoken", ""),
        reach=summary.reach,
        times=[TIMES[key] for key in typed.get("times", []) if key in TIMES],
        message=typed.get("message", ""),
        main_pain=MAIN_PAINS.get(typed.get("main_pain", ""), ""),
        wording=typed.get("wording", ""),
        acknowledged=row.answered_at is not None,
        closed_at=row.closed_at,
        events=[Happened(event.at, event.what, event.staff_id, _note_of(rt, event)) for event in events],
    )


def _note_of(rt: Runtime, event: Any) -> str:
    if event.sealed is None:
        return ""
    return str(opened(rt, "consultation_events", event.id, event.sealed).get("note", ""))


def assign(rt: Runtime, id: UUID, staff_id: UUID | None, to: UUID | None, seen: int | None = None) -> bool:
    """Gives a request to a member of staff, or back with None. False when there is none such, or it is closed."""
    with _changing(rt, id, seen) as (tx, row):
        if row is None or row.state == "closed":
            return False
        if row.assignee != to or row.state == "new":
            consultations.assign(tx, id, to)
            _end_alerts(rt, tx, id, ALERTS_OF_NEW)
            _happened(rt, tx, row, staff_id, "assigned" if to is not None else "unassigned")
        return True


def log_call(
    rt: Runtime, id: UUID, staff_id: UUID | None, text: str, reached: bool, seen: int | None = None
) -> bool:
    """Notes that somebody tried to reach the person, by whatever way: the deadline is met.

    False when there is none such, or it is closed. Raises InvalidInput.
    """
    written = clean_note(text)
    said = "Reached." if reached else "Not reached."
    with _changing(rt, id, seen) as (tx, row):
        if row is None or row.state == "closed":
            return False
        consultations.set_open(tx, id)
        _end_alerts(rt, tx, id, ALERTS_OF_UNANSWERED)
        follow_ups.settle(tx, id, "done", rt.now(tx))
        _happened(rt, tx, row, staff_id, "called", f"{said} {written}".strip())
        return True


def add_note(rt: Runtime, id: UUID, staff_id: UUID | None, text: str) -> bool:
    """Keeps a note. False when there is none such. Raises InvalidInput."""
    written = clean_note(text)
    if not written:
        raise InvalidInput({"note": "Please write the note first."})
    with _changing(rt, id) as (tx, row):
        if row is None:
            return False
        _happened(rt, tx, row, staff_id, "noted", written)
        return True


def close(
    rt: Runtime, id: UUID, staff_id: UUID | None, outcome: str, text: str = "", seen: int | None = None
) -> bool:
    """Ends a request; a booked visit ends the person's courses too. The second time changes nothing.

    False when there is none such. Raises InvalidInput.
    """
    if outcome not in OUTCOMES:
        raise InvalidInput({"outcome": "Please choose what became of the request."})
    written = clean_note(text)
    with _changing(rt, id, seen) as (tx, row):
        if row is None:
            return False
        if row.state != "closed":
            now = rt.now(tx)
            consultations.close(tx, id, outcome, now)
            _end_alerts(rt, tx, id, ALERTS_OF_UNANSWERED)
            follow_ups.settle(tx, id, "not_needed", now)
            if outcome == "booked" and row.person_id and people.lock(tx, row.person_id) is not None:
                courses.end_courses(tx, row.person_id, "booked", now)
            _happened(rt, tx, row, staff_id, "closed", written)
        return True


def reopen(rt: Runtime, id: UUID, staff_id: UUID | None, text: str = "", seen: int | None = None) -> bool:
    """Takes up a closed request again, with a new deadline. False when there is none such. Raises InvalidInput."""
    written = clean_note(text)
    with _changing(rt, id, seen) as (tx, row):
        if row is None:
            return False
        if row.state == "closed":
            consultations.reopen(tx, id, deadline(rt, rt.now(tx)))
            _happened(rt, tx, row, staff_id, "reopened", written)
        return True


@contextmanager
def _changing(rt: Runtime, id: UUID, seen: int | None = None) -> Iterator[tuple[Connection, Any | None]]:
    """The locked row. Raises ChangedMeanwhile when ``seen`` is given and staff have acted since."""
    with rt.transaction() as tx:
        row = consultations.lock(tx, id)
        if row is not None and seen is not None and seen != consultations.acts_of(tx, id):
            raise ChangedMeanwhile
        yield tx, row


def _end_alerts(rt: Runtime, tx: Connection, id: UUID, kinds: tuple[str, ...]) -> None:
    for kind in kinds:
        alerts.over(rt, tx, kind, str(id))


def _happened(
    rt: Runtime, tx: Connection, row: Any, staff_id: UUID | None, what: str, text: str = ""
) -> None:
    id = new_id()
    sealed = rt.sealer.seal("consultation_events", id, {"note": text}) if text else None
    consultations.add_events(tx, [Event(id, row.id, staff_id, what, sealed, rt.now(tx))])
    note(tx, rt, actor_of(staff_id), "change", "consultation", row.id, row.person_id)

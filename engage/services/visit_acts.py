"""What only the front desk does with a visit: take the last change back, and send its reminder once more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, cast
from uuid import UUID

from sqlalchemy import Connection

from engage.domain.appointments import OFF, OPEN, Status, When
from engage.domain.forms import ChangedMeanwhile, InvalidInput
from engage.domain.hours import is_decent, next_decent
from engage.domain.message_words import REASONS
from engage.domain.messages import CHANNELS, VISIT_REMINDER, VISIT_REMINDER_TEXT, Channel
from engage.domain.reminders import RESENT, Policy, is_resent
from engage.domain.timing import local
from engage.domain.visit_words import clock
from engage.ids import new_id
from engage.runtime import Runtime
from engage.services import appointments as visits
from engage.services.appointments import NoSuchVisit
from engage.services.audit import Actor, note
from engage.services.visit_plans import MESSAGES_BACK, dedup_key, policy_of
from engage.services.ways import way_of
from engage.storage import appointments, messages, visit_plans
from engage.storage.appointments import VisitMessage
from engage.storage.messages import Plan
from engage.storage.visit_plans import WayRow

# A second press, or a second colleague, within this time sends nothing more.
APART = timedelta(minutes=10)
_KINDS = {"email": VISIT_REMINDER, "sms": VISIT_REMINDER_TEXT}
Last = Literal["booked", "moved", "cancelled"]


@dataclass(frozen=True, slots=True)
class Undo:
    """The last change, which can be taken back ``until`` (aware UTC) without anybody having heard of it. ``was``: the
    visit before it, None for a new one."""

    what: Last
    until: datetime
    was: When | None


def undoable(row: Any, history: list[Any], policy: Policy, now: datetime) -> Undo | None:
    """What can be taken back of a visit (its row and its versions), None when nobody needs to hurry any more. What took
    something back is not taken back in its turn."""
    last, before = history[-1], history[-2] if len(history) > 1 else None
    until = last.at + policy.undo
    if now >= until or row.status != last.status or _took_back(history, policy):
        return None
    if before is None:
        return Undo("booked", until, None) if row.status in OPEN else None
    was = visits.when_of(before)
    if row.status in OFF and before.status in OPEN:
        return Undo("cancelled", until, was)
    if row.status in OPEN and before.status in OPEN:
        return Undo("moved", until, was)
    return None


def _took_back(history: list[Any], policy: Policy) -> bool:
    """Whether the last change was an undo: a booking that was never meant, or what there was before, at once."""
    if history[-1].status == "entered-in-error":
        return True
    if len(history) < 3:
        return False
    was, between, now = history[-3:]
    return now.at < between.at + policy.undo and _same(was, now)


def _same(one: Any, other: Any) -> bool:
    return (visits.when_of(one), one.status) == (visits.when_of(other), other.status)


def undo(rt: Runtime, actor: Actor, id: UUID, version: int) -> Last:
    """Takes the last change back: nobody hears of it. Returns what it was.

    Raises NoSuchVisit, ChangedMeanwhile when ``version`` is not the visit's any more, and InvalidInput (``undo``) when
    it is too late for it.
    """
    with rt.transaction() as tx:
        row = appointments.lock(tx, id)
        if row is None:
            raise NoSuchVisit(str(id))
        if row.version != version:
            raise ChangedMeanwhile
        now = rt.now(tx)
        history = appointments.history(tx, id)
        found = undoable(row, history, policy_of(rt, tx), now)
        if found is None:
            raise InvalidInput({"undo": "It is too late to undo that: messages may be on their way."})
        if found.what == "moved" and found.was is not None:
            visits.move_row(rt, tx, actor, row, found.was, now)
        else:
            status = "entered-in-error" if found.what == "booked" else history[-2].status
            visits.mark_row(rt, tx, actor, row, cast(Status, status), now)
        return found.what


@dataclass(frozen=True, slots=True)
class Way:
    """Whether a reminder can be sent once more on a channel: ``refused`` is a sentence why not, "" where it can."""

    channel: Channel
    refused: str


def ways(rt: Runtime, tx: Connection, row: Any, now: datetime) -> list[Way]:
    """On which channels a visit's reminder can be sent once more now. Raises SealError."""
    sent, reach = _known(tx, row, now)
    return [Way(channel, _refused(rt, row, reach[channel], sent, now)) for channel in CHANNELS]


def _known(tx: Connection, row: Any, now: datetime) -> tuple[list[VisitMessage], dict[str, WayRow]]:
    sent = appointments.messages_of(tx, [row.person_id], now - MESSAGES_BACK)
    return [one for one in sent if one.visit_id == row.id], {
        one.channel: one for one in visit_plans.ways(tx, [row.person_id], now)
    }


def _refused(rt: Runtime, row: Any, way: WayRow, sent: list[VisitMessage], now: datetime) -> str:
    if cast(Status, row.status) not in OPEN or row.starts_at <= now:
        return "Only a visit to come is reminded of."
    known = way_of(rt, way)
    if known.refused is not None:
        return REASONS.get(known.refused, known.refused)
    last = max(
        (one.due_at for one in sent if is_resent(one.rule) and one.channel == way.channel), default=None
    )
    if last is not None and now < last + APART:
        return f"It was sent again at {clock(local(last, row.zone))}. Please wait until {clock(local(last + APART, row.zone))}."
    if known.decent is not None and not is_decent(known.decent, now):
        start = next_decent(known.decent, now)
        there = (
            f"{local(start, row.zone):%A}, {clock(local(start, row.zone))}" if start is not None else "later"
        )
        return f"It is no hour for messages where the person may be. It can be sent from {there} on."
    return ""


def resend(rt: Runtime, actor: Actor, id: UUID, channel: Channel) -> UUID:
    """Sends a visit's reminder once more on a channel, now: caps do not hold it up, as somebody asked for it.

    Returns the message. Raises NoSuchVisit, and InvalidInput (``resend``) with the reason why it can't be.
    """
    with rt.transaction() as tx:
        row = appointments.lock(tx, id)
        if row is None:
            raise NoSuchVisit(str(id))
        now = rt.now(tx)
        sent, reach = _known(tx, row, now)
        refused = _refused(rt, row, reach[channel], sent, now)
        if refused:
            raise InvalidInput({"resend": refused})
        rule = f"{RESENT}-{1 + sum(is_resent(one.rule) for one in sent)}"
        plan = Plan(
            id=new_id(),
            kind=_KINDS[channel],
            cause="appointment",
            cause_id=id,
            step=rule,
            person_id=row.person_id,
            contact_id=reach[channel].contact_id,
            dedup_key=dedup_key(id, row.version, rule, channel),
            due_at=now,
            not_after=row.starts_at,
            anytime=True,
        )
        messages.plan(tx, [plan], now)
        note(tx, rt, actor, "change", "appointment", id, row.person_id)
        return plan.id

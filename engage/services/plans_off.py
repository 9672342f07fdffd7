"""Calling off all of a plan that is still to come: shown first, then done at once, and taken back as long as nobody knows.

Each visit is called off as it is by itself; what that sends is put together as the claim does it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from engage.domain.appointments import OPEN
from engage.domain.forms import ChangedMeanwhile, InvalidInput
from engage.domain.message_words import REASONS
from engage.domain.people import full_name
from engage.domain.timing import local
from engage.runtime import Runtime
from engage.services import appointments as visits
from engage.services import visit_effects, visit_letters, visit_merges, visit_plans, visit_times
from engage.services.appointments import when_of
from engage.services.audit import Actor, note
from engage.services.opening import opened
from engage.services.texts import text_of
from engage.services.treatment_plans import Session, called_off, mark_of, session, to_come
from engage.services.visit_changes import change_back, change_rows
from engage.services.visit_merges import Going
from engage.services.visit_plans import MESSAGES_BACK, NOTICES, policy_of
from engage.storage import appointments, claim_facts, people, treatment_plans
from engage.storage.appointments import Changed, VisitMessage
from engage.storage.claim_facts import FactsRow
from engage.storage.sealed import SealError
from engage.storage.visit_facts import VisitFacts


class NoSuchPlan(LookupError):
    """There is no plan with that id."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One message that would go, about ``visits`` of the sessions. ``at`` is aware, by the clocks at the first."""

    channel: str
    at: datetime
    visits: int
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class PlanEffects:
    """All that would happen. ``off`` are the sessions that would be called off, ``staying`` how many would not: they are
    over, or off already. ``ended``: so many planned messages go no more. ``others``: so many of other visits come anew,
    or at another time. ``calls``: why no message can tell, of how many sessions. ``seen`` names ``off`` as they are."""

    id: UUID
    person_id: UUID
    name: str
    off: list[Session]
    staying: int
    notices: list[Notice]
    ended: int
    others: int
    calls: dict[str, int]
    seen: str


def effects(rt: Runtime, actor: Actor, id: UUID) -> PlanEffects:
    """As if it were called off. Raises NoSuchPlan, and InvalidInput (``plan``) when nothing of it is to come."""
    with rt.transaction() as tx:
        now, undone = rt.now(tx), tx.begin_nested()
        plan, rows = _locked(tx, id)
        off = _to_come(rows, now)
        before = {one.id: one for one in _messages(tx, plan, now)}
        _change(rt, tx, actor, plan, [_off(row) for row in off], now)
        changes = visit_effects.compared(before, _messages(tx, plan, now))
        person = people.one(tx, plan.person_id)
        assert person is not None
        found = PlanEffects(
            id=id,
            person_id=plan.person_id,
            name=full_name(opened(rt, "people", person.id, person.sealed)),
            off=[session(row, now) for row in off],
            staying=len(rows) - len(off),
            notices=_notices(rt, tx, changes.notices, now),
            ended=len(changes.ended),
            others=len(changes.new) + len(changes.moved),
            calls=_calls(appointments.some(tx, [row.id for row in off])),
            seen=mark_of(off),
        )
        undone.rollback()
        note(tx, rt, actor, "view", "treatment plan", id, plan.person_id)
        return found


def cancel(rt: Runtime, actor: Actor, id: UUID, seen: str) -> int:
    """Calls off all of it that is to come. Returns how many sessions that were.

    Raises NoSuchPlan, and ChangedMeanwhile when they are not those, or not as they were, that ``seen`` names.
    """
    with rt.transaction() as tx:
        now = rt.now(tx)
        plan, rows = _locked(tx, id)
        off = to_come(rows, now)
        if not off or mark_of(off) != seen:
            raise ChangedMeanwhile
        _change(rt, tx, actor, plan, [_off(row) for row in off], now)
        return len(off)


def undo(rt: Runtime, actor: Actor, id: UUID, seen: str) -> int:
    """Puts those back on that were called off last: nobody hears of either. Returns how many.

    Raises as ``cancel``, and InvalidInput (``undo``) when it is too late; also where the person has got another visit then.
    """
    with rt.transaction() as tx:
        now = rt.now(tx)
        plan, rows = _locked(tx, id)
        off, _ = called_off(rows, policy_of(rt, tx), now)
        if not off:
            raise InvalidInput({"undo": "It is too late to undo that: messages may be on their way."})
        if mark_of(off) != seen:
            raise ChangedMeanwhile
        before = appointments.versions(tx, [row.id for row in off])
        back = [_changed(row, before[row.id, row.version - 1].status) for row in off]
        others = [when_of(one) for one in appointments.open_of(tx, [plan.person_id], now)]
        for row, one in zip(off, back, strict=True):
            if one.status in OPEN:
                visit_times.check_free(rt, when_of(row), others)
        _change(rt, tx, actor, plan, back, now, undone=off)
        return len(back)


def _locked(tx: Connection, id: UUID) -> tuple[Any, list[Any]]:
    """The plan and its sessions; all changes of visits take their person's lock."""
    plan = treatment_plans.one(tx, id)
    if plan is None:
        raise NoSuchPlan(str(id))
    appointments.lock_people(tx, [plan.person_id])
    return plan, treatment_plans.sessions(tx, id, plan.person_id)


def _to_come(rows: Sequence[Any], now: datetime) -> list[Any]:
    found = to_come(rows, now)
    if not found:
        raise InvalidInput({"plan": "Nothing of this plan is to come any more."})
    return found


def _off(row: Any) -> Changed:
    return _changed(row, "cancelled")


def _changed(row: Any, status: str) -> Changed:
    return Changed(row.id, row.starts_at, row.zone, row.minutes, row.location, status)


def _change(
    rt: Runtime,
    tx: Connection,
    actor: Actor,
    plan: Any,
    changes: Sequence[Changed],
    now: datetime,
    undone: Sequence[Any] = (),
) -> None:
    """One new version of each, and all messages planned anew at once. ``undone``: the visits' rows where this undoes what
    made them so."""
    if undone:
        change_back(tx, undone, changes, visits.named(actor), now)
    else:
        change_rows(tx, changes, visits.named(actor), now)
    for one in changes:
        note(tx, rt, actor, "change", "appointment", one.id, plan.person_id)
    note(tx, rt, actor, "change", "treatment plan", plan.id, plan.person_id)
    visit_plans.replan(rt, tx, [plan.person_id], now)


def _messages(tx: Connection, plan: Any, now: datetime) -> list[VisitMessage]:
    return appointments.messages_of(tx, [plan.person_id], now - MESSAGES_BACK)


def _calls(rows: Sequence[Any]) -> dict[str, int]:
    found: dict[str, int] = {}
    for row in rows:
        why = {reason for key, reason in row.unplanned.items() if key.partition("/")[0] in NOTICES}
        for reason in why:
            words = REASONS.get(reason, reason)
            found[words] = found.get(words, 0) + 1
    return found


def _notices(rt: Runtime, tx: Connection, messages: Sequence[VisitMessage], now: datetime) -> list[Notice]:
    """Put together as a claim of all that is due at one moment does it, in the words that it makes."""
    found: list[Notice] = []
    for due_at, some in groupby(sorted(messages, key=lambda one: one.due_at), key=lambda one: one.due_at):
        channels = {one.id: one.channel for one in some}
        rows = claim_facts.fetch(tx, list(channels), now)
        facts = visit_letters.facts(tx, rows)
        party = visit_merges.together(
            rt, tx, [Going(row, None) for row in rows], facts, lambda row: None, now
        )
        for row in rows:
            if row.id in party.gone:
                continue
            about = party.visits.get(row.id, [facts[row.id]])
            subject, text = _words(rt, row, about, now)
            at = local(due_at, about[0].zone)
            found.append(Notice(channels[row.id], at, len(about), subject, text))
    return found


def _words(rt: Runtime, row: FactsRow, about: Sequence[VisitFacts], now: datetime) -> tuple[str, str]:
    """Subject and text; none where what is sealed can't be read."""
    try:
        letter = visit_letters.letter(rt, row, about, now)
    except SealError:
        return "", ""
    subject, _, text = rt.library.plan(text_of(rt, row.kind, None, row.step)).fill(letter.values)
    return subject, text

"""Follow-ups: what waits for a person, about whom, until when, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from engage.domain.follow_ups import KINDS, OUTCOMES
from engage.domain.forms import ChangedMeanwhile, InvalidInput
from engage.domain.visit_wishes import opened as wishes_of
from engage.runtime import Runtime
from engage.services.audit import CLI, Actor, note
from engage.services.notes import clean_note
from engage.services.opening import opened
from engage.storage import appointments, follow_ups

SHOWN = 200


@dataclass(frozen=True, slots=True)
class FollowUp:
    """One piece of work. ``note`` is what staff wrote when it was done, ``asked`` when another time for a visit would suit
    the person. Times are aware UTC."""

    id: UUID
    kind: str
    words: str
    person_id: UUID | None
    cause: str
    cause_id: UUID
    state: str
    outcome: str | None
    outcome_words: str
    assignee: UUID | None
    created_at: datetime
    due_at: datetime
    done_at: datetime | None
    overdue: bool
    note: str
    asked: str = ""

    @property
    def mark(self) -> str:
        """What a form sends back as ``seen``: it tells whether the page is still true."""
        return _mark(self)


def add(
    tx: Connection,
    rt: Runtime,
    kind: str,
    cause: str,
    cause_id: UUID,
    person_id: UUID | None,
    due_at: datetime,
    dedup_key: str,
) -> bool:
    """Something for a person to do; the same ``dedup_key`` twice is one. False when it was there."""
    return follow_ups.add(tx, kind, cause, cause_id, person_id, due_at, dedup_key, rt.now(tx))


def listing(rt: Runtime, state: str = "open", actor: Actor | None = None, kind: str = "") -> list[FollowUp]:
    """Follow-ups that are "open", "done" or "all", of one ``kind`` or of every: the most urgent first. ``actor`` is noted as
    having seen them."""
    states = ("open", "done") if state == "all" else (state,)
    with rt.transaction() as tx:
        now = rt.now(tx)
        rows = follow_ups.listing(tx, states, SHOWN, kind)
        asked = _asked(rt, tx, [row.cause_id for row in rows if row.kind == "visit_move"])
        found = [_follow_up(rt, row, now, asked.get(row.cause_id, "")) for row in rows]
        if actor is not None:
            for one in found:
                note(tx, rt, actor, "view", "follow-up", one.id, one.person_id)
        return found


def assign(rt: Runtime, id: UUID, staff_id: UUID | None, to: UUID | None, seen: str | None = None) -> bool:
    """Gives it to a member of staff, or back with None. False when there is none such, or it is done."""
    with rt.transaction() as tx:
        row = _lock(tx, id, seen)
        if row is None or row.state == "done":
            return False
        if row.assignee != to:
            follow_ups.assign(tx, id, to)
            note(tx, rt, actor_of(staff_id), "change", "follow-up", id, row.person_id)
        return True


def done(
    rt: Runtime, id: UUID, staff_id: UUID | None, outcome: str, text: str = "", seen: str | None = None
) -> bool:
    """It needs nobody any more. The second time changes nothing. False when there is none such.

    Raises InvalidInput.
    """
    if outcome not in OUTCOMES:
        raise InvalidInput({"outcome": "Please choose what became of it."})
    written = clean_note(text)
    with rt.transaction() as tx:
        row = _lock(tx, id, seen)
        if row is None:
            return False
        if row.state != "done":
            sealed = rt.sealer.seal("follow_ups", id, {"note": written}) if written else None
            follow_ups.done(tx, id, outcome, sealed, rt.now(tx))
            note(tx, rt, actor_of(staff_id), "change", "follow-up", id, row.person_id)
        return True


def exists(rt: Runtime, id: UUID) -> bool:
    """Whether there is such a follow-up."""
    with rt.transaction() as tx:
        return follow_ups.one(tx, id) is not None


def _lock(tx: Connection, id: UUID, seen: str | None) -> Any | None:
    """The locked row. Raises ChangedMeanwhile when ``seen`` is given and is not its mark any more."""
    row = follow_ups.lock(tx, id)
    if row is not None and seen is not None and seen != _mark(row):
        raise ChangedMeanwhile
    return row


def _mark(row: Any) -> str:
    return f"{row.state}/{row.assignee or ''}"


def actor_of(staff_id: UUID | None) -> Actor:
    """Who acts: a member of staff, or the command line."""
    return Actor(staff_id, "staff") if staff_id is not None else CLI


def _asked(rt: Runtime, tx: Connection, visits: Sequence[UUID]) -> dict[UUID, str]:
    """When another time would suit, of those visits whose people have said so."""
    return {
        row.id: wishes_of(opened(rt, "appointments", row.id, row.sealed).get("wishes")).line
        for row in appointments.some(tx, visits)
    }


def _follow_up(rt: Runtime, row: Any, now: datetime, asked: str = "") -> FollowUp:
    told = rt.sealer.open("follow_ups", row.id, row.sealed) if row.sealed else {}
    return FollowUp(
        id=row.id,
        kind=row.kind,
        words=KINDS.get(row.kind, row.kind),
        person_id=row.person_id,
        cause=row.cause,
        cause_id=row.cause_id,
        state=row.state,
        outcome=row.outcome,
        outcome_words=OUTCOMES.get(row.outcome or "", ""),
        assignee=row.assignee,
        created_at=row.created_at,
        due_at=row.due_at,
        done_at=row.done_at,
        overdue=row.state == "open" and row.due_at <= now,
        note=told.get("note", ""),
        asked=asked,
    )

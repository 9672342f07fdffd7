"""What a person answers about a visit, on its page or by text: noted with the visit, and asked of staff where it wants
somebody. The visit itself stays as it is until staff change it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from engage.domain.follow_ups import CANCEL, MOVE, WISHES
from engage.domain.visit_wishes import Wishes
from engage.ids import new_id
from engage.runtime import Runtime
from engage.services import appointments, danger
from engage.services.consultation_work import deadline
from engage.storage import appointments as rows
from engage.storage import follow_ups


def confirm(rt: Runtime, tx: Connection, row: Any, now: datetime) -> bool:
    """The person comes: what was wished before is not any more. ``row`` is the visit's, locked. False when known."""
    follow_ups.settle_kinds(tx, [row.id], WISHES, "not_needed", now)
    return appointments.answer(rt, tx, row, "confirmed", now)


def ask_to_move(rt: Runtime, tx: Connection, row: Any, now: datetime, wishes: Wishes | None = None) -> bool:
    """The person asks for another time; ``wishes`` take the place of those of before. False when that is known."""
    if wishes is not None:
        told = rt.sealer.open("appointments", row.id, row.sealed) if row.sealed is not None else {}
        sealed = rt.sealer.seal("appointments", row.id, {**told, "wishes": wishes.kept()})
        rows.set_sealed(tx, row.id, sealed, now)
        danger.look(tx, wishes.words, "appointment", row.id, row.person_id, now)
    _ask(rt, tx, row, MOVE, CANCEL, now)
    return appointments.answer(rt, tx, row, "wants_move", now)


def ask_to_cancel(rt: Runtime, tx: Connection, row: Any, now: datetime) -> bool:
    """The person asks to cancel. False when that is known."""
    _ask(rt, tx, row, CANCEL, MOVE, now)
    return appointments.answer(rt, tx, row, "wants_cancel", now)


def _ask(rt: Runtime, tx: Connection, row: Any, kind: str, other: str, now: datetime) -> None:
    """One wish waits for a visit at a time, the last one."""
    follow_ups.settle_kinds(tx, [row.id], [other], "not_needed", now)
    if not follow_ups.is_open(tx, kind, row.id):
        due = max(now, min(deadline(rt, now), row.starts_at))
        key = f"{kind}/{row.id}/{new_id()}"
        follow_ups.add(tx, kind, "appointment", row.id, row.person_id, due, key, now)

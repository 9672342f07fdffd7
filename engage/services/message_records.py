"""Messages for other systems: in pages, and one with all that is known about it. Ids only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from engage.domain.message_filter import Filter, Place
from engage.domain.message_words import REASONS, STATUS_WORDS
from engage.runtime import Runtime
from engage.services import messages
from engage.services.audit import Actor, note
from engage.services.messages import Explained
from engage.services.timeline import what_words
from engage.storage import message_lists


@dataclass(frozen=True, slots=True)
class Record:
    """One message. Times are aware UTC; ``why`` is the reason in words."""

    id: UUID
    kind: str
    step: str
    what: str
    channel: str
    purpose: str
    status: str
    status_words: str
    reason: str | None
    why: str
    due_at: datetime
    sent_at: datetime | None
    ended_at: datetime | None
    person_id: UUID | None


def page(
    rt: Runtime, tx: Connection, actor: Actor, wanted: Filter, after: Place | None, limit: int
) -> list[Record]:
    """The next messages behind ``after``, latest due first, with a row of the audit trail."""
    found = message_lists.page(tx, wanted, after, limit)
    note(tx, rt, actor, "view", "message list", None, wanted.person)
    return [_record(rt, row) for row in found]


def explained(rt: Runtime, tx: Connection, actor: Actor, id: UUID) -> tuple[Record, Explained] | None:
    """One message and its story, None when there is no such id. ``rt`` acts within ``tx``."""
    row = message_lists.one(tx, id)
    told = messages.explain(rt, id) if row is not None else None
    if row is None or told is None:
        return None
    note(tx, rt, actor, "view", "message", id, row.person_id)
    return _record(rt, row), told


def _record(rt: Runtime, row: Any) -> Record:
    return Record(
        id=row.id,
        kind=row.kind,
        step=row.step,
        what=what_words(rt, row.kind, row.step, row.course),
        channel=row.channel,
        purpose=row.purpose,
        status=row.status,
        status_words=STATUS_WORDS.get(row.status, row.status),
        reason=row.reason,
        why=REASONS.get(row.reason, row.reason) if row.reason else "",
        due_at=row.due_at,
        sent_at=row.sent_at,
        ended_at=row.ended_at,
        person_id=row.person_id,
    )

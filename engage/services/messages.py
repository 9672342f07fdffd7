"""Why a message was sent, or was not, in plain words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from engage.domain.consent_proof import needed
from engage.domain.messages import KINDS
from engage.runtime import Runtime
from engage.services.awaiting import waits_for
from engage.services.message_story import lines, sender_of, status_words, verdict
from engage.services.story_order import Line
from engage.storage import attempts, consents, message_events, messages, people


@dataclass(frozen=True, slots=True)
class Explained:
    """A message and all that is known about it. Holds ids only.

    ``awaited_until`` (real time, aware UTC) is given while evidence about it is awaited. ``consent_needed`` is the
    purpose that the person must have agreed to, None for answers; ``consent`` the ledger entry that it relied on.
    """

    id: UUID
    kind: str
    status: str
    reason: str | None
    status_words: str
    words: str
    person_id: UUID | None
    zone: str | None
    awaited_until: datetime | None
    consent_needed: str | None
    consent: dict[str, Any] | None
    lines: list[Line]
    attempts: list[dict[str, Any]]
    events: list[dict[str, Any]]


def listing(rt: Runtime, limit: int, status: str | None, person: UUID | None) -> list[Any]:
    """Messages, newest due first."""
    with rt.transaction() as tx:
        return messages.newest(tx, limit, status, person)


def explain(rt: Runtime, id: UUID) -> Explained | None:
    """All that is known about a message, None when there is no such id."""
    with rt.transaction() as tx:
        row = messages.one(tx, id)
        if row is None:
            return None
        person = people.one(tx, row.person_id) if row.person_id else None
        tried = attempts.of_message(tx, id)
        events = message_events.of_message(tx, id)
        pending = waits_for(rt, tx, row, tried)
        kind, sender = KINDS.get(row.kind), sender_of(row, tried)
        what = f"{kind.words if kind else row.kind}{f' “{row.step}”' if row.step else ''}"
        return Explained(
            id=row.id,
            kind=row.kind,
            status=row.status,
            reason=row.reason,
            status_words=status_words(row.status, row.reason, sender),
            words=f"{what}: {verdict(row.status, row.reason, sender)}",
            person_id=row.person_id,
            zone=person.zone if person is not None else None,
            awaited_until=pending.at if pending is not None else None,
            consent_needed=needed(row.kind, row.purpose),
            consent=_consent(tx, row.consent_id),
            lines=lines(rt, tx, row, tried, events),
            attempts=[_attempt(a) for a in tried],
            events=[_event(e) for e in events],
        )


def _consent(tx: Connection, id: UUID | None) -> dict[str, Any] | None:
    row = consents.one(tx, id) if id is not None else None
    names = ("id", "action", "channel", "purpose", "actor", "source", "at", "wording")
    return {name: getattr(row, name) for name in names} if row is not None else None


def _attempt(row: Any) -> dict[str, Any]:
    names = (
        "id",
        "state",
        "sender",
        "created_at",
        "started_at",
        "ended_at",
        "unknown_since",
        "result",
        "code",
    )
    return {name: getattr(row, name) for name in names}


def _event(row: Any) -> dict[str, Any]:
    names = ("attempt_id", "what", "reason", "code", "at", "received_at")
    return {name: getattr(row, name) for name in names}


def release(rt: Runtime, id: UUID) -> bool:
    """Lets a held message go on, at once: again, if it had left before. False when it was not held."""
    with rt.transaction() as tx:
        return messages.release(tx, id, rt.now(tx))

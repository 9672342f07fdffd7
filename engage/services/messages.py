"""Why a message was sent, or was not, in plain words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from engage.domain.messages import KINDS, REASONS, STATUS_WORDS
from engage.runtime import Runtime
from engage.storage import attempts, consents, messages, people

# An attempt's result, in words.
_RESULTS = {
    None: "no result yet",
    "answered": "the sender answered",
    "busy": "the sender could not take it just then",
    "no_answer": "no answer came back",
    "lease_expired": "the worker stopped before it began to send",
    "found": "looked up: the sender has it",
    "absent": "looked up: the sender never had it",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened, or will. ``at`` is aware UTC; ``clock`` says which clock showed it."""

    at: datetime
    clock: str
    words: str


@dataclass(frozen=True, slots=True)
class Explained:
    """A message and all that is known about it. Holds ids only."""

    id: UUID
    kind: str
    status: str
    reason: str | None
    words: str
    person_id: UUID | None
    zone: str | None
    lines: list[Line]
    attempts: list[dict[str, Any]]


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
        lines = _lines(tx, row, tried)
        kind = KINDS.get(row.kind)
        return Explained(
            id=row.id,
            kind=row.kind,
            status=row.status,
            reason=row.reason,
            words=f"{kind.words if kind else row.kind}{f' “{row.step}”' if row.step else ''}: {verdict(row.status, row.reason)}",
            person_id=row.person_id,
            zone=person.zone if person is not None else None,
            lines=lines,
            attempts=[_attempt(a) for a in tried],
        )


def verdict(status: str, reason: str | None) -> str:
    """A status and its reason in words for staff."""
    words = STATUS_WORDS.get(status, status)  # type: ignore[call-overload]
    return f"{words}. {REASONS.get(reason, reason)}" if reason else f"{words}."


def _lines(tx: Connection, row: Any, tried: list[Any]) -> list[Line]:
    """In the order of a message's life. Two clocks are at work, so the times alone would mislead."""
    entry = consents.one(tx, row.consent_id) if row.consent_id is not None else None
    lines = []
    if entry is not None:
        words = (
            f"The person agreed to {entry.purpose} by {entry.channel} ({entry.source}); this relies on it."
        )
        lines.append(Line(entry.at, "clinic", words))
    lines.append(Line(row.created_at, "clinic", "Planned."))
    lines.append(Line(row.due_at, "clinic", _due(row)))
    for n, attempt in enumerate(tried, 1):
        words = (
            f"Attempt {n} by the sender “{attempt.sender}”: {_RESULTS.get(attempt.result, attempt.result)}."
        )
        lines.append(Line(attempt.started_at or attempt.created_at, "real", words))
    if row.sent_at is not None:
        lines.append(Line(row.sent_at, "clinic", "The sender took it."))
    if row.ended_at is not None:
        lines.append(Line(row.ended_at, "clinic", verdict(row.status, row.reason)))
    return lines


def _due(row: Any) -> str:
    if row.status != "planned":
        never = row.ended_at is not None and row.ended_at < row.due_at
        return "It would have been due." if never else "Due."
    return "Due. " + REASONS.get(row.reason or "", "It leaves then if nothing speaks against it.")


def _attempt(row: Any) -> dict[str, Any]:
    names = ("id", "state", "sender", "created_at", "started_at", "ended_at", "result")
    return {name: getattr(row, name) for name in names}


def release(rt: Runtime, id: UUID) -> bool:
    """Lets a held message go on, at once. False when it was not held."""
    with rt.transaction() as tx:
        return messages.release(tx, id, rt.now(tx))

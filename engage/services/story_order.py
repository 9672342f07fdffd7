"""What happened to a message, attempt by attempt and receipt by receipt, in order and in words.

Attempts and receipts carry the real clock's times; when a message is due and when it ended is by the movable clock.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from engage.domain.message_words import REASONS, RECEIPT_FAILURES
from engage.services.awaiting import SILENT

# An attempt's result, in words.
RESULTS: dict[str | None, str] = {
    None: "no result yet",
    "answered": "the sender answered",
    "split": "the sender took none of it at once; what was not at fault went again in smaller requests",
    "busy": "the sender could not take it just then",
    "sender_busy": "not begun, as others before it had failed",
    "no_answer": "no answer came back",
    "lease_expired": "the worker stopped before it began to send",
    "found": "the sender has it",
    "absent": "the sender never had it",
    "several": "the sender has more than one that could be it",
    "no_proof": "nothing proves that it left, nor that it did not",
}
# What a vendor told afterwards (domain.receipts.What).
TOLD = {
    "accepted": "the sender has it",
    "deferred": "the receiving side asked to wait, the sender tries again",
    "delivered": "delivered",
    "failed": "not delivered",
    "complaint": "reported as spam; what was agreed to of its purpose has ended",
    "unsubscribed": "unsubscribed at the sender",
    "resubscribed": "subscribed again at the sender",
    "unclear": "the sender does not know whether it arrived",
    "other": "something that changes nothing here",
}
# An end is written within moments of the word that brought it.
MOMENTS = timedelta(seconds=2)
NONE = timedelta(0)


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened, or will. ``at`` is aware UTC; ``clock`` says which clock showed it."""

    at: datetime
    clock: str
    words: str


@dataclass(frozen=True, slots=True)
class Happened:
    """A line, and when we knew of it by the real clock."""

    known_at: datetime
    line: Line


def happened(row: Any, tried: Sequence[Any], events: Sequence[Any]) -> list[Happened]:
    """Attempts and receipts together. A vendor's clock may be behind ours: its word never comes before its attempt."""
    numbers = {attempt.id: n for n, attempt in enumerate(tried, 1)}
    began = {attempt.id: _began(attempt) for attempt in tried}
    ordered: list[tuple[datetime, int, Happened]] = []
    for n, attempt in enumerate(tried, 1):
        ordered += [(one.known_at, n, one) for one in _attempt(n, attempt)]
    for event in events:
        at = max(event.at, began.get(event.attempt_id, event.at))
        line = Line(event.at, "real", _event(event, numbers))
        ordered.append((at, len(tried) + 1, Happened(event.received_at, line)))
    found = [one for _, _, one in sorted(ordered, key=lambda one: one[:2])]
    return _with_taken(row, tried, found, numbers)


def place_of_due(told: Sequence[Happened], due_at: datetime, ahead: timedelta) -> int:
    """Where a due time stands: behind what surely was before it, as a message that is tried again is due again.

    The movable clock is ``ahead`` of the real one now, and was so by no more when any of this happened.
    """
    return max((n for n, one in enumerate(told, 1) if one.known_at + max(ahead, NONE) <= due_at), default=0)


def place_of_end(told: Sequence[Happened], ended_at: datetime, ahead: timedelta) -> int:
    """Where an end stands: before what surely came after it."""
    limit = ended_at + MOMENTS - min(ahead, NONE)
    return max((n for n, one in enumerate(told, 1) if one.known_at <= limit), default=0)


def _began(attempt: Any) -> datetime:
    at: datetime = attempt.started_at or attempt.created_at
    return at


def _with_taken(
    row: Any, tried: Sequence[Any], told: list[Happened], numbers: Mapping[UUID, int]
) -> list[Happened]:
    """With the line that the sender took it: beside its attempt, by whichever clock its time is told."""
    attempt = next((one for one in tried if one.id == row.attempt_id), None)
    if row.sent_at is None or attempt is None:
        return told
    if attempt.unknown_since is not None and attempt.result == "found":
        return told  # The line about what was found says so.
    taker = "The mail server" if attempt.sender in SILENT else "The sender"
    number = numbers[attempt.id]
    doubted = attempt.unknown_since is not None
    about = f"Receipt about attempt {number}:" if doubted else f"Attempt {number} by"
    at = next((n for n, one in enumerate(told, 1) if one.line.words.startswith(about)), len(told))
    known = told[at - 1].known_at
    return [*told[:at], Happened(known, Line(row.sent_at, "clinic", f"{taker} took it.")), *told[at:]]


def _attempt(n: int, attempt: Any) -> Iterator[Happened]:
    doubted = attempt.unknown_since is not None
    first = "no_answer" if doubted else attempt.result
    code = f" (code {attempt.code})" if attempt.code else ""
    words = f"Attempt {n} by the sender “{attempt.sender}”: {RESULTS.get(first, attempt.result)}{code}."
    began = _began(attempt)
    yield Happened(began, Line(began, "real", words))
    if doubted and attempt.state == "done":
        words = f"Attempt {n}, looked into: {RESULTS.get(attempt.result, attempt.result)}."
        yield Happened(attempt.ended_at, Line(attempt.ended_at, "real", words))


def _event(event: Any, numbers: Mapping[UUID, int]) -> str:
    about = f" about attempt {numbers[event.attempt_id]}" if event.attempt_id in numbers else ""
    code = f" (code {event.code})" if event.code else ""
    words = f"Receipt{about}: {TOLD.get(event.what, event.what)}{code}."
    if event.what != "failed":
        return words
    why = REASONS.get(event.reason, event.reason) if event.reason else RECEIPT_FAILURES.get(event.failure)
    return f"{words} {why}" if why else words

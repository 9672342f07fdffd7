"""A message's life line by line: its plan, every attempt, every word of a vendor, and what is still awaited."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from engage.domain.deciding import End, Facts, Wait, decide
from engage.domain.failures import RULES
from engage.domain.hours_words import against_line, hours_line
from engage.domain.message_words import REASONS, STATUS_WORDS
from engage.domain.messages import KINDS
from engage.runtime import Runtime
from engage.services import courtesy, gates, trial_mode
from engage.services.awaiting import SILENT, pending_words, waits_for
from engage.services.instance import why_not
from engage.services.lesson_pairs import beside
from engage.services.timeline import readable_facts
from engage.storage import claim_facts, clock, consents, instance, senders
from engage.storage.claim_facts import FactsRow

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
    "other": "something that changes nothing here",
}
# What is due so soon is waiting already: a resting sender gives a message back for a second or so.
SOON = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened, or will. ``at`` is aware UTC; ``clock`` says which clock showed it."""

    at: datetime
    clock: str
    words: str


def lines(rt: Runtime, tx: Connection, row: Any, tried: Sequence[Any], events: Sequence[Any]) -> list[Line]:
    """In the order of a message's life. Two clocks are at work, so the times alone would mislead."""
    entry = consents.one(tx, row.consent_id) if row.consent_id is not None else None
    told = []
    if entry is not None:
        words = (
            f"The person agreed to {entry.purpose} by {entry.channel} ({entry.source}); this relies on it."
        )
        told.append(Line(entry.at, "clinic", words))
    told.append(Line(row.created_at, "clinic", "Planned."))
    told.append(Line(row.due_at, "clinic", _due(row)))
    told += _foreseen(rt, tx, row)
    if pair := beside(tx, row):
        told.append(Line(row.due_at, "clinic", pair))
    told += kept_back(rt, tx, row)
    told += _real(tried, events)
    if row.sent_at is not None:
        told.append(Line(row.sent_at, "clinic", f"{_taker(tried)} took it."))
    if row.ended_at is not None:
        told.append(Line(row.ended_at, "clinic", verdict(row.status, row.reason, sender_of(row, tried))))
    pending = waits_for(rt, tx, row, tried)
    if pending is not None:
        told.append(Line(pending.at, "real", pending_words(pending, row, tried[-1])))
    return told


def _foreseen(rt: Runtime, tx: Connection, row: Any) -> list[Line]:
    """What speaks against a message that waits, as things stand: the claim's own rules at its time."""
    if row.status != "planned":
        return []
    now = rt.now(tx)
    at = max(now, row.due_at)
    found = claim_facts.fetch(tx, [row.id], at)
    facts = readable_facts(rt, found[0], trial_mode.of_now(rt, tx)) if found else None
    if facts is None:
        return []
    match decide(facts, at):
        case End(_, reason):
            words = f"As things stand it will not go. {REASONS.get(reason, reason)}"
            return [Line(at, "clinic", words), *_hours(rt, found[0], facts, reason, at)]
        case Wait(until, reason):
            words = f"As things stand it waits until then. {REASONS.get(reason, reason)}"
            return [Line(until, "clinic", words), *_hours(rt, found[0], facts, reason, at)]
    return _hours(rt, found[0], facts, row.reason, now)


def _hours(rt: Runtime, row: FactsRow, facts: Facts, reason: str | None, at: datetime) -> list[Line]:
    """Of a message that waits for its hour: by whose clock and by which rule; ``at`` is when it might have left."""
    if reason not in ("decent_hours", "no_decent_hour") or facts.decent is None:
        return []
    kind = KINDS[row.kind]
    hours = hours_line(
        facts.decent, kind.purpose, kind.channel, facts.zone, courtesy.where(rt, row, kind), at
    )
    against = against_line(facts.decent, at)
    if not against and reason == "decent_hours" and facts.course is not None and kind.channel == "email":
        against = "The course has hours of its own for its lessons, too."
    return [Line(at, "clinic", words) for words in (hours, against) if words]


def kept_back(rt: Runtime, tx: Connection, row: Any) -> list[Line]:
    """What keeps a due message from leaving that is not its own: a person's hold, a restored copy, a resting sender."""
    if row.status != "planned" or row.due_at > rt.now(tx) + SOON:
        return []
    found, real = [], clock.database_now(tx)
    copy = instance.look(tx)
    if copy is not None and (why := why_not(copy)):
        words = f"Nothing leaves at all: {why}. “engage instance accept” lets everything go on."
        found.append(Line(real, "real", words))
    sender = rt.route(row.purpose, row.channel)
    breaker = senders.breaker_of(senders.one(tx, gates.key_of(sender)))
    if breaker.until is not None and breaker.until > real:
        words = (
            f"Its sender “{sender.name}” rests ({breaker.reason}) after {breaker.failures} failures in a row; then one "
            "message tries."
        )
        found.append(Line(breaker.until, "real", words))
    return found


def verdict(status: str, reason: str | None, sender: str | None = None) -> str:
    """A status and its reason in words for staff. ``sender`` carried it, where that is known."""
    words = status_words(status, reason, sender)
    return f"{words}. {REASONS.get(reason, reason)}" if reason else f"{words}."


def status_words(status: str, reason: str | None, sender: str | None = None) -> str:
    """A status in words. A mail server that took a message is not said to have delivered it."""
    if status == "accepted" and sender in SILENT:
        return REASONS["handed_over"].rstrip(".")
    if status == "unknown" and reason == "never_known":
        return "Unknown for good"
    return STATUS_WORDS.get(status, status)  # type: ignore[call-overload, no-any-return]


def sender_of(row: Any, tried: Sequence[Any]) -> str | None:
    """The name of the sender of the attempt that a message belongs to."""
    return next((attempt.sender for attempt in tried if attempt.id == row.attempt_id), None)


def _due(row: Any) -> str:
    if row.status != "planned":
        never = row.ended_at is not None and row.ended_at < row.due_at
        return "It would have been due." if never else "Due."
    return "Due. " + REASONS.get(row.reason or "", "It leaves then if nothing speaks against it.")


def _real(tried: Sequence[Any], events: Sequence[Any]) -> list[Line]:
    """Attempts and receipts together. A vendor's clock may be behind ours: its word never comes before its attempt."""
    numbers = {attempt.id: n for n, attempt in enumerate(tried, 1)}
    began = {attempt.id: attempt.started_at or attempt.created_at for attempt in tried}
    found = [(line.at, n, line) for n, a in enumerate(tried, 1) for line in _attempt(n, a)]
    for event in events:
        at = max(event.at, began.get(event.attempt_id, event.at))
        found.append((at, len(tried) + 1, Line(event.at, "real", _event(event, numbers))))
    return [line for _, _, line in sorted(found, key=lambda one: one[:2])]


def _attempt(n: int, attempt: Any) -> Iterator[Line]:
    at = attempt.started_at or attempt.created_at
    doubted = attempt.unknown_since is not None
    first = "no_answer" if doubted else attempt.result
    yield Line(
        at, "real", f"Attempt {n} by the sender “{attempt.sender}”: {RESULTS.get(first, attempt.result)}."
    )
    if doubted and attempt.state == "done":
        words = f"Attempt {n}, looked into: {RESULTS.get(attempt.result, attempt.result)}."
        yield Line(attempt.ended_at, "real", words)


def _event(event: Any, numbers: Mapping[UUID, int]) -> str:
    about = f" about attempt {numbers[event.attempt_id]}" if event.attempt_id in numbers else ""
    code = f" (code {event.code})" if event.code else ""
    words = f"Receipt{about}: {TOLD.get(event.what, event.what)}{code}."
    if event.what != "failed":
        return words
    reason = event.reason or (RULES[event.failure].reason if event.failure in RULES else None)
    return f"{words} {REASONS.get(reason, reason)}" if reason else words


def _taker(tried: Sequence[Any]) -> str:
    return "The mail server" if tried and tried[-1].sender in SILENT else "The sender"

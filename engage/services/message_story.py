"""A message's life line by line: its plan, every attempt, every word of a vendor, and what is still awaited."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from engage.domain.deciding import End, Facts, Wait, decide
from engage.domain.hours_words import against_line, hours_line
from engage.domain.message_words import REASONS, STATUS_WORDS
from engage.domain.messages import KINDS
from engage.runtime import Runtime
from engage.services import courtesy, gates, trial_mode
from engage.services.awaiting import SILENT, pending_words, waits_for
from engage.services.instance import why_not
from engage.services.lesson_pairs import beside
from engage.services.story_order import Line, happened, place_of_due, place_of_end
from engage.services.timeline import readable_facts
from engage.storage import claim_facts, clock, consents, instance, senders
from engage.storage.claim_facts import FactsRow

# What is due so soon is waiting already: a resting sender gives a message back for a second or so.
SOON = timedelta(minutes=1)


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
    told.sort(key=lambda line: line.at)
    told += _happened(rt, tx, row, tried, events)
    told += _foreseen(rt, tx, row)
    told += kept_back(rt, tx, row)
    pending = waits_for(rt, tx, row, tried)
    if pending is not None:
        told.append(Line(pending.at, "real", pending_words(pending, row, tried[-1])))
    return told


def _happened(
    rt: Runtime, tx: Connection, row: Any, tried: Sequence[Any], events: Sequence[Any]
) -> list[Line]:
    """Attempts and receipts, with the message's date and its end where they belong among them."""
    told = happened(row, tried, events)
    ahead = rt.now(tx) - clock.database_now(tx)
    never = row.status != "planned" and row.ended_at is not None and row.ended_at < row.due_at
    ended = len(told) if row.ended_at is None else place_of_end(told, row.ended_at, ahead)
    due = ended if never else place_of_due(told, row.due_at, ahead)
    if row.status == "planned" and row.due_at > rt.now(tx):
        due = len(told)
    dated = [Line(row.due_at, "clinic", _due(row, again=due > 0 and bool(tried), never=never))]
    if pair := beside(tx, row):
        dated.append(Line(row.due_at, "clinic", pair))
    end = []
    if row.ended_at is not None:
        words = verdict(row.status, row.reason, sender_of(row, tried))
        end.append(Line(row.ended_at, "clinic", words))
    real = [one.line for one in told]
    if never:
        return [*real[:ended], *end, *dated, *real[ended:]]
    due = min(due, ended)
    return [*real[:due], *dated, *real[due:ended], *end, *real[ended:]]


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
        after = "" if breaker.refuses else f" after {breaker.failures} failures in a row"
        words = f"Its sender “{sender.name}” rests ({breaker.reason}){after}; then one message tries."
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


def _due(row: Any, again: bool, never: bool) -> str:
    if never:
        return "It would have been due again." if again else "It would have been due."
    word = "Due again." if again else "Due."
    if row.status != "planned":
        return word
    return f"{word} " + REASONS.get(row.reason or "", "It leaves then if nothing speaks against it.")

"""Consultation requests: what may be said in one, what can become of it, and when it is late."""

from __future__ import annotations

import unicodedata
from datetime import datetime, timedelta
from typing import Literal

from engage.domain.working_hours import WorkingHours, after_work

State = Literal["new", "open", "closed"]
Outcome = Literal["booked", "not_reached", "not_interested", "not_suitable", "spam", "other"]
Concern = Literal["near", "passed"]

MAX_MESSAGE = 2000

REACH: dict[str, str] = {
    "email": "By email",
    "call": "By telephone call",
    "text": "By text message",
}
TIMES: dict[str, str] = {
    "weekday-morning": "Weekday mornings",
    "weekday-afternoon": "Weekday afternoons",
    "weekday-evening": "Weekday evenings",
    "saturday": "Saturdays",
}
STATES: dict[State, str] = {
    "new": "New",
    "open": "Being looked after",
    "closed": "Closed",
}
OUTCOMES: dict[Outcome, str] = {
    "booked": "Booked a visit",
    "not_reached": "Could not be reached",
    "not_interested": "No longer interested",
    "not_suitable": "Not something for this clinic",
    "spam": "Not a real request",
    "other": "Something else",
}
EVENTS: dict[str, str] = {
    "received": "The request came in.",
    "acknowledged": "An email said that it had arrived.",
    "assigned": "It was given to a member of staff.",
    "unassigned": "It was given back.",
    "called": "Somebody tried to reach the person.",
    "noted": "A note was made.",
    "closed": "It was closed.",
    "reopened": "It was opened again.",
}

# Marks that turn the text around them: a message is right-to-left by its letters alone.
_TURNING = {*map(chr, range(0x202A, 0x202F)), *map(chr, range(0x2066, 0x206A))}


class BadMessage(ValueError):
    """A message that can't be used, with a sentence for the person who typed it."""


def clean_message(raw: str, most: int = MAX_MESSAGE) -> str:
    """A message, trimmed, with one kind of line break. Raises BadMessage on control characters and beyond ``most``
    characters."""
    text = raw.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    text = text.replace("\u2028", "\n").replace("\u2029", "\n")
    if any(char != "\n" and unicodedata.category(char) in {"Cc", "Cs"} for char in text):
        raise BadMessage("Please remove the characters that can’t be shown from your message.")
    text = "".join(char for char in text if char not in _TURNING).strip()
    if len(text) > most:
        raise BadMessage(f"Please keep the message under {most:,} characters; it has {len(text):,} now.")
    return text


def concern(hours: WorkingHours, due_at: datetime, warn: timedelta, now: datetime) -> Concern | None:
    """What staff must be told about a request that nobody has answered.

    The deadline is near when less than ``warn`` of working time is left until it.
    """
    if due_at <= now:
        return "passed"
    return "near" if due_at <= after_work(hours, now, warn) else None

"""How many texts may ask numbers whether they are whose they are said to be, and how long the answer counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
CODE_LASTS = timedelta(minutes=10)
# Whoever finds the text later may still answer it.
YES_LASTS = DAY
TRIES = 5
CODE_DIGITS = 6

# "sent": it leaves; "limited": the number or its area had enough; "suppressed": the number opted out, and what a
# visitor sees must not tell these three apart. "person": this person asked too often; "capped": the day's texts ran out.
Verdict = Literal["sent", "limited", "suppressed", "person", "capped"]


@dataclass(frozen=True, slots=True)
class Limits:
    """What the clinic's file allows. ``minutes_apart`` is between two texts to one number; the rest are counts:
    texts to a number a day, to an area code an hour, asked for by a person a day, texts and segments of all a day."""

    minutes_apart: int
    per_number_per_day: int
    per_prefix_per_hour: int
    per_person_per_day: int
    texts_per_day: int
    segments_per_day: int


@dataclass(frozen=True, slots=True)
class Sent:
    """What was sent before ``now``: to the number in the last day (times), and the counts that Limits names."""

    number: Sequence[datetime] = ()
    prefix: int = 0
    person: int = 0
    texts: int = 0
    segments: int = 0


def verdict(limits: Limits, sent: Sent, barred: bool, segments: int, now: datetime) -> Verdict:
    """Whether a confirmation text of ``segments`` may go to a number; ``barred``: it opted out."""
    if spent(limits, sent, segments):
        return "capped"
    if sent.person >= limits.per_person_per_day:
        return "person"
    if barred:
        return "suppressed"
    if any(at > now - timedelta(minutes=limits.minutes_apart) for at in sent.number):
        return "limited"
    if len(sent.number) >= limits.per_number_per_day or sent.prefix >= limits.per_prefix_per_hour:
        return "limited"
    return "sent"


def spent(limits: Limits, sent: Sent, segments: int = 1) -> bool:
    """The spend breaker: one more text would be over what the clinic pays for in a day."""
    return sent.texts >= limits.texts_per_day or sent.segments + segments > limits.segments_per_day


def clean_code(typed: str) -> str | None:
    """The six digits of a code as people type it ("123 456"), None when they are not six."""
    digits = "".join(char for char in typed if not char.isspace() and char not in "-–")
    return digits if len(digits) == CODE_DIGITS and digits.isascii() and digits.isdigit() else None

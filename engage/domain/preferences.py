"""What a person may choose: which messages by which way, when, and a pause. Words and what was typed; pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from types import MappingProxyType
from typing import Final

from engage.domain.forms import InvalidInput
from engage.domain.messages import Channel, Purpose
from engage.domain.weeks import DAYS, MIDNIGHT, BadHours, Week, common, week

LONGEST_PAUSE_DAYS: Final = 365
# A wish for hours has to leave at least this much of those in which the clinic writes.
FEWEST_MINUTES: Final = 60
DAY_NAMES: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_TIME: Final = re.compile(r"([01]?\d|2[0-4]):([0-5]\d)")


@dataclass(frozen=True, slots=True)
class Topic:
    """What somebody may or may not want to get, in a person's words."""

    purpose: Purpose
    title: str
    about: str


TOPICS: Final = (
    Topic("education", "Lessons", "The free course that you signed up for, one lesson at a time."),
    Topic("marketing", "News from the clinic", "Classes, offers, and changes at the clinic."),
    Topic("care", "Visit reminders", "When your next visit is, and what has changed about it."),
)
WAYS: Final[Mapping[Channel, str]] = MappingProxyType({"email": "By email", "sms": "By text"})

_END = "Message frequency varies. Message and data rates may apply. Reply STOP to stop, HELP for help."
_WORDINGS: Final[Mapping[tuple[Purpose, Channel], str]] = MappingProxyType(
    {
        (
            "education",
            "email",
        ): "Yes, please email me the lessons of my course, from {clinic}. I can stop at any time "
        "with the link in every email.",
        (
            "education",
            "sms",
        ): "Yes, {clinic} may text me a short note for each lesson of my course, at the number that "
        f"I confirmed. This is not a condition of care. {_END}",
        (
            "marketing",
            "email",
        ): "Yes, please email me news and offers from {clinic}. I can stop at any time with the "
        "link in every email.",
        (
            "marketing",
            "sms",
        ): "Yes, {clinic} may send me news and offers by text, also by automated means, at the "
        "number that I confirmed, at most {a_week} a week. Agreeing is not a condition of any purchase or of care. "
        f"{_END}",
        (
            "care",
            "email",
        ): "Yes, please remind me of my visits to {clinic} by email. I can stop at any time on the "
        "page that every email links to.",
        (
            "care",
            "sms",
        ): "Yes, {clinic} may remind me of my visits by text, at the number that I confirmed. This is "
        f"not a condition of care. {_END}",
    }
)

CHECK_IN_WORDINGS: Final[Mapping[Channel, str]] = MappingProxyType(
    {
        "email": "Yes, please ask me by email how I am: around my visits, and about once a week while they go on. "
        "My answers are kept for those who look after me. I can stop at any time with the link in every email.",
        "sms": "Yes, please ask me by text how I am: around my visits, and about once a week while they go on, at the "
        f"number that I confirmed. My answers are kept for those who look after me. {_END}",
    }
)


def wording(purpose: Purpose, channel: Channel, clinic: str, marketing_per_week: int) -> str:
    """The sentence beside the button that agrees, kept word for word with the consent."""
    return _WORDINGS[purpose, channel].format(clinic=clinic, a_week=marketing_per_week)


def masked(channel: Channel, address: str) -> str:
    """Enough of an address for its owner to know it again: "a…@example.org", "the number ending in 0123"."""
    if channel == "sms":
        return f"the number ending in {address[-4:]}"
    name, _, domain = address.rpartition("@")
    return f"{name[:1]}…@{domain}"


def pause_day(typed: str, today: date) -> date:
    """The day on which a pause ends, from "2026-12-24" or "12/24/2026". Raises InvalidInput for ``until``."""
    text = typed.strip()
    found = re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", text)
    parts = found.groups() if found else ()
    if not parts and (found := re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", text)):
        parts = (found[3], found[1], found[2])
    try:
        year, month, day = map(int, parts)
        until = date(year, month, day)
    except ValueError:
        raise InvalidInput({"until": "Please give a day, such as 12/24/2026."}) from None
    if until <= today:
        raise InvalidInput({"until": "Please give a day after today."})
    if until > today + timedelta(days=LONGEST_PAUSE_DAYS):
        raise InvalidInput({"until": "Please give a day within the next year."})
    return until


def wished_hours(days: Sequence[str], start: str, end: str, decent: Week) -> list[str]:
    """The lines, such as "mon-fri 17:00-20:00", for hours on some ``days`` ("mon" and so on).

    ``start`` and ``end`` are "17:00" and "20:00", midnight as an end "24:00"; ``decent`` are the hours in which
    the clinic writes at all. Raises InvalidInput for ``days``, ``from`` and ``to``.
    """
    errors: dict[str, str] = {}
    chosen = [day for day in DAYS if day in days]
    if not chosen or set(days) - set(DAYS):
        errors["days"] = "Please choose at least one day."
    minutes = {"from": _minutes(start), "to": _minutes(end)}
    for field, at in minutes.items():
        if at is None:
            errors[field] = "Please choose a time from the list."
    first, last = minutes["from"], minutes["to"]
    if first is not None and last is not None and first >= last:
        errors["to"] = "Please choose a later time than the first one."
    if errors or first is None or last is None:
        raise InvalidInput(errors)
    lines = [f"{run} {clock(first)}-{clock(last)}" for run in _runs(chosen)]
    try:
        wished = week(lines)
    except BadHours as error:
        raise InvalidInput({"days": str(error)}) from None
    left = [common(mine, theirs) for mine, theirs in zip(wished, decent, strict=True)]
    if not any(until - since >= FEWEST_MINUTES for spans in left for since, until in spans):
        raise InvalidInput({"from": "We do not write at those hours. Please leave us at least one of our own: "
                            f"{'; '.join(spoken_week(decent))}."})  # fmt: skip
    return lines


def _minutes(text: str) -> int | None:
    found = _TIME.fullmatch(text.strip())
    at = int(found[1]) * 60 + int(found[2]) if found else None
    return at if at is not None and at <= MIDNIGHT else None


def clock(minutes: int) -> str:
    """A time of day as hours are stored: "17:00", the day's end "24:00"."""
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _runs(days: Sequence[str]) -> list[str]:
    """Days that follow one another as one: mon, tue, wed, sat is mon-wed, sat."""
    places = [DAYS.index(day) for day in days]
    breaks = [0, *(n for n, (one, other) in enumerate(pairwise(places), 1) if other != one + 1), len(places)]
    runs = [places[a:b] for a, b in pairwise(breaks)]
    return [DAYS[run[0]] + (f"-{DAYS[run[-1]]}" if len(run) > 1 else "") for run in runs]


def spoken_week(hours: Week) -> list[str]:
    """Hours in words, days that are alike together: "Monday to Friday, 5 PM to 8 PM"."""
    told = []
    start = 0
    for n in range(1, 8):
        if n < 7 and hours[n] == hours[start]:
            continue
        if hours[start]:
            spans = " and ".join(
                f"{spoken_time(since)} to {spoken_time(until)}" for since, until in hours[start]
            )
            told.append(f"{_spoken_days(start, n - 1)}, {spans}")
        start = n
    return told


def _spoken_days(first: int, last: int) -> str:
    if (first, last) == (0, 6):
        return "Every day"
    return DAY_NAMES[first] + (f" to {DAY_NAMES[last]}" if last > first else "")


def spoken_time(minutes: int) -> str:
    """A time of day as people say it: "5 PM", "8:30 AM", "noon", "midnight"."""
    if minutes % MIDNIGHT == 0:
        return "midnight"
    if minutes == MIDNIGHT // 2:
        return "noon"
    hour = minutes // 60
    exact = f":{minutes % 60:02}" if minutes % 60 else ""
    return f"{hour % 12 or 12}{exact} {'AM' if hour < 12 else 'PM'}"


def fewer_of(most: int, percent: int) -> int:
    """What is left of a weekly cap for somebody who asked for fewer, as ``caps`` counts it."""
    return max(1, most * percent // 100)

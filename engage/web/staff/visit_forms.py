"""What the forms about visits have in common: a day, an hour, a length and a place, as they were typed."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TypeVar

from flask import abort, request

from engage.domain.appointments import LONGEST_MINUTES, When
from engage.domain.forms import InvalidInput
from engage.runtime import Runtime
from engage.services import visit_times

T = TypeVar("T")
LENGTHS = (30, 45, 60, 75, 90, 120)
USUAL = 60
_WALL = re.compile(r"([01]\d|2[0-3]):[0-5]\d(:00)?")
# Where the forms show what the rules of visits say.
_FIELDS = {"starts_at": "time", "zone": "location", "person": "day", "status": "day"}


@dataclass(frozen=True, slots=True)
class Typed:
    """The fields as they were typed; a form that comes back shows them again."""

    day: str = ""
    time: str = ""
    minutes: str = str(USUAL)
    location: str = ""

    @classmethod
    def of_form(cls, form: Mapping[str, str]) -> Typed:
        """What was sent."""
        return cls(*(form.get(name, "")[:100] for name in ("day", "time", "minutes", "location")))

    @classmethod
    def of_visit(cls, starts: datetime, minutes: int, location: str) -> Typed:
        """What a visit is; ``starts`` by the clocks at the visit."""
        return cls(f"{starts:%Y-%m-%d}", f"{starts:%H:%M}", str(minutes), location)


def when(rt: Runtime, typed: Typed) -> When:
    """When and where the visit is to be. Raises InvalidInput, with a sentence for each field."""
    errors: dict[str, str] = {}
    on = read(errors, "day", lambda: a_day(typed.day), "Please choose a day, such as 2026-11-24.")
    wall = read(errors, "time", lambda: a_time(typed.time), "Please give the hour, such as 14:00.")
    minutes = read(errors, "minutes", lambda: a_length(typed.minutes), _length_words())
    place = rt.clinic.location(typed.location)
    if place is None:
        errors["location"] = "Please choose one of the places."
    if errors or on is None or wall is None or minutes is None or place is None:
        raise InvalidInput(errors)
    return When(visit_times.at(rt, on, wall, place.name), place.zone, minutes, place.name)


def fields(error: InvalidInput) -> dict[str, str]:
    """The sentences by the names of the form's fields."""
    return {_FIELDS.get(name, name): sentence for name, sentence in error.errors.items()}


def a_day(text: str) -> date:
    """A date such as 2026-11-24. Raises ValueError."""
    found = date.fromisoformat(text.strip())
    if not 1970 <= found.year <= 9000:
        raise ValueError("a day outside of what can be")
    return found


def a_time(text: str) -> time:
    """A wall time such as 14:00. Raises ValueError."""
    if _WALL.fullmatch(text.strip()) is None:
        raise ValueError("no time of day")
    return time.fromisoformat(text.strip())


def a_length(text: str) -> int:
    """Minutes of a visit. Raises ValueError."""
    if not (text.isascii() and text.strip().isdigit() and 1 <= int(text) <= LONGEST_MINUTES):
        raise ValueError("no length of a visit")
    return int(text)


def read(errors: dict[str, str], name: str, parse: Callable[[], T], sentence: str) -> T | None:
    """What ``parse`` makes of a field; where it can't, ``errors`` gets the sentence."""
    try:
        return parse()
    except (ValueError, OverflowError):
        errors[name] = sentence
        return None


def _length_words() -> str:
    return f"Please give the length in minutes, between 1 and {LONGEST_MINUTES}."


def seen() -> int:
    """Which version of the visit the form was made for. 422 for what no form of ours holds."""
    text = request.form.get("seen", "")
    if not (text.isascii() and text.isdigit() and len(text) < 9):
        abort(422)
    return int(text)


def place_asked(rt: Runtime) -> str:
    """The place in the address, "" for all. 404 for one that there is not."""
    name = request.args.get("location", "")
    if name and rt.clinic.location(name) is None:
        abort(404)
    return name


def day_asked(otherwise: date) -> date:
    """The day in the address. 404 for what is none."""
    text = request.args.get("day", "")
    try:
        return a_day(text) if text else otherwise
    except ValueError:
        abort(404)

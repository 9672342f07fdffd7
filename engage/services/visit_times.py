"""When and where a visit may be: by the clocks of its place, and where the person is free."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any

from engage.domain import appointments as rules
from engage.domain.appointments import When
from engage.domain.forms import InvalidInput
from engage.domain.timing import UnknownZone, exact, local
from engage.domain.timing import zone as zone_named
from engage.runtime import Runtime


def at(rt: Runtime, day: date, wall: time, location: str, zone: str = "") -> datetime:
    """The instant of a visit by the clocks of its place, or of ``zone``. Raises InvalidInput with what to type instead
    of a time that does not exist, or exists twice."""
    name = zone or place(rt, location).zone
    try:
        found = exact(day, wall, name)
    except UnknownZone as error:
        raise InvalidInput({"zone": f"{name} {error}."}) from None
    except OverflowError:
        raise InvalidInput({"starts_at": "That day is beyond the calendar: please check the year."}) from None
    if not found:
        raise InvalidInput(
            {
                "starts_at": f"The clocks go forward that night: there is no {wall:%H:%M} then. Choose another time."
            }
        )
    if len(found) > 1:
        raise InvalidInput(
            {
                "starts_at": f"The clocks go back that night: {wall:%H:%M} comes twice. Choose a time outside that hour."
            }
        )
    return found[0]


def place(rt: Runtime, location: str) -> Any:
    """The clinic's place of that name. Raises InvalidInput naming those that there are."""
    found = rt.clinic.location(location)
    if found is None:
        names = ", ".join(one.name for one in rt.clinic.locations)
        raise InvalidInput({"location": f"There is no such place; there is: {names}."})
    return found


def check_when(rt: Runtime, when: When, now: datetime, *, entered_later: bool = False) -> None:
    """Raises InvalidInput for a time or place that no visit can have."""
    place(rt, when.location)
    try:
        zone_named(when.zone)
    except UnknownZone as error:
        raise InvalidInput({"zone": f"{when.zone} {error}."}) from None
    wrong = rules.problem(when, now, entered_later=entered_later)
    if wrong is not None:
        raise InvalidInput(dict([wrong]))


def check_free(rt: Runtime, when: When, others: Sequence[When]) -> None:
    """Raises InvalidInput when the person has another visit then."""
    clash = next((other for other in others if rules.overlaps(when, other)), None)
    if clash is not None:
        there = local(clash.starts_at, clash.zone)
        raise InvalidInput(
            {"starts_at": f"The person has another visit then, from {there:%H:%M} on {there:%Y-%m-%d}."}
        )

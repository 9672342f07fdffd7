"""The clinic's working hours, as its file says, for the rules."""

from __future__ import annotations

from engage.domain.working_hours import Opening, WorkingHours
from engage.runtime import Runtime


def hours_of(rt: Runtime) -> WorkingHours:
    """When the clinic works, in its own zone."""
    week = tuple(tuple(Opening(start, end) for start, end in day) for day in rt.clinic.hours.week)
    return WorkingHours(rt.clinic.zone, week, frozenset(rt.clinic.hours.holidays))

"""A moment as another system writes it: RFC 3339 with an offset, or the time on a place's clocks without one."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from engage.domain.timing import exact, zone

FORM = r"^\d{4}-\d\d-\d\dT\d\d:\d\d(:00(\.0+)?)?(Z|[+-]\d\d:\d\d)?$"
_FORM = re.compile(FORM, re.ASCII)


class BadTime(ValueError):
    """A time that can't be; the message says why and what to write instead."""


def well_formed(written: str) -> str:
    """``written``, when it has the form of a time. Raises BadTime."""
    if not _FORM.fullmatch(written):
        raise BadTime(
            "Write it to the minute, as 2026-12-01T14:30-05:00, or without the offset for local time."
        )
    return written


def read(written: str, zone_name: str, fold: int | None = None) -> datetime:
    """The instant, aware UTC. ``zone_name`` is asked only where no offset is written; ``fold`` says which of two moments
    is meant when the clocks go back: 0 the first, 1 the second (PEP 495). Raises BadTime, timing.UnknownZone.
    """
    well_formed(written)
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        raise BadTime("There is no such day or time in the calendar.") from None
    try:
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
        return _by_the_clocks(moment, zone_name, fold)
    except OverflowError:
        raise BadTime("That day is beyond the calendar: please check the year.") from None


def _by_the_clocks(moment: datetime, zone_name: str, fold: int | None) -> datetime:
    found = exact(moment.date(), moment.time(), zone_name)
    if not found:
        raise BadTime(
            f"It does not exist in {zone_name}: the clocks go forward then. Choose another time, or write an offset."
        )
    if len(found) == 1:
        return found[0]
    if fold is None:
        first, second = (f"{one.astimezone(zone(zone_name)):%z}" for one in found)
        raise BadTime(
            f"It comes twice in {zone_name}, as the clocks go back then. Write the offset ({_colon(first)} is the first, "
            f"{_colon(second)} the second), or fold: 0 or 1."
        )
    return found[fold]


def _colon(offset: str) -> str:
    return f"{offset[:3]}:{offset[3:]}"

"""Days, times of day, lengths and zones as booking systems write them. Each cell is read alone; what two cells say
together is put together here too."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import lru_cache
from typing import Final

from engage.domain.timing import UnknownZone, exact, local
from engage.domain.timing import zone as zone_named

_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        [
            "jan january",
            "feb february",
            "mar march",
            "apr april",
            "may",
            "jun june",
            "jul july",
            "aug august",
            "sep sept september",
            "oct october",
            "nov november",
            "dec december",
        ],
        1,
    )
    for name in names.split()
}
_WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WEEKDAY: Final = r"(?:(?P<weekday>mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s+)?"
_MONTH: Final = r"(?P<month>[a-z]{3,9})\.?"
_DAYS: Final = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?P<year>\d{4})(?P<mark>[-/.])(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2})",
        r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})(?=T|$)",
        _WEEKDAY
        + r"(?P<first>\d{1,2})(?P<mark>[-/.])(?P<second>\d{1,2})(?P=mark)(?P<year>\d{4}|\d{2})(?!\d)",
        _WEEKDAY + _MONTH + r"\s*(?P<day>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<year>\d{4})",
        _WEEKDAY
        + r"(?P<day>\d{1,2})(?:st|nd|rd|th)?[\s-]+"
        + _MONTH
        + r",?[\s-]+(?P<year>\d{4}|\d{2})(?!\d)",
    )
]
_BETWEEN: Final = re.compile(r"(?:T|,|\s+at\s+|\s+-\s+|\s)\s*", re.IGNORECASE)
_TIME: Final = re.compile(
    r"(?P<hour>\d{1,2})(?::?(?P<minute>\d{2})(?::?(?P<second>\d{2})(?:[.,]\d+)?)?)?\s*(?P<half>[ap]\.?\s?m\.?)?"
    r"\s*(?P<offset>Z|[+-]\d{2}:?\d{2}|\(?[A-Z]{2,5}\)?)?",
    re.IGNORECASE,
)
_LENGTH: Final = re.compile(
    r"(?:(?P<hours>\d{1,2}(?:\.\d+)?)\s*(?:h|hr|hrs|hour|hours)\.?)?\s*(?:(?P<minutes>\d{1,4})(?:\.0+)?\s*(?:m|min|mins|minute|minutes)?\.?)?",
    re.IGNORECASE,
)
_CLOCK: Final = re.compile(r"(\d{1,2}):(\d{2})(?::00)?")
_SERIAL: Final = re.compile(r"\d{5}(\.\d+)?")
_ZONES: Final = {
    "eastern": "America/New_York",
    "central": "America/Chicago",
    "mountain": "America/Denver",
    "pacific": "America/Los_Angeles",
    "alaskan": "America/Anchorage",
    "alaska": "America/Anchorage",
    "hawaiian": "Pacific/Honolulu",
    "hawaii": "Pacific/Honolulu",
    "arizona": "America/Phoenix",
    "us mountain": "America/Phoenix",
    "atlantic": "America/Halifax",
    "newfoundland": "America/St_Johns",
}
_ZONE_WORDS: Final = re.compile(
    r"\((?:us|us & canada|us and canada|gmt[^)]*|utc[^)]*)\)|\b(?:standard|daylight)?\s*time\b"
)


class BadCell(ValueError):
    """A cell that can't be used: what is wrong, and ``cure``, what to write instead."""

    def __init__(self, what: str, cure: str) -> None:
        super().__init__(what)
        self.cure = cure


@dataclass(frozen=True, slots=True)
class Parts:
    """What one cell tells of a moment. ``offset`` is to UTC; ``abbreviation`` such as EST."""

    day: date | None = None
    wall: time | None = None
    offset: timedelta | None = None
    abbreviation: str = ""


@lru_cache(maxsize=65536)
def parts(cell: str, day_first: bool) -> Parts:
    """A day, a time of day, or both. ``day_first`` decides of 3/4/2026. Raises BadCell."""
    text = " ".join(cell.split())
    if _SERIAL.fullmatch(text):
        raise BadCell(
            "That is a number of a spreadsheet, no date.",
            "Format the column as a date, then save as CSV again.",
        )
    day, rest = None, text
    for pattern in _DAYS:
        found = pattern.match(text)
        if found is not None:
            day, rest = _day(found, day_first), text[found.end() :]
            break
    if day is not None:
        if not rest.strip():
            return Parts(day)
        between = _BETWEEN.match(rest)
        if between is None:
            raise _no_moment()
        rest = rest[between.end() :]
    wall, offset, abbreviation = _time(rest)
    return Parts(day, wall, offset, abbreviation)


def _day(found: re.Match[str], day_first: bool) -> date:
    told = found.groupdict()
    if told.get("first"):
        # Only days are written with dots, and where they are the day comes first.
        first, second = int(told["first"]), int(told["second"])
        day, month = (first, second) if day_first or told["mark"] == "." else (second, first)
        if month > 12 >= day:
            raise BadCell(
                f"There is no month {month}.",
                "Say --dates day-first if the day comes before the month, or write 2026-11-24."
                if not day_first
                else "Say --dates month-first if the month comes before the day, or write 2026-11-24.",
            )
    elif told["month"].isdigit():
        day, month = int(told["day"]), int(told["month"])
    else:
        day, month = int(told["day"]), _MONTHS.get(told["month"].lower(), 0)
    year = int(told["year"]) + (2000 if len(told["year"]) == 2 else 0)
    try:
        made = date(year, month, day)
    except ValueError:
        raise BadCell(
            "There is no such day.", "Please check day and month; 2026-11-24 is understood."
        ) from None
    weekday = told.get("weekday")
    if weekday and _WEEKDAYS[made.weekday()] != weekday.lower():
        raise BadCell(f"That day is a {made:%A}.", "Please check the day of the week and the date.")
    return made


def _time(text: str) -> tuple[time, timedelta | None, str]:
    found = _TIME.fullmatch(text.strip())
    if found is None:
        raise _no_moment()
    hour, half = int(found["hour"]), (found["half"] or "").lower()[:1]
    if not half and found["minute"] is None:
        raise _no_moment()
    if half:
        if hour > 12:
            raise _no_moment()
        hour = hour % 12 + (12 if half == "p" else 0)
    offset = found["offset"] or ""
    try:
        wall = time(hour, int(found["minute"] or 0), int(found["second"] or 0))
    except ValueError:
        raise BadCell("There is no such time of day.", "Please write 14:00 or 2:00 PM.") from None
    if offset.upper() in ("Z", "UTC", "GMT"):
        return wall, timedelta(), ""
    if offset[:1] in ("+", "-"):
        hours, minutes = int(offset[1:3]), int(offset[-2:])
        if hours > 14 or minutes > 59:
            raise _no_moment()
        distance = timedelta(hours=hours, minutes=minutes)
        return wall, -distance if offset[0] == "-" else distance, ""
    return wall, None, offset.strip("()").upper()


def _no_moment() -> BadCell:
    return BadCell(
        "That is no date and time that we can read.", "Please write 2026-11-24 14:00 or 11/24/2026 2:00 PM."
    )


def together(cells: list[Parts]) -> Parts:
    """What several cells tell of one moment. Raises BadCell where two tell different things."""
    days = {one.day for one in cells if one.day is not None}
    walls = {one.wall for one in cells if one.wall is not None}
    if len(days) > 1 or len(walls) > 1:
        raise BadCell(
            "Two columns tell different times.", "Please take one of them out, or map it to ignore."
        )
    zoned = next((one for one in cells if one.wall is not None), Parts())
    return Parts(next(iter(days), None), next(iter(walls), None), zoned.offset, zoned.abbreviation)


@lru_cache(maxsize=65536)
def moment(told: Parts, zone: str) -> datetime:
    """The instant, aware UTC. Raises BadCell for one that does not exist, or exists twice, there."""
    assert told.day is not None and told.wall is not None
    try:
        if told.offset is not None:
            return datetime.combine(told.day, told.wall, timezone(told.offset)).astimezone(UTC)
        found = exact(told.day, told.wall, zone)
    except OverflowError:
        raise BadCell("That day is beyond the calendar.", "Please check the year.") from None
    if told.abbreviation:
        found = tuple(one for one in found if f"{local(one, zone):%Z}" == told.abbreviation)
        if not found:
            raise BadCell(
                f"The clocks of {zone} do not show {told.abbreviation} then.",
                "Please give the time zone as a name such as America/New_York.",
            )
    if not found:
        raise BadCell(
            f"The clocks of {zone} go forward that night: there is no {told.wall:%H:%M}.",
            "Please choose another time.",
        )
    if len(found) > 1:
        raise BadCell(
            f"The clocks of {zone} go back that night: {told.wall:%H:%M} comes twice.",
            "Please choose a time outside that hour, or write it with its offset, such as 01:30-04:00.",
        )
    return found[0]


@lru_cache(maxsize=4096)
def zone(cell: str) -> str:
    """The IANA name of a time zone. Raises BadCell."""
    text = " ".join(cell.split())
    if "/" in text or text == "UTC":
        try:
            zone_named(text)
        except UnknownZone:
            pass
        else:
            return text
    bare = " ".join(_ZONE_WORDS.sub(" ", text.lower()).split())
    if bare in _ZONES:
        return _ZONES[bare]
    raise BadCell("There is no such time zone.", "Please give a name such as America/New_York.")


@lru_cache(maxsize=4096)
def minutes(cell: str) -> int:
    """How long it takes, in minutes: 60, "60 min", "1 hr 30 min", "1:00". Raises BadCell."""
    text = cell.strip()
    clock = _CLOCK.fullmatch(text)
    if clock is not None:
        return int(clock[1]) * 60 + int(clock[2])
    found = _LENGTH.fullmatch(text)
    if not text or found is None or (found["hours"] is None and found["minutes"] is None):
        raise BadCell("That is no length of time.", "Please give minutes, such as 60.")
    return round(float(found["hours"] or 0) * 60) + int(found["minutes"] or 0)

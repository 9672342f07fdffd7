"""Days, times, lengths and zones as booking systems write them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from engage.domain.imports import times
from engage.domain.imports.times import BadCell

NEW_YORK = "America/New_York"
AFTERNOON = datetime(2026, 11, 24, 19, 0, tzinfo=UTC)


def moment(cell: str, zone: str = NEW_YORK, *, day_first: bool = False) -> datetime:
    return times.moment(times.parts(cell, day_first), zone)


@pytest.mark.parametrize(
    "cell",
    [
        "2026-11-24 14:00",
        "2026-11-24T14:00",
        "2026-11-24T14:00:00",
        "2026-11-24 14:00:00.000",
        "2026-11-24T19:00:00Z",
        "2026-11-24 19:00 UTC",
        "2026-11-24T14:00:00-05:00",
        "2026-11-24 14:00:00 -0500",
        "2026-11-24T20:00+01:00",
        "20261124T190000Z",
        "20261124T140000",
        "2026/11/24 2:00 PM",
        "11/24/2026 2:00 PM",
        "11/24/2026 2:00pm",
        "11/24/2026, 2:00 p.m.",
        "11/24/26 14:00",
        "11-24-2026 14:00",
        "11/24/2026 2 PM",
        "24.11.2026 14:00",
        "November 24, 2026 2:00 pm",
        "Nov 24, 2026 at 2:00 PM",
        "Nov. 24 2026 14:00",
        "Tue, Nov 24, 2026 2:00 PM",
        "Tuesday 24 November 2026 14:00",
        "24-Nov-26 14:00",
        "24th Nov 2026, 2 PM",
        "11/24/2026 2:00\u202fPM",
        "  11/24/2026\u00a0 2:00 PM ",
        "11/24/2026 2:00 PM EST",
        "11/24/2026 2:00 PM (EST)",
    ],
)
def test_a_moment_is_understood(cell: str) -> None:
    assert moment(cell) == AFTERNOON


def test_who_writes_the_day_first_says_so() -> None:
    assert moment("03/04/2026 10:00") == datetime(2026, 3, 4, 15, 0, tzinfo=UTC)
    assert moment("03/04/2026 10:00", day_first=True) == datetime(2026, 4, 3, 14, 0, tzinfo=UTC)
    assert moment("24/11/2026 14:00", day_first=True) == AFTERNOON


@pytest.mark.parametrize(
    ("cell", "what", "cure"),
    [
        ("24/11/2026 14:00", "There is no month 24.", "--dates day-first"),
        ("2026-02-30 10:00", "There is no such day.", "check day and month"),
        ("02/29/2026 10:00", "There is no such day.", "check day and month"),
        ("13/13/2026 10:00", "There is no such day.", "check day and month"),
        ("Mon, Nov 24, 2026 2:00 PM", "That day is a Tuesday.", "day of the week"),
        ("46350.583", "a number of a spreadsheet", "Format the column as a date"),
        ("2026-11-24 25:00", "There is no such time of day.", "14:00"),
        ("2026-11-24 14", "no date and time", "2026-11-24 14:00"),
        ("2026-11-24 13:00 PM", "no date and time", "2026-11-24 14:00"),
        ("soon", "no date and time", "2026-11-24 14:00"),
        ("2026-11-24 14:00 and more", "no date and time", "2026-11-24 14:00"),
        ("2026-03-08 02:30", "go forward that night", "another time"),
        ("2026-11-01 01:30", "comes twice", "offset, such as 01:30-04:00"),
        ("2026-07-01 14:00 EST", "do not show EST then", "America/New_York"),
        ("2026-11-24 14:00 PST", "do not show PST then", "America/New_York"),
        ("0001-01-01 00:00+14:00", "beyond the calendar", "year"),
    ],
)
def test_what_can_t_be_is_told_with_a_cure(cell: str, what: str, cure: str) -> None:
    with pytest.raises(BadCell) as told:
        moment(cell)
    assert what in str(told.value)
    assert cure in told.value.cure


def test_a_time_that_exists_twice_is_told_apart_by_its_offset_or_its_name() -> None:
    first, second = datetime(2026, 11, 1, 5, 30, tzinfo=UTC), datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
    assert moment("2026-11-01T01:30-04:00") == moment("2026-11-01 01:30 EDT") == first
    assert moment("2026-11-01T01:30-05:00") == moment("2026-11-01 01:30 EST") == second


def test_day_and_time_of_several_cells_are_one_moment() -> None:
    cells = [times.parts(cell, False) for cell in ("11/24/2026", "2:00 PM")]
    assert times.moment(times.together(cells), NEW_YORK) == AFTERNOON
    twice = [times.parts(cell, False) for cell in ("11/24/2026 2:00 PM", "11/24/2026", "14:00")]
    assert times.moment(times.together(twice), NEW_YORK) == AFTERNOON


def test_two_cells_that_tell_different_days_are_no_moment() -> None:
    cells = [times.parts(cell, False) for cell in ("11/24/2026 2:00 PM", "11/25/2026")]
    with pytest.raises(BadCell, match="Two columns tell different times"):
        times.together(cells)


@pytest.mark.parametrize(
    ("cell", "minutes"),
    [
        ("60", 60),
        ("60.0", 60),
        ("45 min", 45),
        ("45 minutes", 45),
        ("1h", 60),
        ("1.5 hours", 90),
        ("1 hr 30 min", 90),
        ("1h30m", 90),
        ("1:15", 75),
        ("01:00:00", 60),
    ],
)
def test_a_length_is_understood(cell: str, minutes: int) -> None:
    assert times.minutes(cell) == minutes


@pytest.mark.parametrize("cell", ["", "long", "-30", "1 day", "30 60"])
def test_what_is_no_length_is_told(cell: str) -> None:
    with pytest.raises(BadCell, match="no length of time"):
        times.minutes(cell)


@pytest.mark.parametrize(
    ("cell", "zone"),
    [
        ("America/New_York", "America/New_York"),
        ("US/Eastern", "US/Eastern"),
        ("Eastern Standard Time", "America/New_York"),
        ("Eastern Time (US & Canada)", "America/New_York"),
        ("(GMT-06:00) Central Time", "America/Chicago"),
        ("US Mountain Standard Time", "America/Phoenix"),
        ("UTC", "UTC"),
    ],
)
def test_a_zone_is_understood(cell: str, zone: str) -> None:
    assert times.zone(cell) == zone


@pytest.mark.parametrize("cell", ["Mars/Olympus", "EST", "Here", "../../etc/passwd", "MST7"])
def test_what_is_no_zone_is_told(cell: str) -> None:
    with pytest.raises(BadCell, match="no such time zone"):
        times.zone(cell)

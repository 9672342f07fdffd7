"""Local time: gaps, overlaps, windows."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest

from engage.domain.timing import (
    UnknownZone,
    Window,
    first_open_day,
    inside,
    instant,
    local,
    next_start,
    spoken,
    zone,
)

WORKDAYS = frozenset(range(5))
NEW_YORK = "America/New_York"


@pytest.mark.parametrize(
    ("day", "wall", "name", "expected"),
    [
        (date(2026, 11, 24), time(9), NEW_YORK, "2026-11-24T14:00"),
        (date(2026, 7, 24), time(9), NEW_YORK, "2026-07-24T13:00"),
        # Clocks go forward at 2:00 on 8 March 2026: 2:30 does not exist and becomes 3:30.
        (date(2026, 3, 8), time(2, 30), NEW_YORK, "2026-03-08T07:30"),
        # Clocks go back at 2:00 on 1 November 2026: 1:30 is there twice, the first counts.
        (date(2026, 11, 1), time(1, 30), NEW_YORK, "2026-11-01T05:30"),
        (date(2026, 3, 8), time(9), "America/Phoenix", "2026-03-08T16:00"),
        (date(2026, 11, 24), time(9), "Asia/Kathmandu", "2026-11-24T03:15"),
        # Samoa left out a whole day in 2011.
        (date(2011, 12, 30), time(9), "Pacific/Apia", "2011-12-30T19:00"),
    ],
)
def test_a_wall_time_becomes_one_instant(day: date, wall: time, name: str, expected: str) -> None:
    assert instant(day, wall, name) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


@pytest.mark.parametrize("name", ["", "Mars/Olympus", "EST+5", "../etc/passwd", "localtime", "posixrules"])
def test_a_name_that_is_no_zone_is_refused(name: str) -> None:
    with pytest.raises(UnknownZone, match="America/New_York"):
        zone(name)


@pytest.mark.parametrize(
    ("there", "expected"),
    [
        ("2026-11-24T07:59", False),
        ("2026-11-24T08:00", True),
        ("2026-11-24T19:59", True),
        ("2026-11-24T20:00", False),
        ("2026-11-28T12:00", False),  # Saturday
    ],
)
def test_a_window_opens_at_its_start_and_is_shut_at_its_end(there: str, expected: bool) -> None:
    window = Window(time(8), time(20), WORKDAYS)
    moment = datetime.fromisoformat(there).replace(tzinfo=zone(NEW_YORK))
    assert inside(window, moment, NEW_YORK) is expected


@pytest.mark.parametrize(
    ("there", "expected"),
    [
        ("2026-11-24T07:00", "2026-11-24T08:00"),
        ("2026-11-24T08:00", "2026-11-25T08:00"),
        ("2026-11-27T21:00", "2026-11-30T08:00"),  # Friday night waits for Monday
        ("2026-03-06T21:00", "2026-03-09T08:00"),  # and over the change of clocks too
    ],
)
def test_the_next_start_is_on_an_open_day(there: str, expected: str) -> None:
    window = Window(time(8), time(20), WORKDAYS)
    moment = datetime.fromisoformat(there).replace(tzinfo=zone(NEW_YORK))
    found = local(next_start(window, moment, NEW_YORK), NEW_YORK)
    assert found.strftime("%Y-%m-%dT%H:%M") == expected


def test_in_every_zone_nine_o_clock_is_nine_o_clock_on_every_day_of_three_years() -> None:
    for name in (
        "America/New_York",
        "America/St_Johns",
        "Europe/London",
        "Australia/Lord_Howe",
        "Asia/Tehran",
    ):
        day = date(2026, 1, 1)
        for _ in range(3 * 365):
            there = local(instant(day, time(9), name), name)
            assert (there.date(), there.time()) == (day, time(9))
            day += timedelta(days=1)


@pytest.mark.parametrize(("start", "end"), [(time(9), time(9)), (time(20), time(8))])
def test_a_window_that_never_opens_cannot_be_made(start: time, end: time) -> None:
    with pytest.raises(ValueError, match="start before its end"):
        Window(start, end)


def test_the_first_open_day_is_the_day_itself_when_it_is_open() -> None:
    assert first_open_day(date(2026, 11, 27), WORKDAYS) == date(2026, 11, 27)
    assert first_open_day(date(2026, 11, 28), WORKDAYS) == date(2026, 11, 30)


@pytest.mark.parametrize(
    ("hour", "expected"), [(0, "12:05 AM"), (9, "9:05 AM"), (12, "12:05 PM"), (23, "11:05 PM")]
)
def test_times_are_spoken_as_people_say_them(hour: int, expected: str) -> None:
    moment = datetime(2026, 11, 24, hour, 5, tzinfo=UTC)
    assert spoken(moment) == f"Tuesday, November 24, {expected}"

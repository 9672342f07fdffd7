"""Local time: gaps, overlaps, windows."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest

from engage.domain.timing import (
    UnknownZone,
    Window,
    changes,
    first_open_day,
    inside,
    instant,
    local,
    next_start,
    offset,
    older_names,
    shown,
    spoken,
    zone,
    zone_choices,
    zone_names,
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


def test_a_list_offers_each_place_once_by_its_name_of_today() -> None:
    offered = zone_choices()
    assert set(offered) <= zone_names() and len(set(offered)) == len(offered)
    for name in (
        "America/New_York",
        "America/Indiana/Knox",
        "Asia/Kolkata",
        "Europe/Kyiv",
        "Pacific/Honolulu",
    ):
        assert name in offered
    older = {
        "US/Eastern",
        "Asia/Calcutta",
        "Europe/Kiev",
        "America/Buenos_Aires",
        "America/Knox_IN",
        "EST5EDT",
    }
    assert older <= zone_names() and not older & set(offered)


@pytest.mark.parametrize(
    ("older", "name"),
    [
        ("Asia/Calcutta", "Asia/Kolkata"),
        ("Europe/Kiev", "Europe/Kyiv"),
        ("Asia/Saigon", "Asia/Ho_Chi_Minh"),
        ("US/Eastern", "America/New_York"),
        ("America/Buenos_Aires", "America/Argentina/Buenos_Aires"),
        ("America/Indianapolis", "America/Indiana/Indianapolis"),
    ],
)
def test_an_older_name_leads_to_the_one_that_is_offered(older: str, name: str) -> None:
    assert older in older_names()[name]
    moments = [datetime(2026, month, 1, tzinfo=UTC) for month in range(1, 13)]
    assert [local(m, older).utcoffset() for m in moments] == [local(m, name).utcoffset() for m in moments]


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


@pytest.mark.parametrize(
    ("day", "hours", "name", "expected"),
    [
        (date(2026, 11, 24), (9, 17), NEW_YORK, ["2026-11-24T14:00/22:00"]),
        (date(2026, 11, 24), (0, 24), NEW_YORK, ["2026-11-24T05:00/2026-11-25T05:00"]),
        # The days on which the clocks change are 23 and 25 hours long.
        (date(2026, 3, 8), (0, 24), NEW_YORK, ["2026-03-08T05:00/2026-03-09T04:00"]),
        (date(2026, 11, 1), (0, 24), NEW_YORK, ["2026-11-01T04:00/2026-11-02T05:00"]),
        # 2:30 does not exist, so what starts then starts with the change; what ends then ends with it.
        (date(2026, 3, 8), (2.5, 4), NEW_YORK, ["2026-03-08T07:00/08:00"]),
        (date(2026, 3, 8), (1, 2.5), NEW_YORK, ["2026-03-08T06:00/07:00"]),
        (date(2026, 3, 8), (2.25, 2.75), NEW_YORK, []),
        # 1:30 to 2:00 is there twice, with the first half of the second hour between.
        (date(2026, 11, 1), (1.5, 3), NEW_YORK, ["2026-11-01T05:30/06:00", "2026-11-01T06:30/08:00"]),
        (date(2026, 11, 1), (0, 1.5), NEW_YORK, ["2026-11-01T04:00/05:30", "2026-11-01T06:00/06:30"]),
        (date(2026, 11, 1), (1, 2), NEW_YORK, ["2026-11-01T05:00/07:00"]),
        # No clocks change in Arizona and Hawaii; most of Indiana's have since 2006, and those of Alaska.
        (date(2026, 3, 8), (1, 4), "America/Phoenix", ["2026-03-08T08:00/11:00"]),
        (date(2026, 11, 1), (1, 4), "Pacific/Honolulu", ["2026-11-01T11:00/14:00"]),
        (date(2026, 3, 8), (1, 4), "America/Indiana/Indianapolis", ["2026-03-08T06:00/08:00"]),
        (date(2005, 4, 3), (1, 4), "America/Indiana/Indianapolis", ["2005-04-03T06:00/09:00"]),
        (date(2026, 3, 8), (1, 4), "America/Anchorage", ["2026-03-08T10:00/12:00"]),
        (date(2026, 11, 1), (1, 4), "America/Anchorage", ["2026-11-01T09:00/13:00"]),
        # Half an hour, at Lord Howe; at midnight, in Havana; a whole day, in Samoa.
        (date(2026, 4, 5), (1.5, 2), "Australia/Lord_Howe", ["2026-04-04T14:30/15:30"]),
        (date(2026, 11, 1), (0, 2), "America/Havana", ["2026-11-01T04:00/07:00"]),
        (date(2026, 3, 8), (0, 2), "America/Havana", ["2026-03-08T05:00/06:00"]),
        (date(2011, 12, 30), (0, 24), "Pacific/Apia", []),
        (date(2011, 12, 31), (0, 24), "Pacific/Apia", ["2011-12-30T10:00/2011-12-31T10:00"]),
    ],
)
def test_hours_of_a_day_are_where_the_clocks_show_them(
    day: date, hours: tuple[float, float], name: str, expected: list[str]
) -> None:
    spans = shown(day, int(hours[0] * 60), int(hours[1] * 60), name)
    assert [
        f"{start:%Y-%m-%dT%H:%M}/"
        + (f"{end:%H:%M}" if end.date() == start.date() else f"{end:%Y-%m-%dT%H:%M}")
        for start, end in spans
    ] == expected


def test_the_hours_of_all_days_follow_one_another_without_a_gap() -> None:
    for name in (NEW_YORK, "America/Havana", "Australia/Lord_Howe", "America/Santiago", "Africa/Casablanca"):
        day, ended = date(2026, 1, 1), None
        while day.year < 2029:
            spans = [span for hour in range(24) for span in shown(day, hour * 60, hour * 60 + 60, name)]
            day_start, day_end = shown(day, 0, 1440, name)[0][0], shown(day, 0, 1440, name)[-1][1]
            assert sum((end - start for start, end in spans), timedelta()) == day_end - day_start
            assert ended in (None, day_start)
            day, ended = day + timedelta(days=1), day_end


@pytest.mark.parametrize(
    ("name", "told"),
    [
        (NEW_YORK, ["2026-03-08T07:00 -5 -4 EDT", "2026-11-01T06:00 -4 -5 EST"]),
        ("Europe/London", ["2026-03-29T01:00 0 1 BST", "2026-10-25T01:00 1 0 GMT"]),
        ("Africa/Casablanca", ["2026-02-15T02:00 1 0 +00", "2026-03-22T02:00 0 1 +01"]),
        ("America/Phoenix", []),
        ("Pacific/Honolulu", []),
    ],
)
def test_a_years_changes_of_the_clocks(name: str, told: list[str]) -> None:
    hour = timedelta(hours=1)
    found = changes(datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC), name)
    assert [
        f"{one.at:%Y-%m-%dT%H:%M} {one.before // hour} {one.after // hour} {one.name}" for one in found
    ] == told
    for one in found:
        assert offset(one.at - timedelta(seconds=1), name) == one.before
        assert offset(one.at, name) == one.after

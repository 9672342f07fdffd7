"""A plan of treatment: often at first, then fewer, on the days that suit, never on a day on which the clinic is closed."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engage.domain.timing import instant, local
from engage.domain.treatment_plans import Layout, Part, Wishes, fits, lay_out
from engage.domain.working_hours import Opening, WorkingHours

ZONE = "America/New_York"
OPEN = (Opening(time(9), time(17)),)
WEEK = (OPEN, OPEN, OPEN, OPEN, (Opening(time(9), time(15)),), (), ())
THANKSGIVING = (date(2026, 11, 26), date(2026, 11, 27))
HOURS = WorkingHours(ZONE, WEEK, frozenset(THANKSGIVING))
MON, TUE, WED, THU, FRI, SAT, SUN = range(7)
NINE, TWO = time(9), time(14)
# A Monday.
FIRST = date(2026, 11, 2)
BEFORE = datetime(2026, 10, 30, 12, tzinfo=UTC)


def laid(
    hours: dict[int, time],
    *parts: Part,
    first: date = FIRST,
    zone: str = ZONE,
    minutes: int = 60,
    taken: list[tuple[datetime, datetime]] | None = None,
    clinic: WorkingHours = HOURS,
    after: datetime = BEFORE,
) -> Layout:
    return lay_out(Wishes(first, hours, minutes, zone, parts), clinic, taken or [], after)


def days(layout: Layout, zone: str = ZONE) -> list[str]:
    return [f"{local(start, zone):%a %m-%d %H:%M}" for start in layout.sessions]


@pytest.mark.parametrize(
    ("hours", "part", "expected"),
    [
        ({MON: NINE, THU: TWO}, Part(2, 1, 2), ["Mon 11-02 09:00", "Thu 11-05 14:00", "Mon 11-09 09:00", "Thu 11-12 14:00"]),
        # Of three days that suit, the two that are furthest apart.
        ({MON: NINE, WED: NINE, FRI: NINE}, Part(2, 1, 1), ["Mon 11-02 09:00", "Fri 11-06 09:00"]),
        # Two days next to each other are all that there is.
        ({MON: NINE, TUE: TWO}, Part(2, 1, 1), ["Mon 11-02 09:00", "Tue 11-03 14:00"]),
        # One a week keeps its weekday.
        ({TUE: NINE, THU: NINE}, Part(1, 1, 3), ["Tue 11-03 09:00", "Tue 11-10 09:00", "Tue 11-17 09:00"]),
        ({WED: NINE}, Part(1, 2, 2), ["Wed 11-04 09:00", "Wed 11-18 09:00"]),
    ],
)  # fmt: skip
def test_sessions_are_on_the_days_that_suit_as_far_apart_as_those_allow(
    hours: dict[int, time], part: Part, expected: list[str]
) -> None:
    assert days(laid(hours, part)) == expected


def test_often_at_first_then_fewer() -> None:
    layout = laid({MON: NINE, THU: TWO}, Part(2, 1, 2), Part(1, 2, 2))
    assert days(layout)[-2:] == ["Mon 11-16 09:00", "Mon 11-30 09:00"]
    assert len(layout.sessions) == 6


def test_weeks_are_counted_from_the_first_day() -> None:
    layout = laid({MON: NINE, THU: TWO}, Part(2, 1, 2), first=date(2026, 11, 4))
    assert days(layout) == ["Thu 11-05 14:00", "Mon 11-09 09:00", "Thu 11-12 14:00", "Mon 11-16 09:00"]


def test_a_holiday_is_left_out_and_made_up_for_by_going_on_longer() -> None:
    layout = laid({MON: NINE, THU: TWO}, Part(2, 1, 2), first=date(2026, 11, 23))
    assert days(layout) == ["Mon 11-23 09:00", "Mon 11-30 09:00", "Thu 12-03 14:00", "Mon 12-07 09:00"]
    assert [(one.day, one.why) for one in layout.skipped] == [(THANKSGIVING[0], "holiday")]
    assert layout.missing == 0


def test_a_holiday_is_made_up_for_by_another_day_of_the_week_where_one_suits() -> None:
    layout = laid({TUE: NINE, THU: NINE}, Part(1, 1, 2), first=date(2026, 11, 26))
    assert days(layout) == ["Tue 12-01 09:00", "Thu 12-03 09:00"]
    assert [one.day for one in layout.skipped] == [THANKSGIVING[0]]


def test_a_session_must_fit_into_the_opening_hours() -> None:
    assert fits(HOURS, FRI, time(14), 60)
    assert not fits(HOURS, FRI, time(14, 1), 60)
    assert not fits(HOURS, MON, time(8, 59), 30)
    assert not fits(HOURS, SAT, NINE, 30)
    assert not fits(HOURS, MON, time(16, 30), 12 * 60)


def test_where_no_day_suits_the_plan_says_how_many_are_missing() -> None:
    layout = laid({SAT: NINE}, Part(2, 1, 2))
    assert (layout.sessions, layout.missing) == ([], 4)
    assert {one.why for one in layout.skipped} == {"closed"}


def test_another_visit_of_the_person_is_not_booked_over() -> None:
    busy = instant(date(2026, 11, 5), time(14, 30), ZONE)
    layout = laid({MON: NINE, THU: TWO}, Part(2, 1, 1), taken=[(busy, busy + timedelta(hours=1))])
    assert days(layout) == ["Mon 11-02 09:00", "Mon 11-09 09:00"]
    assert [one.why for one in layout.skipped] == ["taken"]
    beside = [(busy + timedelta(minutes=30), busy + timedelta(hours=1))]
    assert days(laid({MON: NINE, THU: TWO}, Part(2, 1, 1), taken=beside))[1] == "Thu 11-05 14:00"


def test_what_is_over_is_no_session_and_no_reason() -> None:
    after = instant(FIRST, NINE, ZONE)
    layout = laid({MON: NINE, THU: TWO}, Part(2, 1, 1), after=after)
    assert days(layout) == ["Thu 11-05 14:00", "Mon 11-09 09:00"]
    assert layout.skipped == []


def test_the_hour_stays_the_same_by_the_clocks_when_they_change() -> None:
    layout = laid(
        {SUN: time(9)},
        Part(1, 1, 3),
        first=date(2026, 10, 24),
        clinic=always(),
        after=BEFORE - timedelta(days=30),
    )
    assert [f"{start:%m-%d %H:%M}" for start in layout.sessions] == [
        "10-25 13:00",
        "11-01 14:00",
        "11-08 14:00",
    ]


def test_an_hour_that_the_clocks_leave_out_or_repeat_is_left_out() -> None:
    spring = laid({SUN: time(2, 30)}, Part(1, 1, 2), first=date(2027, 3, 14), clinic=always())
    assert days(spring) == ["Sun 03-21 02:30", "Sun 03-28 02:30"]
    assert [one.why for one in spring.skipped] == ["clocks"]
    autumn = laid({SUN: time(1, 30)}, Part(1, 1, 1), first=date(2026, 11, 1), clinic=always())
    assert days(autumn) == ["Sun 11-08 01:30"]


def always() -> WorkingHours:
    return WorkingHours(ZONE, ((Opening(time(0), time(23, 59)),),) * 7)


@given(
    weekdays=st.sets(st.integers(0, 4), min_size=1),
    first=st.dates(date(2026, 1, 1), date(2027, 12, 31)),
    parts=st.lists(
        st.builds(Part, st.integers(1, 3), st.integers(1, 4), st.integers(1, 6)), min_size=1, max_size=3
    ),
    zone=st.sampled_from(["America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Pacific/Apia"]),
)
def test_whatever_is_wished_no_session_breaks_a_rule(
    weekdays: set[int], first: date, parts: list[Part], zone: str
) -> None:
    wishes = Wishes(first, dict.fromkeys(weekdays, NINE), 60, zone, tuple(parts))
    before = datetime.combine(first, time(), UTC) - timedelta(days=2)
    layout = lay_out(wishes, HOURS, [], before)
    assert layout == lay_out(wishes, HOURS, [], before)
    assert len(layout.sessions) + layout.missing == wishes.sessions
    theirs = [local(start, zone) for start in layout.sessions]
    assert all(one < other for one, other in pairwise(layout.sessions))
    assert all(there.time() == NINE and there.weekday() in weekdays for there in theirs)
    assert all(there.date() >= first and there.date() not in HOURS.holidays for there in theirs)

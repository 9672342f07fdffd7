"""Deadlines that count only the hours in which the clinic works."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from engage.domain.working_hours import NeverOpen, Opening, WorkingHours, after_work, is_open

NEW_YORK = ZoneInfo("America/New_York")
DAY = (Opening(time(9), time(17)),)
SPLIT = (Opening(time(8), time(12)), Opening(time(13), time(17)))
WEEK = WorkingHours(
    "America/New_York",
    (DAY, DAY, SPLIT, DAY, DAY, (), ()),
    frozenset({date(2026, 11, 26), date(2026, 11, 27)}),
)


def there(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=NEW_YORK).astimezone(UTC)


@pytest.mark.parametrize(
    ("asked", "hours", "due"),
    [
        (there(11, 2, 9), 8, there(11, 2, 17)),
        (there(11, 2, 10), 8, there(11, 3, 10)),
        (there(11, 2, 6), 8, there(11, 2, 17)),
        (there(11, 2, 17), 1, there(11, 3, 10)),
        (there(11, 2, 23, 30), 2, there(11, 3, 11)),
        (there(11, 3, 16), 5, there(11, 4, 12)),
        (there(11, 3, 16), 6, there(11, 4, 14)),
        (there(11, 6, 16), 8, there(11, 9, 16)),
        (there(11, 7, 12), 1, there(11, 9, 10)),
        (there(11, 25, 16), 8, there(11, 30, 16)),
        (there(11, 2, 12), 0, there(11, 2, 12)),
        (there(11, 1, 12), 0, there(11, 2, 9)),
        (there(11, 2, 9), 80, there(11, 13, 17)),
    ],
)
def test_working_time_passes_only_while_the_clinic_is_open(
    asked: datetime, hours: int, due: datetime
) -> None:
    assert after_work(WEEK, asked, timedelta(hours=hours)) == due


def test_a_night_in_which_the_clocks_change_moves_no_deadline() -> None:
    friday = there(10, 30, 16)
    assert after_work(WEEK, friday, timedelta(hours=2)) == there(11, 2, 10)
    always = WorkingHours("America/New_York", ((Opening(time(0), time(23, 59)),),) * 7)
    saturday = there(10, 31, 23)
    assert after_work(always, saturday, timedelta(hours=25)) - saturday == timedelta(hours=25, minutes=1)


def test_no_deadline_is_ever_outside_working_hours_or_before_an_earlier_ones() -> None:
    last = there(1, 1, 0)
    for step in range(0, 365 * 24, 5):
        due = after_work(WEEK, there(1, 1, 0) + timedelta(hours=step), timedelta(hours=8))
        assert is_open(WEEK, due - timedelta(seconds=1))
        assert due >= last
        last = due


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (there(11, 2, 9), True),
        (there(11, 2, 8, 59), False),
        (there(11, 2, 16, 59), True),
        (there(11, 2, 17), False),
        (there(11, 4, 12, 30), False),
        (there(11, 7, 12), False),
        (there(11, 26, 12), False),
    ],
)
def test_it_is_open_from_the_first_minute_until_before_the_last(moment: datetime, expected: bool) -> None:
    assert is_open(WEEK, moment) is expected


def test_a_clinic_that_never_opens_has_no_deadlines() -> None:
    with pytest.raises(NeverOpen):
        after_work(WorkingHours("UTC", ((),) * 7), there(1, 1, 0), timedelta(hours=1))

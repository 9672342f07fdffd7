"""Holidays by rule."""

from __future__ import annotations

from datetime import date

import pytest

from engage.domain.holidays import BadHoliday, Holiday, days_of, easter, on_day


@pytest.mark.parametrize(
    ("text", "year", "expected"),
    [
        ("december 25", 2026, date(2026, 12, 25)),
        ("february 29", 2028, date(2028, 2, 29)),
        ("february 29", 2027, None),
        ("fourth thursday of november", 2026, date(2026, 11, 26)),
        ("first monday of september", 2028, date(2028, 9, 4)),
        ("last monday of may", 2027, date(2027, 5, 31)),
        ("last monday of may", 2028, date(2028, 5, 29)),
        ("third monday of january", 2027, date(2027, 1, 18)),
        ("easter -47", 2028, date(2028, 2, 29)),
        ("easter", 2026, date(2026, 4, 5)),
        ("2026-12-24", 2026, date(2026, 12, 24)),
        ("2026-12-24", 2027, None),
    ],
)
def test_a_holiday_is_found_by_its_rule(text: str, year: int, expected: date | None) -> None:
    assert on_day(text, year) == expected


@pytest.mark.parametrize(
    ("year", "month", "day"),
    [
        (1961, 4, 2),
        (2000, 4, 23),
        (2008, 3, 23),
        (2024, 3, 31),
        (2025, 4, 20),
        (2027, 3, 28),
        (2038, 4, 25),
        (2049, 4, 18),
    ],
)
def test_easter_is_where_the_almanacs_have_it(year: int, month: int, day: int) -> None:
    assert easter(year) == date(year, month, day)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Christmas",
        "december 32",
        "april 31",
        "fifth monday of may",
        "easter monday",
        "2026-02-30",
        "12-25",
    ],
)
def test_what_is_no_holiday_is_refused_with_the_cure(text: str) -> None:
    with pytest.raises(BadHoliday, match="write "):
        on_day(text, 2026)


@pytest.mark.parametrize(
    ("year", "observed", "expected"),
    [
        (2026, True, {date(2026, 7, 3), date(2026, 7, 4)}),  # a Saturday
        (2027, True, {date(2027, 7, 4), date(2027, 7, 5)}),  # a Sunday
        (2028, True, {date(2028, 7, 4)}),
        (2026, False, {date(2026, 7, 4)}),
    ],
)
def test_a_holiday_on_a_weekend_is_kept_beside_it_too(year: int, observed: bool, expected: set[date]) -> None:
    assert days_of(year, (Holiday("Independence Day", "july 4", observed),)) == expected


def test_new_years_day_on_a_saturday_is_observed_in_the_old_year() -> None:
    new_year = (Holiday("New Year's Day", "january 1", observed=True),)
    assert days_of(2027, new_year) == {date(2027, 1, 1), date(2027, 12, 31)}
    assert days_of(2028, new_year) == {date(2028, 1, 1)}

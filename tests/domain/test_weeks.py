"""Weeks of hours, as the clinic's file has them."""

from __future__ import annotations

import pytest

from engage.domain.weeks import ANY_TIME, BadHours, Span, common, week


def test_days_and_hours_are_read_as_people_write_them() -> None:
    assert week(["mon-fri 10:00-17:00"]) == (((600, 1020),),) * 5 + ((), ())
    assert week(["mon-sat 09:00-21:00", "sun 12:00-21:00"]) == (((540, 1260),),) * 6 + (((720, 1260),),)
    assert week(["every day 00:00-24:00"]) == week(["any time"]) == ANY_TIME


def test_a_day_may_have_several_periods_in_any_order() -> None:
    assert week(["mon 13:00-17:00", "mon 09:00-12:00"])[0] == ((540, 720), (780, 1020))


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([], "nothing could ever leave"),
        (["weekdays 9-17"], "is not understood"),
        (["mon-fri 9:00-17:00"], "is not understood"),
        (["Mon 09:00-17:00"], "is not understood"),
        (["mon-fri 17:00-10:00"], "must start before it ends"),
        (["mon 10:00-10:00"], "must start before it ends"),
        (["mon 10:00-24:30"], "midnight is 24:00"),
        (["mon 10:00-25:00"], "is not understood"),
        (["fri-mon 10:00-17:00"], "runs backwards"),
        (["mon-xyz 10:00-17:00"], "names no days"),
        (["mon-fri 10:00-17:00", "fri 16:00-18:00"], "twice"),
    ],
)
def test_what_is_no_week_is_refused_with_the_cure(lines: list[str], said: str) -> None:
    with pytest.raises(BadHours, match=said):
        week(lines)


@pytest.mark.parametrize(
    ("some", "others", "expected"),
    [
        ([(480, 1260)], [(600, 1020)], ((600, 1020),)),
        ([(480, 720), (780, 1020)], [(700, 800)], ((700, 720), (780, 800))),
        ([(480, 720)], [(720, 800)], ()),
        ([(480, 720)], [], ()),
    ],
)
def test_common_hours_are_in_both(some: list[Span], others: list[Span], expected: tuple[Span, ...]) -> None:
    assert common(some, others) == expected

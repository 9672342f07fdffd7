"""Decent hours for any week, any zones and any moment, against a walk by the wall clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from engage.domain.hours import (
    HORIZON_WEEKS,
    MINUTE,
    Decent,
    Policy,
    Rule,
    ends_at,
    is_decent,
    last_decent_before,
    next_decent,
    place,
    windows_for,
)
from engage.domain.weeks import Week
from engage.domain.whereabouts import Where
from tests.domain.slow_hours import UNITED_STATES, clocks

QUARTER = timedelta(minutes=15)
ODD_ZONES = (
    "America/Havana",
    "America/Santiago",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "Asia/Kathmandu",
    "UTC",
)
# Around each change of clocks in the United States, and anywhere in three years, on quarter hours.
CHANGES = [
    datetime(2026, 3, 8, tzinfo=UTC),
    datetime(2026, 11, 1, tzinfo=UTC),
    datetime(2027, 3, 14, tzinfo=UTC),
]
START = datetime(2026, 1, 1, tzinfo=UTC)
near_changes = st.builds(lambda day, n: day + n * QUARTER, st.sampled_from(CHANGES), st.integers(-200, 200))
anywhere = st.integers(0, 3 * 365 * 96).map(lambda n: START + n * QUARTER)
moments = st.one_of(near_changes, anywhere)
zones = st.frozensets(st.sampled_from([*UNITED_STATES, *ODD_ZONES]), min_size=1, max_size=3)


@st.composite
def weeks(draw: st.DrawFn) -> Week:
    """Up to two periods a day on quarter hours, some of them in the small hours, many days without any."""
    days = []
    for _ in range(7):
        count = draw(st.sampled_from([0, 2, 2, 4]))
        edges = sorted(draw(st.sets(st.integers(0, 96), min_size=count, max_size=count)))
        days.append(tuple((a * 15, b * 15) for a, b in zip(edges[::2], edges[1::2], strict=True)))
    return tuple(days)


windows = st.tuples(weeks(), zones)


def made(window: tuple[Week, frozenset[str]]) -> Decent:
    policy = Policy({("care", "sms"): Rule(window[0])})
    return windows_for(policy, "care", "sms", Where(window[1]))


def by_the_clock(window: tuple[Week, frozenset[str]], moment: datetime) -> bool:
    for there in clocks(moment, window[1]):
        minute = there.hour * 60 + there.minute + there.second / 60
        if not any(start <= minute < end for start, end in window[0][there.weekday()]):
            return False
    return True


@settings(max_examples=150, deadline=None)
@given(windows, moments)
def test_a_moment_is_decent_when_every_clock_says_so(
    window: tuple[Week, frozenset[str]], moment: datetime
) -> None:
    decent = made(window)
    for n in range(-12, 13):
        for apart in (timedelta(), timedelta(microseconds=1), -timedelta(microseconds=1)):
            at = moment + n * QUARTER + apart
            assert is_decent(decent, at) is by_the_clock(window, at)


@settings(max_examples=100, deadline=None)
@given(windows, moments)
def test_the_next_decent_moment_is_the_first(window: tuple[Week, frozenset[str]], moment: datetime) -> None:
    decent = made(window)
    found = next_decent(decent, moment)
    end = moment + timedelta(weeks=HORIZON_WEEKS) if found is None else found
    assert found is None or (found >= moment and by_the_clock(window, found))
    walked = moment
    while walked < min(end, moment + timedelta(days=10)):
        assert not by_the_clock(window, walked)
        walked += QUARTER


@settings(max_examples=100, deadline=None)
@given(windows, moments, st.sampled_from([MINUTE, QUARTER, 3 * QUARTER]))
def test_the_last_decent_moment_before_is_the_last(
    window: tuple[Week, frozenset[str]], moment: datetime, room: timedelta
) -> None:
    decent = made(window)
    found = last_decent_before(decent, moment, room)
    start = moment - timedelta(weeks=HORIZON_WEEKS) if found is None else found + room
    assert found is None or (found < moment and by_the_clock(window, found))
    walked = moment - MINUTE
    while walked >= max(start, moment - timedelta(days=10)):
        assert not by_the_clock(window, walked)
        walked -= QUARTER


@settings(max_examples=100, deadline=None)
@given(windows, moments, st.integers(0, 400))
def test_later_moments_have_later_answers(
    window: tuple[Week, frozenset[str]], moment: datetime, n: int
) -> None:
    decent, later = made(window), moment + n * QUARTER
    first, second = next_decent(decent, moment), next_decent(decent, later)
    assert first is None or second is None or first <= second
    before, after = last_decent_before(decent, moment), last_decent_before(decent, later)
    assert before is None or (after is not None and before <= after) or n > HORIZON_WEEKS * 96


@settings(max_examples=100, deadline=None)
@given(windows, moments)
def test_decent_hours_last_until_their_end(window: tuple[Week, frozenset[str]], moment: datetime) -> None:
    decent = made(window)
    end = ends_at(decent, moment)
    if end is not None:
        assert not by_the_clock(window, end)
    walked = moment
    while walked < min(end or walked + timedelta(days=9), moment + timedelta(days=9)):
        assert by_the_clock(window, walked)
        walked += QUARTER


@settings(max_examples=200, deadline=None)
@given(windows, moments, st.integers(-300, 300), st.one_of(st.none(), st.integers(-100, 600)))
def test_a_message_is_put_at_a_decent_moment_of_use_or_nowhere(
    window: tuple[Week, frozenset[str]], now: datetime, due_in: int, before_in: int | None
) -> None:
    decent = made(window)
    due_at = now + due_in * QUARTER
    must_before = None if before_in is None else now + before_in * QUARTER
    found = place(decent, due_at, must_before, now)
    if found is not None:
        assert found >= now
        assert by_the_clock(window, found)
        assert must_before is None or found < must_before
        assert place(decent, found, must_before, now) == found
        if must_before is None:
            assert found >= due_at
        return
    walked = max(now, due_at) if must_before is None else now
    while walked < (must_before or walked + timedelta(days=9)) and walked < now + timedelta(days=9):
        assert not by_the_clock(window, walked)
        walked += QUARTER

"""Waits double, are spread, have an end, and are the same for the same message."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engage.domain.backoff import FIRST, LONGEST, retry_at, share_of, wait
from engage.ids import new_ids

NOW = datetime(2026, 11, 2, 15, tzinfo=UTC)
SECOND = timedelta(seconds=1)
SHARES = st.floats(0, 1, exclude_max=True)


@pytest.mark.parametrize(
    ("tries", "least"),
    [(0, 10), (1, 10), (2, 20), (3, 40), (7, 640), (8, 1280), (9, 1800), (21, 1800), (10**9, 1800)],
)
def test_the_least_wait_doubles_up_to_half_an_hour(tries: int, least: int) -> None:
    assert wait(tries, 0.0) == least * SECOND
    assert wait(tries, 0.5) == 1.5 * least * SECOND


@given(st.integers(1, 10**6), SHARES)
def test_the_jitter_stays_between_half_and_all(tries: int, share: float) -> None:
    whole = min(LONGEST, FIRST * 2 ** min(tries - 1, 20))
    assert whole / 2 <= wait(tries, share) <= whole


@given(SHARES, SHARES)
def test_whoever_waits_again_waits_no_shorter(share: float, other: float) -> None:
    assert all(wait(n, share) <= wait(n + 1, share) for n in range(1, 30))
    # Even the longest of one round is over when the shortest of the next but one begins.
    assert all(wait(n, share) <= wait(n + 1, other) for n in range(1, 8))


@given(st.integers(1, 40), st.timedeltas(timedelta(0), timedelta(hours=3)), SHARES)
def test_a_retry_comes_half_way_to_the_end_of_use_at_the_latest(
    tries: int, left: timedelta, share: float
) -> None:
    at = retry_at(tries, NOW, NOW + left, share)
    assert NOW <= at <= NOW + left / 2
    assert at == NOW + min(wait(tries, share), left / 2)


def test_messages_of_one_moment_are_spread_and_each_keeps_its_share() -> None:
    ids = new_ids(4000)
    shares = sorted(share_of(id) for id in ids)
    assert 0 <= shares[0] < 0.01 and 0.99 < shares[-1] < 1
    assert max(b - a for a, b in pairwise(shares)) < 0.01
    assert [share_of(id) for id in ids] == [share_of(id) for id in ids]

"""How long signing in waits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from engage.domain.lockout import ACCOUNT, MACHINE, Tries, next_try, taken_back, wait_after

NOW = datetime(2026, 11, 2, 15, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("count", "seconds"),
    [
        (0, 0),
        (1, 0),
        (4, 0),
        (5, 30),
        (6, 60),
        (7, 120),
        (8, 240),
        (9, 480),
        (10, 900),
        (11, 900),
        (10**9, 900),
    ],
)
def test_five_tries_then_ever_longer_up_to_a_quarter_of_an_hour(count: int, seconds: int) -> None:
    assert wait_after(ACCOUNT, count) == timedelta(seconds=seconds)


def test_a_try_that_comes_too_early_is_not_weighed_and_not_counted() -> None:
    locked = Tries(5, NOW, NOW + timedelta(seconds=30))
    assert next_try(ACCOUNT, locked, NOW + timedelta(seconds=29)) is None
    later = next_try(ACCOUNT, locked, NOW + timedelta(seconds=30))
    assert later is not None and later.count == 6


def test_tries_are_forgotten_after_a_while() -> None:
    old = Tries(20, NOW - ACCOUNT.memory - timedelta(seconds=1), NOW - timedelta(hours=1))
    assert next_try(ACCOUNT, old, NOW) == Tries(1, NOW, None)


def test_nobody_gets_more_than_a_hundred_guesses_a_day() -> None:
    tries, now, made = Tries(), NOW, 0
    while now < NOW + timedelta(days=1):
        after = next_try(ACCOUNT, tries, now)
        if after is not None:
            tries, made = after, made + 1
        now += timedelta(seconds=15)
    assert made <= 105


def test_a_machine_that_many_share_gets_more_than_an_account() -> None:
    assert wait_after(MACHINE, 49) == timedelta(0)
    assert wait_after(MACHINE, 50) > timedelta(0)


def test_a_try_that_went_well_is_taken_back() -> None:
    assert taken_back(Tries(6, NOW, NOW + timedelta(minutes=1))) == Tries(5, NOW, None)

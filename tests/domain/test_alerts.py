"""Who is told what, how often, and how much at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from engage.domain.alerts import ALERTS, Addresses, is_due, shares, whom

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
WHO = Addresses(("desk",), ("ops",), ("night",))


@pytest.mark.parametrize(
    ("kind", "is_open", "expected"),
    [
        ("new_request", True, ("desk",)),
        ("new_request", False, ("desk",)),
        ("deadline_passed", False, ("desk",)),
        ("queue_stuck", True, ("ops",)),
        ("queue_stuck", False, ("night",)),
        ("sender_down", False, ("night",)),
        ("anonymous_mail_cap", False, ("night",)),
    ],
)
def test_what_breaks_at_night_goes_to_whoever_is_on_call(
    kind: str, is_open: bool, expected: tuple[str, ...]
) -> None:
    assert whom(ALERTS[kind], WHO, is_open) == expected


def test_without_anybody_on_call_operators_are_told_at_night_too() -> None:
    assert whom(ALERTS["queue_stuck"], Addresses(("desk",), ("ops",), ()), False) == ("ops",)


@pytest.mark.parametrize(
    ("kind", "told_ago", "is_open", "expected"),
    [
        ("new_request", None, True, True),
        ("new_request", None, False, True),
        ("new_request", timedelta(minutes=59), True, False),
        ("new_request", HOUR, True, True),
        ("new_request", 3 * HOUR, False, False),
        ("queue_stuck", timedelta(minutes=59), False, False),
        ("queue_stuck", HOUR, False, True),
    ],
)
def test_an_alert_is_told_at_once_and_again_but_staff_sleep_at_night(
    kind: str, told_ago: timedelta | None, is_open: bool, expected: bool
) -> None:
    told_at = None if told_ago is None else NOW - told_ago
    assert is_due(ALERTS[kind], told_at, NOW, HOUR, is_open) is expected


@pytest.mark.parametrize(
    ("waiting", "told", "expected"),
    [
        (0, 0, []),
        (1, 0, [1]),
        (3, 0, [1, 1, 1]),
        (4, 0, [4]),
        (2, 1, [1, 1]),
        (3, 1, [3]),
        (10_000, 2, [10_000]),
        (5, 3, []),
        (5, 99, []),
    ],
)
def test_a_flood_shares_one_letter_and_then_waits(waiting: int, told: int, expected: list[int]) -> None:
    assert [len(share) for share in shares(range(waiting), told, 3)] == expected

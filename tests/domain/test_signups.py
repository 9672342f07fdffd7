"""How often an address may be sent a confirmation."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from engage.domain.signups import Limits, may_confirm

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
LIMITS = Limits(resend_after_minutes=10, per_day_after_that=1, per_30_days=3)
MINUTE, HOUR, DAY = 1, 60, 24 * 60


@pytest.mark.parametrize(
    ("minutes_ago", "expected"),
    [
        ([], True),
        ([9 * MINUTE], False),
        ([10 * MINUTE], True),
        ([30 * MINUTE, 20 * MINUTE], False),
        ([25 * HOUR, 23 * HOUR], False),
        ([25 * HOUR, 24 * HOUR + 1], True),
        ([20 * DAY, 10 * DAY, 5 * DAY], False),
        ([31 * DAY, 10 * DAY, 5 * DAY], True),
        ([40 * DAY, 35 * DAY, 31 * DAY], True),
    ],
)
def test_one_at_once_one_after_ten_minutes_then_one_a_day_three_in_thirty_days(
    minutes_ago: list[int], expected: bool
) -> None:
    assert may_confirm([NOW - timedelta(minutes=m) for m in minutes_ago], NOW, LIMITS) is expected


def test_whoever_asks_every_minute_for_a_year_gets_at_most_three_in_any_thirty_days() -> None:
    sent: list[datetime] = []
    for step in range(0, 365 * DAY, 7):
        moment = NOW + timedelta(minutes=step)
        if may_confirm(sent, moment, LIMITS):
            sent.append(moment)
    for moment in sent:
        assert sum(moment <= other < moment + timedelta(days=30) for other in sent) <= 3

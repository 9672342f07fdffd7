"""How often an address may be sent a confirmation."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from engage.domain.signups import Limits, may_confirm

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
LIMITS = Limits(resend_after_minutes=10, per_day_after_that=1, per_30_days=3)
MINUTE, HOUR, DAY = 1, 60, 24 * 60


@pytest.mark.parametrize(
    ("minutes_ago", "form", "button"),
    [
        ([], True, True),
        ([9 * MINUTE], False, False),
        ([10 * MINUTE], False, True),
        ([23 * HOUR], False, True),
        ([24 * HOUR], True, True),
        ([30 * MINUTE, 20 * MINUTE], False, False),
        ([25 * HOUR, 23 * HOUR], False, False),
        ([25 * HOUR, 24 * HOUR + 1], True, True),
        ([20 * DAY, 10 * DAY, 5 * DAY], False, False),
        ([31 * DAY, 10 * DAY, 5 * DAY], True, True),
        ([40 * DAY, 35 * DAY, 31 * DAY], True, True),
    ],
)
def test_one_at_once_one_more_by_the_button_after_ten_minutes_then_one_a_day_three_in_thirty_days(
    minutes_ago: list[int], form: bool, button: bool
) -> None:
    sent = [NOW - timedelta(minutes=m) for m in minutes_ago]
    assert may_confirm(sent, NOW, LIMITS) is form
    assert may_confirm(sent, NOW, LIMITS, resend=True) is button


@pytest.mark.parametrize("button", [True, False])
def test_whoever_asks_every_few_minutes_for_a_year_gets_at_most_three_in_any_thirty_days(
    button: bool,
) -> None:
    sent: list[datetime] = []
    for step in range(0, 365 * DAY, 7):
        moment = NOW + timedelta(minutes=step)
        if may_confirm(sent, moment, LIMITS, resend=button):
            sent.append(moment)
    most_a_day = 2 if button else 1
    for moment in sent:
        assert sum(moment <= other < moment + timedelta(days=30) for other in sent) <= 3
        assert sum(moment <= other < moment + timedelta(days=1) for other in sent) <= most_a_day

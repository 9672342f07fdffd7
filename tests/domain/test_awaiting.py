"""What is promised about a doubtful message is what the rules then do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from engage.domain.awaiting import awaited
from engage.domain.doubts import Doubtful, settle
from engage.domain.messages import LANES, Channel, Purpose

SINCE = datetime(2026, 11, 3, 15, tzinfo=UTC)
HOLD = timedelta(minutes=10)
MOMENT = timedelta(microseconds=1)
USES = (timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=3), timedelta(days=4))


@pytest.mark.parametrize(
    ("channel", "purpose", "again", "ever", "use"),
    list(product(("email", "sms"), LANES, (False, True), (False, True), USES)),
)
def test_the_date_and_what_follows_are_those_of_the_rules(
    channel: Channel, purpose: Purpose, again: bool, ever: bool, use: timedelta
) -> None:
    doubt = Doubtful(channel, SINCE, HOLD, None, ever)
    not_after = SINCE + use
    told = awaited(doubt, purpose, again, not_after)
    assert settle(doubt, purpose, again, told.until < not_after, told.until) == told.then
    if ever or channel == "sms":
        before = told.until - MOMENT
        assert settle(doubt, purpose, again, before < not_after, before) == "wait"
    assert told.until >= SINCE + HOLD

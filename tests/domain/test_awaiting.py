"""What is promised about a doubtful message is what the rules then do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from engage.domain.doubts import Doubtful, Fate, fate, settle
from engage.domain.messages import LANES, Channel, Purpose

SINCE = datetime(2026, 11, 3, 15, tzinfo=UTC)
HOLD = timedelta(minutes=10)
STEP = timedelta(minutes=1)
DAY = timedelta(days=1)
LATER, EARLIER = timedelta(seconds=1), -timedelta(hours=1)
USES = (timedelta(minutes=5), timedelta(minutes=25), timedelta(hours=3), timedelta(days=2))


def over_time(most: timedelta) -> list[datetime]:
    """Minute by minute for six holds, then by the hour."""
    minutes = [SINCE + STEP * n for n in range(61)]
    return minutes + [SINCE + timedelta(hours=n) for n in range(2, int(most / timedelta(hours=1)))]


@pytest.mark.parametrize(
    ("channel", "purpose", "again", "ever", "evidence", "use"),
    list(
        product(("email", "sms"), LANES, (False, True), (False, True), (None, EARLIER, LATER), USES),
    ),
)
def test_what_is_told_at_any_moment_is_what_the_rules_do_as_time_goes_by(
    channel: Channel,
    purpose: Purpose,
    again: bool,
    ever: bool,
    evidence: timedelta | None,
    use: timedelta,
) -> None:
    doubt = Doubtful(channel, SINCE, HOLD, SINCE + evidence if evidence is not None else None, ever)
    not_after = SINCE + use
    promised: Fate = fate(doubt, purpose, again, not_after, SINCE)
    for now in over_time(timedelta(days=3)):
        done = settle(doubt, purpose, again, not_after, now)
        told = fate(doubt, purpose, again, not_after, now)
        assert told.at == promised.at
        assert (done == "wait") is (now < promised.at)
        # Looked at late, it may be of no more use: then the second copy that was promised does not go.
        late = promised.then == "again" and now >= not_after
        assert told.then == ("never_known" if late else promised.then)
        assert done in ("wait", told.then)
    assert settle(doubt, purpose, again, not_after, promised.at) == promised.then


@pytest.mark.parametrize(
    ("channel", "purpose", "ever", "evidence", "holds", "then"),
    [
        ("email", "marketing", True, None, 3, "never_known"),
        ("email", "marketing", True, LATER, 4, "absent"),
        ("email", "marketing", True, EARLIER, 3, "never_known"),
        ("email", "marketing", False, LATER, 1, "never_known"),
        *[("email", purpose, True, None, 3, "again") for purpose in ("service", "care", "education")],
        *[("email", purpose, True, LATER, 2, "absent") for purpose in ("service", "care", "education")],
        *[("email", purpose, False, LATER, 1, "again") for purpose in ("service", "care", "education")],
        *[("sms", purpose, True, LATER, 144, "never_known") for purpose in LANES],
    ],
)
def test_how_long_each_kind_waits_with_evidence_and_without(
    channel: Channel, purpose: Purpose, ever: bool, evidence: timedelta | None, holds: int, then: str
) -> None:
    doubt = Doubtful(channel, SINCE, HOLD, SINCE + evidence if evidence is not None else None, ever)
    told = fate(doubt, purpose, False, SINCE + DAY, SINCE)
    assert (told.at, told.then) == (SINCE + HOLD * holds, then)


@pytest.mark.parametrize("purpose", LANES)
def test_evidence_that_comes_meanwhile_changes_what_is_told_with_what_is_done(purpose: Purpose) -> None:
    without = Doubtful("email", SINCE, HOLD, None, True)
    heard = Doubtful("email", SINCE, HOLD, SINCE + LATER, True)
    comes = SINCE + HOLD * 1.5
    for now in over_time(DAY):
        doubt = heard if now >= comes else without
        told = fate(doubt, purpose, False, SINCE + DAY, now)
        done = settle(doubt, purpose, False, SINCE + DAY, now)
        assert done == (told.then if now >= told.at else "wait")
        assert told.then == "absent" or now < comes

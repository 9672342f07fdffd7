"""The promise about sends whose answer never came, to the letter."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engage.domain.doubts import ASK_AFTER_USE, HOLDS, Doubtful, What, settle
from engage.domain.messages import CHANNELS, Channel, Purpose

SINCE = datetime(2026, 11, 2, 15, tzinfo=UTC)
HOLD = timedelta(minutes=10)
PURPOSES: tuple[Purpose, ...] = get_args(Purpose)
OVER = SINCE + HOLD
LONG_OVER = SINCE + HOLD * HOLDS


def settled(doubt: Doubtful, purpose: Purpose, again: bool, useful: bool, now: datetime) -> What:
    """What is done at ``now`` about a message whose time of use lasts, or has just ended."""
    return settle(doubt, purpose, again, now + timedelta(microseconds=1) if useful else now, now)


def doubt(channel: Channel = "email", evidence: timedelta | None = None, ever: bool = True) -> Doubtful:
    return Doubtful(channel, SINCE, HOLD, SINCE + evidence if evidence is not None else None, ever)


@pytest.mark.parametrize("purpose", PURPOSES)
@pytest.mark.parametrize("again", [False, True])
@pytest.mark.parametrize("useful", [False, True])
def test_an_event_for_a_later_request_proves_an_email_absent(
    purpose: Purpose, again: bool, useful: bool
) -> None:
    proven = doubt(evidence=timedelta(seconds=1))
    assert settled(proven, purpose, again, useful, SINCE + HOLD * 4) == "absent"
    # Its own event may be late by itself. Marketing is not worth a second copy, so it waits longer.
    early = "wait" if purpose == "marketing" else "absent"
    assert settled(proven, purpose, again, useful, SINCE + HOLD * 2) == early
    assert settled(proven, purpose, again, useful, OVER) == "wait"


@pytest.mark.parametrize("evidence", [None, timedelta(0), timedelta(hours=-1)])
def test_an_event_for_an_earlier_request_proves_nothing(evidence: timedelta | None) -> None:
    assert settled(doubt(evidence=evidence), "care", False, True, OVER) == "wait"


def test_a_sender_that_never_tells_is_not_waited_for_nor_believed() -> None:
    silent = doubt(evidence=timedelta(hours=1), ever=False)
    assert settled(silent, "care", False, True, OVER) == "again"
    assert settled(silent, "marketing", False, True, OVER) == "never_known"


@pytest.mark.parametrize(
    ("purpose", "again", "useful", "expected"),
    [
        ("service", False, True, "again"),
        ("care", False, True, "again"),
        ("education", False, True, "again"),
        ("marketing", False, True, "never_known"),
        ("service", True, True, "never_known"),
        ("care", True, True, "never_known"),
        ("education", True, True, "never_known"),
        ("marketing", True, True, "never_known"),
        ("service", False, False, "never_known"),
        ("care", False, False, "never_known"),
        ("education", False, False, "never_known"),
        ("marketing", False, False, "never_known"),
    ],
)
def test_without_proof_an_email_goes_once_more_where_losing_it_is_worse(
    purpose: Purpose, again: bool, useful: bool, expected: str
) -> None:
    assert settled(doubt(), purpose, again, useful, LONG_OVER) == expected
    just_before = LONG_OVER - timedelta(microseconds=1)
    assert settled(doubt(), purpose, again, useful, just_before) == "wait"


@given(
    st.sampled_from(PURPOSES),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.one_of(st.none(), st.timedeltas(timedelta(days=-9), timedelta(days=9))),
    st.timedeltas(timedelta(0), timedelta(days=9)),
)
def test_a_text_message_is_never_sent_again_without_proof(
    purpose: Purpose, again: bool, useful: bool, ever: bool, evidence: timedelta | None, passed: timedelta
) -> None:
    said = settled(doubt("sms", evidence, ever), purpose, again, useful, SINCE + passed)
    # The vendor's list is asked as long as it can be of use, and a day after the doubt began.
    assert said == ("wait" if useful or passed < ASK_AFTER_USE else "never_known")


@given(
    st.sampled_from(CHANNELS),
    st.booleans(),
    st.booleans(),
    st.one_of(st.none(), st.timedeltas(timedelta(days=-9), timedelta(days=9))),
    st.timedeltas(timedelta(0), timedelta(days=9)),
)
def test_marketing_never_goes_again_without_proof(
    channel: Channel, again: bool, useful: bool, evidence: timedelta | None, passed: timedelta
) -> None:
    said = settled(doubt(channel, evidence), "marketing", again, useful, SINCE + passed)
    assert said != "again"
    assert said != "absent" or (evidence is not None and evidence > timedelta(0))


@given(st.sampled_from(PURPOSES), st.sampled_from(CHANNELS), st.booleans(), st.booleans())
def test_nothing_waits_for_ever_once_its_use_is_over(
    purpose: Purpose, channel: Channel, again: bool, ever: bool
) -> None:
    assert settled(doubt(channel, ever=ever), purpose, again, False, SINCE + timedelta(days=2)) != "wait"

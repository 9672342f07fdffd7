"""What follows from a refusal: every class of failure, as often as it may happen."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engage.domain.alerts import ALERTS
from engage.domain.failures import RULES, Failure, Verdict, verdict
from engage.domain.message_words import REASONS, STATUS_WORDS

NOW = datetime(2026, 11, 2, 15, tzinfo=UTC)
LATER = NOW + timedelta(days=2)
FAILURES: tuple[Failure, ...] = get_args(Failure)

# The class; how many tries are followed by another; what it reads while it waits; how it ends.
TABLE = [
    ("not_processed", 7, "sender_busy", ("held", "sender_refuses")),
    ("temporary", 2, "temporary", ("failed", "temporary")),
    ("opted_out", 0, None, ("failed", "opted_out")),
    ("bad_address", 0, None, ("failed", "bad_address")),
    ("filtered", 0, None, ("failed", "filtered")),
    ("late", 2, "temporary", ("expired", "too_late")),
    ("invalid", 0, None, ("failed", "rejected")),
    ("unknown_code", 0, None, ("failed", "unknown_code")),
]

FREE: dict[Failure, str] = {"channel_down": "channel_down", "not_begun": "sender_busy"}


def test_every_class_has_its_rule_and_its_row_here() -> None:
    assert set(RULES) == set(FAILURES) == {row[0] for row in TABLE} | set(FREE)


@pytest.mark.parametrize(("failure", "retries", "waiting", "end"), TABLE)
def test_a_refused_message_is_tried_so_often_and_then_ends(
    failure: Failure, retries: int, waiting: str | None, end: tuple[str, str]
) -> None:
    for tries in range(1, retries + 1):
        again = verdict(failure, tries, NOW, LATER, 0.5)
        assert (again.status, again.reason, again.free, again.over) == ("planned", waiting, False, False)
        assert again.due_at is not None and NOW < again.due_at < LATER
    # Somebody let a held one go on, so its count is none, and a receipt for an earlier attempt comes.
    if not retries:
        assert verdict(failure, 0, NOW, LATER, 0.5).over
    for tries in (retries + 1, retries + 2, 40):
        assert verdict(failure, tries, NOW, LATER, 0.5) == Verdict(*end)  # type: ignore[arg-type]


@pytest.mark.parametrize("tries", [1, 3, 8, 1000])
@pytest.mark.parametrize(("failure", "waiting"), FREE.items())
def test_what_is_nobodys_try_uses_up_none_however_often(failure: Failure, waiting: str, tries: int) -> None:
    said = verdict(failure, tries, NOW, LATER, 0.5)
    assert (said.status, said.reason, said.free, said.over) == ("planned", waiting, True, False)
    # What holds it back is the sender's rest, not a wait of its own.
    assert said.due_at is not None and said.due_at - NOW <= timedelta(seconds=1)


@pytest.mark.parametrize(("waited", "pause"), [(0, 3), (3, 3), (10, 10), (45, 45), (600, 60)])
def test_an_account_refused_by_receipt_uses_up_no_try_and_waits_as_long_again(
    waited: int, pause: int
) -> None:
    said = verdict("channel_down", 40, NOW, LATER, 0.5, told_after=timedelta(minutes=waited))
    assert said == Verdict("planned", "channel_down", NOW + timedelta(minutes=pause), free=True)
    for left in (timedelta(0), timedelta(minutes=2)):
        said = verdict("channel_down", 1, NOW, NOW + left, 0.5, told_after=timedelta(minutes=waited))
        assert said.due_at == NOW + left


@pytest.mark.parametrize("failure", [f for f in FAILURES if not RULES[f].free])
def test_nothing_is_tried_again_once_its_use_is_over(failure: Failure) -> None:
    for not_after in (NOW, NOW - timedelta(seconds=1)):
        said = verdict(failure, 1, NOW, not_after, 0.5)
        assert said.over
        assert (said.status, said.reason) == (RULES[failure].status, RULES[failure].reason)


@given(
    st.sampled_from([f for f in FAILURES if not RULES[f].free]),
    st.integers(1, 30),
    st.timedeltas(timedelta(0), timedelta(hours=1)),
    st.floats(0, 1, exclude_max=True),
)
def test_no_wait_reaches_past_the_end_of_use(
    failure: Failure, tries: int, left: timedelta, share: float
) -> None:
    said = verdict(failure, tries, NOW, NOW + left, share)
    assert said.due_at is None or NOW <= said.due_at <= NOW + left


# Who tells the breaker, who marks the address, who gives care another way.
EFFECTS = {
    "not_processed": ("count", None, False, None, False),
    "not_begun": ("no", None, False, None, False),
    "temporary": ("no", None, False, None, True),
    "opted_out": ("no", "opted_out", False, None, True),
    "bad_address": ("no", None, True, None, True),
    "filtered": ("no", None, False, None, True),
    "channel_down": ("open", None, False, None, True),
    "late": ("no", None, False, None, True),
    "invalid": ("count", None, False, None, True),
    "unknown_code": ("count", None, False, "unknown_code", True),
}


@pytest.mark.parametrize("failure", FAILURES)
def test_each_class_has_these_effects_and_no_others(failure: Failure) -> None:
    rule = RULES[failure]
    assert (rule.breaks, rule.suppress, rule.flag, rule.alert, rule.care_goes_on) == EFFECTS[failure]


@pytest.mark.parametrize("failure", FAILURES)
def test_staff_can_read_every_end_and_every_wait(failure: Failure) -> None:
    rule = RULES[failure]
    assert rule.status in STATUS_WORDS
    assert {rule.reason, rule.waiting} <= set(REASONS)
    assert rule.suppress is None or f"suppressed_{rule.suppress}" in REASONS
    assert rule.alert is None or rule.alert in ALERTS

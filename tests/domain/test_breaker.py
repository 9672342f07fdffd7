"""A sender's breaker: it opens, rests longer each time, lets one probe through, and closes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engage.domain.breaker import FAILURES, FIRST_REST, LONGEST_REST, Breaker

NOW = datetime(2026, 11, 2, 15, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def failed(times: int, at: datetime = NOW, share: float = 0.5, **how: bool) -> Breaker:
    breaker = Breaker()
    for _ in range(times):
        breaker = breaker.failed(at, share, **how)  # type: ignore[arg-type]
    return breaker


@pytest.mark.parametrize("times", range(FAILURES))
def test_a_few_failures_close_nothing(times: int) -> None:
    breaker = failed(times)
    assert breaker.closed
    assert breaker.permits(NOW) == "all"


def test_the_fifth_failure_in_a_row_opens_it_for_some_seconds() -> None:
    breaker = failed(FAILURES)
    assert (breaker.closed, breaker.rests, breaker.reason) == (False, 1, "failing")
    assert breaker.until is not None and FIRST_REST / 2 <= breaker.until - NOW < FIRST_REST
    assert breaker.permits(NOW) == "none"
    assert breaker.permits(breaker.until - timedelta(microseconds=1)) == "none"
    assert breaker.permits(breaker.until) == "probe"


def test_a_success_between_starts_the_count_anew() -> None:
    assert failed(FAILURES - 1).worked(NOW) == Breaker()
    breaker = failed(FAILURES - 1).worked(NOW)
    for _ in range(FAILURES - 1):
        breaker = breaker.failed(NOW, 0.5)
    assert breaker.closed


def test_an_account_that_is_refused_opens_it_at_once() -> None:
    breaker = failed(1, at_once=True)
    assert not breaker.closed
    assert breaker.permits(NOW + LONGEST_REST) == "probe"
    assert Breaker().failed(NOW, 0.5, at_once=True, reason="refused").reason == "refused"


@pytest.mark.parametrize("at_once", [False, True])
def test_answers_to_what_was_sent_before_it_opened_do_not_prolong_its_rest(at_once: bool) -> None:
    opened = failed(FAILURES)
    old = opened
    for _ in range(50):
        old = old.failed(NOW + SECOND, 0.9, at_once=at_once)
    assert (old.until, old.rests) == (opened.until, opened.rests)
    assert old.failures == FAILURES + 50


def test_a_wave_that_was_refused_as_a_whole_is_one_refusal() -> None:
    assert failed(40, at_once=True).until == failed(1, at_once=True).until


def test_a_probe_that_fails_doubles_the_rest_up_to_its_longest_and_one_that_works_ends_it() -> None:
    breaker, at, rests = failed(FAILURES, share=0.0), NOW, []
    for _ in range(9):
        assert breaker.until is not None
        rests.append((breaker.until - at).total_seconds())
        at = breaker.until
        breaker = breaker.failed(at, 0.0)
        assert not breaker.closed
    assert rests == [2.5, 5, 10, 20, 40, 60, 60, 60, 60]
    assert breaker.worked(NOW) == Breaker()


def test_a_probe_that_hangs_does_not_hide_that_the_account_is_refused() -> None:
    breaker = Breaker().failed(NOW, 0.5, at_once=True, reason="refused")
    assert breaker.until is not None
    assert breaker.failed(breaker.until, 0.5).reason == "refused"
    failing = failed(FAILURES)
    assert failing.until is not None
    assert failing.failed(failing.until, 0.5, at_once=True, reason="refused").reason == "refused"


@given(
    st.lists(st.tuples(st.sampled_from(["failed", "refused", "worked"]), st.integers(0, 200)), max_size=60),
    st.floats(0, 1, exclude_max=True),
)
def test_whatever_happens_it_rests_two_minutes_at_most_and_never_for_good(
    story: list[tuple[str, int]], share: float
) -> None:
    breaker, now = Breaker(), NOW
    for what, passed in story:
        now += passed * SECOND
        breaker = (
            breaker.worked(now) if what == "worked" else breaker.failed(now, share, at_once=what == "refused")
        )
        assert breaker.until is None or breaker.until - now <= LONGEST_REST
        assert breaker.permits(now + LONGEST_REST) in ("all", "probe")
        assert breaker.closed or what != "worked"

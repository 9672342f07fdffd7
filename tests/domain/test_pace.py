"""How much a sender is given at once."""

from __future__ import annotations

import pytest

from engage.domain.pace import Pace


def test_a_sender_nobody_knows_gets_one_request_for_each_connection() -> None:
    assert (Pace().claim(20), Pace().wave(20, 100)) == (20, 20)


@pytest.mark.parametrize(
    ("rate", "claim", "wave"),
    [(10, 5, 4), (40, 20, 8), (400, 200, 80), (1_000, 500, 100), (100_000, 50_000, 100)],
)
def test_a_claim_is_half_a_second_of_work_and_a_wave_a_fifth_up_to_a_limit(
    rate: float, claim: int, wave: int
) -> None:
    assert (Pace(rate).claim(4), Pace(rate).wave(4, 100)) == (claim, wave)


def test_a_limit_below_the_number_of_connections_does_not_leave_any_idle() -> None:
    assert Pace(1_000).wave(8, 0) == 8


def test_a_quick_wave_makes_the_next_claim_larger_but_not_by_more_than_five_times() -> None:
    first = Pace().after(20, 1.0, well=True)
    assert first.rate == pytest.approx(20)
    assert first.after(20, 0.001, well=True).rate == pytest.approx(100)


def test_one_quick_answer_after_a_rest_is_not_believed_beyond_a_wave() -> None:
    assert Pace().after(1, 0.001, well=True).rate == pytest.approx(5)


def test_a_slow_wave_makes_the_next_claim_smaller_at_once() -> None:
    assert Pace(1_000).after(100, 10.0, well=True).rate == pytest.approx(10)


def test_anything_that_goes_wrong_takes_it_back_to_the_least() -> None:
    assert Pace(1_000).after(100, 0.1, well=False) == Pace()


def test_no_time_at_all_is_no_division_by_zero() -> None:
    assert Pace().after(1, 0.0, well=True).rate > 0

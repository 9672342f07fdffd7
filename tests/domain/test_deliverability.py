"""When complaints and bounces pause what caused them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engage.domain.deliverability import Counted, Limits, enough, pauses

LIMITS = Limits(complaint_percent=0.1, bounce_percent=2.0, least=500, window=timedelta(days=7))


@pytest.mark.parametrize(
    ("delivered", "complaints", "bounces", "why"),
    [
        (500, 0, 0, None),
        (500, 1, 0, "complaints"),
        (499, 1, 0, None),  # Nothing is said of few.
        (1000, 1, 0, "complaints"),  # At the limit is beyond it.
        (1001, 1, 0, None),
        (10_000, 9, 0, None),
        (10_000, 10, 0, "complaints"),
        (500, 0, 9, None),
        (500, 0, 10, "bounces"),
        (490, 0, 10, "bounces"),  # What came back was sent too.
        (489, 0, 10, None),
        (0, 0, 500, "bounces"),
        (0, 0, 0, None),
        (0, 3, 0, None),
        (600, 1, 30, "complaints"),
        (100_000, 0, 1999, None),
        (100_000, 0, 2000, "bounces"),
    ],
)
def test_a_share_of_enough_messages_pauses(
    delivered: int, complaints: int, bounces: int, why: str | None
) -> None:
    assert pauses(Counted(delivered, complaints, bounces), LIMITS) == why


@given(st.integers(0, 300), st.integers(0, 300), st.integers(0, 400_000))
def test_counting_up_to_enough_decides_as_counting_all(complaints: int, bounces: int, delivered: int) -> None:
    most = enough(complaints, bounces, LIMITS)
    counted = Counted(min(delivered, most), complaints, bounces)
    assert pauses(counted, LIMITS) == pauses(Counted(delivered, complaints, bounces), LIMITS)

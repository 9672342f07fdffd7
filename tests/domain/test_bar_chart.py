"""Where bars stand."""

from __future__ import annotations

from itertools import pairwise

import pytest

from engage.domain.bar_chart import LEAST, TOP, brief, chart


def test_nothing_makes_no_chart() -> None:
    assert chart([("Mon", [0, 0]), ("Tue", [0, 0])], 360, 190, 30) is None
    assert chart([], 360, 190, 30) is None


def test_parts_stand_on_one_another_and_all_on_the_floor() -> None:
    drawn = chart([("Mon", [30, 0, 10]), ("Tue", [0, 20, 0]), ("Wed", [0, 0, 0])], 360, 190, 30)
    assert drawn is not None
    monday, tuesday, wednesday = drawn.columns
    assert [(bar.series, bar.count) for bar in monday.bars] == [(0, 30), (2, 10)]
    low, high = monday.bars
    assert low.y + low.height == drawn.floor
    assert high.y + high.height == low.y
    assert high.y == TOP == monday.top
    assert tuesday.bars[0].height == pytest.approx(monday.bars[0].height * 2 / 3, abs=0.2)
    assert (wednesday.bars, wednesday.total, wednesday.top) == ((), "", drawn.floor)
    assert [column.total for column in drawn.columns[:2]] == ["40", "20"]


def test_columns_share_the_width_and_do_not_touch() -> None:
    drawn = chart([(str(n), [1]) for n in range(25)], 720, 220, 36)
    assert drawn is not None
    ends = [(column.x, column.x + column.width) for column in drawn.columns]
    assert all(left[1] < right[0] for left, right in pairwise(ends))
    assert ends[0][0] > 0
    assert ends[-1][1] < drawn.width


def test_one_of_a_thousand_is_seen_and_nothing_sticks_out() -> None:
    drawn = chart([("Mon", [1000, 1, 1]), ("Tue", [1, 0, 0])], 360, 190, 30)
    assert drawn is not None
    monday, tuesday = drawn.columns
    assert all(bar.height >= LEAST for bar in (*monday.bars, *tuesday.bars))
    assert min(bar.y for bar in monday.bars) == pytest.approx(TOP, abs=0.1)


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "0"),
        (999, "999"),
        (1000, "1k"),
        (1249, "1.2k"),
        (9999, "9.9k"),
        (10_000, "10k"),
        (999_999, "999k"),
        (3_400_000, "3.4M"),
        (1_200_000_000, "1200M"),
    ],
)
def test_a_number_above_a_bar_is_short(count: int, words: str) -> None:
    assert brief(count) == words

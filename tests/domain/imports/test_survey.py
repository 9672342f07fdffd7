"""What the rows of a file have to do with each other, by the thousand, against the plain way of finding out."""

from __future__ import annotations

import random

import pytest

from engage.domain.imports.survey import Survey


def test_what_was_not_read_has_no_days() -> None:
    survey = Survey()
    survey.add(2, 7)
    survey.add_unnamed()
    survey.close()
    assert (survey.rows, survey.unnamed, survey.span()) == (2, 1, None)
    found = survey.find(7)
    assert found is not None
    assert not found.read
    assert survey.find(8) is None


@pytest.mark.parametrize("seed", range(5))
def test_twice_and_at_the_same_time(seed: int) -> None:
    dice = random.Random(seed)
    rows = [
        (
            n,
            dice.randrange(900),
            1 + dice.randrange(60),
            start := dice.randrange(2000),
            start + dice.randrange(1, 60),
            dice.random() < 0.8,
        )
        for n in range(2, 1002)
    ]
    survey = Survey()
    for row, visit, person, start, end, live in rows:
        survey.add(row, visit, person, (start, end), live=live)
    survey.close()
    of: dict[int, list[int]] = {}
    for row, visit, *_ in rows:
        of.setdefault(visit, []).append(row)
    for visit, listed in of.items():
        assert survey.rows_of(visit) == (listed if len(listed) > 1 else [])
    assert survey.twice == sum(len(listed) > 1 for listed in of.values())
    late = {
        other[0]
        for n, one in enumerate(rows)
        for other in rows[n + 1 :]
        if one[2] == other[2]
        and one[1] != other[1]
        and one[5]
        and other[5]
        and one[3] < other[4]
        and other[3] < one[4]
    }
    assert survey.overlapping().keys() == late

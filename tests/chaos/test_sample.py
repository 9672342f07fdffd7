"""A minute of `make chaos`: some crash points, any process killed, and planted bugs that must be seen.

The seed is fixed, so that a failure comes again: ``python -m tests.chaos --seed N --only F1 --column ok``.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from tests.chaos import kills, traps
from tests.chaos.points import POINTS, Column
from tests.chaos.stand import Stand, stand

SEED = 7
# A handful of each kind; the rest has its turn with another seed, and all of them in the long run.
COLUMN: Column = "ok"
SIZE = 8
# Those that every run must have: a claim in somebody's hands, the vendor's yes that nobody read, a doubt in the middle.
ALWAYS = (
    "a claim is committed",
    "an email is taken, the answer unread",
    "a text is taken, the answer unread",
    "a callback is kept, not answered",
    "a doubt is proven, not committed",
)
BUGS = ("no_suppression_check", "stale_is_sent", "addresses_shared")


def chosen() -> list[str]:
    """The crash points of this seed."""
    there = [name for name, point in POINTS.items() if COLUMN in point.columns and name not in ALWAYS]
    return [*ALWAYS, *random.Random(SEED).sample(there, SIZE - len(ALWAYS))]


@pytest.fixture(scope="module")
def running() -> Iterator[Stand]:
    with stand() as made:
        yield made


@pytest.mark.timeout(240)
def test_nothing_is_lost_or_doubled_when_processes_die_at_these_points(running: Stand) -> None:
    points = chosen()
    result = kills.crash_points(running, COLUMN, SEED, points=points, course=False)
    assert result.verdict.ok, str(result.verdict)
    assert all(result.faults[name] for name in points), "some point was not reached"
    died = {one["point"] for one in running.deaths()}
    assert died >= set(points)


@pytest.mark.timeout(240)
def test_nothing_is_lost_or_doubled_when_any_process_is_killed(running: Stand) -> None:
    result = kills.random_kills(running, "late", SEED, 200)
    assert result.verdict.ok, str(result.verdict)
    assert len(result.delays) + sum(result.verdict.listed.values()) == result.verdict.messages


@pytest.mark.timeout(240)
@pytest.mark.parametrize("bug", BUGS)
def test_the_judge_sees_a_planted_bug(running: Stand, bug: str) -> None:
    traps.alone(running)
    sprung = traps.spring(running, bug, SEED, control=False, heal=False)
    assert sprung.caught, f"{bug}: {sprung.bad}"

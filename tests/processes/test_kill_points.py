"""A worker that dies or freezes at each point of a delivery: one copy arrives, never none and never two."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engage.runtime import Runtime
from engage.settings import Settings
from engage.storage.database import run
from tests.processes.dying import POINTS, dying, thaw
from tests.processes.stack import until
from tests.world import World

# Where a frozen worker holds row locks; what waits for it there is another matter.
FREEZABLE = [point for point in POINTS if not point.endswith("not committed")]


@pytest.fixture
def due(world: World) -> World:
    """Two people whose first lesson is due."""
    for name in ("ada", "ben"):
        world.enrol(email=f"{name}@example.org")
    world.now += timedelta(days=1)
    return world


def let_leases_run_out(rt: Runtime) -> None:
    """As if their time had passed."""
    with rt.transaction() as tx:
        run(tx, "UPDATE attempts SET lease_until = clock_timestamp() WHERE state IN ('open', 'started')")


def assert_one_copy_each(world: World) -> None:
    """Both have the first lesson, and the next one is planned for both."""

    def all_done() -> bool:
        world.work()
        return _statuses(world.rt) == {"accepted": 4, "planned": 2}

    # The server takes a moment to notice that a killed process is gone, and to free its locks.
    until(all_done, "two lessons, accepted", seconds=5)
    assert sorted(mail.to for mail in world.lessons()) == ["ada@example.org", "ben@example.org"]


def _statuses(rt: Runtime) -> dict[str, int]:
    with rt.transaction() as tx:
        return {row[0]: row[1] for row in run(tx, "SELECT status, count(*) FROM messages GROUP BY status")}


@pytest.mark.parametrize("point", POINTS)
def test_one_copy_arrives_when_the_worker_is_killed_and(due: World, settings: Settings, point: str) -> None:
    with dying(settings, due.now, point, "killed"):
        let_leases_run_out(due.rt)
        assert_one_copy_each(due)


@pytest.mark.parametrize("point", FREEZABLE)
def test_one_copy_arrives_when_the_worker_is_frozen_and(due: World, settings: Settings, point: str) -> None:
    with dying(settings, due.now, point, "frozen") as worker:
        let_leases_run_out(due.rt)
        assert_one_copy_each(due)
        thaw(worker)
        assert_one_copy_each(due)


def test_a_killed_worker_is_not_doubted_before_its_lease_is_over(due: World, settings: Settings) -> None:
    with dying(settings, due.now, "the attempt is started", "killed"):
        due.work()
        assert due.lessons() == []
        assert _statuses(due.rt) == {"accepted": 2, "claimed": 2, "planned": 2}

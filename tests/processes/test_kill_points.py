"""A worker that dies or freezes at each point of a delivery: one copy arrives, never none and never two."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest

from engage.runtime import Runtime
from engage.settings import Settings
from engage.storage.database import run
from tests.processes.dying import POINTS, dying, thaw
from tests.world import World

LEASE = 0.6
# Where a frozen worker holds row locks; what waits for it there is another matter.
FREEZABLE = [point for point in POINTS if not point.endswith("not committed")]


@pytest.fixture
def short(settings: Settings) -> Settings:
    """With leases that a test can wait for."""
    return settings.model_copy(update={"lease_seconds": LEASE})


@pytest.fixture
def due(world: World) -> World:
    """Two people whose first lesson is due."""
    for name in ("ada", "ben"):
        world.enrol(email=f"{name}@example.org")
    world.now += timedelta(days=1)
    return world


def assert_one_copy_each(world: World) -> None:
    """Both have the first lesson, and the next one is planned for both."""
    world.work()
    assert sorted(mail.to for mail in world.lessons()) == ["ada@example.org", "ben@example.org"]
    assert _statuses(world.rt) == {"accepted": 4, "planned": 2}


def _statuses(rt: Runtime) -> dict[str, int]:
    with rt.transaction() as tx:
        return {row[0]: row[1] for row in run(tx, "SELECT status, count(*) FROM messages GROUP BY status")}


@pytest.mark.parametrize("point", POINTS)
def test_one_copy_arrives_when_the_worker_is_killed_and(due: World, short: Settings, point: str) -> None:
    with dying(short, due.now, point, "killed"):
        time.sleep(LEASE + 0.1)
        assert_one_copy_each(due)


@pytest.mark.parametrize("point", FREEZABLE)
def test_one_copy_arrives_when_the_worker_is_frozen_and(due: World, short: Settings, point: str) -> None:
    with dying(short, due.now, point, "frozen") as worker:
        time.sleep(LEASE + 0.1)
        assert_one_copy_each(due)
        thaw(worker)
        assert_one_copy_each(due)


def test_a_killed_worker_is_not_doubted_before_its_lease_is_over(settings: Settings, due: World) -> None:
    patient = settings.model_copy(update={"lease_seconds": 60})
    with dying(patient, due.now, "the attempt is started", "killed"):
        due.work()
        assert due.lessons() == []
        assert _statuses(due.rt) == {"accepted": 2, "claimed": 2, "planned": 2}

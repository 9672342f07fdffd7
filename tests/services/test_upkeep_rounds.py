"""Rounds of upkeep take a while, and nothing that a patient waits for waits for their end."""

from __future__ import annotations

import pytest

from engage import tasks
from engage.ids import new_id
from engage.runtime import Runtime
from engage.services import profiles
from engage.storage import attempts
from engage.storage.attempts import Opened
from engage.storage.database import run
from tests.scripted import plan, somebody, state
from tests.world import World


def worker_of(world: World) -> tasks._Tasks:
    worker = tasks._Tasks(lambda: world.rt)
    worker._rt = world.rt
    return worker


def round_of(world: World) -> list[str]:
    """A round of which one step makes a message due; what the next one finds."""
    made, found = [], []

    def falls_due(rt: Runtime) -> None:
        made.append(plan(rt, somebody(rt), "email", "care"))

    def finds(rt: Runtime) -> None:
        found.append(state(rt, made[0])[0])

    worker = worker_of(world)
    worker._in_turn(falls_due, finds)
    return found


def test_care_that_falls_due_during_a_step_goes_before_the_next(world: World) -> None:
    assert round_of(world) == ["accepted"]


def test_a_round_with_no_time_left_ends_first(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "CARE_FIRST_SECONDS", 0.0)
    assert round_of(world) == ["planned"]


def test_a_step_that_fails_keeps_neither_care_nor_the_others_back(world: World) -> None:
    done = []

    def fails(rt: Runtime) -> None:
        raise RuntimeError("broken")

    worker = worker_of(world)
    id = plan(world.rt, somebody(world.rt), "email", "care")
    worker._in_turn(fails, lambda rt: done.append(state(rt, id)[0]))
    assert done == ["accepted"]


def test_profiles_are_made_a_few_at_a_time_while_lessons_are_due_and_all_of_them_after(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "PROFILES_WHILE_BULK", 2)
    worker = worker_of(world)
    people = [somebody(world.rt) for _ in range(5)]
    profiles.fresh(world.rt, 10.0)
    plan(world.rt, people[0], "email", "education")
    with world.rt.transaction() as tx:
        attempts.open_many(tx, [Opened(new_id(), "sendgrid", "email", [new_id()])], 20.0)
    for who in people:
        with world.rt.transaction() as tx:
            run(tx, "UPDATE people SET paused_until = now() WHERE id = %(id)s", {"id": who.id})
    worker.upkeep()
    assert profiles.waiting(world.rt) == 3
    world.work()
    worker.upkeep()
    assert profiles.waiting(world.rt) == 0


def test_profiles_do_not_wait_for_lessons_that_nothing_sends(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "PROFILES_WHILE_BULK", 1)
    worker = worker_of(world)
    people = [somebody(world.rt) for _ in range(3)]
    plan(world.rt, people[0], "email", "education")
    worker.upkeep()
    assert profiles.waiting(world.rt) == 0

"""A patient asked for something about a visit, and the booking system's file brings it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from engage.services import visit_wishes
from engage.storage import appointments
from tests.patients import rows
from tests.visit_imports import ADA, BAO, row, take, undo
from tests.world import World

MOVED = row(ADA, start="2026-11-26 10:00")


def ask(world: World, what: Callable[..., bool] = visit_wishes.ask_to_move) -> None:
    (visit,) = rows(world.rt, "SELECT id FROM appointments WHERE starts_at < '2026-11-25'")
    with world.rt.transaction() as tx:
        what(world.rt, tx, appointments.lock(tx, visit.id), world.now)


def wishes(world: World) -> list[tuple[str, str]]:
    found = rows(
        world.rt,
        "SELECT state, outcome FROM follow_ups WHERE kind IN ('visit_move', 'visit_cancel') ORDER BY created_at",
    )
    return [(one.state, one.outcome or "") for one in found]


@pytest.mark.parametrize(
    ("file", "gone", "left"),
    [
        ([MOVED, BAO], "keep", ("done", "done")),
        ([row(ADA, duration="45"), BAO], "keep", ("open", "")),
        ([row(ADA, status="Cancelled"), BAO], "keep", ("done", "done")),
        ([row(ADA, appointment_id="A9", start="2026-11-24 09:00"), BAO], "cancel", ("done", "done")),
        ([ADA, BAO], "keep", ("open", "")),
        ([row(ADA, provider="Dr. Fern"), BAO], "keep", ("open", "")),
        ([ADA, row(BAO, start="2026-11-27 10:00")], "keep", ("open", "")),
    ],
    ids=[
        "moved",
        "another length",
        "cancelled",
        "gone from the file",
        "unchanged",
        "another practitioner",
        "another's visit moved",
    ],
)
def test_what_a_file_brings_about_is_nothing_that_staff_have_to_see_to(
    world: World, file: list[tuple[str, ...]], gone: str, left: tuple[str, str]
) -> None:
    take(world, [ADA, BAO])
    ask(world)
    assert wishes(world) == [("open", "")]
    world.now += timedelta(minutes=1)
    take(world, file, gone=gone, yes_cancel=1 if gone == "cancel" else None)
    assert wishes(world) == [left]


def test_another_time_is_no_answer_to_who_wants_to_cancel(world: World) -> None:
    take(world, [ADA, BAO])
    ask(world, visit_wishes.ask_to_cancel)
    take(world, [MOVED, BAO])
    assert wishes(world) == [("open", "")]


def test_an_import_that_is_taken_back_leaves_nothing_open_about_its_visits(world: World) -> None:
    taken = take(world, [ADA, BAO])
    ask(world, visit_wishes.ask_to_cancel)
    assert wishes(world) == [("open", "")]
    undo(world, taken.id)
    assert wishes(world) == [("done", "done")]


@pytest.mark.parametrize("file", [[MOVED, BAO], [row(ADA, status="Cancelled"), BAO]])
def test_what_a_file_had_answered_waits_again_once_it_is_taken_back(
    world: World, file: list[tuple[str, ...]]
) -> None:
    take(world, [ADA, BAO])
    ask(world)
    world.now += timedelta(minutes=1)
    taken = take(world, file)
    assert wishes(world) == [("done", "done")]
    world.now += timedelta(minutes=1)
    undo(world, taken.id)
    assert wishes(world) == [("open", "")]

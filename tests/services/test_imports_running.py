"""An import that is disturbed: by another one, by deadlocks, by a program that still writes the file, by its own end."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import psycopg.errors
import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from engage.runtime import Runtime
from engage.services import import_batch, import_undo, imports
from engage.services.audit import CLI
from engage.services.import_files import Changed
from engage.services.import_lock import Busy, alone
from engage.services.import_rows import Heeded, Job
from tests.patients import rows
from tests.visit_imports import ADA, BAO, WANTED, pictured, row, take, text, visits
from tests.world import World

MANY = [
    row(
        BAO,
        appointment_id=f"M{n}",
        patient_id=f"M{n // 2}",
        email=f"m{n // 2}@example.org",
        mobile="",
        start=f"2026-11-{10 + n % 2} 10:00",
    )
    for n in range(30)
]


def test_two_at_once_are_one_too_many(world: World) -> None:
    with alone(world.rt):
        with pytest.raises(Busy):
            take(world, [ADA])
        with pytest.raises(Busy):
            import_undo.undo(world.rt, CLI, rows(world.rt, "SELECT gen_random_uuid() AS id")[0].id)
    assert take(world, [ADA]).counts["added"] == 1


def test_a_batch_that_met_a_deadlock_is_done_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    real = import_batch.take
    fell: list[bool] = []

    def sometimes(rt: Runtime, job: Job, batch: Sequence[Heeded], tx: Connection, now: datetime) -> None:
        real(rt, job, batch, tx, now)
        if not fell:
            fell.append(True)
            raise OperationalError("", None, psycopg.errors.DeadlockDetected("deadlock detected"))

    monkeypatch.setattr(import_batch, "take", sometimes)
    taken = take(world, [ADA, row(BAO, mobile="12")])
    assert taken.counts == {"added": 2, "people": 2, "messages": 6, "left_out": 1}
    assert len(taken.problems) == 1
    assert len(visits(world)) == 2


def test_what_was_broken_off_goes_on_when_it_is_imported_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "BATCH", 10)
    real, batches = import_batch.take, []

    def dying(rt: Runtime, job: Job, batch: Sequence[Heeded], tx: Connection, now: datetime) -> None:
        real(rt, job, batch, tx, now)
        batches.append(batch)
        if len(batches) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(import_batch, "take", dying)
    with pytest.raises(KeyboardInterrupt):
        take(world, MANY)
    assert len(visits(world)) == 10
    ((state, source),) = [(one.state, one.source) for one in imports.listing(world.rt)]
    assert (state, source) == ("running", "cliniko")
    assert take(world, MANY).counts == {"added": 20, "unchanged": 10, "people": 10, "messages": 50}
    first = imports.listing(world.rt)[-1]
    assert import_undo.undo(world.rt, CLI, first.id)["added"] == 10


def test_a_dry_run_counts_a_person_of_several_batches_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "BATCH", 7)
    before = pictured(world)
    dry = take(world, MANY, dry=True)
    assert pictured(world) == before
    real = take(world, MANY)
    # Who is here for the first time is known only once their other visits are.
    assert real.counts | {"messages": 0} == dry.counts | {"messages": 0}
    assert dry.counts["people"] == 15


def test_a_file_that_is_still_being_written_is_not_taken(world: World) -> None:
    with tempfile.NamedTemporaryFile(buffering=0) as file:
        file.write(text([ADA]).encode())

        class Writing:
            """Writes on after the first look."""

            def __getattr__(self, name: str) -> Any:
                return getattr(file, name)

            def fileno(self) -> int:
                if not fell and os.fstat(file.fileno()).st_size:
                    looks.append(True)
                    if len(looks) == 3:
                        file.write(b"more,")
                        fell.append(True)
                return file.fileno()

        looks: list[bool] = []
        fell: list[bool] = []
        with pytest.raises(Changed):
            imports.run(world.rt, CLI, Writing(), replace(WANTED))  # type: ignore[arg-type]
    assert visits(world) == []


def test_excel_may_say_first_what_separates_the_cells(world: World) -> None:
    content = "sep=;\r\n" + text([ADA, row(BAO, start="soon")], delimiter=";")
    taken = take(world, content)
    assert taken.counts["added"] == 1
    assert taken.refused[0][0] == 4


def test_a_cell_without_end_costs_its_row(world: World) -> None:
    content = text([row(ADA, provider="x" * 150_000), BAO])
    taken = take(world, content)
    assert taken.counts["added"] == 1
    assert "longer than any" in taken.refused[0][2]

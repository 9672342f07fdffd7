"""The people of a file's rows: found or made, with what they said yes and no to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from engage.domain.imports.cells import Problem
from engage.domain.messages import CHANNELS, Channel
from engage.domain.patients import SKIPPED, PersonIn
from engage.domain.patients import Problem as PersonProblem
from engage.runtime import Runtime
from engage.services import patients
from engage.services.import_rows import Heeded, Job
from engage.services.patients import Matched
from engage.storage import consents, people
from engage.storage import imports as storage

# Cells that these sentences are about, by channel.
_CELL: dict[Channel, str] = {"email": "email", "sms": "mobile"}


def find(rt: Runtime, tx: Connection, job: Job, rows: Sequence[Heeded], now: datetime) -> dict[int, UUID]:
    """Who each of these rows is about, by row; rows that are refused are missing. Notes problems and counts."""
    told: list[PersonIn] = []
    noes: list[frozenset[Channel]] = []
    for row in rows:
        assert row.visit is not None
        person, no, problems = job.reader.person(row.cells, row.visit.when.zone)
        told.append(person)
        noes.append(no)
        job.note(row.row, problems)
    found: dict[int, UUID] = {}
    withdrawn: dict[UUID, frozenset[Channel]] = {}
    for row, no, matched in zip(
        rows, noes, patients.match_or_create(rt, tx, job.actor, told, now), strict=True
    ):
        job.note(row.row, _problems(job, row, matched))
        if matched.person_id is None:
            continue
        found[row.row] = matched.person_id
        job.counts["people"] += matched.how == "new" and job.first(job.reader.person_key(row.cells))
        job.counts["people_changed"] += matched.changed and matched.how != "new"
        if matched.changed:
            job.begin(tx, now)
        if no:
            withdrawn[matched.person_id] = withdrawn.get(matched.person_id, frozenset()) | no
    _withdraw(tx, job, withdrawn, now)
    return found


def _problems(job: Job, row: Heeded, matched: Matched) -> list[Problem]:
    found = [_at_cell(job, row, one) for one in matched.problems]
    for channel, why in matched.skipped.items():
        # Without an address there was nothing that could have been agreed to.
        if why != "no_address":
            job.counts["opted_out"] += 1
            sentence = f"No consent was entered: {SKIPPED[why]}."
            found.append(job.reader.problem_of_person(row.cells, _CELL[channel], sentence, refuses=False))
    return found


def _at_cell(job: Job, row: Heeded, problem: PersonProblem) -> Problem:
    return job.reader.problem_of_person(row.cells, problem.field, problem.sentence, problem.refuses)


def _withdraw(tx: Connection, job: Job, noes: Mapping[UUID, frozenset[Channel]], now: datetime) -> None:
    """A no in the file ends a yes that is here. The people are locked."""
    if not noes:
        return
    agreed = storage.care_agreed(tx, list(noes))
    source = f"booking system, {job.reader.meaning.source}: said no"
    for person, no in noes.items():
        for channel in CHANNELS:
            if channel in no and (person, channel) in agreed:
                consents.enter(
                    tx, person, channel, "care", "withdrawn", actor="staff", source=source, now=now
                )
                job.counts["withdrawn"] += 1
                job.begin(tx, now)


def living(tx: Connection, ids: Sequence[UUID]) -> set[UUID]:
    """Those of these people of whom visits may be told."""
    return {id for id, state in people.states(tx, ids).items() if state == "active"}

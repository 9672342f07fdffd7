"""Files of visits from booking systems, taken in batches: new ones booked, others moved or cancelled, and what is known
left alone. ``import_batch`` does a batch, ``import_gone`` sees to what a file holds no more, ``import_undo`` undoes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import BinaryIO
from uuid import UUID

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from engage import log
from engage.domain.forms import InvalidInput
from engage.domain.imports.cells import Problem
from engage.domain.imports.columns import Columns, columns
from engage.domain.imports.rows import Reader
from engage.domain.imports.survey import short
from engage.domain.imports.told import Mapping, meaning
from engage.domain.patients import PersonIn
from engage.ids import new_id
from engage.runtime import Runtime
from engage.services import import_batch, import_gone, patients
from engage.services.appointments import named
from engage.services.audit import Actor, note
from engage.services.import_files import VisitFile, look
from engage.services.import_gone import Gone, GonePolicy
from engage.services.import_lock import Busy as Busy
from engage.services.import_lock import alone
from engage.services.import_rows import Heeded, Job, Rows
from engage.storage import imports as storage
from engage.storage.database import is_deadlock

logger = log.get(__name__)

BATCH = 1000
_TRIES = 3


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for. ``consent_source`` says where the people's consent is on file. ``dry`` changes nothing.
    ``all_or_nothing``: one bad row keeps all others out. ``gone`` says what becomes of visits that the file holds no
    more; ``yes_cancel`` is their number, typed by somebody who means it."""

    source: str
    consent_source: str
    mapping: Mapping = field(default_factory=Mapping)
    forget_mapping: bool = False
    dry: bool = False
    all_or_nothing: bool = False
    gone: GonePolicy = "ask"
    yes_cancel: int | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a file. ``import_id`` is None when nothing was changed. ``counts``: rows by what became of them
    ("added", "moved", "cancelled", "reinstated", "marked", "unchanged", "repeated", "refused"), and "messages", "people",
    "left_out", "opted_out", "withdrawn", "given_away". ``gone``: visits that the file holds no more. ``stopped``: nothing was done
    because of bad rows."""

    import_id: UUID | None
    rows: int
    counts: Counter[str]
    gone: Gone
    columns: Columns
    encoding: str
    dry: bool
    stopped: bool = False


@dataclass(frozen=True, slots=True)
class Watch:
    """Whoever wants to know how it goes: ``complain`` gets each problem with its row's number, ``progress`` how many rows
    of how many were gone through."""

    complain: Callable[[int, Problem], None] = lambda row, problem: None
    progress: Callable[[int, int], None] = lambda done, rows: None


def run(rt: Runtime, actor: Actor, file: BinaryIO, wanted: Wanted, watch: Watch = Watch()) -> Done:
    """Takes a file in. Raises NoTable, Unclear, InvalidInput, Busy, and Changed when the file is being written to.

    Rows without an error are taken, in transactions of a thousand, and the same file again changes nothing: so one that
    was broken off is simply imported again.
    """
    with alone(rt):
        found = look(rt, file)
        with rt.transaction() as tx:
            remembered = (
                Mapping() if wanted.forget_mapping else Mapping.of(storage.mapping(tx, wanted.source))
            )
            now = rt.now(tx)
        told = remembered.with_more(wanted.mapping)
        known = columns(found.header, told.columns)
        places = {one.name: one.zone for one in rt.clinic.locations}
        means = meaning(wanted.source, wanted.consent_source, told, places)
        _check_source(rt, wanted, now)
        reader = Reader(known, means)
        rows = Rows(rt, reader)
        survey = rows.survey(found.records())
        unlike = rows.unlike(survey, found.records())

        def whole(seen: Watch) -> _Whole:
            job = Job(actor, new_id(), reader, survey, found.hash)
            return _Whole(rt, wanted, found, rows, unlike, job, seen)

        if wanted.all_or_nothing and not wanted.dry:
            trial = whole(watch)
            trial.go(dry=True)
            if trial.job.counts["refused"]:
                return _done(trial, stopped=True)
            watch = Watch(progress=watch.progress)
        if not wanted.dry:
            with rt.transaction() as tx:
                kept = told.remembering(known).as_json()
                storage.keep_mapping(tx, wanted.source, kept, named(actor), rt.now(tx))
        real = whole(watch)
        real.go(dry=wanted.dry)
        real.end(actor)
        return _done(real)


def _done(whole: _Whole, *, stopped: bool = False) -> Done:
    job = whole.job
    return Done(
        job.import_id if job.begun and not job.dry else None,
        job.survey.rows,
        job.counts,
        whole.gone,
        job.reader.columns,
        whole.file.encoding,
        job.dry,
        stopped,
    )


def _check_source(rt: Runtime, wanted: Wanted, now: datetime) -> None:
    """Raises InvalidInput for a source or a consent's source that can't be."""
    probe = PersonIn(wanted.source, "Ada", "1", consent=("email",), consent_source=wanted.consent_source)
    wrong = {one.field: one.sentence for one in patients.check(rt, probe, now)}
    if wrong:
        raise InvalidInput(wrong)


@dataclass(slots=True)
class _Whole:
    """A file on its way."""

    rt: Runtime
    wanted: Wanted
    file: VisitFile
    rows: Rows
    unlike: set[int]
    job: Job
    watch: Watch
    gone: Gone = field(default_factory=Gone)
    _seen: set[int] = field(default_factory=set)

    def go(self, *, dry: bool) -> None:
        """Everything, or with ``dry`` the same with nothing kept."""
        job = self.job
        job.dry = dry
        job.clashes = job.survey.overlapping() if dry else {}
        self.gone = import_gone.look(self.rt, job, self.wanted.gone, self.wanted.yes_cancel)
        for page in import_gone.pages(self.rt, job, self.gone):
            self._safely(partial(import_gone.cancel_page, self.rt, job, page))
        batch: list[Heeded] = []
        for done, row in enumerate(self.rows.heeded(job, self.file.records()), 1):
            if row is not None and self._counts_once(row):
                batch.append(row)
            if len(batch) == BATCH or done % BATCH == 0:
                self._take(batch)
                batch = []
                self.watch.progress(done, job.survey.rows)
        self._take(batch)
        self.watch.progress(job.survey.rows, job.survey.rows)

    def end(self, actor: Actor) -> None:
        """Notes what came of it, if anything did."""
        if self.job.begun and not self.job.dry:
            with self.rt.transaction() as tx:
                counts = {name: n for name, n in self.job.counts.items() if n}
                storage.end(tx, self.job.import_id, {"rows": self.job.survey.rows, **counts}, self.rt.now(tx))
                note(tx, self.rt, actor, "change", "import", self.job.import_id)

    def _counts_once(self, row: Heeded) -> bool:
        """Of rows that say the same of a visit the first counts; of rows that say different things, none."""
        visit = short(row.key)
        rows = self.job.survey.rows_of(visit)
        if not rows:
            return True
        if visit in self.unlike:
            listed = ", ".join(str(n) for n in rows[:5]) + (" and more" if len(rows) > 5 else "")
            problem = self.job.reader.row_problem(
                row.cells,
                "visit-id",
                f"Rows {listed} say different things about this visit.",
                "Keep the one that is true.",
            )
            self.job.note(row.row, [problem])
            return False
        if visit in self._seen:
            self.job.counts["repeated"] += 1
            return False
        self._seen.add(visit)
        return True

    def _take(self, batch: Sequence[Heeded]) -> None:
        self._hand_on()
        if batch:
            self._safely(partial(import_batch.take, self.rt, self.job, batch))
        self._hand_on()

    def _hand_on(self) -> None:
        for row, problem in self.job.problems:
            self.watch.complain(row, problem)
        self.job.problems.clear()

    def _safely(self, act: Callable[[Connection, datetime], None]) -> None:
        """One transaction; again when another one and it waited for each other."""
        job = self.job
        for tries in range(1, _TRIES + 1):
            before = (job.counts.copy(), job.begun, len(job.problems), set(job.added))
            try:
                self._once(act)
            except OperationalError as error:
                job.counts, job.begun, job.added = before[0], before[1], before[3]
                del job.problems[before[2] :]
                if tries == _TRIES or not is_deadlock(error):
                    raise
            else:
                if job.dry:
                    job.begun = before[1]
                return

    def _once(self, act: Callable[[Connection, datetime], None]) -> None:
        if not self.job.dry:
            with self.rt.transaction() as tx:
                act(tx, self.rt.now(tx))
            return
        with self.rt.engine.connect() as tx:
            act(tx, self.rt.now(tx))
            tx.rollback()


@dataclass(frozen=True, slots=True)
class Import:
    """A file that changed something. ``state``: running, done, undoing or undone."""

    id: UUID
    source: str
    state: str
    counts: dict[str, int]
    at: datetime


def listing(rt: Runtime, limit: int = 20) -> list[Import]:
    """The newest first."""
    with rt.transaction() as tx:
        return [
            Import(row.id, row.source, row.state, dict(row.counts), row.at)
            for row in storage.listing(tx, limit)
        ]

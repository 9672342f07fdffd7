"""The rows of a file as an import goes through them, and what it finds out on its way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection

from engage.domain.appointments import OPEN
from engage.domain.imports.cells import Problem
from engage.domain.imports.records import Record
from engage.domain.imports.rows import Reader
from engage.domain.imports.survey import Survey, minute, short
from engage.domain.imports.visit_cells import VisitIn
from engage.runtime import Runtime
from engage.services.appointments import external_index, named
from engage.services.audit import Actor
from engage.storage import imports as storage

# Each part of a row is kept as so many bytes of a keyed hash.
_PART = 8
_SIXTY_FOUR = (1 << 64) - 1


class Heeded(NamedTuple):
    """A row about a visit. ``key`` is the visit's blind index, ``told`` what the row says, hashed by parts. ``visit`` is
    made when it is wanted."""

    row: int
    cells: list[str]
    key: bytes
    told: bytes
    visit: VisitIn | None


@dataclass(slots=True)
class Job:
    """One import under way. ``problems`` are rows with what is wrong in them, not handed on yet. ``dry``: nothing of it
    will stay. ``clashes`` are rows at the same time as an earlier row of the person, for a dry run."""

    actor: Actor
    import_id: UUID
    reader: Reader
    survey: Survey
    file_hash: bytes
    dry: bool = False
    counts: Counter[str] = field(default_factory=Counter)
    problems: list[tuple[int, Problem]] = field(default_factory=list)
    begun: bool = False
    clashes: dict[int, int] = field(default_factory=dict)
    added: set[int] = field(default_factory=set)
    _met: set[int] = field(default_factory=set)

    def note(self, row: int, problems: Iterable[Problem]) -> None:
        """Keeps what is wrong in a row; one that is refused is counted once."""
        refused = False
        for problem in problems:
            self.problems.append((row, problem))
            refused = refused or problem.refuses
            self.counts["left_out"] += not problem.refuses
        self.counts["refused"] += refused

    def first(self, person: str) -> bool:
        """Whether a person who is new here is met for the first time: a dry run keeps nobody from batch to batch."""
        if not self.dry:
            return True
        before = len(self._met)
        self._met.add(hash(person))
        return len(self._met) > before

    def begin(self, tx: Connection, now: datetime) -> None:
        """Called before anything is written for good: an import that changes nothing leaves no trace."""
        if not self.begun:
            source = self.reader.meaning.source
            storage.start(tx, self.import_id, source, self.file_hash, named(self.actor), now)
            self.begun = True


class Rows:
    """Makes visits of the records of a file."""

    def __init__(self, rt: Runtime, reader: Reader) -> None:
        self._rt = rt
        self._reader = reader
        self._source = reader.meaning.source
        self._keys = [rt.sealer.index("import-rows", part) for part in reader.means()]

    def survey(self, records: Iterable[Record]) -> Survey:
        """What all rows have to do with each other."""
        found = Survey()
        for record in records:
            if not any(map(str.strip, record.cells)) and not record.problem:
                continue
            self._look(found, record)
        found.close()
        return found

    def unlike(self, survey: Survey, records: Iterable[Record]) -> set[int]:
        """Visits that stand more than once in the file and not in the same words (``short``)."""
        said: dict[int, set[bytes]] = {}
        for record in records if survey.twice else ():
            id = self._id(record)
            if id and survey.rows_of(visit := short(self.key(id))):
                said.setdefault(visit, set()).add(self.told(record.cells))
        return {visit for visit, words in said.items() if len(words) > 1}

    def _id(self, record: Record) -> str:
        """The visit's id of a row that may be unreadable otherwise, "" when it can't be told."""
        if record.problem or not any(map(str.strip, record.cells)):
            return ""
        visit = None if self._reader.broken(record.cells) else self._reader.visit(record.cells)[0]
        return visit.external_id if visit is not None else self._reader.external_id(record.cells, None)

    def _look(self, survey: Survey, record: Record) -> None:
        reader, cells = self._reader, record.cells
        visit = None
        if not record.problem and not reader.broken(cells):
            visit, _ = reader.visit(cells)
        if visit is None:
            id = "" if record.problem else reader.external_id(cells, None)
            if id:
                survey.add(record.row, short(self.key(id)))
            else:
                survey.add_unnamed()
            return
        who = reader.person_key(cells)
        survey.add(
            record.row,
            short(self.key(visit.external_id)),
            hash(who) & _SIXTY_FOUR if who else 0,
            (minute(visit.when.starts_at), minute(visit.when.ends_at)),
            live=visit.status in OPEN,
        )

    def key(self, external_id: str) -> bytes:
        """A visit's blind index."""
        found = external_index(self._rt, self._source, external_id)
        assert found is not None
        return found

    def told(self, cells: Sequence[str]) -> bytes:
        """What a row says, as it is kept."""
        return b"".join(
            blake2b(part.encode(), key=key, digest_size=_PART).digest()
            for key, part in zip(self._keys, self._reader.told(cells), strict=True)
        )

    def heeded(self, job: Job, records: Iterable[Record]) -> Iterator[Heeded | None]:
        """Each row that is about a visit; None for one that is not taken, with what is wrong noted."""
        for record in records:
            if not record.problem and not any(map(str.strip, record.cells)):
                continue
            yield self._heed(job, record)

    def _heed(self, job: Job, record: Record) -> Heeded | None:
        cells = record.cells
        problems = (
            [Problem("", "", record.problem, record.cure)] if record.problem else self._reader.broken(cells)
        )
        id = "" if problems else self._reader.external_id(cells, None)
        visit = None
        if not problems and not id:
            visit, problems = self._reader.visit(cells)
            id = visit.external_id if visit is not None else ""
        if not id:
            job.note(record.row, problems)
            return None
        return Heeded(record.row, cells, self.key(id), self.told(cells), visit)


def changed(before: bytes | None, now: bytes) -> tuple[bool, bool, bool, bool]:
    """Which parts of a row are new: person, time and place, status, the rest."""
    if before is None or len(before) != len(now):
        return True, True, True, True
    person, when, status, rest = (
        before[at : at + _PART] != now[at : at + _PART] for at in range(0, 4 * _PART, _PART)
    )
    return person, when, status, rest

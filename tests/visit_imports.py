"""Files of visits in a test: written as booking systems export them, and taken in."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from engage.domain.imports.cells import Problem
from engage.domain.imports.told import Mapping
from engage.domain.timing import local
from engage.services import import_undo, imports
from engage.services.appointments import opened
from engage.services.audit import CLI
from engage.services.imports import Done, Wanted, Watch
from engage.storage.database import run
from tests.world import World

HEAD = (
    "Appointment ID",
    "Patient ID",
    "First Name",
    "Last Name",
    "Email",
    "Mobile",
    "Start",
    "Duration",
    "Location",
    "Provider",
    "Status",
)
ADA = (
    "A1",
    "17",
    "Ada",
    "Lovelace",
    "ada@example.org",
    "(518) 555-0123",
    "2026-11-24 14:00",
    "60",
    "Larkspur Lane",
    "Dr. Moss",
    "Booked",
)
BAO = (
    "A2",
    "18",
    "Bao",
    "Tran",
    "bao@example.org",
    "(518) 555-0124",
    "11/25/2026 9:30 AM",
    "45",
    "Larkspur Lane",
    "Dr. Moss",
    "Confirmed",
)
WANTED = Wanted("cliniko", "signed intake form 2026", Mapping(location="Larkspur Lane"))
# All that an import may write.
TABLES = (
    "people",
    "contacts",
    "person_keys",
    "consents",
    "consent_states",
    "follow_ups",
    "person_tokens",
    "appointments",
    "appointment_versions",
    "messages",
    "imports",
    "import_rows",
    "imported_visits",
    "import_mappings",
    "visits_to_replan",
    "audit",
)


def row(base: Sequence[str] = ADA, **cells: str) -> tuple[str, ...]:
    """A row like another, with some cells different: ``row(ADA, status="Cancelled")``."""
    names = [name.lower().replace(" ", "_") for name in HEAD]
    assert set(cells) <= set(names)
    return tuple(cells.get(name, cell) for name, cell in zip(names, base, strict=True))


def text(rows: Iterable[Sequence[str]], head: Sequence[str] = HEAD, delimiter: str = ",") -> str:
    """The file's text."""
    made = io.StringIO()
    csv.writer(made, delimiter=delimiter).writerows([head, *rows])
    return made.getvalue()


@dataclass
class Taken:
    """What came of a file, with every problem: (row, problem)."""

    done: Done
    problems: list[tuple[int, Problem]] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        return {name: n for name, n in self.done.counts.items() if n}

    @property
    def refused(self) -> list[tuple[int, str, str]]:
        """(row, column, what is wrong)."""
        return [(row, one.column, one.what) for row, one in self.problems if one.refuses]

    @property
    def id(self) -> UUID:
        assert self.done.import_id is not None
        return self.done.import_id


def take(world: World, content: bytes | str | Iterable[Sequence[str]], **wanted: Any) -> Taken:
    """Imports a file: its bytes, its text, or its rows below the usual header."""
    if not isinstance(content, bytes | str):
        content = text(content)
    if isinstance(content, str):
        content = content.encode()
    problems: list[tuple[int, Problem]] = []
    with tempfile.TemporaryFile() as file:
        file.write(content)
        file.flush()
        done = imports.run(
            world.rt,
            CLI,
            file,
            replace(WANTED, **wanted),
            Watch(complain=lambda row, problem: problems.append((row, problem))),
        )
    return Taken(done, problems)


def undo(world: World, id: UUID) -> dict[str, int]:
    """Takes an import back."""
    return {name: n for name, n in import_undo.undo(world.rt, CLI, id).items() if n}


def visits(world: World) -> list[tuple[str, str, int]]:
    """(external id, "status, when by the clocks there", version) of every visit, in their order."""
    with world.rt.transaction() as tx:
        found = list(run(tx, "SELECT * FROM appointments ORDER BY starts_at, id"))
    return [
        (
            opened(world.rt, one).external_id,
            f"{one.status} {local(one.starts_at, one.zone):%Y-%m-%d %H:%M} {one.minutes}",
            one.version,
        )
        for one in found
    ]


def pictured(world: World) -> set[tuple[str, str, str]]:
    """(table, place, transaction) of every row: a row that is written anew has others."""
    sql = " UNION ALL ".join(f"SELECT '{t}' AS t, ctid::text AS c, xmin::text AS x FROM {t}" for t in TABLES)
    with world.rt.transaction() as tx:
        return {(one[0], one[1], one[2]) for one in run(tx, sql)}

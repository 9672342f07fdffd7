"""The cells of one row: what they hold, whether they can be read, and what is wrong in which of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from engage.domain.appointments import When
from engage.domain.imports.columns import Columns, Field, plain
from engage.domain.imports.encoding import BROKEN
from engage.domain.imports.records import LONGEST_CELL
from engage.domain.imports.times import BadCell
from engage.domain.patients import LONGEST_ID

T = TypeVar("T")

# Whatever changes the meaning of the same cells changes this: rows that are known are read again then.
READING: Final = 1
# Control characters but tab and the ends of lines; NUL comes from broken exports.
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
START: Final[tuple[Field, ...]] = ("start", "date", "time")
# What a row says, in the parts that may change by themselves.
_TOLD: Final[tuple[tuple[Field, ...], ...]] = (
    (
        "patient-id",
        "first-name",
        "last-name",
        "name",
        "email",
        "mobile",
        "email-consent",
        "text-consent",
        "consent-date",
    ),
    (*START, "end", "end-date", "end-time", "minutes", "zone", "location"),
    ("status", "cancelled", "no-show"),
    ("practitioner",),
)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in a cell: ``column`` as the file names it ("" for the row as a whole), its ``value``, a sentence and
    a cure. ``refuses``: the row is not taken; else the cell alone is left out."""

    column: str
    value: str
    what: str
    cure: str
    refuses: bool = True


@dataclass(frozen=True, slots=True)
class Meaning:
    """What the same cells mean in this import: the clinic's places (name to zone), and what was said about the source.

    ``zone`` and ``location`` are for rows without; "" is the place's zone, and no place. ``statuses`` and ``places``
    translate words of the file. ``minutes`` is a visit's length where no column tells one.
    """

    source: str
    consent_source: str
    places: Mapping[str, str]
    zone: str = ""
    location: str = ""
    minutes: int = 60
    day_first: bool = False
    statuses: Mapping[str, str] = field(default_factory=dict)
    translated: Mapping[str, str] = field(default_factory=dict)


class Cells:
    """Knows which cell of a row is what."""

    def __init__(self, columns: Columns, meaning: Meaning) -> None:
        self.columns = columns
        self.meaning = meaning
        self._at = dict(columns.at)
        self._used = sorted({place for name, place in self._at.items() if name != "ignore"})
        self._told = [[self._at[name] for name in part if name in self._at] for part in _TOLD]
        self._places = {plain(name): name for name in meaning.places}
        self._places |= {plain(word): name for word, name in meaning.translated.items()}

    def broken(self, cells: Sequence[str]) -> list[Problem]:
        """What keeps the cells from being read at all."""
        count = len(self.columns.names)
        cure = ""
        if len(cells) > count and any(cell.strip() for cell in cells[count:]):
            cure = "A cell with a comma in it needs quotation marks around it."
        elif len(cells) < count and any("\n" in cell for cell in cells):
            cure = "Is a quotation mark missing? Two rows look like one."
        if cure:
            return [Problem("", "", f"The row has {len(cells)} cells, the header {count}.", cure)]
        found = []
        for place in self._used:
            cell = cells[place] if place < len(cells) else ""
            if cell.isascii() and cell.isprintable() and len(cell) <= LONGEST_CELL:
                continue
            wrong = _unreadable(cell)
            if wrong is not None:
                found.append(Problem(self.columns.names[place], cell, *wrong))
        return found

    def told(self, cells: Sequence[str]) -> tuple[str, ...]:
        """All that the row says: about the person, about time and place, about the status, and the rest. The same texts
        mean the same."""
        n = len(cells)
        return tuple("\x1f".join([cells[at] if at < n else "" for at in part]) for part in self._told)

    def means(self) -> tuple[str, ...]:
        """What else the parts of ``told`` depend on: with another meaning the same cells say something new."""
        told = self.meaning
        when = (sorted(told.places.items()), told.zone, told.location, told.minutes, told.day_first)
        depends = (
            (told.consent_source,),
            (*when, sorted(told.translated.items())),
            (sorted(told.statuses.items()),),
            (),
        )
        return tuple(
            repr((READING, told.source, [name for name in part if name in self._at], more))
            for part, more in zip(_TOLD, depends, strict=True)
        )

    def person_key(self, cells: Sequence[str]) -> str:
        """What tells this person from the others in the file, "" when nothing does."""
        id = self._cell(cells, "patient-id")
        if id:
            return id
        address = self._cell(cells, "email").lower() or self._cell(cells, "mobile")
        name = plain(self._cell(cells, "first-name") or self._cell(cells, "name"))
        return f"{address}/{name}" if address else ""

    def external_id(self, cells: Sequence[str], when: When | None) -> str:
        """The visit's id in its booking system; without such a column, who comes when. "" when it can't be told."""
        if "visit-id" in self._at:
            id = self._cell(cells, "visit-id")
            return id if len(id) <= LONGEST_ID and id.isprintable() else ""
        who = self.person_key(cells)
        return f"{who}/{when.starts_at:%Y%m%dT%H%M}" if who and when is not None else ""

    def row_problem(self, cells: Sequence[str], name: Field, what: str, cure: str) -> Problem:
        """A problem that was found later, at the cell of ``name``."""
        return self._problem(cells, self._first(cells, START if name == "start" else (name,)), what, cure)

    def _try(
        self,
        problems: list[Problem],
        cells: Sequence[str],
        name: Field,
        read: Callable[[str], T],
        *,
        refuses: bool = True,
    ) -> T | None:
        try:
            return read(self._cell(cells, name))
        except BadCell as error:
            problems.append(self._problem(cells, name, str(error), error.cure, refuses=refuses))
            return None

    def _problem(
        self, cells: Sequence[str], name: Field | None, what: str, cure: str, *, refuses: bool = True
    ) -> Problem:
        if name is None or name not in self._at:
            return Problem("", "", what, cure, refuses)
        return Problem(self.columns.name(name), self._cell(cells, name), what, cure, refuses)

    def _first(self, cells: Sequence[str], fields: Sequence[Any]) -> Field | None:
        """The first of these fields of which the row tells, else the first of which the file does."""
        told = next((name for name in fields if self._cell(cells, name)), None)
        return told or next((name for name in fields if name in self._at), None)

    def _cell(self, cells: Sequence[str], name: Field) -> str:
        at = self._at.get(name)
        return cells[at].strip() if at is not None and at < len(cells) else ""


def _unreadable(cell: str) -> tuple[str, str] | None:
    if len(cell) > LONGEST_CELL:
        return (
            f"The cell has {len(cell):,} characters.",
            f"Please keep it under {LONGEST_CELL:,}; is a quotation mark missing?",
        )
    if BROKEN in cell:
        return (
            "A letter can’t be read: the file’s encoding is broken here.",
            "Save the file as CSV (UTF-8) and check the cell.",
        )
    if "\x00" in cell or _CONTROL.search(cell):
        return "There is an invisible control character in the cell.", "Type the cell anew."
    return None

"""A visit made of a row's cells: who calls it what, where it is, from when until when, and whether it stands."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from engage.domain.appointments import LONGEST_MINUTES, Status, When
from engage.domain.imports import times, words
from engage.domain.imports.cells import START, Cells, Problem
from engage.domain.imports.columns import Field, plain
from engage.domain.imports.times import BadCell, Parts
from engage.domain.patients import LONGEST_ID

LONGEST_PRACTITIONER: Final = 200
_ABBREVIATION: Final = re.compile(r"[A-Z]{2,5}")
_END: Final[tuple[Field, ...]] = ("end", "end-date", "end-time")
_FLAGS: Final[tuple[tuple[Field, Status], ...]] = (("cancelled", "cancelled"), ("no-show", "noshow"))


@dataclass(frozen=True, slots=True)
class VisitIn:
    """A visit as a file tells of it."""

    external_id: str
    when: When
    status: Status
    practitioner: str = ""


class VisitCells(Cells):
    """Reads what a row says about its visit."""

    def visit(self, cells: Sequence[str]) -> tuple[VisitIn | None, list[Problem]]:
        """The visit, or why there is none."""
        problems: list[Problem] = []
        location = self._try(problems, cells, "location", self._location)
        zone = self._try(problems, cells, "zone", self._zone) if self._cell(cells, "zone") else ("", "")
        status = self._try(problems, cells, "status", lambda cell: words.status(cell, self.meaning.statuses))
        for flag, meant in _FLAGS:
            if self._cell(cells, flag) and bool(self._try(problems, cells, flag, words.yes)):
                status = meant
        when = None
        if location is not None and zone is not None:
            when = self._when(problems, cells, location, *zone)
        external_id = self.external_id(cells, when)
        if not external_id and (when is not None or "visit-id" in self._at):
            problems.append(
                self._problem(
                    cells,
                    "visit-id",
                    f"Every visit needs an id of at most {LONGEST_ID} characters.",
                    "Give the booking system’s id of the visit.",
                )
            )
        if problems or when is None or status is None:
            return None, problems
        practitioner = " ".join(self._cell(cells, "practitioner").split())[:LONGEST_PRACTITIONER]
        return VisitIn(external_id, when, status, practitioner), []

    def _when(
        self, problems: list[Problem], cells: Sequence[str], location: str, zone: str, abbreviation: str
    ) -> When | None:
        """By the clocks of the zone that is told; kept are the place's own clocks, which people there go by."""
        there = self.meaning.places[location]
        clocks = zone or self.meaning.zone or there
        day_first = self.meaning.day_first
        at = self._first(cells, START)
        try:
            told = self._parts(cells, START, day_first)
            if told.day is None or told.wall is None:
                what = "date" if told.day is None else "time of day"
                raise BadCell(f"The {what} of the visit is missing.", "Please write 2026-11-24 14:00.")
            if abbreviation and told.offset is None and not told.abbreviation:
                told = Parts(told.day, told.wall, None, abbreviation)
            starts_at = times.moment(told, clocks)
        except BadCell as error:
            problems.append(self._problem(cells, at, str(error), error.cure))
            return None
        length = self._minutes(problems, cells, told, starts_at, clocks)
        return When(starts_at, there, length, location) if length is not None else None

    def _minutes(
        self, problems: list[Problem], cells: Sequence[str], start: Parts, starts_at: datetime, clocks: str
    ) -> int | None:
        at = self._first(cells, _END)
        try:
            if at is None or (told := self._parts(cells, _END, self.meaning.day_first)).wall is None:
                at = "minutes"
                cell = self._cell(cells, "minutes")
                length = times.minutes(cell) if cell else self.meaning.minutes
            else:
                offset = told.offset if told.offset is not None else start.offset
                ends_at = times.moment(
                    Parts(told.day or start.day, told.wall, offset, told.abbreviation or start.abbreviation),
                    clocks,
                )
                length = (ends_at - starts_at) // timedelta(minutes=1)
                if length <= 0:
                    raise BadCell("The visit ends before it begins.", "Please check start and end.")
            if not 1 <= length <= LONGEST_MINUTES:
                raise BadCell(
                    f"A visit takes between 1 and {LONGEST_MINUTES} minutes, not {length:,}.",
                    "Please check its length.",
                )
        except BadCell as error:
            problems.append(self._problem(cells, at, str(error), error.cure))
            return None
        return length

    def _parts(self, cells: Sequence[str], fields: Sequence[Field], day_first: bool) -> Parts:
        told = [times.parts(cell, day_first) for name in fields if (cell := self._cell(cells, name))]
        return told[0] if len(told) == 1 else times.together(told)

    def _location(self, cell: str) -> str:
        if not cell:
            if not self.meaning.location:
                raise BadCell("The place of the visit is missing.", "Name it in the cell, or say --location.")
            return self.meaning.location
        found = self._places.get(plain(cell))
        if found is None:
            raise BadCell(
                f"There is no such place; there is: {', '.join(self.meaning.places)}.",
                f'Say which it is: --place "{cell[:40]}=PLACE".',
            )
        return found

    def _zone(self, cell: str) -> tuple[str, str]:
        """(zone, "") or ("", abbreviation), which has to be what the place's clocks show."""
        if _ABBREVIATION.fullmatch(cell) and cell != "UTC":
            return "", cell
        return times.zone(cell), ""

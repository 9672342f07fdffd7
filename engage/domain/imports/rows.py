"""Reads the rows of a file: a visit and its person made of each."""

from __future__ import annotations

from engage.domain.imports.person_cells import PersonCells
from engage.domain.imports.visit_cells import VisitCells


class Reader(VisitCells, PersonCells):
    """Reads all that a row says."""

"""What is wrong in a file of visits, as a file: row, column, cell, what is wrong, and what to do."""

from __future__ import annotations

import csv
import os
from pathlib import Path
from types import TracebackType

from engage.domain.imports.cells import Problem

HEAD = ("row", "column", "cell", "refused", "what is wrong", "what to do")
LONGEST = 80
# A spreadsheet takes a cell that begins so for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class ErrorFile:
    """A CSV file that only its owner may read, since it holds what is in people's cells."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> ErrorFile:
        self._path.unlink(missing_ok=True)
        made = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self._file = open(made, "w", encoding="utf-8-sig", newline="")
        self._writer = csv.writer(self._file)
        self._writer.writerow(HEAD)
        return self

    def write(self, row: int, problem: Problem) -> None:
        """One line."""
        refused = "yes" if problem.refuses else "no, the cell is left out"
        cells = (problem.column, _short(problem.value), refused, problem.what, problem.cure)
        self._writer.writerow((row, *map(_plain, cells)))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()


def _short(value: str) -> str:
    text = "".join(char if char.isprintable() else "\ufffd" for char in value[: LONGEST + 1])
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _plain(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell

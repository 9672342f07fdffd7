"""The text of a file cut into rows of cells. A row that can't be cut right costs that row and no other."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

# A quotation mark that is opened and never closed swallows what follows: no row is as long as this.
LONGEST_RECORD_LINES: Final = 100
LONGEST_RECORD: Final = 200_000
LONGEST_CELL: Final = 10_000
DELIMITERS: Final = (",", ";", "\t")
_SAID: Final = re.compile(r"sep=(.)", re.IGNORECASE)
_UNCLOSED: Final = "A quotation mark is opened here and never closed."
_STRAY: Final = "There is a quotation mark inside a cell."
_ENDLESS: Final = (
    "A cell is longer than any that can be read.",
    f"Please keep cells under {LONGEST_CELL:,} characters.",
)
_CURE: Final = "Write a quotation mark inside a cell twice, or take it out."


class Record(NamedTuple):
    """One row. ``row`` is its number as a spreadsheet shows it, the header's is 1. ``problem`` and ``cure`` tell why its
    cells can't be had."""

    row: int
    cells: list[str]
    problem: str = ""
    cure: str = ""


class _Unclosed(Exception):
    """The record grew beyond all bounds."""


class _Endless(Exception):
    """The line alone is longer than any record."""


def delimiter(header: str) -> str:
    """What separates the cells of the header's line; Excel's own first line, ``sep=;``, says it."""
    if announces(header):
        return header.strip("\ufeff\r\n")[-1]
    bare = "".join(part for n, part in enumerate(header.split('"')) if n % 2 == 0)
    return max(DELIMITERS, key=bare.count)


def announces(line: str) -> bool:
    """Whether a line is no row but says what separates the cells of the others."""
    return _SAID.fullmatch(line.strip("\ufeff\r\n")) is not None


def records(lines: Iterable[str], separator: str) -> Iterator[Record]:
    """All rows, also empty ones (without cells). ``lines`` keep their ends; one that is longer than LONGEST_RECORD is
    refused, and may be cut short after that."""
    feed = _Feed(iter(lines))
    row = 0
    while True:
        reader = csv.reader(feed, delimiter=separator, strict=True)
        try:
            for cells in reader:
                row += 1
                feed.taken()
                yield Record(row, cells)
            return
        except (_Unclosed, _Endless, csv.Error) as error:
            row += 1
            # Whatever else was taken for a part of this row is a row of its own.
            endless = isinstance(error, _Endless) or "field limit" in str(error)
            if endless and len(feed.pending) == 1:
                yield Record(row, [], *_ENDLESS)
            else:
                unclosed = len(feed.pending) > 1 or feed.over
                yield Record(row, [], _UNCLOSED if unclosed else _STRAY, _CURE)
            feed.give_back()


class _Feed:
    """Lines for a reader, with those of the row that is being read, so that they can be read again."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self._again: list[str] = []
        self.pending: list[str] = []
        self._length = 0
        self.over = False

    def __iter__(self) -> _Feed:
        return self

    def __next__(self) -> str:
        if len(self.pending) >= LONGEST_RECORD_LINES or self._length > LONGEST_RECORD:
            raise _Unclosed
        line = self._again.pop() if self._again else next(self._lines, None)
        if line is None:
            self.over = True
            raise StopIteration
        self.pending.append(line)
        self._length += len(line)
        if len(line) > LONGEST_RECORD:
            raise _Endless
        return line

    def taken(self) -> None:
        """The pending lines made a row."""
        self.pending.clear()
        self._length = 0

    def give_back(self) -> None:
        """All pending lines but the first are read again."""
        self._again.extend(reversed(self.pending[1:]))
        self.over = False
        self.taken()

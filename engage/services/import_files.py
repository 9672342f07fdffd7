"""A file of visits on disk: how it is to be read, and its rows, as often as they are wanted."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from typing import Any, BinaryIO

from engage.domain.imports import records
from engage.domain.imports.encoding import Look, NoTable
from engage.domain.imports.records import LONGEST_RECORD, Record
from engage.runtime import Runtime

_PIECE = 1 << 20


class Changed(Exception):
    """The file was written to while it was read."""


@dataclass(slots=True)
class VisitFile:
    """An open file. ``hash`` is keyed; ``skipped`` lines come before the header."""

    file: BinaryIO
    encoding: str
    separator: str
    header: list[str]
    hash: bytes
    skipped: int
    _stamp: tuple[int, int]

    def records(self) -> Iterator[Record]:
        """All rows after the header. Raises Changed."""
        rows = records.records(_lines(self.file, self.encoding), self.separator)
        yield from islice(rows, self.skipped + 1, None)
        if _stamp(self.file) != self._stamp:
            raise Changed


def look(rt: Runtime, file: BinaryIO) -> VisitFile:
    """Finds out how to read an open file. Raises NoTable when it is no table of text."""
    found, stamp = Look(), _stamp(file)
    digest = sha256()
    file.seek(0)
    while piece := file.read(_PIECE):
        found.see(piece)
        digest.update(piece)
    if not stamp[0]:
        raise NoTable("The file is empty. Nothing was changed; please export it again.")
    encoding = found.encoding
    first = next(iter(_lines(file, encoding)), "")
    separator = records.delimiter(first)
    skipped = int(records.announces(first))
    rows = islice(records.records(_lines(file, encoding), separator), skipped, None)
    header = next(rows, Record(1, []))
    if header.problem:
        raise NoTable(f"The first row can't be read: {header.problem} {header.cure}")
    if not any(cell.strip() for cell in header.cells):
        raise NoTable("The first row is empty; it has to name the columns.")
    return VisitFile(
        file,
        encoding,
        separator,
        header.cells,
        rt.sealer.index("import-file", digest.hexdigest()),
        skipped,
        stamp,
    )


def _lines(file: BinaryIO, encoding: str) -> Iterator[str]:
    """The file's lines from its beginning, with their ends, however often it is read at the same time. Of one that is
    longer than any record comes so much that it is known for that: a file without an end of line fills no memory."""
    text = io.TextIOWrapper(io.BufferedReader(_Own(file), _PIECE), encoding, errors="replace", newline="")
    while line := text.readline(LONGEST_RECORD + 1):
        yield line
        while len(line) > LONGEST_RECORD and not line.endswith(("\n", "\r")):
            line = text.readline(LONGEST_RECORD + 1)


class _Own(io.RawIOBase):
    """Reads a file from a place of its own."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._place = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        found = os.pread(self._file.fileno(), len(buffer), self._place)
        buffer[: len(found)] = found
        self._place += len(found)
        return len(found)


def _stamp(file: BinaryIO) -> tuple[int, int]:
    found = os.fstat(file.fileno())
    return found.st_size, found.st_mtime_ns

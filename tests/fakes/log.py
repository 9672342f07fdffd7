"""The one record of what came in: a file of one line of JSON and the raw body for each request. Nothing is worked out here."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import orjson

FILE = "requests.log"


class Record(NamedTuple):
    """One request: ``accepted`` says whether the vendor took it, whatever its client was told."""

    at: float
    vendor: str
    accepted: bool
    status: int
    provider_id: str
    mode: str | None
    about: dict[str, Any]
    body: bytes


class Log:
    """Appends. A line is written before the client is answered, so a reader misses nothing that was answered."""

    def __init__(self, directory: Path) -> None:
        self.path = directory / FILE
        self.path.touch()
        with self.path.open("r+b") as old:
            # A fake that was killed may have left half a record, and nothing after that could be read.
            old.truncate(_whole(self.path))
        self.file = self.path.open("ab")
        self.accepted: dict[str, int] = {}
        self.refused: dict[str, int] = {}

    def write(
        self,
        vendor: str,
        accepted: bool,
        status: int,
        provider_id: str = "",
        mode: str | None = None,
        body: bytes = b"",
        about: dict[str, Any] | None = None,
    ) -> None:
        line = orjson.dumps(
            (time.time(), vendor, accepted, status, provider_id, mode, about or {}, len(body))
        )
        self.file.write(line + b"\n" + body + b"\n")
        self.file.flush()
        counts = self.accepted if accepted else self.refused
        counts[vendor] = counts.get(vendor, 0) + 1

    def forget(self) -> None:
        self.file.truncate(0)
        self.accepted.clear()
        self.refused.clear()

    def close(self) -> None:
        self.file.close()


def records(path: Path) -> Iterator[Record]:
    """All of the file, in order. A record that is only half written (the reader came early) is left out."""
    return (record for record, _ in _read(path))


def _whole(path: Path) -> int:
    """Where the last whole record ends."""
    end = 0
    for _, end in _read(path):  # noqa: B007
        pass
    return end


def _read(path: Path) -> Iterator[tuple[Record, int]]:
    end = 0
    with path.open("rb") as file:
        while line := file.readline():
            if not line.endswith(b"\n"):
                return
            *fields, size = orjson.loads(line)
            body = file.read(size + 1)
            if len(body) != size + 1:
                return
            end += len(line) + len(body)
            yield Record._make((*fields, body[:-1])), end

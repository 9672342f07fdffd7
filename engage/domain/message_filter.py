"""Which messages staff want to see, and where a page of them ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Filter:
    """What to list; empty means all. ``since`` and ``until`` bound the due time, aware UTC, ``until`` left out;
    ``person`` with all records that were merged into theirs."""

    status: str = ""
    kind: str = ""
    channel: str = ""
    since: datetime | None = None
    until: datetime | None = None
    person: UUID | None = None
    purpose: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ended: the last row's due time and id."""

    due_at: datetime
    id: UUID

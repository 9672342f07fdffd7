"""Which visits are wanted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class VisitFilter:
    """What to list; None means all. They start from ``first`` until before ``until``, aware UTC."""

    first: datetime | None = None
    until: datetime | None = None
    status: str | None = None
    person: UUID | None = None

"""Opening sealed values for people to read: one that can't be opened says so and stops nothing else."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from engage import log
from engage.runtime import Runtime
from engage.storage.sealed import SealError

logger = log.get(__name__)

UNREADABLE = "(can’t be read)"
_SHOWN = {"given_name": UNREADABLE, "address": UNREADABLE}


def opened(rt: Runtime, table: str, id: UUID, sealed: bytes | None) -> dict[str, Any]:
    """The value; nothing when it was let go; UNREADABLE as name and address when it does not open."""
    if not sealed:
        return {}
    try:
        return rt.sealer.open(table, id, sealed)
    except SealError:
        logger.error("unreadable", name=table, where=str(id))
        return dict(_SHOWN)

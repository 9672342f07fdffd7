"""A row that kills whoever looks into it is found and held, and the others go on.

Before a claim looks into its rows it notes them, in a transaction of its own. If the worker dies (out of
memory, killed for taking too long), the note stays. Then those messages are looked into one at a time, and
the one over which three workers died waits for a person.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from engage import log
from engage.domain.messages import MAX_TRIES
from engage.ids import new_id
from engage.runtime import Runtime
from engage.storage import claims, pipe
from engage.storage.pipe import Settled

logger = log.get(__name__)


@contextmanager
def in_hand(rt: Runtime, tx: Connection, ids: Sequence[UUID], now: datetime) -> Iterator[list[UUID]]:
    """Those of the locked ``ids`` that may be looked into together; what the block does ends with ``tx``."""
    deaths = claims.deaths(tx, ids)
    poison = [id for id in ids if deaths[id] >= MAX_TRIES]
    pipe.settle(tx, [Settled(id, "held", "poison") for id in poison], now)
    for id in poison:
        logger.error("poison", message_id=str(id))
        claims.clear(tx, id)
    healthy = [id for id in ids if not deaths[id]]
    suspects = [id for id in ids if 0 < deaths[id] < MAX_TRIES]
    chosen = healthy or suspects[:1]
    claim = new_id()
    rt.once(lambda own: claims.note(own, claim, chosen))
    try:
        yield chosen
        claims.forget(tx, claim)
        if chosen and not healthy:
            claims.clear(tx, chosen[0])
    except Exception:
        # It did not die: nothing speaks against these rows.
        with suppress(SQLAlchemyError):
            rt.once(lambda own: claims.forget(own, claim))
        raise

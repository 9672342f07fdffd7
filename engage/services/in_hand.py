"""A row that kills whoever looks into it is found and held, and the others go on.

Before a claim looks into its rows it notes them, in a transaction of its own. If the worker dies (out of
memory, killed for taking too long), the note stays. Then those messages are looked into a few at a time, after
a second death one at a time, and the one over which three workers died waits for a person.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from engage import log
from engage.domain.messages import MAX_TRIES
from engage.ids import new_id
from engage.runtime import Runtime
from engage.services.fallback import ask_about_held
from engage.storage import claims, pipe
from engage.storage.pipe import Settled

logger = log.get(__name__)

# Over how many of them a claim dies next, by how often one died already: three deaths find one among hundreds.
COMPANY = {1: 16, 2: 1}


@contextmanager
def in_hand(rt: Runtime, tx: Connection, ids: Sequence[UUID], now: datetime) -> Iterator[list[UUID]]:
    """Those of the locked ``ids`` that may be looked into together; what the block does ends with ``tx``."""
    deaths = claims.deaths(tx, ids)
    poison = [id for id in ids if deaths[id] >= MAX_TRIES]
    pipe.settle(tx, [Settled(id, "held", "poison") for id in poison], now)
    ask_about_held(tx, pipe.sent(tx, poison).values(), now)
    for id in poison:
        logger.error("poison", message_id=str(id))
        claims.clear(tx, id)
    healthy = [id for id in ids if not deaths[id]]
    suspects = _together(ids, deaths)
    claim = new_id()
    # By turns, so that neither waits for the other: what is new keeps coming, and suspects stand in front of it.
    chosen = healthy if healthy and not (suspects and claim.int & 1) else suspects
    try:
        rt.once(lambda own: claims.note(own, claim, chosen))
        yield chosen
        claims.forget(tx, claim)
        if chosen is suspects:
            for id in suspects:
                claims.clear(tx, id)
    except Exception:
        # It did not die: nothing speaks against these rows.
        with suppress(SQLAlchemyError):
            rt.once(lambda own: claims.forget(own, claim))
        raise


def _together(ids: Sequence[UUID], deaths: Mapping[UUID, int]) -> list[UUID]:
    """The next of those over which a worker died: the first, with a few of which as much is known."""
    suspects = [id for id in ids if 0 < deaths[id] < MAX_TRIES]
    known = deaths[suspects[0]] if suspects else 0
    return [id for id in suspects if deaths[id] == known][: COMPANY.get(known, 1)]

"""The one function that delivers: claim, send with no transaction open, record."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from engage import log
from engage.delivery.provider import Batch, Outcome, Sender
from engage.domain.messages import BULK, LANES, try_again
from engage.runtime import Runtime
from engage.services.claim import claim
from engage.storage import attempts, pipe
from engage.storage.database import run
from engage.storage.locks import Lock
from engage.storage.pipe import Answer

logger = log.get(__name__)

ALL_LANES = tuple(sorted(LANES.values()))
BULK_LANES = tuple(LANES[purpose] for purpose in BULK)
CARE_LANES = tuple(lane for lane in ALL_LANES if lane not in BULK_LANES)


@dataclass(slots=True)
class Tally:
    """What one call did: messages looked at, and messages handed over."""

    seen: int = 0
    accepted: int = 0


def deliver(rt: Runtime, lanes: Sequence[int] = ALL_LANES, seconds: float = 1.0) -> Tally:
    """Delivers what is due, highest lane first, until nothing is or ``seconds`` of real time are over.

    After each batch it looks at the higher lanes again. Bulk lanes yield by returning: the next
    wake-up goes on.
    """
    tally = Tally()
    until = time.monotonic() + seconds
    lane = 0
    while lane < len(lanes) and time.monotonic() < until:
        seen = deliver_batch(rt, lanes[lane], tally)
        lane = 0 if seen else lane + 1
    return tally


def deliver_batch(rt: Runtime, lane: int, tally: Tally | None = None) -> int:
    """Claims one batch of a lane and sends it. Returns how many messages it looked at."""
    tally = tally if tally is not None else Tally()
    claimed = claim(rt, lane)
    tally.seen += claimed.seen
    for sender, batch in claimed.batches:
        tally.accepted += send(rt, sender, batch)
    return claimed.seen


def send(rt: Runtime, sender: Sender, batch: Batch) -> int:
    """Sends one attempt if its lease still holds. Returns how many messages were accepted."""
    with rt.transaction() as tx:
        if not attempts.start(tx, batch.attempt_id, rt.settings.lease_seconds):
            return 0
    return record(rt, batch.attempt_id, sender.send(batch))


def record(rt: Runtime, attempt_id: UUID, outcomes: Sequence[Outcome]) -> int:
    """Writes down what the sender said. A second answer for the same attempt changes nothing.

    The attempt's row is locked before its messages, as everybody who moves them does.
    """
    states = {outcome.state for outcome in outcomes}
    result = "no_answer" if "unknown" in states else "busy" if "retry" in states else "answered"
    with rt.transaction() as tx:
        attempts.end(tx, attempt_id, "unknown" if "unknown" in states else "done", result)
        now = rt.now(tx)
        tries = pipe.tries(tx, [o.message_id for o in outcomes if o.state == "retry"])
        answers = [_answer(outcome, tries.get(outcome.message_id, 0), now) for outcome in outcomes]
        pipe.record(tx, attempt_id, answers, now)
    return sum(answer.status == "accepted" for answer in answers)


def _answer(outcome: Outcome, tries: int, now: datetime) -> Answer:
    match outcome.state:
        case "accepted":
            return Answer(outcome.message_id, "accepted", None, outcome.provider_id)
        case "rejected":
            return Answer(outcome.message_id, "failed", "rejected", None)
        case "unknown":
            return Answer(outcome.message_id, "unknown", "no_answer", None)
        case "retry":
            again = try_again(tries)
            if again is None:
                return Answer(outcome.message_id, "held", "sender_refuses", None)
            return Answer(outcome.message_id, "planned", "sender_busy", None, now + again)


class Slot:
    """A place among those who may deliver, held on a connection of its own while the block runs.

    Entering gives False when the place is taken: bulk has ``bulk_slots`` of them, care as many as
    it likes, and nobody has one while somebody holds delivery back.
    """

    def __init__(self, rt: Runtime, bulk_slots: int | None = None) -> None:
        self._rt = rt
        self._bulk_slots = bulk_slots
        self._connection: Connection | None = None

    def __enter__(self) -> bool:
        self._connection = self._rt.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        if not _try(self._connection, "pg_try_advisory_lock_shared", Lock.DELIVERING):
            return False
        slots = range(self._bulk_slots) if self._bulk_slots is not None else None
        return slots is None or any(
            _try(self._connection, "pg_try_advisory_lock", Lock.BULK_SLOT + n) for n in slots
        )

    def __exit__(self, *_: object) -> None:
        assert self._connection is not None
        try:
            run(self._connection, "SELECT pg_advisory_unlock_all()")
        finally:
            self._connection.close()


def _try(connection: Connection, function: str, key: int) -> bool:
    return bool(run(connection, f"SELECT {function}(%(key)s)", {"key": key}).scalar())

"""A restored backup sends nothing until a person says so: it does not know what left since it was made.

A restored dump is known by its fingerprint. A restored disk or a recovery to a point in time is known by its
pulse: a number that grows every half minute, remembered outside by each process and by the broker.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from engage import log
from engage.runtime import Runtime
from engage.services.audit import CLI, Actor, note
from engage.storage import broker, instance, messages

logger = log.get(__name__)

# The highest pulse that this process has seen of each installation.
_seen: dict[UUID, int] = {}


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether this database may send. ``why`` says why not; ``due`` counts what would leave at once."""

    may_send: bool
    why: str
    epoch: int
    accepted_at: datetime
    accepted_by: str
    due: int


def may_send(rt: Runtime, tx: Connection) -> bool:
    """False for a restored copy that nobody has accepted. One statement; the first asker notes a new installation."""
    row = instance.one(tx)
    if row.fingerprint != row.found:
        return False
    if row.id not in _seen:
        _seen[row.id] = broker.pulse(rt.settings.redis_url, row.id)
    seen = _seen[row.id]
    if row.pulse < seen:
        # Somebody may have counted on since the row was read: only one that is younger tells.
        row = instance.one(tx)
        if row.id in _seen and row.pulse < seen:
            instance.went_back(tx)
            logger.error("restored copy", state="held")
            return False
    _seen[row.id] = max(row.pulse, _seen.get(row.id, 0))
    return True


def beat(rt: Runtime) -> None:
    """Every half minute: compares the pulse with what the broker remembers, and counts it on."""
    with rt.transaction() as tx:
        id = instance.one(tx).id
    remembered = broker.pulse(rt.settings.redis_url, id)
    _seen[id] = max(_seen.get(id, 0), remembered)
    with rt.transaction() as tx:
        if not may_send(rt, tx):
            return
        pulse = instance.beat(tx)
    # Only what is committed may be remembered.
    _seen[id] = max(_seen.get(id, 0), pulse)
    broker.keep_pulse(rt.settings.redis_url, id, pulse)


def why_not(row: Any) -> str:
    """Why the database of an instance's row may not send, empty when it may."""
    if row.fingerprint == row.found:
        return ""
    if row.fingerprint == instance.WENT_BACK:
        return "the database went back in time: it was restored from a disk or to a point in time"
    if row.fingerprint == instance.HELD:
        return "a person holds everything back"
    return "the database is a restored or copied one"


def standing(rt: Runtime) -> Standing:
    """For people: whether this database may send, and what would leave."""
    with rt.transaction() as tx:
        row = instance.one(tx)
        why = why_not(row)
        due = messages.in_work(tx, rt.now(tx))
        return Standing(not why, why, row.epoch, row.accepted_at, row.accepted_by, due)


def hold(rt: Runtime, actor: Actor = CLI) -> None:
    """A person says that nothing may leave until somebody accepts this database."""
    with rt.transaction() as tx:
        instance.one(tx)
        instance.hold(tx)
        note(tx, rt, actor, "change", "instance")
    logger.warning("instance held")


def accept(rt: Runtime, actor: Actor = CLI) -> int:
    """A person says that this database is the one that sends. Returns the new epoch."""
    with rt.transaction() as tx:
        instance.one(tx)
        epoch = instance.accept(tx, actor.name)
        note(tx, rt, actor, "change", "instance")
    logger.warning("instance accepted", count=epoch)
    return epoch

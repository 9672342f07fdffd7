"""Receipts: what vendors tell is kept at once, and applied later, in any order and as often as it comes.

Locks are taken in the order of everybody: receipts, attempts, people and contacts, messages, senders.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Connection
from sqlalchemy.exc import InterfaceError, OperationalError

from engage import log
from engage.delivery.provider import Outcome
from engage.domain.backoff import share_of
from engage.domain.failures import RULES
from engage.domain.receipts import Event, Inbound, objection, proves_account
from engage.ids import new_id
from engage.runtime import Runtime
from engage.services import gates, objections
from engage.services.gates import Gate
from engage.services.receipt_effects import Fresh, StillMoving, gather, move, provider_ids
from engage.storage import inbound, pipe, receipts, senders
from engage.storage.receipts import NewEvent

logger = log.get(__name__)

Vendor = Literal["sendgrid", "twilio"]
What = Literal["events", "status", "inbound", "poll"]

LIMIT = 40
SECONDS = 2.0
# A request that can't be read or applied this often is set aside.
MOST_TRIES = 3
# The database's trouble, or a race, and nobody's fault: the next round will do.
PASSING = (OperationalError, InterfaceError, StillMoving)


def digest(*parts: str | bytes) -> bytes:
    """One hash for the parts in their order, whatever is in them."""
    raw = [part.encode("utf-8", "replace") if isinstance(part, str) else part for part in parts]
    return sha256(b"".join(len(part).to_bytes(8, "big") + part for part in raw)).digest()


def keep(
    rt: Runtime, vendor: Vendor, what: What, mark: bytes, told: Mapping[str, Any], attempt: UUID | None = None
) -> bool:
    """Keeps a verified request as one sealed row, in one statement. False when the same ``mark`` is kept already."""
    id = new_id()
    sealed = rt.sealer.seal("receipts", id, told)
    return rt.once(lambda tx: receipts.keep(tx, id, vendor, what, mark, attempt, sealed))


def apply(rt: Runtime, limit: int = LIMIT, seconds: float = SECONDS) -> int:
    """Applies what was kept, oldest first, for about ``seconds``. May run twice at once. Returns how many requests."""
    until = time.monotonic() + seconds
    done = 0
    while True:
        count = _round(rt, limit)
        done += count
        if count < limit or time.monotonic() >= until:
            return done


def _round(rt: Runtime, limit: int) -> int:
    try:
        with rt.transaction() as tx:
            rows = receipts.lock_new(tx, limit)
            down = _apply(rt, tx, rows) if rows else []
    except PASSING:
        raise
    except Exception as error:
        logger.warning("receipts one by one", error=type(error).__name__)
        return _one_by_one(rt, limit)
    _tell_gates(rt, down)
    return len(rows)


def _one_by_one(rt: Runtime, limit: int) -> int:
    """Something in the batch can't be applied: it must not hold up the rest."""
    with rt.transaction() as tx:
        ids = receipts.new_ids(tx, limit)
    for id in ids:
        try:
            with rt.transaction() as tx:
                down = _apply(rt, tx, receipts.lock_new(tx, 1, [id]))
        except PASSING:
            raise
        except Exception as error:
            with rt.transaction() as tx:
                _failed(tx, id, error)
        else:
            _tell_gates(rt, down)
    return len(ids)


def _failed(tx: Connection, id: UUID, error: Exception) -> None:
    name = type(error).__name__
    if receipts.failed(tx, id, name, MOST_TRIES):
        logger.error("receipt set aside", receipt_id=str(id), error=name)


@dataclass(slots=True)
class _Read:
    """What a batch of requests said: each event once."""

    done: list[UUID] = field(default_factory=list)
    events: dict[bytes, tuple[Event, Any]] = field(default_factory=dict)


def _apply(rt: Runtime, tx: Connection, rows: Sequence[Any]) -> list[tuple[Any, Event]]:
    """Applies locked requests. Returns (attempt, event) where a vendor said that a whole account can't send."""
    now = rt.now(tx)
    read = _Read()
    for row in rows:
        try:
            _read(rt, tx, row, read)
        except PASSING:
            raise
        except Exception as error:
            _failed(tx, row.id, error)
    fresh = receipts.keep_events(tx, [_new(event, row) for event, row in read.events.values()])
    events = [(read.events[key][0], message) for key, message in fresh.items()]
    attempts = {row.id: row for row in receipts.lock_attempts(tx, _ids(e.attempt_id for e, _ in events))}
    told = gather(tx, attempts, events)
    _heed(rt, tx, events, now)
    move(rt, tx, told, provider_ids(events), now)
    for key, started_at in _newest(attempts.values()).items():
        senders.note_evidence(tx, key, started_at)
    proofs = {event.attempt_id for event, _ in events if proves_account(event)}
    for key, started_at in _newest(attempts[id] for id in proofs if id in attempts).items():
        senders.proven(tx, key, started_at)
    receipts.applied(tx, read.done)
    return [
        (attempts[event.attempt_id], event)
        for event, _ in events
        if event.attempt_id in attempts and event.failure and RULES[event.failure].breaks == "open"
    ]


def _read(rt: Runtime, tx: Connection, row: Any, read: _Read) -> None:
    said = rt.readers[row.what](rt.sealer.open("receipts", row.id, row.sealed), row.attempt_id)
    for one in said:
        if isinstance(one, Inbound):
            _keep_inbound(rt, tx, row, one)
        else:
            read.events.setdefault(one.key, (one, row))
    read.done.append(row.id)


def _keep_inbound(rt: Runtime, tx: Connection, row: Any, one: Inbound) -> None:
    id = new_id()
    told = {"from": one.sender, "to": one.to, "body": one.body, "media": one.media}
    sealed = rt.sealer.seal("inbound", id, told)
    index = rt.sealer.index("sms", one.sender.strip())
    inbound.add(tx, id, one.provider_id, index, one.opt_out_type, sealed, row.received_at)


def _new(event: Event, row: Any) -> NewEvent:
    return NewEvent(
        event.key,
        row.id,
        event.attempt_id,
        event.place,
        event.what,
        event.reason,
        event.code,
        event.failure,
        event.at or row.received_at,
        row.received_at,
    )


def _heed(rt: Runtime, tx: Connection, events: Sequence[Fresh], now: datetime) -> None:
    """What follows for addresses and people, whatever becomes of the message."""
    bad = [(e, m) for e, m in events if m is not None and (e.what == "failed" or objection(e) is not None)]
    if bad:
        rows = pipe.sent(tx, _ids(message for _, message in bad))
        objections.heed(rt, tx, [(event, rows[m]) for event, m in bad if m in rows], now)


def _newest(attempts: Iterable[Any]) -> dict[str, datetime]:
    """The start of the newest of these requests, for each sender."""
    newest: dict[str, datetime] = {}
    for attempt in sorted((a for a in attempts if a.started_at is not None), key=lambda a: a.started_at):
        newest[f"{attempt.channel}:{attempt.sender}"] = attempt.started_at
    return newest


def _tell_gates(rt: Runtime, down: Sequence[tuple[Any, Event]]) -> None:
    """An account that can't send rests, as when it says so at once."""
    begun = sorted(((a, e) for a, e in down if a.started_at is not None), key=lambda one: one[0].started_at)
    for attempt, event in {attempt.sender: (attempt, event) for attempt, event in begun}.values():
        sender = rt.sender_named(attempt.channel, attempt.sender)
        if sender is not None:
            outcome = Outcome(attempt.id, "failed", code=event.code, failure=event.failure)
            gates.note(
                rt,
                Gate(gates.key_of(sender), 0, False, False),
                [[outcome]],
                share_of(attempt.id),
                told_of=attempt.started_at,
            )


def _ids(ids: Any) -> list[UUID]:
    return list({id for id in ids if id is not None})

"""What receipts make of attempts and messages, within the transaction that keeps their events."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Connection

from engage.domain.messages import Status
from engage.domain.receipts import WAITS, Change, Event, Step, Told, join, settle, told_by
from engage.runtime import Runtime
from engage.services import refusals
from engage.services.refusals import Refusal
from engage.storage import receipts
from engage.storage.receipts import Moved, Seen, Standing

# An event that was new, with the message it is about, None when that is none of ours.
Fresh = tuple[Event, UUID | None]

# A planned message may be claimed while we look at it: then we look again.
LOOKS = 3


class StillMoving(RuntimeError):
    """Messages changed under our hands again and again: the next round will do."""


def gather(
    tx: Connection, attempts: Mapping[UUID, Any], events: Sequence[Fresh]
) -> dict[UUID, dict[UUID, Told]]:
    """All that was ever told, for each message that is concerned, by attempt.

    One attempt is one request: what proves that a vendor has one entry proves it for all that nobody knew about.
    """
    messages = list({message for _, message in events if message is not None})
    told: dict[UUID, dict[UUID, Told]] = defaultdict(dict)
    for row in receipts.events_of(tx, messages) if messages else ():
        by = told[row.message_id]
        one = told_by(row.what, row.reason, row.code, row.failure)
        by[row.attempt_id] = join([one, by.get(row.attempt_id, one)])
    _see(tx, attempts, events, told)
    first = [id for id, attempt in attempts.items() if attempt.seen_at is None]
    for message, attempt_id in receipts.open_entries(tx, first):
        told[message].setdefault(attempt_id, Told(Step.TAKEN))
    return told


def _see(
    tx: Connection,
    attempts: Mapping[UUID, Any],
    events: Sequence[Fresh],
    told: Mapping[UUID, Mapping[UUID, Told]],
) -> None:
    ids = {e.attempt_id: e.provider_id for e, _ in events if e.provider_id is not None}
    final = {
        e.attempt_id
        for e, message in events
        if message is not None and e.attempt_id is not None and told[message][e.attempt_id].step > Step.TAKEN
    }
    sms = {id for id, attempt in attempts.items() if attempt.channel == "sms"}
    seen = [
        Seen(id, ids.get(id) if id in sms else None, id in final)
        for id, attempt in attempts.items()
        if attempt.seen_at is None or (id in sms and (id in final or attempt.provider_id is None))
    ]
    receipts.see(tx, seen)


def move(
    rt: Runtime,
    tx: Connection,
    told: Mapping[UUID, Mapping[UUID, Told]],
    provider_ids: Mapping[UUID, str],
    now: datetime,
) -> None:
    waiting = set(told)
    for _ in range(LOOKS):
        rows = receipts.standing(tx, list(waiting))
        changes = [
            (row, settle(cast(Status, row.status), row.reason, row.attempt_id, told[row.id])) for row in rows
        ]
        open_ = [(row, change) for row, change in changes if change is not None]
        waiting = {row.id for row, _ in open_} - receipts.move(
            tx, _moves(rt, tx, open_, provider_ids, now), now
        )
        if not waiting:
            return
    raise StillMoving


def _moves(
    rt: Runtime,
    tx: Connection,
    changes: Sequence[tuple[Standing, Change]],
    provider_ids: Mapping[UUID, str],
    now: datetime,
) -> list[Moved]:
    moves = [
        Moved(
            row.id,
            row.status,
            change.to,
            None,
            provider_ids.get(row.id),
            change.attempt_id if row.status in WAITS else None,
        )
        for row, change in changes
        if change.to != "refused"
    ]
    refused = {row.id: (row, change) for row, change in changes if change.to == "refused"}
    if not refused:
        return moves
    answers = refusals.weigh(rt, tx, [_refusal(row, change) for row, change in refused.values()], now)
    return moves + [
        Moved(
            answer.id,
            refused[answer.id][0].status,
            answer.status,
            answer.reason,
            provider_ids.get(answer.id),
            due_at=answer.due_at,
            free=answer.free,
        )
        for answer in answers
    ]


def _refusal(row: Standing, change: Change) -> Refusal:
    told = change.told
    assert told.failure
    return Refusal(row.id, change.attempt_id, told.failure, told.code or None, told.reason or None, told=True)


def provider_ids(events: Sequence[Fresh]) -> dict[UUID, str]:
    return {message: e.provider_id for e, message in events if message is not None and e.provider_id}

"""The one function that delivers: claim, send with no transaction open, record."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from uuid import UUID

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError, InterfaceError, OperationalError

from engage.delivery.provider import Batch, Outcome, Sender, code_of
from engage.domain.backoff import share_of
from engage.domain.messages import BULK_LANES, CARE_LANES, CHANNELS, LANES, Channel
from engage.domain.pace import Pace
from engage.ids import new_ids
from engage.runtime import Runtime
from engage.services import gates
from engage.services.claim import claim, opened
from engage.services.gates import Gate
from engage.services.refusals import Refusal, weigh
from engage.storage import attempts, clock, pipe
from engage.storage.attempts import Ended
from engage.storage.pipe import Accepted, Answer

__all__ = [
    "ALL_LANES",
    "BULK_LANES",
    "CARE_LANES",
    "deliver",
    "deliver_batch",
    "is_due",
    "is_leaving",
    "record",
    "send",
]

# Requests in a row that were split in vain: to find one bad entry among a thousand takes fewer.
MOST_IN_VAIN = 12
# After so long no more waves of a claim begin: higher lanes wait, and a worker that is asked to end.
SEND_SECONDS = 5.0
# How long the answers of a wave wait for a database that is away.
RECORD_SECONDS = 8.0
# A claim of a thousand takes a second at most.
LATELY_SECONDS = 5.0
ALL_LANES = tuple(sorted(LANES.values()))


@dataclass(slots=True)
class Tally:
    """What one call did: messages looked at, and messages handed over; ``more`` when its time was over first."""

    seen: int = 0
    accepted: int = 0
    more: bool = False


def deliver(rt: Runtime, lanes: Sequence[int] = ALL_LANES, seconds: float = 1.0) -> Tally:
    """Delivers what is due, highest lane first, until nothing is or ``seconds`` of real time are over.

    After each batch it looks at the higher lanes again. Bulk lanes yield by returning: another wake-up goes on.
    """
    tally = Tally()
    until = time.monotonic() + seconds
    queues = [(lane, channel) for lane in lanes for channel in CHANNELS]
    place = 0
    while place < len(queues) and time.monotonic() < until:
        seen = deliver_batch(rt, *queues[place], tally)
        place = 0 if seen else place + 1
    tally.more = place < len(queues) and tally.seen > 0
    return tally


def is_due(rt: Runtime, lanes: Sequence[int] = ALL_LANES) -> bool:
    """Whether anything is due in these lanes: one look instead of a claim for each."""
    with rt.transaction() as tx:
        now = rt.now(tx)
        return any(pipe.any_due(tx, lanes, channel, now) for channel in CHANNELS)


def is_leaving(rt: Runtime) -> bool:
    """Whether courses or campaigns are leaving: some are due, and something left in the last few seconds."""
    with rt.transaction() as tx:
        since = clock.database_now(tx) - timedelta(seconds=LATELY_SECONDS)
        if not attempts.opened_since(tx, since):
            return False
    return is_due(rt, BULK_LANES)


def deliver_batch(rt: Runtime, lane: int, channel: Channel, tally: Tally | None = None) -> int:
    """Claims one batch of a lane and channel and sends it. Returns how many messages it looked at."""
    tally = tally if tally is not None else Tally()
    claimed = claim(rt, lane, channel)
    tally.seen += claimed.seen
    if claimed.batches and claimed.gate is not None:
        tally.accepted += send(rt, claimed.sender, claimed.gate, claimed.batches)
    return claimed.seen


def send(rt: Runtime, sender: Sender, gate: Gate, batches: Sequence[Batch]) -> int:
    """Sends attempts whose leases still hold, and again in smaller ones what was not processed.

    Returns how many messages were accepted. Waves grow while answers are quick, and are small again after anything
    that went wrong. When that takes long, the sender rests by then, or smaller requests don't help and whoever answers
    refuses everything, it stops, and what is left is given back. What was split goes on: else it would be split again.
    """
    accepted, waiting, left = 0, list(batches), list[Batch]()
    enough = time.monotonic() + SEND_SECONDS
    first = {batch.attempt_id for batch in batches}
    vain: list[list[Outcome]] = []
    works = False
    while waiting and len(vain) <= MOST_IN_VAIN:
        if time.monotonic() > enough:
            left += [batch for batch in waiting if batch.attempt_id in first]
            waiting = [batch for batch in waiting if batch.attempt_id not in first]
            if not waiting:
                break
        pace = rt.paces.get(gate.key, Pace())
        size = pace.wave(sender.parallel, sender.wave)
        wave, waiting = waiting[:size], waiting[size:]
        # Well before the lease ends, so that nobody doubts what is still under way.
        until = time.monotonic() + min(rt.settings.send_seconds, rt.settings.lease_seconds / 2)
        with rt.transaction() as tx:
            started = attempts.start(tx, [batch.attempt_id for batch in wave], rt.settings.lease_seconds)
        wave = [batch for batch in wave if batch.attempt_id in started]
        if not wave:
            continue
        began = time.monotonic()
        answers = sender.send(wave, until)
        rt.paces[gate.key] = pace.after(len(wave), time.monotonic() - began, well=gates.all_well(answers))
        if all(_in_vain(batch, said, first) for batch, said in zip(wave, answers, strict=True)):
            refused = [_not_processed(said) for said in answers]
            vain += refused
            if len(vain) > MOST_IN_VAIN:
                answers = refused
            elif not works:
                # Nobody knows yet whether such an entry is at fault or the sender.
                answers = [said if said[0].state == "resend" else _not_processed(said) for said in answers]
        else:
            works, vain = True, []
        told = _surely_recorded(rt, sender, wave, answers, gate.probe)
        accepted += told.accepted
        waiting = told.again + waiting
        if not vain:
            if gates.note(rt, gate, answers, share_of(wave[0].attempt_id)):
                break
            if not gates.all_well(answers):
                gate = replace(gate, clean=False)
    if vain:
        gates.note(rt, gate, vain, share_of(batches[0].attempt_id))
    if left or waiting:
        with rt.transaction() as tx:
            attempts.give_back(tx, [batch.attempt_id for batch in (*left, *waiting)])
    return accepted


def _in_vain(batch: Batch, said: Sequence[Outcome], first: set[UUID]) -> bool:
    """All of it is to be sent again in smaller requests, or it was one of those and is refused alone."""
    split = batch.attempt_id not in first
    return bool(said) and all(
        outcome.state == "resend" or (split and outcome.failure == "invalid") for outcome in said
    )


def _not_processed(said: Sequence[Outcome]) -> list[Outcome]:
    return [outcome._replace(state="failed", failure="not_processed") for outcome in said]


def _surely_recorded(
    rt: Runtime, sender: Sender, wave: Sequence[Batch], answers: Sequence[Sequence[Outcome]], probe: bool
) -> _Told:
    """``record``, again while the database is away for a moment: what is only in memory would be lost and doubted."""
    until = time.monotonic() + RECORD_SECONDS
    while True:
        try:
            return record(rt, sender, wave, answers, probe=probe)
        except IntegrityError:
            # A text's id was adopted by another attempt: the others' answers still count.
            if len(wave) == 1:
                raise
            told = _Told()
            for batch, outcomes in zip(wave, answers, strict=True):
                with suppress(IntegrityError):
                    one = record(rt, sender, [batch], [outcomes], probe=probe)
                    told.accepted += one.accepted
                    told.again += one.again
            return told
        except (OperationalError, InterfaceError):
            if time.monotonic() >= until:
                raise
            time.sleep(0.2)


@dataclass(slots=True)
class _Told:
    """What one wave's answers come to."""

    accepted: int = 0
    again: list[Batch] = field(default_factory=list)


def record(
    rt: Runtime,
    sender: Sender,
    wave: Sequence[Batch],
    answers: Sequence[Sequence[Outcome]],
    *,
    probe: bool = False,
) -> _Told:
    """Writes down what the sender said. A second answer for the same attempt changes nothing, and one that comes
    after evidence settled the attempt only counts where it says that something left.

    Attempts' rows are locked before their messages, as everybody does who moves them.
    """
    taken: list[Accepted] = []
    doubted: list[Answer] = []
    refused: list[Refusal] = []
    ended: list[Ended] = []
    again: list[tuple[Batch, list[Batch]]] = []
    hold = hold_seconds(rt, sender)
    for batch, outcomes in zip(wave, answers, strict=True):
        ended.append(_ended(batch, outcomes, sender, hold))
        resend = {outcome.message_id for outcome in outcomes if outcome.state == "resend"}
        if resend:
            again.append((batch, list(_smaller(batch, resend))))
        for outcome in outcomes:
            id = outcome.message_id
            if outcome.state == "accepted":
                taken.append(Accepted(id, batch.attempt_id, outcome.provider_id))
            elif outcome.state == "unknown":
                doubted.append(Answer(id, batch.attempt_id, "unknown", "no_answer"))
            elif outcome.state == "failed":
                failure = outcome.failure or "unknown_code"
                refused.append(Refusal(id, batch.attempt_id, failure, outcome.code, probe=probe))
    told = _Told()
    with rt.transaction() as tx:
        open_ = attempts.end(tx, ended)
        now = rt.now(tx)
        refused = [refusal for refusal in refused if refusal.attempt_id in open_]
        weighed = weigh(rt, tx, refused, now) if refused else []
        told.accepted = pipe.accept(tx, taken, now)
        pipe.record(tx, weighed + doubted, now)
        told.again = _open_again(
            rt, tx, sender, [(old, parts) for old, parts in again if old.attempt_id in open_]
        )
    return told


def hold_seconds(rt: Runtime, sender: Sender) -> float:
    """How long evidence is waited for before a doubtful attempt is looked at."""
    if sender.name == "local":
        return 0.0
    return rt.settings.sms_hold_seconds if sender.channel == "sms" else rt.settings.email_hold_seconds


def _ended(batch: Batch, outcomes: Sequence[Outcome], sender: Sender, hold: float) -> Ended:
    states = {outcome.state for outcome in outcomes}
    if "unknown" in states:
        return Ended(batch.attempt_id, "unknown", "no_answer", None, hold, code_of(outcomes))
    result = "answered"
    if "resend" in states:
        result = "split"
    elif all(outcome.failure == "not_begun" for outcome in outcomes):
        result = "sender_busy"
    elif any(outcome.failure in ("not_processed", "not_begun", "channel_down") for outcome in outcomes):
        result = "busy"
    provider_id = outcomes[0].provider_id if sender.channel == "sms" and len(outcomes) == 1 else None
    code = code_of(outcomes) if result != "sender_busy" else None
    return Ended(batch.attempt_id, "done", result, provider_id, code=code)


def _smaller(batch: Batch, resend: set[UUID]) -> Iterator[Batch]:
    """What was not processed, in new batches: halves when nobody in it was at fault."""
    entries = [entry for entry in batch.entries if entry.message_id in resend]
    whole = len(entries) == len(batch.entries)
    size = max(1, (len(entries) + 1) // 2) if whole else len(entries)
    parts = [entries[start : start + size] for start in range(0, len(entries), size)]
    for attempt_id, part in zip(new_ids(len(parts)), parts, strict=True):
        yield Batch(attempt_id, batch.kind, batch.shared, part)


def _open_again(
    rt: Runtime, tx: Connection, sender: Sender, again: Sequence[tuple[Batch, list[Batch]]]
) -> list[Batch]:
    """Opens the new attempts, unless evidence settled their messages meanwhile."""
    if not again:
        return []
    moves = [
        (entry.message_id, old.attempt_id, new.attempt_id)
        for old, parts in again
        for new in parts
        for entry in new.entries
    ]
    moved = pipe.repoint(tx, moves)
    batches = []
    for _, parts in again:
        for new in parts:
            entries = [entry for entry in new.entries if entry.message_id in moved]
            if entries:
                batches.append(replace(new, entries=entries))
    attempts.open_many(tx, opened(sender, batches), rt.settings.lease_seconds)
    attempts.inherit_claim(tx, [(old.attempt_id, new.attempt_id) for old, parts in again for new in parts])
    return batches

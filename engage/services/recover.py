"""Moving what got stuck: expired leases, and sends whose answer never arrived."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from engage import log
from engage.delivery.provider import CannotSay, Found, Lookup, Several
from engage.domain.doubts import What, settle
from engage.domain.messages import MAX_TRIES, Purpose
from engage.runtime import Runtime
from engage.services import (
    api_answers,
    audit,
    courses,
    deliverability,
    erasure_work,
    instance,
    late,
    retention,
    signups,
    staff_sessions,
)
from engage.services.awaiting import doubtful
from engage.services.envelope import doubt_of
from engage.services.fallback import ask, ask_about_held, matters
from engage.storage import attempts, claims, clock, pipe, receipts
from engage.storage.attempts import Ended
from engage.storage.pipe import Accepted, Answer, Sent
from engage.storage.sealed import SealError

logger = log.get(__name__)

LOOKS = 10
RESOLVE_SECONDS = 10.0
# A sender that takes so long for one answer is not asked again in this round.
HANGS_SECONDS = 3.0
# How soon an attempt is looked at again about which a sender can't say anything yet; at most a quarter of a hold.
LOOK_AGAIN_SECONDS = 30.0
# For an attempt that is being looked at: nobody else does until then.
LOOKING_SECONDS = 30.0
FORGET_CLAIMS_SECONDS = 600.0
# A care message nobody can tell about is somebody's work after this many holds.
TOLD_AFTER_HOLDS = 3
# Two rounds of applying what vendors told. What came earlier and still waits may be the proof that we look for.
HEARD_SECONDS = 2.0


def recover(rt: Runtime) -> int:
    """One round over expired leases and unknown sends. May run twice at once. Returns how many moved."""
    settings = rt.settings
    with rt.transaction() as tx:
        released = attempts.release_unstarted(tx)
    with rt.transaction() as tx:
        doubted = attempts.doubt_unanswered(tx, settings.sms_hold_seconds, settings.email_hold_seconds)
    resolved = resolve(rt)
    moved = released + doubted + resolved
    if moved:
        logger.info("recovered", planned=released, count=moved)
    return moved


def resolve(rt: Runtime) -> int:
    """Asks the senders about unknown attempts whose hold is over, with no transaction open, for about
    RESOLVE_SECONDS: a sender that hangs must not keep a worker from its other work.

    Returns how many messages it settled.
    """
    until, settled = time.monotonic() + RESOLVE_SECONDS, 0
    hanging: set[str] = set()
    while time.monotonic() < until:
        with rt.transaction() as tx:
            doubtful = attempts.unresolved(tx, LOOKS, LOOKING_SECONDS)
        if not doubtful:
            break
        for attempt in doubtful:
            if attempt.sender in hanging or time.monotonic() >= until:
                continue  # In half a minute it is looked at again.
            began = time.monotonic()
            try:
                settled += _resolve(rt, attempt)
            except IntegrityError:
                # Another attempt took that text message a moment ago: asked again, it is not a candidate any more.
                logger.info("taken meanwhile", attempt_id=str(attempt.id))
            if time.monotonic() - began > HANGS_SECONDS:
                hanging.add(attempt.sender)
    return settled


def _resolve(rt: Runtime, attempt: Any) -> int:
    sender = rt.sender_named(attempt.channel, attempt.sender)
    with rt.transaction() as tx:
        rows = _waiting(tx, attempt)
        try:
            doubt = doubt_of(rt, tx, attempt, rows)
        except SealError as error:
            # One row that can't be read must not keep the others: it is found out when it is claimed again.
            logger.error("unreadable", attempt_id=str(attempt.id), error=type(error).__name__)
            doubt = None
    found: Lookup = sender.lookup(doubt) if sender is not None and doubt is not None else CannotSay()
    with rt.transaction() as tx:
        if attempts.hold(tx, attempt.id) is None:
            return 0  # A receipt was quicker.
        # What a receipt settled while the sender was asked is out of question now.
        rows = _waiting(tx, attempt)
        if not rows:
            attempts.end(tx, [Ended(attempt.id, "done", "no_proof")])
            return 0
        if isinstance(found, CannotSay):
            return _without_proof(rt, tx, attempt, found, rows)
        return _proven(rt, tx, attempt, found, rows)


def _waiting(tx: Connection, attempt: Any) -> list[Sent]:
    rows = pipe.sent(tx, attempt.message_ids)
    return [
        row
        for id in attempt.message_ids
        if (row := rows.get(id)) is not None and row.attempt_id == attempt.id and row.status == "unknown"
    ]


def _proven(rt: Runtime, tx: Connection, attempt: Any, found: Lookup, rows: Sequence[Sent]) -> int:
    now = rt.now(tx)
    if isinstance(found, Several):
        attempts.end(tx, [Ended(attempt.id, "done", "several")])
        for row in rows:
            ask(tx, row, "two_candidates", now)
        held = [Answer(row.id, attempt.id, "held", "two_candidates") for row in rows]
        return pipe.record(tx, held, now)
    if isinstance(found, Found):
        ids = found.provider_ids
        sid = next(iter(ids.values()), None) if attempt.channel == "sms" else None
        if sid is not None and attempts.held_ids(tx, [sid]):
            return 0  # Another attempt took it a moment ago: ask again.
        attempts.end(tx, [Ended(attempt.id, "done", "found", sid)])
        taken = [Accepted(row.id, attempt.id, ids[row.id]) for row in rows if row.id in ids]
        rest = [row for row in rows if row.id not in ids]
        return pipe.accept(tx, taken, now) + pipe.record(tx, _absent(tx, attempt, rest, now), now)
    attempts.end(tx, [Ended(attempt.id, "done", "absent")])
    return pipe.record(tx, _absent(tx, attempt, rows, now), now)


def _absent(tx: Connection, attempt: Any, rows: Sequence[Sent], now: datetime) -> list[Answer]:
    ask_about_held(tx, [row for row in rows if row.tries >= MAX_TRIES], now)
    return [
        Answer(row.id, attempt.id, "held", "poison")
        if row.tries >= MAX_TRIES
        else Answer(row.id, attempt.id, "planned", "absent")
        for row in rows
    ]


def _without_proof(rt: Runtime, tx: Connection, attempt: Any, found: CannotSay, rows: Sequence[Sent]) -> int:
    """By the rules for what nobody can tell. The attempt is over once none of its messages waits any more."""
    real, now = clock.database_now(tx), rt.now(tx)
    doubt = doubtful(rt, tx, attempt)
    if not found.ever:
        doubt = replace(doubt, ever=False)
    answers: list[Answer] = []
    fates: set[What] = set()
    told = doubt.since + doubt.hold * TOLD_AFTER_HOLDS < real
    behind = receipts.waiting(tx, HEARD_SECONDS)
    for row in rows:
        what = "wait" if behind else settle(doubt, _purpose(row), row.again, row.not_after - now + real, real)
        fates.add(what)
        if what == "wait" and told and matters(row):
            # While it is of use: a person may telephone. Nothing changes for what is still found out.
            ask(tx, row, "never_known", now)
        answers += _answers(tx, attempt, row, what, now)
    if "wait" in fates:
        wait = min(LOOK_AGAIN_SECONDS, max(0.5, doubt.hold.total_seconds() / 4))
        attempts.look_again(tx, attempt.id, wait)
    else:
        attempts.end(tx, [Ended(attempt.id, "done", "absent" if fates == {"absent"} else "no_proof")])
    return pipe.record(tx, answers, now)


def _answers(tx: Connection, attempt: Any, row: Sent, what: str, now: datetime) -> list[Answer]:
    if what == "wait":
        return []
    if what == "never_known":
        ask(tx, row, "never_known", now)
        return [Answer(row.id, attempt.id, "unknown", "never_known")]
    if what == "again" and row.tries < MAX_TRIES:
        return [Answer(row.id, attempt.id, "planned", "no_evidence", again=True)]
    return _absent(tx, attempt, [row], now)


def _purpose(row: Sent) -> Purpose:
    return row.purpose  # type: ignore[return-value]


def forget_claims(rt: Runtime) -> None:
    """Notes of dead claims whose messages went another way."""
    with rt.transaction() as tx:
        claims.forget_old(tx, FORGET_CLAIMS_SECONDS)


# The slow round: plans that are missing or outdated, the audit chain, what is to be forgotten here and at vendors.
SWEEPS: tuple[Callable[[Runtime], object], ...] = (
    courses.replan_outdated,
    signups.forget_unconfirmed,
    audit.chain,
    staff_sessions.forget_old,
    instance.beat,
    forget_claims,
    late.expire_held,
    deliverability.watch,
    erasure_work.erase_at_vendors,
    erasure_work.forget_texts,
    api_answers.forget,
    retention.nightly,
)


def sweep(rt: Runtime) -> None:
    """All of the slow round."""
    for step in SWEEPS:
        step(rt)

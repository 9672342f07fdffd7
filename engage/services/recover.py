"""Moving what got stuck: expired leases, and sends whose answer never arrived."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from engage import log
from engage.delivery.provider import Absent, CannotSay, Found, Lookup
from engage.domain.messages import MAX_TRIES
from engage.runtime import Runtime
from engage.services import audit, courses, signups, staff_sessions
from engage.storage import attempts, pipe
from engage.storage.pipe import Answer

logger = log.get(__name__)

LOOKS = 50
# How soon an attempt about which a sender can't say anything yet is looked at again.
LOOK_AGAIN_SECONDS = 30.0


def recover(rt: Runtime) -> int:
    """One round over expired leases and unknown sends. May run twice at once. Returns how many moved."""
    with rt.transaction() as tx:
        released = attempts.release_unstarted(tx)
    with rt.transaction() as tx:
        doubted = attempts.doubt_unanswered(tx)
    resolved = resolve(rt)
    moved = released + doubted + resolved
    if moved:
        logger.info("recovered", planned=released, count=moved)
    return moved


def resolve(rt: Runtime) -> int:
    """Asks the senders about unknown attempts, with no transaction open. Returns how many messages it settled."""
    settled = 0
    with rt.transaction() as tx:
        doubtful = attempts.unresolved(tx, LOOKS, LOOK_AGAIN_SECONDS)
    for attempt in doubtful:
        sender = rt.sender_named(attempt.channel, attempt.sender)
        found: Lookup = sender.lookup(attempt.id, attempt.message_ids) if sender else CannotSay()
        if isinstance(found, CannotSay):
            continue
        with rt.transaction() as tx:
            if attempts.end(tx, attempt.id, "done", "found" if isinstance(found, Found) else "absent"):
                tries = pipe.tries(tx, attempt.message_ids)
                answers = [_answer(id, found, tries.get(id, 0)) for id in attempt.message_ids]
                settled += pipe.record(tx, attempt.id, answers, rt.now(tx))
    return settled


def _answer(id: UUID, found: Found | Absent, tries: int) -> Answer:
    if isinstance(found, Found) and id in found.provider_ids:
        return Answer(id, "accepted", None, found.provider_ids[id])
    if tries >= MAX_TRIES:
        return Answer(id, "held", "poison", None)
    return Answer(id, "planned", "absent", None)


# The slow round: plans that are missing or outdated, sign-ups that nobody confirmed, the audit chain.
SWEEPS: tuple[Callable[[Runtime], object], ...] = (
    courses.replan_outdated,
    signups.forget_unconfirmed,
    audit.chain,
    staff_sessions.forget_old,
)


def sweep(rt: Runtime) -> None:
    """All of the slow round."""
    for step in SWEEPS:
        step(rt)

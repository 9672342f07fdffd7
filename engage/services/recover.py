"""Moving what got stuck: expired leases, and sends whose answer never arrived."""

from __future__ import annotations

from uuid import UUID

from engage import log
from engage.delivery.provider import Absent, CannotSay, Found, Lookup
from engage.domain.messages import MAX_TRIES
from engage.runtime import Runtime
from engage.services import audit, courses, signups, staff_sessions
from engage.storage import attempts, pipe
from engage.storage.pipe import Answer

logger = log.get(__name__)


def recover(rt: Runtime) -> int:
    """One round over expired leases and unknown sends. May run twice at once. Returns how many moved."""
    with rt.transaction() as tx:
        released = attempts.release_unstarted(tx)
    with rt.transaction() as tx:
        doubted = attempts.doubt_unanswered(tx)
    resolved = sum(iter(lambda: resolve_one(rt), 0))
    moved = released + doubted + resolved
    if moved:
        logger.info("recovered", planned=released, count=moved)
    return moved


def resolve_one(rt: Runtime) -> int:
    """Asks the sender about one unknown attempt. Returns how many messages it settled, 0 for none."""
    with rt.transaction() as tx:
        for attempt in attempts.unresolved(tx, 10):
            sender = rt.sender_named(attempt.channel, attempt.sender)
            found: Lookup = sender.lookup(attempt.id, attempt.message_ids) if sender else CannotSay()
            if isinstance(found, CannotSay):
                continue
            now = rt.now(tx)
            tries = pipe.tries(tx, attempt.message_ids)
            answers = [_answer(id, found, tries.get(id, 0)) for id in attempt.message_ids]
            settled = pipe.record(tx, attempt.id, answers, now)
            attempts.end(tx, attempt.id, "done", "found" if isinstance(found, Found) else "absent")
            return max(settled, 1)
    return 0


def _answer(id: UUID, found: Found | Absent, tries: int) -> Answer:
    if isinstance(found, Found) and id in found.provider_ids:
        return Answer(id, "accepted", None, found.provider_ids[id])
    if tries >= MAX_TRIES:
        return Answer(id, "held", "poison", None)
    return Answer(id, "planned", "absent", None)


def sweep(rt: Runtime) -> int:
    """The slow round: plans that are missing or outdated, sign-ups that nobody confirmed, the audit chain."""
    audit.chain(rt)
    staff_sessions.forget_old(rt)
    return courses.replan_outdated(rt) + signups.forget_unconfirmed(rt)

"""What a sender may be given now: nothing while its breaker rests, a single probe after that, and no more text
messages than its numbers can carry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from engage import log
from engage.delivery.provider import Health, Outcome, Sender, health_of
from engage.domain.breaker import TOLD, Breaker
from engage.domain.messages import CARE_LANES
from engage.runtime import Runtime
from engage.storage import pipe, senders

logger = log.get(__name__)

# A bucket holds this many seconds of sending, so that a short silence is caught up with.
BUCKET_SECONDS = 5.0
# Where no receipt proves that a sender works again, so long without one that says no does, and two that it took.
FORGIVEN_AFTER = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Gate:
    """``limit`` messages may be claimed at most; ``probe`` when they are to try whether the sender works again;
    ``clean`` when its last request went well."""

    key: str
    limit: int
    probe: bool
    clean: bool


def key_of(sender: Sender) -> str:
    """The name of a sender's state."""
    return f"{sender.channel}:{sender.name}"


def look(tx: Connection, sender: Sender, most: int) -> Gate:
    """What the sender may be given at most."""
    key = key_of(sender)
    row = senders.one(tx, key)
    breaker = senders.breaker_of(row)
    permits = breaker.permits(row.now) if row is not None else "all"
    limit = {"all": most, "probe": 1, "none": 0}[permits]
    return Gate(key, limit, permits == "probe", breaker == Breaker())


def enter(rt: Runtime, tx: Connection, gate: Gate, found: int, rate: float, *, bulk: bool = False) -> int:
    """How many of ``found`` due messages may go through now. A probe is for one caller alone.

    ``rate`` is segments a second, 0 for a sender without a limit. Bulk gets none of what care waits for.
    """
    if rate > 0 and bulk and pipe.any_due(tx, CARE_LANES, "sms", rt.now(tx)):
        return 0
    if gate.probe and not senders.take_probe(tx, gate.key, rt.settings.lease_seconds):
        return 0
    if rate <= 0:
        return found
    tokens = senders.take_tokens(tx, gate.key, found, rate, max(1.0, rate * BUCKET_SECONDS))
    if not tokens:
        unused(tx, gate)
    return tokens


def unused(tx: Connection, gate: Gate) -> None:
    """The claim found nothing to send, so its probe is for the next one, at once."""
    if gate.probe:
        senders.give_probe_back(tx, gate.key)


def note(
    rt: Runtime,
    gate: Gate,
    answers: Sequence[Sequence[Outcome]],
    share: float,
    *,
    told_of: datetime | None = None,
) -> bool:
    """Tells the breaker how requests went that ``gate`` let through. Costs nothing while all is well.

    ``told_of``: a receipt said it, of a request that was taken and had begun then. Returns whether the sender rests now.
    """
    healths = [health for outcomes in answers if outcomes and (health := health_of(outcomes)) != "not_begun"]
    if gate.clean and all(health == "worked" for health in healths):
        return False
    key = gate.key
    with rt.transaction() as tx:
        row = senders.lock(tx, key)
        before = breaker = senders.breaker_of(row)
        probed = gate.probe if told_of is None else told_of > row.changed_at
        if probed and breaker.until is not None:
            # While it probed, others were kept out by a rest of its own.
            breaker = replace(breaker, until=row.now)
        for health in healths:
            breaker = _after(breaker, health, row.now, share, told_of is not None)
        taken_twice = bool(healths) and breaker.reason == TOLD and before.failures == breaker.failures == 0
        if taken_twice and row.now - row.changed_at > FORGIVEN_AFTER:
            breaker = Breaker()
        if breaker != before:
            senders.keep_breaker(tx, key, breaker)
    if breaker.failures and breaker.until is not None and breaker.until != before.until:
        logger.warning("sender rests", sender=key, reason=breaker.reason, count=breaker.failures)
    return not breaker.closed


def all_well(answers: Sequence[Sequence[Outcome]]) -> bool:
    """True when every request of a wave was begun and answered as it should be."""
    return all(health_of(outcomes) == "worked" for outcomes in answers)


def _after(breaker: Breaker, health: Health, now: datetime, share: float, told: bool) -> Breaker:
    if health == "worked":
        return breaker.worked(now)
    if health == "refused":
        return breaker.failed(now, share, at_once=True, reason=TOLD if told else "refused")
    return breaker.failed(now, share)

"""What vendors tell about messages afterwards, in our words, and what it makes of them. Pure.

Receipts come late, early, many times and in any order, so nothing here depends on their order: what an attempt's
events say is the greatest of them (``Told``), and a message is judged by what all of its attempts were told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Any, Literal
from uuid import UUID

from engage.domain.failures import RULES, Failure
from engage.domain.messages import BULK, Purpose, Status

What = Literal[
    "accepted",
    "deferred",
    "delivered",
    "failed",
    "complaint",
    "unsubscribed",
    "resubscribed",
    "unclear",
    "other",
]
# A failure for which the receiving mail server sent back what it had taken first.
SENT_BACK = frozenset({"bounced", "blocked"})


@dataclass(frozen=True, slots=True)
class Event:
    """One vendor's event, normalised.

    ``key`` is the same for every copy of it. ``attempt_id`` and ``place`` say which message it is about, None where
    it is none of ours. ``reason`` is a word of REASONS, ``code`` the vendor's own, ``at`` the vendor's time, aware
    UTC, None where it told none that can be.
    """

    key: bytes
    attempt_id: UUID | None
    place: int | None
    provider_id: str | None
    what: What
    reason: str | None = None
    code: str | None = None
    failure: Failure | None = None
    at: datetime | None = None


class Step(IntEnum):
    """How far a message got by one attempt. A greater one is never taken back by a lesser."""

    TAKEN = 1
    FAILED_NOW = 2
    FAILED = 3
    DELIVERED = 4
    SENT_BACK = 5


@dataclass(frozen=True, slots=True, order=True)
class Told:
    """What the events of one attempt say about one message: the greatest of them, in a fixed order of all."""

    step: Step
    failure: Failure | Literal[""] = ""
    reason: str = ""
    code: str = ""


def told_by(what: str, reason: str | None, code: str | None, failure: Failure | None) -> Told:
    """What a single event says. Any event about a message proves that the vendor took it; one that is ``unclear`` about
    the end proves no more than that."""
    if what == "failed":
        meant: Failure = failure or "unknown_code"
        if RULES[meant].retries or RULES[meant].free:
            # Also where it was sent back: as an end it would be weighed again while the next copy is on its way.
            step = Step.FAILED_NOW
        else:
            step = Step.SENT_BACK if reason in SENT_BACK else Step.FAILED
        return Told(step, meant, reason or "", code or "")
    return Told(Step.DELIVERED if what in ("delivered", "complaint", "unsubscribed") else Step.TAKEN)


def join(told: Iterable[Told]) -> Told:
    """What several events of one attempt say together: commutative, associative and idempotent."""
    return max(told)


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of a message. ``refused`` is a failure by ``attempt_id``, whose class decides what follows;
    ``moved`` says that the message belongs to that attempt from now on, as no other one is under way."""

    to: Literal["accepted", "delivered", "refused"]
    attempt_id: UUID
    told: Told
    moved: bool = False


WAITS: frozenset[Status] = frozenset({"planned", "held"})
UNDER_WAY: frozenset[Status] = frozenset({"claimed", "unknown", "accepted"})
# An end that only said that we knew of no copy that might still arrive.
WITHOUT_HOPE = frozenset({"temporary"})


def settle(
    status: Status, reason: str | None, current: UUID | None, told: Mapping[UUID, Told]
) -> Change | None:
    """What a message becomes after what its attempts were told; None when it stays as it is.

    ``current`` is the attempt that it belongs to. A copy that arrived, or came back, is a fact, whatever we thought
    of it. A failure for good counts for every copy, since all go to one address. A copy that the vendor still has is
    hope: no further one leaves. Where another attempt is leaving this very moment, its own answer says what is.
    """
    steps = {one.step for one in told.values()}
    if Step.DELIVERED in steps:
        return None if status == "delivered" else _change("delivered", Step.DELIVERED, told)
    if Step.SENT_BACK in steps:
        return None if status == "failed" else _change("refused", Step.SENT_BACK, told)
    if not steps or (status == "claimed" and current not in told):
        return None
    if Step.FAILED in steps:
        return _change("refused", Step.FAILED, told) if status in WAITS | UNDER_WAY else None
    if Step.TAKEN in steps:
        open_ = status in WAITS or status in ("claimed", "unknown")
        if open_ or (status == "failed" and reason in WITHOUT_HOPE):
            return _change("accepted", Step.TAKEN, told, moved=status in WAITS)
        return None
    if status == "held" or (status in UNDER_WAY and current in told):
        return _change("refused", Step.FAILED_NOW, told)
    return _change("accepted", Step.FAILED_NOW, told) if status == "unknown" else None


def _change(
    to: Literal["accepted", "delivered", "refused"],
    step: Step,
    told: Mapping[UUID, Told],
    moved: bool = False,
) -> Change:
    one, attempt = max((one, attempt) for attempt, one in told.items() if one.step == step)
    return Change(to, attempt, one, moved)


def proves_account(event: Event) -> bool:
    """Whether it tells that the account can send: it arrived, or what kept it was the message or its receiver."""
    if event.what == "failed":
        return event.failure is not None and RULES[event.failure].breaks == "no"
    return event.what == "delivered"


def suppressed_for(event: Event) -> str | None:
    """The suppression that a failure by mail brings beyond its class: the address is dead. None when it is not."""
    dead = event.reason == "bounced" or event.code == "bounced_address"
    return "hard_bounce" if event.what == "failed" and dead else None


def objection(event: Event) -> Literal["complaint", "unsubscribed"] | None:
    """Whether somebody wants no more such mail: they said so now, or the vendor dropped it since they had."""
    if event.what == "complaint" or event.code == "spam_reporting_address":
        return "complaint"
    if event.what == "unsubscribed" or event.code == "unsubscribed_address":
        return "unsubscribed"
    return None


def unwanted(objection: Literal["complaint", "unsubscribed"], purpose: Purpose) -> tuple[Purpose, ...]:
    """The purposes of which they want no more.

    An unsubscription means what the message was for, as our own link does; from a message that has no such link
    it means the bulk. A report of spam means all bulk and what the message was for. Answers to what people ask
    for stay.
    """
    if objection == "unsubscribed":
        return (purpose,) if purpose in BULK else BULK
    return BULK if purpose in BULK or purpose == "service" else (*BULK, purpose)


@dataclass(frozen=True, slots=True)
class Inbound:
    """A text message that somebody sent to us. ``opt_out_type`` is STOP, START or HELP where the vendor has
    answered such a word already."""

    provider_id: str
    sender: str
    to: str
    body: str
    media: int
    opt_out_type: str | None


# Reads what was kept of a request; the second is the attempt that its address named.
Reader = Callable[[Mapping[str, Any], UUID | None], Sequence[Event | Inbound]]

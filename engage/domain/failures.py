"""What a refusal means, whichever vendor gave it, and what follows from it: one table, pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from engage.domain.backoff import LONGEST, retry_at
from engage.domain.messages import Status

Failure = Literal[
    "not_processed",
    "not_begun",
    "temporary",
    "opted_out",
    "bad_address",
    "filtered",
    "channel_down",
    "late",
    "invalid",
    "unknown_code",
]
# What a vendor's code may mean: ambiguous is no refusal, since the message may have been taken all the same.
Meaning = Failure | Literal["ambiguous"]
Breaks = Literal["count", "open", "no"]

# An account that says by receipt that it can't send took the request first, and may ask to be paid for it.
TOLD_LEAST = timedelta(minutes=3)


@dataclass(frozen=True, slots=True)
class Rule:
    """How a class of failure is treated.

    ``retries`` is how often the message may be tried again, ``reason`` what staff read when that is over
    and ``status`` what it then is. ``free`` refusals use up no try. ``suppress`` is the suppression's reason,
    ``flag`` marks the contact as bad. ``breaks`` is what the sender's breaker makes of it.
    ``alert`` is raised each time; ``care_goes_on`` gives a care message another way or a follow-up (a held one
    is always followed up).
    """

    retries: int
    status: Status
    reason: str
    waiting: str = "sender_busy"
    free: bool = False
    suppress: str | None = None
    flag: bool = False
    breaks: Breaks = "no"
    alert: str | None = None
    care_goes_on: bool = True


# Sources: Twilio's error dictionary and SendGrid's answers as listed in docs/providers.md.
RULES: dict[Failure, Rule] = {
    "not_processed": Rule(7, "held", "sender_refuses", breaks="count", care_goes_on=False),
    "not_begun": Rule(7, "held", "sender_refuses", free=True, care_goes_on=False),
    "temporary": Rule(2, "failed", "temporary", waiting="temporary"),
    "opted_out": Rule(0, "failed", "opted_out", suppress="opted_out"),
    "bad_address": Rule(0, "failed", "bad_address", flag=True),
    "filtered": Rule(0, "failed", "filtered"),
    "channel_down": Rule(0, "held", "sender_refuses", waiting="channel_down", free=True, breaks="open"),
    "late": Rule(2, "expired", "too_late", waiting="temporary"),
    "invalid": Rule(0, "failed", "rejected", breaks="count"),
    "unknown_code": Rule(0, "failed", "unknown_code", breaks="count", alert="unknown_code"),
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of one message: ``due_at`` (aware UTC) when it is planned again; ``free`` gives the try back."""

    status: Status
    reason: str
    due_at: datetime | None = None
    free: bool = False

    @property
    def over(self) -> bool:
        """True when it will not be tried again by itself."""
        return self.due_at is None


def verdict(
    failure: Failure,
    tries: int,
    now: datetime,
    not_after: datetime,
    share: float,
    *,
    told_after: timedelta | None = None,
    probe: bool = False,
) -> Verdict:
    """What becomes of a message after its ``tries``-th attempt failed so. Times are aware UTC.

    ``share`` in [0, 1) spreads the waits of many. It never waits past ``not_after``. ``told_after``: a receipt
    said it, so long after the message was first to leave. ``probe``: the message was to try whether a resting sender
    works, which uses up no try.
    """
    rule = RULES[failure]
    if rule.free and told_after is not None:
        # As long again as it has waited: no count grows.
        pause = max(TOLD_LEAST, min(told_after, LONGEST, (not_after - now) / 2))
        return Verdict("planned", rule.waiting, min(now + pause, max(now, not_after)), free=True)
    if rule.free or (probe and failure == "not_processed" and now < not_after):
        return Verdict("planned", rule.waiting, now + timedelta(seconds=1), free=True)
    # A person who let it go on, or a refusal that was free, set the count to none; a receipt may come after that.
    if max(tries, 1) <= rule.retries and now < not_after:
        return Verdict("planned", rule.waiting, retry_at(tries, now, not_after, share))
    return Verdict(rule.status, rule.reason)

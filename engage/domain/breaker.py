"""A sender's breaker: after some failures in a row nothing is sent until a single probe went well. Pure, real time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from engage.domain.backoff import wait

# Requests that fail in a row before the sender rests.
FAILURES = 5
FIRST_REST = timedelta(seconds=5)
LONGEST_REST = timedelta(minutes=2)
# The reason of a rest that receipts brought: that a request is taken proves nothing then.
TOLD = "refused by receipt"


@dataclass(frozen=True, slots=True)
class Breaker:
    """``failures`` in a row; ``rests`` how often it opened since it last went well; ``until`` the end of the
    rest (aware UTC, real time), None when it is closed; ``reason`` why it is open."""

    failures: int = 0
    rests: int = 0
    until: datetime | None = None
    reason: str | None = None

    @property
    def closed(self) -> bool:
        """True when it lets everything through."""
        return self.until is None

    def failed(
        self, now: datetime, share: float, *, at_once: bool = False, reason: str = "failing"
    ) -> Breaker:
        """After one more failed request. ``at_once`` opens it whatever went before (the account is refused)."""
        failures = self.failures + 1
        if self.closed and not at_once and failures < FAILURES:
            return replace(self, failures=failures)
        if self.until is not None and now < self.until:
            # An answer to something sent before it opened: it makes the rest no longer.
            return replace(self, failures=failures, reason=reason if at_once else self.reason)
        rests = self.rests + 1
        rest = wait(rests, share, FIRST_REST, LONGEST_REST)
        return Breaker(failures, rests, now + rest, reason if at_once or self.reason is None else self.reason)

    def worked(self) -> Breaker:
        """After a request that was answered as it should be. A sender whose account refuses later, by receipt,
        keeps count of its rests, so that each is longer."""
        return Breaker(rests=self.rests, reason=TOLD) if self.reason == TOLD else Breaker()

    def permits(self, now: datetime) -> str:
        """``all``, ``none``, or ``probe`` when the rest is over and one request may try."""
        if self.until is None:
            return "all"
        return "probe" if now >= self.until else "none"

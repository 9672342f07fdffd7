"""A sender's breaker: after some failures in a row nothing is sent until a single probe went well. Pure, real time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from engage.domain.backoff import wait

# Requests that fail in a row before the sender rests.
FAILURES = 5
FIRST_REST = timedelta(seconds=5)
LONGEST_REST = timedelta(minutes=2)
# The reason of a rest that receipts brought: that a request is taken proves nothing then. The next one waits so long for
# its receipt.
HEARING = timedelta(seconds=30)
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

    @property
    def refuses(self) -> bool:
        """True when the account is refused, at once or by receipt."""
        return self.reason in ("refused", TOLD)

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

    def worked(self, now: datetime) -> Breaker:
        """After a request that was answered as it should be. Where a receipt said that the account can't send, single
        messages go on trying; none in ``failures`` tells that the last of them was taken."""
        if self.until is None or self.reason != TOLD:
            return Breaker()
        return replace(self, failures=0, until=max(self.until, now + HEARING))

    def permits(self, now: datetime) -> str:
        """``all``, ``none``, or ``probe`` when the rest is over and one request may try."""
        if self.until is None:
            return "all"
        return "probe" if now >= self.until else "none"

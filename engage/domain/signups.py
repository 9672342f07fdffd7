"""Whether a form may be answered with a mail to the address that was typed into it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Limits:
    """How much mail an address may get that it may never have asked for."""

    resend_after_minutes: int
    per_day_after_that: int
    per_30_days: int


def may_confirm(sent: Sequence[datetime], now: datetime, limits: Limits, *, resend: bool = False) -> bool:
    """True when one more mail may go to an address that got the ones in ``sent``.

    One at once, then one a day, three in thirty days (the clinic's file has the figures), however
    many forms name the address. Only the button on the page after the form (``resend``) gets one
    within the same day: once, after the first mail, when ten minutes are over.
    """
    month = sorted(at for at in sent if at > now - timedelta(days=30))
    if not month:
        return True
    if len(month) >= limits.per_30_days:
        return False
    if resend and len(month) == 1:
        return now >= month[-1] + timedelta(minutes=limits.resend_after_minutes)
    today = [at for at in month if at > now - timedelta(days=1)]
    return len(today) < limits.per_day_after_that

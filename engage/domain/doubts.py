"""What to do about a send whose answer never came, once its hold is over and nothing proves either way. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from engage.domain.messages import Channel, Purpose

What = Literal["wait", "absent", "again", "never_known"]

# Events come one by one, and one of them may be late by itself: a vendor repeats what our web server missed. So the
# absence of an email is believed only after this many holds in all, that of marketing, never worth a second copy,
# later still.
ABSENT_HOLDS = 2
MARKETING_HOLDS = 4
# An email about which nobody can tell waits this many holds in all.
HOLDS = 3
# Twilio's list is asked this long after the message's end of use; then it stays unknown.
ASK_AFTER_USE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Doubtful:
    """An attempt nobody can tell about. Real times, aware UTC; ``hold`` is the sender's.

    ``evidence_at`` is the start of the newest request of this sender of which a receipt came; ``ever`` is False
    for a sender that never tells.
    """

    channel: Channel
    since: datetime
    hold: timedelta
    evidence_at: datetime | None
    ever: bool


@dataclass(frozen=True, slots=True)
class Fate:
    """What is to become of a message in doubt as things stand: ``then`` at ``at`` (real time, aware UTC)."""

    at: datetime
    then: Literal["absent", "again", "never_known"]


def fate(doubt: Doubtful, purpose: Purpose, again: bool, not_after: datetime, now: datetime) -> Fate:
    """When one message of the attempt is settled and how, by what is known at ``now``. All times are real.

    ``again`` is True when it went once more without proof before; ``not_after`` ends its time of use. A text
    message is never sent again without proof. An email is absent when an event for a later request came; else it
    goes once more, unless it is marketing, which waits longer for late events before it counts as absent.
    """
    if doubt.channel == "sms":
        return Fate(max(not_after, doubt.since + ASK_AFTER_USE), "never_known")
    if doubt.ever and doubt.evidence_at is not None and doubt.evidence_at > doubt.since:
        holds = MARKETING_HOLDS if purpose == "marketing" else ABSENT_HOLDS
        return Fate(doubt.since + doubt.hold * holds, "absent")
    at = doubt.since + doubt.hold * (HOLDS if doubt.ever else 1)
    last = purpose == "marketing" or again or max(at, now) >= not_after
    return Fate(at, "never_known" if last else "again")


def settle(doubt: Doubtful, purpose: Purpose, again: bool, not_after: datetime, now: datetime) -> What:
    """What is to be done about the message at ``now``: its fate once that has come, until then to wait."""
    found = fate(doubt, purpose, again, not_after, now)
    return found.then if now >= found.at else "wait"

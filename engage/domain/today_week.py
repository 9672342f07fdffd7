"""The last seven days, today among them: which days they are by the clinic's clocks, what is counted of each, and what that
is in a sentence. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final, NamedTuple

from engage.domain.timing import instant, local

DAYS: Final = 7
# Figures are made anew this often at most; and so seldom, when making them takes long, that it is a small part of the time.
LEAST: Final = timedelta(minutes=1)
SHARE: Final = 30

Counts = Mapping[date, Mapping[str, int]]


class Series(NamedTuple):
    """One thing that is counted; ``one`` and ``many`` follow the count in the chart's sentence."""

    key: str
    words: str
    one: str
    many: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A chart of the page. ``nothing`` is what is said where there is nothing to show. ``live``: it is counted when the page
    is asked for; the others every now and then."""

    key: str
    title: str
    series: tuple[Series, ...]
    nothing: str
    live: bool = False


MESSAGES = Kept(
    "messages",
    "Messages",
    (
        Series("delivered", "Delivered", "was delivered", "were delivered"),
        Series("left", "Left, no word", "left with no word of arrival", "left with no word of arrival"),
        Series("failed", "Failed", "failed", "failed"),
        Series("held", "Wait for a person", "waits for a person", "wait for a person"),
    ),
    "Nothing was sent.",
)
SIGNUPS = Kept(
    "signups",
    "Sign-ups confirmed",
    (Series("confirmed", "Confirmed", "sign-up was confirmed", "sign-ups were confirmed"),),
    "Nobody confirmed a sign-up.",
)
VISITS = Kept(
    "visits",
    "Visits",
    (
        Series("kept", "Took place", "took place", "took place"),
        Series("missed", "Missed", "was missed", "were missed"),
        Series("cancelled", "Cancelled", "was cancelled", "were cancelled"),
        Series("unmarked", "Not marked", "is over and not marked", "are over and not marked"),
    ),
    "There was no visit.",
    live=True,
)
OPT_OUTS = Kept(
    "opt_outs",
    "Opt-outs",
    (
        Series("opted_out", "Opted out", "address or number opted out", "addresses and numbers opted out"),
        Series("complained", "Reported as spam", "reported spam", "reported spam"),
    ),
    "Nobody opted out.",
)
KEPT: Final = (MESSAGES, SIGNUPS, VISITS, OPT_OUTS)
# Beside the charts: care messages that somebody had to be reached with another way.
CARE_FAILED: Final = "care_failed"

_MESSAGES: Final = {
    "delivered": "delivered",
    "accepted": "left",
    "unknown": "left",
    "failed": "failed",
    "held": "held",
}
_VISITS: Final = {
    "fulfilled": "kept",
    "arrived": "kept",
    "checked-in": "kept",
    "noshow": "missed",
    "cancelled": "cancelled",
}
_OPT_OUTS: Final = {"unsubscribed": "opted_out", "opted_out": "opted_out", "complaint": "complained"}


def of_message(status: str) -> str | None:
    """Which series a message of this status is counted for; None for none, since nothing of it has left yet, or ever will."""
    return _MESSAGES.get(status)


def of_visit(status: str, over: bool) -> str | None:
    """The same for a visit; ``over`` says that its time is."""
    return _VISITS.get(status) or ("unmarked" if over and status in ("booked", "pending") else None)


def of_opt_out(reason: str) -> str | None:
    """The same for the reason of a suppression: that mail bounces is nobody's wish."""
    return _OPT_OUTS.get(reason)


def days(now: datetime, zone: str) -> list[date]:
    """The seven days, today last."""
    today = local(now, zone).date()
    return [today - timedelta(days=DAYS - 1 - n) for n in range(DAYS)]


def edges(these: Sequence[date], zone: str) -> list[datetime]:
    """Where each of these days begins, and where the last one ends; aware UTC."""
    return [instant(day, time(), zone) for day in (*these, these[-1] + timedelta(days=1))]


def is_due(tried_at: datetime | None, took: timedelta, now: datetime) -> bool:
    """Whether the figures are to be made anew."""
    return tried_at is None or now - tried_at >= max(LEAST, took * SHARE)


def word(day: date, today: date) -> str:
    """What a day is called below its column: "Mon", "Today"."""
    return "Today" if day == today else f"{day:%a}"


def long_word(day: date, today: date) -> str:
    """What it is called in the table: "Mon, Nov 2", "Today"."""
    return "Today" if day == today else f"{day:%a}, {day:%b} {day.day}"


def sentence(kept: Kept, these: Sequence[date], counts: Counts) -> str:
    """A chart's figures in words: "1,180 were delivered, 20 left without word yet, 4 failed."""
    totals = [(one, sum(counts.get(day, {}).get(one.key, 0) for day in these)) for one in kept.series]
    parts = [f"{count:,} {one.one if count == 1 else one.many}" for one, count in totals if count]
    return f"{', '.join(parts)}." if parts else kept.nothing

"""Campaigns: what may be done with one in which state, how it begins with a few, and when it stops by itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, get_args

from engage.domain.messages import CAMPAIGN, CAMPAIGN_TEXT, Channel, Kind

State = Literal[
    "draft", "freezing", "checking", "approved", "starting", "running", "paused", "done", "cancelled"
]
Act = Literal["edit", "submit", "approve", "send_back", "start", "undo", "pause", "resume", "cancel"]
Phase = Literal["canary", "all"]
STATES: tuple[State, ...] = get_args(State)

KIND: dict[Channel, Kind] = {"email": CAMPAIGN, "sms": CAMPAIGN_TEXT}
# Of which something may be about to leave.
LIVE: frozenset[State] = frozenset({"starting", "running", "paused"})

# From which states an act is possible, and what comes of it. A campaign that has ended is cloned, never started anew.
ACTS: dict[Act, tuple[frozenset[State], State]] = {
    "edit": (frozenset({"draft"}), "draft"),
    "submit": (frozenset({"draft"}), "freezing"),
    "approve": (frozenset({"checking"}), "approved"),
    "send_back": (frozenset({"checking", "approved"}), "draft"),
    "start": (frozenset({"approved"}), "starting"),
    "undo": (frozenset({"starting"}), "approved"),
    "pause": (frozenset({"running"}), "paused"),
    "resume": (frozenset({"paused"}), "running"),
    "cancel": (
        frozenset({"draft", "freezing", "checking", "approved", "starting", "running", "paused"}),
        "cancelled",
    ),
}

STATE_WORDS: dict[State, str] = {
    "draft": "Draft",
    "freezing": "Its audience is being fixed",
    "checking": "Waits for a second person",
    "approved": "Ready to start",
    "starting": "Starts in a moment",
    "running": "Going out",
    "paused": "Paused",
    "done": "Done",
    "cancelled": "Cancelled",
}

PAUSED_WORDS: dict[str, str] = {
    "staff": "Somebody paused it.",
    "late": "It should have gone on hours ago. Please see whether it still fits, then resume or cancel it.",
    "canary_complaint": "One of the first few was reported as spam.",
    "canary_bounce": "One of the first few could not be delivered.",
    "canary_stop": "One of the first few led to an opt-out.",
    "complaints": "Too many were reported as spam.",
    "bounces": "Too many could not be delivered.",
    "stops": "Too many people opted out.",
}


@dataclass(frozen=True, slots=True)
class Policy:
    """The clinic's figures; percentages are of what has left."""

    approve_above: int = 10
    undo: timedelta = timedelta(seconds=60)
    canary: int = 10
    canary_wait: timedelta = timedelta(minutes=15)
    complaint_percent: float = 0.1
    bounce_percent: float = 2.0
    stop_percent: float = 1.0
    late: timedelta = timedelta(hours=4)
    useful: timedelta = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Seen:
    """What has become of the messages of a campaign that were released: how many ever ``left``, how many are ``under_way``
    (due, in a worker's hands, or without an answer), how many are ``waiting`` for a later moment, and how many were
    unwelcome since a person looked last (``bounces``: came back, or were filtered, blocked or refused, which harms the
    sender's good name as much)."""

    left: int = 0
    under_way: int = 0
    waiting: int = 0
    complaints: int = 0
    bounces: int = 0
    stops: int = 0


# One case proves little among many: it may be anybody's mistake.
LEAST = 2
# At night nobody's hour is decent: so many times the first few at most wait for the morning, in each other's stead.
MOST_IN_STEAD = 1


def may(act: Act, state: State) -> bool:
    """Whether ``act`` is possible in ``state``."""
    return state in ACTS[act][0]


def needs_second(audience: int, policy: Policy) -> bool:
    """Whether somebody else than who submitted it has to approve a campaign to so many."""
    return audience > policy.approve_above


def is_late(wanted: datetime, now: datetime, policy: Policy) -> bool:
    """Whether what should have happened at ``wanted`` is so late that a person has to say whether it still fits."""
    return now - wanted > policy.late


def unwelcome(seen: Seen, phase: Phase, policy: Policy) -> str | None:
    """Why a campaign must stop, None while it may go on. Of the first few a single case is enough."""
    cases = (
        ("complaint", "complaints", seen.complaints, policy.complaint_percent),
        ("bounce", "bounces", seen.bounces, policy.bounce_percent),
        ("stop", "stops", seen.stops, policy.stop_percent),
    )
    for one, many, count, percent in cases:
        if phase == "canary" and count:
            return f"canary_{one}"
        if count >= LEAST and count * 100 > percent * seen.left:
            return many
    return None


@dataclass(frozen=True, slots=True)
class Next:
    """What is to be done now: release up to ``room`` more; ``phase`` as it is from now on; ``canary_done`` when the first
    few have left just now."""

    phase: Phase
    room: int
    canary_done: bool = False


def step(
    phase: Phase, canary_done_at: datetime | None, seen: Seen, room: int, now: datetime, policy: Policy
) -> Next:
    """How a running campaign goes on. ``room``: how many more the queue and the pace can take.

    The first few are counted when they have left: who waits for a decent hour is made up for by the next one, so that
    the rest does not wait for one person's morning.
    """
    if phase == "all" or not policy.canary:
        return Next("all", room)
    if seen.left < policy.canary:
        due = min(
            policy.canary - seen.left - seen.under_way, policy.canary * (1 + MOST_IN_STEAD) - seen.waiting
        )
        return Next("canary", max(0, min(room, due)))
    if canary_done_at is None:
        return Next("canary", 0, canary_done=True)
    if now < canary_done_at + policy.canary_wait:
        return Next("canary", 0)
    return Next("all", room)


def allowance(rate_per_minute: int | None, since_last: timedelta) -> int | None:
    """How many may be released after so long a time at that rate, None where there is no limit. Never more than a
    minute's worth: a silence is not caught up with at once."""
    if rate_per_minute is None:
        return None
    return int(rate_per_minute * min(since_last.total_seconds(), 60.0) / 60.0)


def time_left(left: int, waiting: int, per_minute: float) -> timedelta | None:
    """How long the rest takes at the rate seen lately, None where nothing can be said."""
    return timedelta(minutes=(left + waiting) / per_minute) if per_minute > 0 else None

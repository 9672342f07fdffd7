"""Visits to the clinic: what they are, what changes them, and what can't be booked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, get_args
from uuid import UUID

# HL7 FHIR R4, AppointmentStatus.
Status = Literal[
    "proposed",
    "pending",
    "booked",
    "arrived",
    "fulfilled",
    "cancelled",
    "noshow",
    "entered-in-error",
    "checked-in",
    "waitlist",
]
STATUSES: tuple[Status, ...] = get_args(Status)
# Those that people are reminded of.
OPEN: frozenset[Status] = frozenset({"booked", "pending"})
# Those that will not take place.
OFF: frozenset[Status] = frozenset({"cancelled", "entered-in-error"})
# Those that nobody has agreed to yet.
TENTATIVE: frozenset[Status] = frozenset({"proposed", "waitlist"})

STATUS_WORDS: dict[Status, str] = {
    "proposed": "Proposed, not agreed yet",
    "pending": "Waits for an answer",
    "booked": "Booked",
    "arrived": "Has arrived",
    "fulfilled": "Took place",
    "cancelled": "Cancelled",
    "noshow": "Was missed",
    "entered-in-error": "Was entered by mistake",
    "checked-in": "Has checked in",
    "waitlist": "On the waiting list",
}

Reply = Literal["confirmed", "wants_move", "wants_cancel"]
REPLY_WORDS: dict[Reply | None, str] = {
    None: "No answer yet",
    "confirmed": "Confirmed",
    "wants_move": "Asks for another time",
    "wants_cancel": "Asks to cancel",
}

# A visit may be entered until so long after it began, as it is done when somebody walks in.
WALK_IN = timedelta(hours=12)
# Beyond it the day was typed wrongly.
FURTHEST = timedelta(days=2 * 366)
LONGEST_MINUTES = 12 * 60


@dataclass(frozen=True, slots=True)
class When:
    """When and where: what a person is told of a visit. ``starts_at`` is aware UTC; ``location`` the name of one of the
    clinic's places."""

    starts_at: datetime
    zone: str
    minutes: int
    location: str

    @property
    def ends_at(self) -> datetime:
        """Aware UTC."""
        return self.starts_at + timedelta(minutes=self.minutes)


@dataclass(frozen=True, slots=True)
class Visit:
    """One visit as the rules weigh it. ``since`` is when this version came to be, aware UTC; ``first`` that the person
    was never here before it; ``last_of_plan`` that it ends a plan of treatment; ``unagreed``, of one that was called off,
    that nobody had agreed to it before."""

    id: UUID
    version: int
    when: When
    status: Status
    since: datetime
    first: bool = False
    last_of_plan: bool = False
    unagreed: bool = False

    @property
    def live(self) -> bool:
        """Whether it is going to take place."""
        return self.status in OPEN


def problem(when: When, now: datetime, *, entered_later: bool = False) -> tuple[str, str] | None:
    """Why a visit can't be booked so: (field, sentence), None when it can. ``entered_later`` is for files of visits,
    which may hold what is over."""
    if not 1 <= when.minutes <= LONGEST_MINUTES:
        return "minutes", f"A visit takes between 1 and {LONGEST_MINUTES} minutes."
    if when.starts_at > now + FURTHEST:
        return "starts_at", "That is more than two years ahead: please check the year."
    if not entered_later and when.starts_at < now - WALK_IN:
        return "starts_at", "That time is over: a visit is booked for a time to come."
    return None


def begins_version(before: Status, after: Status) -> bool:
    """Whether a change of status changes what is agreed: people hear of that as of a booking, or of its end. How a visit
    goes on they know."""
    return (before in OPEN) != (after in OPEN) and bool({before, after} & (OFF | TENTATIVE))


def overlaps(one: When, other: When) -> bool:
    """Whether two visits of one person would be at the same time."""
    return one.starts_at < other.ends_at and other.starts_at < one.ends_at

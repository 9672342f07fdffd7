"""The one contract between the pipe and whoever carries messages."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Final, Literal, NamedTuple, Protocol
from uuid import UUID

from engage.content.calendar import Method
from engage.domain.failures import RULES, Failure
from engage.domain.messages import Channel

# There is one for each message: a named tuple is made in a third of the time that a frozen dataclass takes.
NO_HEADERS: Mapping[str, str] = MappingProxyType({})
OutcomeState = Literal["accepted", "failed", "unknown", "resend"]


@dataclass(frozen=True, slots=True)
class Shared:
    """What a whole batch has in common: the rendered text with its merge marks, and where it comes from."""

    content_id: UUID
    subject: str
    html: str
    text: str
    sender_address: str
    sender_name: str
    reply_to: str
    headers: Mapping[str, str] = field(default_factory=dict)


class Calendar(NamedTuple):
    """A calendar file that goes with an email: what it asks for, and its bytes as they are."""

    method: Method
    content: bytes


# What it is called in a mail program.
CALENDAR_NAME: Final = "invite.ics"


class Entry(NamedTuple):
    """One message of a batch: its own opaque id, address, merge values (plain) and headers.

    ``not_after`` (aware UTC) is when it stops being of use; None where nobody set a limit. With a ``calendar`` it is
    alone in its batch: vendors attach to a request, not to a person. Texts have none.
    """

    message_id: UUID
    to: str
    values: Mapping[str, str]
    headers: Mapping[str, str] = NO_HEADERS
    not_after: datetime | None = None
    calendar: Calendar | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """One provider request. No two entries share an address. The place of an entry is part of its evidence:
    the n-th of attempt A is known to the provider as ``A-n`` (see ``mark_of``)."""

    attempt_id: UUID
    kind: str
    shared: Shared
    entries: Sequence[Entry]


class Outcome(NamedTuple):
    """What the provider said of one message.

    ``accepted`` carries the provider's id. ``failed`` carries its class, which decides what follows.
    ``unknown`` may or may not have been taken. ``resend`` was provably not processed through no fault
    of its own (the request was too large, or another entry was refused): again at once, in a smaller one.
    """

    message_id: UUID
    state: OutcomeState
    provider_id: str | None = None
    code: str | None = None
    failure: Failure | None = None


_LONGEST_CODE: Final = 40
_NO_CODE: Final = re.compile(r"[^\w.-]", re.ASCII)


def code_of(outcomes: Sequence[Outcome]) -> str | None:
    """The first code among them, as a short word or number whatever a vendor wrote; None where nothing went wrong."""
    code = next((outcome.code for outcome in outcomes if outcome.code and outcome.state != "accepted"), None)
    return _NO_CODE.sub("_", code[:_LONGEST_CODE]) if code else None


Health = Literal["worked", "failed", "refused", "not_begun"]


def health_of(outcomes: Sequence[Outcome]) -> Health:
    """What one request's outcomes say about its sender: whether it works, fails, or refuses the account."""
    failures = [outcome.failure for outcome in outcomes if outcome.state == "failed" and outcome.failure]
    if failures and len(failures) == len(outcomes) and set(failures) == {"not_begun"}:
        return "not_begun"
    breaks = [RULES[failure].breaks for failure in failures]
    if "open" in breaks:
        return "refused"
    # One entry may be at fault; a whole request that is refused tells about the sender.
    if outcomes and breaks.count("count") == len(outcomes):
        return "failed"
    return "failed" if any(outcome.state == "unknown" for outcome in outcomes) else "worked"


@dataclass(frozen=True, slots=True)
class Doubt:
    """An attempt whose answer was never recorded. ``started_at`` is real time, aware UTC; ``entries`` are those
    that nobody has evidence of yet."""

    batch: Batch
    started_at: datetime


@dataclass(frozen=True, slots=True)
class Found:
    """Evidence that the provider has these messages: its id for each."""

    provider_ids: Mapping[UUID, str]


@dataclass(frozen=True, slots=True)
class Absent:
    """Proof that the provider never had the attempt and never will."""


@dataclass(frozen=True, slots=True)
class Several:
    """More than one thing at the provider could be it: a person has to look."""


@dataclass(frozen=True, slots=True)
class CannotSay:
    """No evidence either way, now. ``ever`` is False when this sender never can say."""

    ever: bool = True


Lookup = Found | Absent | Several | CannotSay


class Sender(Protocol):
    """Carries batches of one channel. No method raises for what a provider does.

    ``max_batch`` is the most entries of one request, ``parallel`` the most requests under way at once, ``wave`` the
    most that are started together (0: no more than ``parallel``). A sender with a larger wave begins no more of it
    once some in a row went wrong: those are ``failed`` as ``not_begun``.
    """

    name: str
    channel: Channel
    max_batch: int
    parallel: int
    wave: int

    def send(self, batches: Sequence[Batch], until: float) -> list[list[Outcome]]:
        """One list for each batch, in order, with one outcome for each of its entries, in any order.

        ``until`` is ``time.monotonic()`` seconds: no first byte of a request is written after it, and no
        answer is awaited longer. What was not written by then is ``failed`` as ``not_processed``.
        """

    def lookup(self, doubt: Doubt) -> Lookup:
        """What became of an attempt whose answer was never recorded. Bounded to 10 seconds."""


def mark_of(attempt_id: UUID, place: int) -> str:
    """What the provider knows an entry by, and tells us back in its events: opaque, under 40 characters."""
    return f"{attempt_id.hex}-{place}"


def read_mark(mark: str) -> tuple[UUID, int] | None:
    """The attempt and place that a mark names; None when it is none of ours."""
    attempt, dash, place = mark.partition("-")
    if len(attempt) != 32 or not dash or not place.isascii() or not place.isdigit() or len(place) > 4:
        return None
    try:
        return UUID(hex=attempt), int(place)
    except ValueError:
        return None

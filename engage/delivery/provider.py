"""The one contract between the pipe and whoever carries messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol
from uuid import UUID

from engage.domain.messages import Channel

OutcomeState = Literal["accepted", "rejected", "retry", "unknown"]


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


@dataclass(frozen=True, slots=True)
class Entry:
    """One message of a batch: its own opaque id, address, merge values (plain) and headers."""

    message_id: UUID
    to: str
    values: Mapping[str, str]
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Batch:
    """One provider request. No two entries share an address."""

    attempt_id: UUID
    kind: str
    shared: Shared
    entries: Sequence[Entry]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the provider said of one message.

    ``accepted`` carries the provider's id; ``rejected`` is final and ``code`` says why; ``retry``
    was provably never processed; ``unknown`` may or may not have been taken.
    """

    message_id: UUID
    state: OutcomeState
    provider_id: str | None = None
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """Evidence that the provider has the attempt: its id for each message."""

    provider_ids: Mapping[UUID, str]


@dataclass(frozen=True, slots=True)
class Absent:
    """Proof that the provider never had the attempt and never will."""


@dataclass(frozen=True, slots=True)
class CannotSay:
    """No evidence either way, yet."""


Lookup = Found | Absent | CannotSay


class Sender(Protocol):
    """Carries batches of one channel. Neither method raises for what a provider does."""

    name: str
    channel: Channel
    max_batch: int

    def send(self, batch: Batch) -> list[Outcome]:
        """One outcome for each entry, in any order. Bounded to 10 seconds in all."""

    def lookup(self, attempt_id: UUID, message_ids: Sequence[UUID]) -> Lookup:
        """What became of an attempt whose answer was never recorded."""

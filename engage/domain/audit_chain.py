"""The chain over the audit trail: each entry's digest covers the one before, so that none can be taken out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Literal
from uuid import UUID

START = bytes(32)
# A row that turns up this long after its id was made did not come from us.
LATEST = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the audit trail. ``at`` is aware UTC."""

    id: UUID
    at: datetime
    actor: str
    staff_id: UUID | None
    action: str
    what: str
    what_id: UUID | None
    person_id: UUID | None


@dataclass(frozen=True, slots=True)
class Link:
    """One entry of the chain with the row that it is about, None when that row is gone."""

    seq: int
    audit_id: UUID
    hash: bytes
    row: Row | None


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that is not as it was written. ``seq`` is its place in the chain, None outside of it."""

    what: Literal["changed", "missing", "inserted"]
    seq: int | None
    audit_id: UUID | None
    words: str


def canonical(row: Row) -> bytes:
    """The row as bytes that no other row has: each field with its length in front."""
    fields = (
        str(row.id),
        row.at.astimezone(UTC).isoformat(timespec="microseconds"),
        row.actor,
        "" if row.staff_id is None else str(row.staff_id),
        row.action,
        row.what,
        "" if row.what_id is None else str(row.what_id),
        "" if row.person_id is None else str(row.person_id),
    )
    encoded = [field.encode() for field in fields]
    return b"".join(len(field).to_bytes(4, "big") + field for field in encoded)


def digest(previous: bytes, seq: int, row: Row) -> bytes:
    """SHA-256 over the entry before, the place and the row: 32 bytes."""
    return sha256(previous + seq.to_bytes(8, "big") + canonical(row)).digest()


def made_at(id: UUID) -> datetime:
    """The moment that a UUIDv7 carries, aware UTC, to the millisecond."""
    return datetime.fromtimestamp((id.int >> 80) / 1000, UTC)


@dataclass(slots=True)
class Walk:
    """A walk along the chain from its start. ``sign`` turns a digest into the hash that is stored."""

    sign: Callable[[bytes], bytes]
    seq: int = 0
    hash: bytes = START
    newest: datetime | None = None

    def append(self, row: Row) -> Link:
        """The link that makes ``row`` part of the chain."""
        self.seq += 1
        self.hash = self.sign(digest(self.hash, self.seq, row))
        return Link(self.seq, row.id, self.hash, row)

    def check(self, link: Link) -> Difference | None:
        """What is wrong with the next link, if anything. Goes on from the hash as it is stored."""
        wrong = self._wrong(link)
        self.seq, self.hash = link.seq, link.hash
        made = made_at(link.audit_id)
        self.newest = made if self.newest is None else max(self.newest, made)
        return wrong

    def _wrong(self, link: Link) -> Difference | None:
        if link.seq != self.seq + 1:
            words = f"entries {self.seq + 1} to {link.seq - 1} of the chain are gone"
            return Difference("missing", self.seq + 1, None, words)
        if link.row is None:
            return Difference("missing", link.seq, link.audit_id, f"row {link.audit_id} is gone")
        if link.hash != self.sign(digest(self.hash, link.seq, link.row)):
            words = f"row {link.audit_id} is not as it was written: it was changed or put in later"
            return Difference("changed", link.seq, link.audit_id, words)
        return None

    def ends_at(self, head: tuple[int, bytes] | None) -> Difference | None:
        """Whether the chain ends where its noted end is: ``head`` is (seq, hash)."""
        if head is None and self.seq == 0:
            return None
        if head is not None and head == (self.seq, self.hash):
            return None
        noted = "nothing" if head is None else f"entry {head[0]}"
        if head is not None and head[0] > self.seq:
            words = f"entries {self.seq + 1} to {head[0]} at the end of the chain are gone"
            return Difference("missing", self.seq + 1, None, words)
        words = f"the chain ends at entry {self.seq}, but its noted end is {noted}"
        return Difference("changed", self.seq, None, words)

    def late(self, id: UUID) -> Difference | None:
        """Whether a row outside of the chain is too old to be new."""
        if self.newest is None or made_at(id) > self.newest - LATEST:
            return None
        return Difference(
            "inserted", None, id, f"row {id} was put in long after it says, or its entry is gone"
        )

"""Senders that do what a test says and keep what left, and people and messages for them to carry."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from engage.delivery.provider import Batch, CannotSay, Doubt, Lookup, Outcome, Sender
from engage.domain.failures import Failure
from engage.domain.messages import TESTS, Channel, Purpose
from engage.domain.people import normal_email
from engage.ids import new_id, new_ids
from engage.runtime import Runtime
from engage.storage import messages, people
from engage.storage.database import run
from engage.storage.messages import Plan

Script = Callable[[Batch], list[Outcome]]
Asked = Callable[[Doubt], Lookup]
DAY = timedelta(days=1)


def taken(batch: Batch) -> list[Outcome]:
    """The sender takes everything."""
    return [Outcome(e.message_id, "accepted", f"id-{batch.attempt_id.hex}-{n}") for n, e in _placed(batch)]


def lost(batch: Batch) -> list[Outcome]:
    """No answer comes back."""
    return [Outcome(e.message_id, "unknown") for e in batch.entries]


def resend(batch: Batch) -> list[Outcome]:
    """Nothing of it was processed: too large, or unreadable."""
    return [Outcome(e.message_id, "resend") for e in batch.entries]


def refused(failure: Failure, code: str = "1") -> Script:
    """All of it is refused for one reason."""
    return lambda batch: [Outcome(e.message_id, "failed", code=code, failure=failure) for e in batch.entries]


def _placed(batch: Batch) -> list[tuple[int, Any]]:
    return list(enumerate(batch.entries))


@dataclass
class Scripted(Sender):
    """``requests`` is all it was asked to send; ``arrived`` the (message, address) that it took, in order."""

    name: str
    channel: Channel
    script: Script = taken
    asked: Asked = lambda _: CannotSay()
    max_batch: int = 1000
    parallel: int = 4
    wave: int = 0
    requests: list[Batch] = field(default_factory=list)
    arrived: list[tuple[UUID, str]] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def send(self, batches: Sequence[Batch], until: float) -> list[list[Outcome]]:
        """As the script says; what it accepts has arrived."""
        return [self._one(batch) for batch in batches]

    def _one(self, batch: Batch) -> list[Outcome]:
        with self._lock:
            self.requests.append(batch)
            outcomes = self.script(batch)
            to = {entry.message_id: entry.to for entry in batch.entries}
            self.arrived += [(o.message_id, to[o.message_id]) for o in outcomes if o.state == "accepted"]
        return outcomes

    def lookup(self, doubt: Doubt) -> Lookup:
        """As ``asked`` says."""
        self.doubts.append(doubt)
        return self.asked(doubt)

    @property
    def sizes(self) -> list[int]:
        """How many messages each request had."""
        return [len(batch.entries) for batch in self.requests]

    def to(self) -> list[str]:
        """The addresses at which something arrived."""
        return [address for _, address in self.arrived]


def carried(rt: Runtime, *senders: Sender, **settings: Any) -> Runtime:
    """The same world with these senders and settings."""
    return replace(
        rt,
        senders={**rt.senders, **{f"{s.channel}:{s.name}": s for s in senders}},
        settings=rt.settings.model_copy(update=settings),
    )


def in_force(rt: Runtime, *senders: Sender, **settings: Any) -> Runtime:
    """As ``carried``, and each channel goes by its sender; email by its last, care by its first."""
    chosen: dict[str, Any] = {}
    for sender in senders:
        if sender.channel == "sms":
            chosen["sms"] = sender.name
        else:
            chosen = {"care_email": sender.name, **chosen, "email": sender.name}
    return carried(rt, *senders, **chosen, **settings)


@dataclass(frozen=True)
class Somebody:
    """A person with an address and a number."""

    id: UUID
    email: str
    number: str
    email_contact: UUID
    number_contact: UUID


def somebody(rt: Runtime, n: int = 0, *, email: str = "", number: str = "") -> Somebody:
    """Makes the ``n``-th person of a test."""
    email, number = email or f"p{n}@example.org", number or f"+1518555{n:04}"
    person, *contacts = new_ids(3)
    with rt.transaction() as tx:
        now = rt.now(tx)
        people.add(tx, person, rt.sealer.seal("people", person, {"given_name": "Ada"}), rt.clinic.zone, now)
        for contact, channel, address in zip(contacts, ("email", "sms"), (email, number), strict=True):
            index = rt.sealer.index(channel, normal_email(address) if channel == "email" else address)
            sealed = rt.sealer.seal("contacts", contact, {"address": address})
            people.add_contact(tx, contact, person, channel, index, sealed, now)
    return Somebody(person, email, number, *contacts)


def plan(
    rt: Runtime,
    who: Somebody,
    channel: Channel,
    purpose: Purpose,
    *,
    due: datetime | None = None,
    useful: timedelta = DAY,
    calendar: dict[str, Any] | None = None,
) -> UUID:
    """Plans a message to somebody; it is due now unless told. ``calendar``: the visit that goes with it as a file."""
    id = new_id()
    to, contact = (who.email, who.email_contact) if channel == "email" else (who.number, who.number_contact)
    with rt.transaction() as tx:
        now = rt.now(tx)
        at = due or now
        told: dict[str, Any] = {"to": to, "values": {}, "headers": {}}
        if calendar is not None:
            told["calendar"] = calendar
        one = Plan(
            id=id,
            kind=TESTS[channel, purpose],
            cause="staff",
            cause_id=id,
            person_id=who.id,
            contact_id=contact,
            dedup_key=f"test/{id}",
            due_at=at,
            not_after=at + useful,
            sealed=rt.sealer.seal("messages", id, told),
        )
        messages.plan(tx, [one], now)
    return id


def crowd(rt: Runtime, size: int, channel: Channel, purpose: Purpose) -> list[UUID]:
    """A message to each of ``size`` people, due now."""
    return [plan(rt, somebody(rt, n), channel, purpose) for n in range(size)]


def standing(rt: Runtime, id: UUID) -> Any:
    """A message's row."""
    with rt.transaction() as tx:
        return run(tx, "SELECT * FROM messages WHERE id = %(id)s", {"id": id}).one()


def state(rt: Runtime, id: UUID) -> tuple[str, str | None]:
    """A message's status and reason."""
    row = standing(rt, id)
    return row.status, row.reason


def follow_ups(rt: Runtime) -> list[tuple[str, UUID]]:
    """(kind, message) of all follow-ups."""
    with rt.transaction() as tx:
        sql = "SELECT kind, cause_id FROM follow_ups ORDER BY created_at, id"
        return [(row[0], row[1]) for row in run(tx, sql)]


def sender_state(rt: Runtime, key: str) -> Any:
    """What is known about a sender."""
    with rt.transaction() as tx:
        return run(tx, "SELECT * FROM sender_states WHERE sender = %(key)s", {"key": key}).one_or_none()


def end_rests(rt: Runtime) -> None:
    """As if every sender's rest were over now."""
    with rt.transaction() as tx:
        run(tx, "UPDATE sender_states SET rest_until = clock_timestamp() WHERE rest_until IS NOT NULL")


def end_leases(rt: Runtime) -> None:
    """As if every lease and every hold were over now."""
    with rt.transaction() as tx:
        run(tx, "UPDATE attempts SET lease_until = clock_timestamp()")

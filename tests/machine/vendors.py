"""Vendors with a ledger of what arrived, an honest memory, and callbacks that come when the test says so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args
from uuid import UUID

import orjson

from engage.delivery.provider import (
    Absent,
    Batch,
    CannotSay,
    Doubt,
    Found,
    Lookup,
    Outcome,
    Sender,
    mark_of,
)
from engage.domain.failures import Failure
from engage.domain.messages import Channel
from engage.runtime import Runtime
from engage.services import receipts

Script = Literal["taken", "answer lost", "never came", "too large", "one named", "some busy"] | Failure
SCRIPTS: tuple[Script, ...] = (
    *get_args(get_args(Script)[0]),
    *get_args(Failure),
)
Kind = Literal["processed", "delivered", "bounce", "spamreport"]
# The same of a text message: its status and the error's code.
TEXTS: dict[Kind, tuple[str, str]] = {
    "processed": ("sent", ""),
    "delivered": ("delivered", ""),
    "bounce": ("undelivered", "30005"),
    "spamreport": ("read", ""),
}


@dataclass(frozen=True)
class Copy:
    """One message that a person has got."""

    message: UUID
    attempt: UUID
    place: int
    channel: Channel


@dataclass
class Ledger:
    """The truth: what arrived at people."""

    copies: list[Copy] = field(default_factory=list)

    @property
    def counts(self) -> Counter[UUID]:
        """How many copies there are of each message."""
        return Counter(copy.message for copy in self.copies)


@dataclass
class Vendor(Sender):
    """Does as ``script`` says; ``late`` when the worker slept past its time for the first byte; ``silent`` when its
    list of messages can't be had."""

    name: str
    channel: Channel
    ledger: Ledger
    seen: Callable[[Batch], None]
    max_batch: int = 1000
    parallel: int = 4
    wave: int = 0
    script: Script = "taken"
    late: bool = False
    silent: bool = False

    def send(self, batches: Sequence[Batch], until: float) -> list[list[Outcome]]:
        """As the script says."""
        return [self._send(batch) for batch in batches]

    def _send(self, batch: Batch) -> list[Outcome]:
        self.seen(batch)
        ids = [entry.message_id for entry in batch.entries]
        if self.late:
            return [_failed(id, "not_processed") for id in ids]
        if self.script == "taken":
            return [self._take(batch, place) for place in range(len(ids))]
        if self.script == "answer lost":
            for place in range(len(ids)):
                self._take(batch, place)
            return [Outcome(id, "unknown") for id in ids]
        if self.script == "never came":
            return [Outcome(id, "unknown") for id in ids]
        if self.script == "too large":
            return [Outcome(id, "resend") for id in ids] if len(ids) > 1 else [self._take(batch, 0)]
        if self.script == "one named":
            return [_failed(ids[0], "invalid"), *(Outcome(id, "resend") for id in ids[1:])]
        if self.script == "some busy":
            return [
                _failed(id, "temporary") if place % 2 else self._take(batch, place)
                for place, id in enumerate(ids)
            ]
        return [_failed(id, self.script) for id in ids]

    def _take(self, batch: Batch, place: int) -> Outcome:
        id = batch.entries[place].message_id
        self.ledger.copies.append(Copy(id, batch.attempt_id, place, self.channel))
        return Outcome(id, "accepted", self._provider_id(batch.attempt_id))

    def _provider_id(self, attempt: UUID) -> str:
        return f"{'SM' if self.channel == 'sms' else 'x'}{attempt.hex}"

    def lookup(self, doubt: Doubt) -> Lookup:
        """Texts can be looked up and email can not."""
        if self.channel == "email" or self.silent:
            return CannotSay()
        attempt = doubt.batch.attempt_id
        there = {copy.message for copy in self.ledger.copies if copy.attempt == attempt}
        return Found({id: self._provider_id(attempt) for id in there}) if there else Absent()


def _failed(id: UUID, failure: Failure) -> Outcome:
    return Outcome(id, "failed", code="1", failure=failure)


def call_back(rt: Runtime, copies: Sequence[tuple[Copy, Kind]]) -> None:
    """The vendors tell about these copies; our hooks keep it, and it is not applied yet."""
    mails: list[dict[str, Any]] = []
    for copy, kind in copies:
        if copy.channel == "email":
            mark = mark_of(copy.attempt, copy.place)
            status = {"status": "5.1.1"} if kind == "bounce" else {}
            mails.append({"event": kind, "mid": mark, "sg_event_id": f"{kind}/{mark}", **status})
            continue
        sid = f"SM{copy.attempt.hex}"
        word, code = TEXTS[kind]
        form = [["MessageSid", sid], ["MessageStatus", word], ["ErrorCode", code]]
        same = receipts.digest("twilio", sid, word, code)
        receipts.keep(rt, "twilio", "status", same, {"form": form}, copy.attempt)
    if mails:
        body = orjson.dumps(mails)
        receipts.keep(rt, "sendgrid", "events", receipts.digest(body), {"body": body.decode()})

"""A sender that answers as the test says, under the name of any vendor, and lanes to send through it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from uuid import UUID

from engage.delivery.provider import Absent, Batch, CannotSay, Doubt, Lookup, Outcome, OutcomeState
from engage.domain.failures import Failure
from engage.domain.messages import TESTS, Channel, Purpose
from engage.ids import new_id
from engage.runtime import Runtime
from engage.storage import messages
from engage.storage.messages import Plan


@dataclass
class Stand:
    """Carries everything to the same end. What it took is in ``sent``."""

    channel: Channel
    name: str
    state: OutcomeState = "accepted"
    failure: Failure | None = None
    code: str | None = None
    lookup_says: Lookup = field(default_factory=CannotSay)
    max_batch: int = 250
    parallel: int = 4
    wave: int = 0
    sent: list[Batch] = field(default_factory=list)

    def send(self, batches: Sequence[Batch], until: float) -> list[list[Outcome]]:
        self.sent += batches
        return [
            [
                Outcome(
                    e.message_id, self.state, f"id-{e.message_id.hex[-8:]}", self.code, failure=self.failure
                )
                for e in batch.entries
            ]
            for batch in batches
        ]

    def lookup(self, doubt: Doubt) -> Lookup:
        return self.lookup_says

    def absent(self) -> Stand:
        """From now on it proves that it never had anything."""
        self.lookup_says = Absent()
        return self


def routed(rt: Runtime, *stands: Stand) -> Runtime:
    """The same world, in which these carry their channels. Email by the first is everybody's route."""
    senders = rt.senders | {f"{stand.channel}:{stand.name}": stand for stand in stands}
    routes: dict[str, str] = {}
    for stand in stands:
        if stand.channel == "sms":
            routes["sms"] = stand.name
        else:
            routes |= {"email": stand.name, "care_email": stand.name}
    return replace(rt, senders=senders, settings=rt.settings.model_copy(update=routes))


def plan(
    rt: Runtime,
    channel: Channel = "email",
    purpose: Purpose = "service",
    to: str = "",
    use: timedelta = timedelta(hours=6),
    late: timedelta = timedelta(0),
) -> UUID:
    """A test message of one lane that has been due for ``late`` and is of use for ``use``; its id."""
    id = new_id()
    to = to or ("desk@example.org" if channel == "email" else "+15185550123")
    sealed = rt.sealer.seal("messages", id, {"to": to, "values": {}, "headers": {}})
    with rt.transaction() as tx:
        now = rt.now(tx)
        one = Plan(
            id=id,
            kind=TESTS[channel, purpose],
            cause="staff",
            cause_id=id,
            dedup_key=f"test/{id}",
            due_at=now - late,
            not_after=now + use,
            sealed=sealed,
        )
        messages.plan(tx, [one], now)
    return id

"""The local sender: nothing leaves, everything can be read at ``/dev/mailbox``."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from uuid import UUID

from engage.delivery.provider import Absent, Batch, Doubt, Found, Lookup, Outcome
from engage.domain.messages import Channel

Store = Callable[[Batch, Channel], bool]
Ask = Callable[[UUID], bool]


class LocalSender:
    """Keeps batches through ``store``, which takes each attempt once or never.

    ``store`` returns False when the attempt was declared absent meanwhile; ``ask`` tells whether
    it was stored and, if not, sees to it that it never will be.
    """

    name = "local"
    max_batch = 1000
    parallel = 2
    wave = 0

    def __init__(self, channel: Channel, store: Store, ask: Ask) -> None:
        self.channel: Channel = channel
        self._store = store
        self._ask = ask

    def send(self, batches: Sequence[Batch], until: float) -> list[list[Outcome]]:
        """Stores each batch; every entry of it is accepted, or none."""
        return [self._send(batch, until) for batch in batches]

    def _send(self, batch: Batch, until: float) -> list[Outcome]:
        if time.monotonic() < until and self._store(batch, self.channel):
            return [
                Outcome(entry.message_id, "accepted", _provider_id(entry.message_id))
                for entry in batch.entries
            ]
        return [
            Outcome(entry.message_id, "failed", code="attempt_closed", failure="not_processed")
            for entry in batch.entries
        ]

    def lookup(self, doubt: Doubt) -> Lookup:
        """Always certain: the mailbox is in the same database."""
        if self._ask(doubt.batch.attempt_id):
            ids = [entry.message_id for entry in doubt.batch.entries]
            return Found({message_id: _provider_id(message_id) for message_id in ids})
        return Absent()


def _provider_id(message_id: UUID) -> str:
    return f"local-{message_id.hex}"

"""The local sender: nothing leaves, everything can be read at ``/dev/mailbox``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

from engage.delivery.provider import Absent, Batch, Found, Lookup, Outcome
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

    def __init__(self, channel: Channel, store: Store, ask: Ask) -> None:
        self.channel: Channel = channel
        self._store = store
        self._ask = ask

    def send(self, batch: Batch) -> list[Outcome]:
        """Stores the batch; every entry is accepted, or none."""
        if self._store(batch, self.channel):
            return [
                Outcome(entry.message_id, "accepted", _provider_id(entry.message_id))
                for entry in batch.entries
            ]
        return [Outcome(entry.message_id, "retry", code="attempt_closed") for entry in batch.entries]

    def lookup(self, attempt_id: UUID, message_ids: Sequence[UUID]) -> Lookup:
        """Always certain: the mailbox is in the same database."""
        if self._ask(attempt_id):
            return Found({message_id: _provider_id(message_id) for message_id in message_ids})
        return Absent()


def _provider_id(message_id: UUID) -> str:
    return f"local-{message_id.hex}"

"""Text messages of which no final word came are asked about: callbacks are best effort."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any, Protocol, cast

from engage import log
from engage.runtime import Runtime
from engage.services.receipts import digest, keep
from engage.storage import receipts

logger = log.get(__name__)

ASK_AFTER = timedelta(hours=1)
GIVE_UP_AFTER = timedelta(days=3)
SECONDS = 10.0
# All that is kept of the answer.
TOLD = ("sid", "status", "error_code")


class Asked(Protocol):
    """A sender that can be asked about one message."""

    def fetch(self, provider_id: str) -> dict[str, Any] | None:
        """The message as the vendor has it now, None when it can't say. Bounded to 10 seconds."""


def poll(rt: Runtime, seconds: float = SECONDS) -> int:
    """Asks about one message after the other for about ``seconds``, with no transaction open.

    The answer is kept as a receipt and applied with the others. May run twice at once. Returns how many were asked.
    """
    until = time.monotonic() + seconds
    asked = 0
    while time.monotonic() < until:
        with rt.transaction() as tx:
            due = receipts.not_final(tx, 1, ASK_AFTER.total_seconds(), GIVE_UP_AFTER.total_seconds())
        if not due:
            break
        _ask(rt, due[0])
        asked += 1
    return asked


def _ask(rt: Runtime, attempt: Any) -> None:
    sender = rt.sender_named(attempt.channel, attempt.sender)
    if sender is not None and hasattr(sender, "fetch"):
        message = cast(Asked, sender).fetch(attempt.provider_id)
        if message is not None:
            told = {name: str(message.get(name) or "") for name in TOLD}
            mark = digest("twilio", "poll", attempt.id.bytes, *told.values())
            keep(rt, "twilio", "poll", mark, {"message": told}, attempt.id)
    if attempt.old:
        with rt.transaction() as tx:
            receipts.give_up(tx, attempt.id)
        logger.warning("no final word", attempt_id=str(attempt.id), sender=attempt.sender)

"""What vendors still keep: erased people's addresses at SendGrid, and texts at Twilio once nothing more is heard of
them. Every request may be repeated, none has to do with sending: no breaker is told how it went."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, Protocol, cast

from engage import log
from engage.runtime import Runtime
from engage.services.erasure import empty_again
from engage.storage import erasure, follow_ups
from engage.storage.sealed import SealError

logger = log.get(__name__)

SECONDS = 5.0
# Nobody else has the same ones for so long.
LEASE_SECONDS = 300.0
ERASURES = 500
TEXTS = 200
FIRST_WAIT = 300.0
LONGEST_WAIT = 6 * 3600.0
FIRST_TEXT_WAIT = 60.0
# After so many tries a person is asked to see to it; it goes on meanwhile.
TELL_AFTER = 10
FOLLOW_UP = "not_erased_there"


class Erases(Protocol):
    """A sender of email that can be told to forget addresses."""

    def erase(self, addresses: Sequence[str], until: float) -> set[str]:
        """Those that it took on."""


class Forgets(Protocol):
    """A sender of texts that can be told to delete them."""

    def forget(self, provider_ids: Sequence[str], until: float) -> set[str]:
        """Those that are gone there."""


def erase_at_vendors(rt: Runtime, seconds: float = SECONDS) -> int:
    """Tells SendGrid of erased people, up to 5,000 addresses in a request, until it has taken them on; then their
    addresses go here too. Also lets go of what was under way when they were erased. Returns how many are done.
    """
    until = time.monotonic() + seconds
    with rt.transaction() as tx:
        rows = erasure.take(tx, ERASURES, LEASE_SECONDS)
    if not rows:
        return 0
    waiting: list[tuple[Any, list[str]]] = []
    done: list[Any] = []
    for row in rows:
        with rt.transaction() as tx:
            busy = erasure.under_way(tx, row.person_id)
            if busy:
                erasure.again(tx, row.id, rt.settings.email_hold_seconds, free=True)
        if busy:
            continue
        empty_again(rt, row.person_id)
        addresses = _addresses(rt, row)
        if addresses:
            waiting.append((row, addresses))
        else:
            done.append(row)
    done += _told(rt, waiting, until)
    with rt.transaction() as tx:
        erasure.done(tx, [row.id for row in done])
        for row in done:
            follow_ups.settle(tx, row.id, "done", rt.now(tx))
    return len(done)


def _told(rt: Runtime, waiting: Sequence[tuple[Any, list[str]]], until: float) -> list[Any]:
    """Those of whom the vendor took on every address; the others wait."""
    if not waiting:
        return []
    sender = rt.senders.get("email:sendgrid")
    taken: set[str] = set()
    if sender is not None and hasattr(sender, "erase"):
        everything = sorted({address for _, addresses in waiting for address in addresses})
        taken = cast(Erases, sender).erase(everything, until)
    done = [row for row, addresses in waiting if taken.issuperset(addresses)]
    for row, _ in waiting:
        if row not in done:
            _later(rt, row)
    return done


def _later(rt: Runtime, row: Any) -> None:
    wait = min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(row.tries - 1, 20))
    with rt.transaction() as tx:
        erasure.again(tx, row.id, wait)
        if row.tries >= TELL_AFTER:
            now = rt.now(tx)
            key = f"{FOLLOW_UP}/{row.id}"
            follow_ups.add(tx, FOLLOW_UP, "erasure", row.id, row.person_id, now, key, now)
    logger.warning("not erased at the vendor", where=str(row.id), count=row.tries)


def _addresses(rt: Runtime, row: Any) -> list[str]:
    if row.sealed is None:
        return []
    try:
        found: list[str] = rt.sealer.open("erasures", row.id, row.sealed).get("emails", [])
    except SealError:
        # Nobody can open it any more, so nobody can be told.
        logger.error("unreadable", name="erasures", where=str(row.id))
        return []
    return found


def forget_texts(rt: Runtime, seconds: float = SECONDS) -> int:
    """Deletes texts at Twilio, as ``sms.delete_bodies`` says; those of erased people in any case. A text that can't be
    deleted is tried eight times in all, later each time. Returns how many went."""
    sender = rt.senders.get("sms:twilio")
    if sender is None or not hasattr(sender, "forget"):
        return 0
    until = time.monotonic() + seconds
    return sum(_forget(rt, cast(Forgets, sender), table, until) for table in erasure.TEXTS)


def _forget(rt: Runtime, sender: Forgets, table: str, until: float) -> int:
    count = 0
    while time.monotonic() < until:
        with rt.transaction() as tx:
            rows = erasure.take_texts(tx, table, rt.clinic.sms.delete_bodies, TEXTS, LEASE_SECONDS)
        if not rows:
            break
        gone = sender.forget([row.provider_id for row in rows], until)
        with rt.transaction() as tx:
            erasure.texts_gone(tx, table, [row.id for row in rows if row.provider_id in gone])
            left = [row for row in rows if row.provider_id not in gone]
            for tries in {row.tries for row in left}:
                wait = FIRST_TEXT_WAIT * 4 ** (tries - 1)
                erasure.texts_again(tx, table, [row.id for row in left if row.tries == tries], wait)
        for row in left:
            if row.tries >= erasure.MOST_TRIES:
                logger.error("text not deleted at the vendor", name=table, where=str(row.id))
        count += len(rows) - len(left)
        if len(left) == len(rows):
            break  # Nothing goes through just now.
    return count

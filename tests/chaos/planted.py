"""Bugs planted into the product's processes, to see whether the harness notices. ``CHAOS_PLANT`` names one."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from engage.ids import new_id

Plant = Callable[[], None]


def no_lease() -> None:
    """What a dead worker had claimed stays claimed."""
    from engage.storage import attempts

    attempts.release_unstarted = lambda tx: 0


def no_fence() -> None:
    """An attempt starts whether or not its lease still holds."""
    from engage.storage import attempts

    attempts.START = _without(attempts.START, " AND state = 'open' AND lease_until > clock_timestamp()")


def no_dedup_key() -> None:
    """What is planned twice is there twice."""
    from engage.storage import messages

    plan = messages.plan

    def careless(tx: Any, plans: Sequence[Any], now: Any) -> int:
        return plan(tx, [replace(one, dedup_key=f"{one.dedup_key}/{new_id()}") for one in plans], now)

    messages.plan = careless


def no_suppression_check() -> None:
    """Nobody looks whether the address is on the list of those who want nothing."""
    from engage.services import claim

    facts_of = claim.facts_of
    claim.facts_of = lambda rt, row, sent=None, trial=None: facts_of(rt, row, sent, trial)._replace(
        suppressed=None
    )


def no_row_locks() -> None:
    """Two workers may claim the same rows."""
    from engage.storage import claims, pipe

    pipe.CLAIM = _without(pipe.CLAIM, "FOR UPDATE SKIP LOCKED", "FOR NO KEY UPDATE SKIP LOCKED")
    claims.deaths = lambda tx, message_ids: Counter()


def blind_retry() -> None:
    """No answer is taken for a no: it is sent again at once."""
    from engage.storage import attempts, pipe

    record = pipe.record
    attempts.DOUBT = attempts.DOUBT.replace(
        "SET status = 'unknown', reason", "SET status = 'planned', reason"
    )
    pipe.record = lambda tx, answers, now: record(
        tx, [a._replace(status="planned") if a.status == "unknown" else a for a in answers], now
    )


def absence_assumed() -> None:
    """What nobody can tell about is taken for absent."""
    from engage.services import recover

    setattr(recover, "settle", lambda *_: "absent")  # noqa: B010 - the name is imported there


def lookup_finds_nothing() -> None:
    """The vendor is not asked: a text message that nobody answered for is taken for absent."""
    from engage.delivery.provider import Absent
    from engage.delivery.twilio import TwilioSender

    TwilioSender.lookup = lambda self, doubt: Absent()  # type: ignore[method-assign]


def events_not_deduplicated() -> None:
    """The same word of a vendor counts as often as it comes."""
    from engage.services import receipts
    from engage.storage import receipts as kept

    keep_events = kept.keep_events

    def keep_all(tx: Any, events: Sequence[Any]) -> dict[bytes, Any]:
        keys = {os.urandom(32): one for one in events}
        found = keep_events(tx, [one._replace(key=key) for key, one in keys.items()])
        return {keys[key].key: message for key, message in found.items()}

    receipts.digest = lambda *parts: os.urandom(32)
    kept.keep_events = keep_all


def addresses_shared() -> None:
    """Two messages to one address may share a request."""
    from engage.services import claim

    def together(waiting: Sequence[Any], size: int) -> Iterator[list[Any]]:
        yield from (list(waiting[start : start + size]) for start in range(0, len(waiting), size))

    claim._apart = together


def late_answer_wins() -> None:
    """An answer is recorded whoever holds the message by now."""
    from engage.storage import attempts, pipe

    end = attempts.end

    def all_open(tx: Any, ended: Sequence[Any]) -> set[Any]:
        end(tx, ended)
        return {one.id for one in ended}

    attempts.end = all_open
    pipe.RECORD = _without(
        pipe.RECORD, " AND m.attempt_id = v.attempt_id AND m.status IN ('claimed', 'unknown')"
    )


def errors_accepted() -> None:
    """A vendor's 5xx counts as a yes."""
    from engage.delivery import twilio
    from engage.delivery.provider import Outcome
    from engage.delivery.transport import Reply

    outcome = twilio._outcome

    def blind(entry: Any, answer: Any) -> Outcome:
        if isinstance(answer, Reply) and answer.status >= 500:
            return Outcome(entry.message_id, "accepted")
        return outcome(entry, answer)

    twilio._outcome = blind


def stop_without_locks() -> None:
    """Somebody who leaves does not wait for a claim that is looking at them."""
    from engage.storage import merges, people

    merges.lock_kept = merges.kept
    people.lock = people.one
    people.lock_contacts_at = people.contacts_at


def stale_is_sent() -> None:
    """Nobody looks whether the message is still of use."""
    from engage.services import claim

    facts_of = claim.facts_of

    def forever(rt: Any, row: Any, sent: Any = None, trial: Any = None) -> Any:
        return facts_of(rt, row, sent, trial)._replace(not_after=rt.now().replace(year=2999))

    claim.facts_of = forever


PLANTS: dict[str, Plant] = {
    plant.__name__: plant
    for plant in (
        no_lease,
        no_fence,
        no_dedup_key,
        no_suppression_check,
        no_row_locks,
        blind_retry,
        absence_assumed,
        lookup_finds_nothing,
        events_not_deduplicated,
        addresses_shared,
        late_answer_wins,
        errors_accepted,
        stop_without_locks,
        stale_is_sent,
    )
}


def plant() -> None:
    """Plants what the environment names."""
    if name := os.environ.get("CHAOS_PLANT"):
        PLANTS[name]()


def _without(sql: str, *parts: str) -> str:
    for part in parts:
        if part not in sql:
            raise AssertionError(f"the product's SQL has no {part!r} any more: plant the bug anew")
        sql = sql.replace(part, "")
    return sql

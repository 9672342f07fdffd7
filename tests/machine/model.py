"""The world of the state machine, what must always hold in it, and what must hold in the end."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant

from engage.delivery.provider import Batch
from engage.domain.message_words import REASONS
from engage.domain.messages import LANES, Channel, Purpose
from engage.runtime import Runtime
from engage.services import deliver as delivering
from engage.services import receipts, recover
from engage.storage.database import run
from tests.machine.vendors import Copy, Ledger, Vendor, call_back
from tests.scripted import Somebody, carried
from tests.world import MONDAY

T = TypeVar("T")
ENDED = frozenset({"failed", "expired", "cancelled", "skipped", "delivered"})
LEFT = frozenset({"accepted", "delivered"})
LEASE, SEND, EMAIL_HOLD, SMS_HOLD = 20.0, 10.0, 600.0, 120.0
# After so many seconds callbacks that arrive at all have arrived.
CALLBACKS_WITHIN = 30

EMPTY = """
DELETE FROM messages; DELETE FROM attempts; DELETE FROM claims; DELETE FROM sender_states; DELETE FROM receipts;
DELETE FROM receipt_events; DELETE FROM follow_ups; DELETE FROM suppressions; DELETE FROM alerts;
UPDATE contacts SET state = 'confirmed' WHERE state <> 'confirmed';
"""
PASS = """
UPDATE attempts SET created_at = created_at - make_interval(secs => %(s)s),
    started_at = started_at - make_interval(secs => %(s)s),
    ended_at = ended_at - make_interval(secs => %(s)s), seen_at = seen_at - make_interval(secs => %(s)s),
    unknown_since = unknown_since - make_interval(secs => %(s)s),
    lease_until = lease_until - make_interval(secs => %(s)s)
"""
PASS_SENDERS = """
UPDATE sender_states SET rest_until = rest_until - make_interval(secs => %(s)s),
    evidence_at = evidence_at - make_interval(secs => %(s)s), filled_at = filled_at - make_interval(secs => %(s)s)
"""


class EveryRule:
    """Rules that may be taken: all of them."""

    def is_enabled(self, name: str) -> bool:
        """Always."""
        return True


class Dice:
    """What ids are made of, the same in each run: their time and their noise."""

    def __init__(self) -> None:
        self.again()

    def again(self) -> None:
        """From the beginning."""
        self._random = random.Random(0)
        self._milliseconds = int(MONDAY.timestamp() * 1000)

    def urandom(self, size: int) -> bytes:
        """As of ``os``."""
        return self._random.randbytes(size)

    def time_ns(self) -> int:
        """As of ``time``: each time a millisecond later."""
        self._milliseconds += 1
        return self._milliseconds * 1_000_000


class Model(RuleBasedStateMachine):
    """Subclasses give a world, its people and its dice, and say whether callbacks get lost."""

    base: Runtime
    cast: tuple[Somebody, ...]
    dice: Dice
    # How many messages came so far, over all runs: a machine that meets no trouble proves nothing.
    reached: Counter[str]
    callbacks_get_lost = False

    def __init__(self) -> None:
        super().__init__()
        # Hypothesis leaves out about half of the rules in each run; nobody gets anything in a run without workers.
        self._rules_strategy.enabled_rules_strategy = st.just(EveryRule())  # type: ignore[arg-type]
        self.dice.again()
        with self.base.transaction() as tx:
            tx.exec_driver_sql(EMPTY)
        self.now, self.passed = MONDAY, 0.0
        self.ledger = Ledger()
        self.mail = Vendor("sendgrid", "email", self.ledger, self.look_at)
        self.phones = Vendor("phones", "sms", self.ledger, self.look_at, max_batch=1)
        self.rows: dict[UUID, Any] = {}
        self.looked_at: set[UUID] = set()
        # (channel, address) -> purposes that nothing may be claimed for any more.
        self.closed: dict[tuple[Channel, str], set[Purpose]] = {}
        self.cancelled: set[UUID] = set()
        self.told: set[Copy] = set()
        self.lost = False

    @property
    def rt(self) -> Runtime:
        """The world at its moment."""
        return carried(
            replace(self.base, fixed_now=self.now),
            self.mail,
            self.phones,
            email="sendgrid",
            care_email="sendgrid",
            sms="phones",
            lease_seconds=LEASE,
            send_seconds=SEND,
            email_hold_seconds=EMAIL_HOLD,
            sms_hold_seconds=SMS_HOLD,
        )

    # --- what must hold ---

    def look_at(self, batch: Batch) -> None:
        """What was just claimed may be claimed."""
        if batch.attempt_id in self.looked_at:
            return
        self.looked_at.add(batch.attempt_id)
        self.remember()
        addresses = [entry.to for entry in batch.entries]
        assert len(set(addresses)) == len(addresses)
        for entry in batch.entries:
            row = self.rows[entry.message_id]
            assert row.not_before <= self.now <= row.not_after, "not its time"
            assert row.purpose not in self.closed.get((row.channel, entry.to), ()), "claimed after a STOP"
            assert entry.message_id not in self.cancelled, "claimed after it was cancelled"

    @invariant()
    def nothing_goes_backwards(self) -> None:
        before = self.rows
        self.remember()
        for id, row in self.rows.items():
            was = before[id].status if id in before else "planned"
            if was == "delivered":
                # A bounce after delivery wins.
                assert row.status in ("delivered", "failed"), (was, row.status)
            elif was in ENDED:
                # Only the fact that it arrived can change an end.
                assert row.status == was or row.status in LEFT, (was, row.status)
            elif was == "accepted":
                assert row.status in ("accepted", "delivered", "failed"), (was, row.status)
            assert (row.ended_at is not None) == (row.status in ENDED), (row.status, row.reason)
            assert row.reason is None or row.reason in REASONS
            assert row.tries >= 0

    @invariant()
    def nobody_gets_too_many_copies(self) -> None:
        for id, count in self.ledger.counts.items():
            row = self.rows[id]
            twice = self.lost and row.channel == "email" and row.purpose != "marketing"
            assert count <= (2 if twice else 1), f"{count} copies of {row.purpose} by {row.channel}"

    @invariant()
    def what_reads_as_left_has_left(self) -> None:
        counts = self.ledger.counts
        for id, row in self.rows.items():
            assert row.status not in LEFT or counts[id], "it never left"

    def teardown(self) -> None:
        """Nobody is disturbed any more: everything must come to its end, and nothing be lost."""
        self.mail.script = self.phones.script = "taken"
        self.phones.silent = False
        for _ in range(9):
            self.all_call_back()
            self.pass_real_time(1300)
            self.apply()
            recover.recover(self.rt)
            delivering.deliver(self.rt, seconds=20)
            self.nothing_goes_backwards()
            self.nobody_gets_too_many_copies()
            if all(row.status in ENDED or row.status == "accepted" for row in self.rows.values()):
                break
            self.now += timedelta(minutes=800)
        self.what_reads_as_left_has_left()
        counts = self.ledger.counts
        self.reached["left"] += len(counts)
        self.reached["twice"] += sum(count > 1 for count in counts.values())
        with self.base.transaction() as tx:
            asked = {row[0] for row in run(tx, "SELECT cause_id FROM follow_ups")}
            open_ = run(tx, "SELECT count(*) FROM attempts WHERE state <> 'done'").scalar()
        assert open_ == 0
        for id, row in self.rows.items():
            self.reached[row.reason or row.status] += 1
            told = f"{row.purpose} by {row.channel} is {row.status}: {row.reason}"
            if row.status in LEFT:
                continue
            if row.status in ENDED:
                unsent = row.status in ("expired", "cancelled", "skipped")
                assert self.lost or not unsent or not counts[id], f"{told}, and it left"
                continue
            # What is over for us waits for a person, who can see why.
            waits = (row.status, row.reason) in {
                ("held", "poison"),
                ("held", "sender_refuses"),
                ("unknown", "never_known"),
            }
            assert waits, told
            assert row.status == "held" or id in asked, told

    # --- means ---

    def pass_real_time(self, seconds: int) -> None:
        """All that was written down about real time lies further back now."""
        self.passed += seconds
        with self.base.transaction() as tx:
            run(tx, PASS, {"s": seconds})
            run(tx, PASS_SENDERS, {"s": seconds})

    def one_of(self, things: Sequence[T], pick: int) -> T | None:
        """One of them if there are any. What is drawn must not depend on how many there are."""
        return things[pick % len(things)] if things else None

    def due(self) -> list[tuple[int, Channel]]:
        """Lanes and channels in which something is due."""
        rows = [row for row in self.rows.values() if row.status == "planned" and row.due_at <= self.now]
        return sorted({(row.lane, row.channel) for row in rows})

    def remember(self) -> None:
        """Reads all messages, and what their ends close."""
        with self.base.transaction() as tx:
            found = run(tx, "SELECT * FROM messages").all()
        self.rows = {row.id: row for row in found}
        for row in found:
            if row.status == "failed" and row.reason in ("opted_out", "bad_address", "bounced"):
                self.close(row, sorted(LANES))

    def close(self, row: Any, purposes: Iterable[Purpose]) -> None:
        """Nothing for these purposes may go to a message's address any more."""
        who = next(p for p in self.cast if p.id == row.person_id)
        to = who.email if row.channel == "email" else who.number
        self.closed.setdefault((row.channel, to), set()).update(purposes)

    def all_call_back(self) -> None:
        """The first callback about each copy arrives in time, or is lost."""
        if not self.lost:
            waiting = [copy for copy in self.ledger.copies if copy not in self.told]
            call_back(self.rt, [(copy, "processed") for copy in waiting])
            self.told |= set(waiting)
            self.apply()

    def apply(self) -> None:
        """All that the hooks kept is applied."""
        while receipts.apply(self.rt):
            pass

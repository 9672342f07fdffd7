"""The life of messages as a machine: every step of it in any order, against what the design promises."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, fields, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import Connection

from engage.delivery.provider import Batch, Outcome
from engage.domain.backoff import share_of
from engage.domain.messages import CHANNELS, LANES, PURPOSES, REASONS, Channel, Purpose
from engage.domain.receipts import unwanted
from engage.runtime import Runtime
from engage.services import deliver as delivering
from engage.services import gates, receipts, recover, unsubscribe
from engage.services.claim import claim
from engage.services.gates import Gate
from engage.storage import attempts, messages
from engage.storage.database import run
from tests.machine.vendors import SCRIPTS, Copy, Kind, Ledger, Script, Vendor, call_back
from tests.scripted import Somebody, carried, plan
from tests.world import MONDAY

ENDED = frozenset({"failed", "expired", "cancelled", "skipped", "delivered"})
LEFT = frozenset({"accepted", "delivered"})
LEASE, SEND, EMAIL_HOLD, SMS_HOLD = 20.0, 10.0, 600.0, 120.0
# Longer than this, and callbacks that arrive at all have arrived.
CALLBACKS_WITHIN = 30

CHANNEL = st.sampled_from(CHANNELS)
PURPOSE = st.sampled_from(sorted(LANES))
SCRIPT = st.sampled_from(("taken", "taken", "answer lost", "never came", *SCRIPTS))
SELDOM = st.sampled_from([False, False, False, True])

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


class Crash(Exception):
    """The process is gone before what it did was committed."""


class Doomed(Runtime):
    """A world in which no transaction is ever committed."""

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Everything is done and then taken back."""
        with super().transaction() as tx:
            yield tx
            raise Crash


def doomed(rt: Runtime) -> Doomed:
    """The same world, whose next process dies."""
    return Doomed(**{one.name: getattr(rt, one.name) for one in fields(rt)})


@dataclass
class Hand:
    """A request in the hands of a worker: claimed, started or answered. ``begun`` in seconds of real time."""

    vendor: Vendor
    gate: Gate
    batch: Batch
    begun: float = 0.0
    answers: list[list[Outcome]] | None = None


class MessageLife(RuleBasedStateMachine):
    """Subclasses say which callbacks get lost, and give a world and its people."""

    base: Runtime
    cast: tuple[Somebody, ...]
    callbacks_get_lost = False

    def __init__(self) -> None:
        super().__init__()
        with self.base.transaction() as tx:
            tx.exec_driver_sql(EMPTY)
        self.now, self.passed = MONDAY, 0.0
        self.ledger = Ledger()
        self.mail = Vendor("sendgrid", "email", self.ledger, self.look_at)
        self.phones = Vendor("phones", "sms", self.ledger, self.look_at, max_batch=1)
        self.claimed: list[Hand] = []
        self.started: list[Hand] = []
        self.answered: list[Hand] = []
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
        rt = replace(self.base, fixed_now=self.now)
        return carried(
            rt,
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

    # --- what may happen ---

    @initialize(
        due=st.lists(st.tuples(st.integers(0, 2), CHANNEL, PURPOSE), min_size=3, max_size=6),
        lost=st.booleans(),
    )
    def begin(self, due: list[tuple[int, Channel, Purpose]], lost: bool) -> None:
        for who, channel, purpose in due:
            plan(self.rt, self.cast[who], channel, purpose)
        self.lost = self.callbacks_get_lost and lost

    @rule(
        channel=CHANNEL,
        purpose=PURPOSE,
        who=st.integers(0, 2),
        delay=st.sampled_from([0, 0, 0, 5, 120]),
        useful=st.sampled_from([2, 60, 1440, 1440]),
    )
    def plan(self, channel: Channel, purpose: Purpose, who: int, delay: int, useful: int) -> None:
        due = self.now + timedelta(minutes=delay)
        plan(self.rt, self.cast[who], channel, purpose, due=due, useful=timedelta(minutes=useful))

    @rule(script=SCRIPT)
    def work(self, script: Script) -> None:
        """A worker that does everything at once."""
        self.mail.script = self.phones.script = script
        delivering.deliver(self.rt, seconds=5)

    @rule(
        lane=st.sampled_from(sorted(PURPOSES)),
        channel=CHANNEL,
        limit=st.sampled_from([1, 2, 1000]),
        dies=SELDOM,
    )
    def claim(self, lane: int, channel: Channel, limit: int, dies: bool) -> None:
        if dies:
            with suppress(Crash):
                claim(doomed(self.rt), lane, channel, limit)
            return
        result = claim(self.rt, lane, channel, limit)
        assert isinstance(result.sender, Vendor) and result.gate is not None
        for batch in result.batches:
            self.look_at(batch)
            self.claimed.append(Hand(result.sender, result.gate, batch))

    @precondition(lambda self: self.claimed)
    @rule(data=st.data())
    def start(self, data: st.DataObject) -> None:
        hand = self.claimed.pop(data.draw(st.integers(0, len(self.claimed) - 1)))
        with self.rt.transaction() as tx:
            if attempts.start(tx, [hand.batch.attempt_id], LEASE):
                hand.begun = self.passed
                self.started.append(hand)

    @precondition(lambda self: self.started)
    @rule(data=st.data(), script=SCRIPT)
    def send(self, data: st.DataObject, script: Script) -> None:
        hand = self.started.pop(data.draw(st.integers(0, len(self.started) - 1)))
        hand.vendor.script, hand.vendor.late = script, self.passed - hand.begun >= SEND
        hand.answers = hand.vendor.send([hand.batch], 0)
        hand.vendor.late = False
        self.answered.append(hand)

    @precondition(lambda self: self.answered)
    @rule(data=st.data(), dies=SELDOM)
    def record(self, data: st.DataObject, dies: bool) -> None:
        hand = self.answered.pop(data.draw(st.integers(0, len(self.answered) - 1)))
        assert hand.answers is not None
        if dies:
            with suppress(Crash):
                delivering.record(doomed(self.rt), hand.vendor, [hand.batch], hand.answers)
            return
        told = delivering.record(self.rt, hand.vendor, [hand.batch], hand.answers)
        self.looked_at |= {batch.attempt_id for batch in told.again}
        self.claimed += [Hand(hand.vendor, hand.gate, batch) for batch in told.again]
        gates.note(self.rt, hand.gate, hand.answers, share_of(hand.batch.attempt_id))

    @rule(lane=st.sampled_from(sorted(PURPOSES)), channel=CHANNEL, script=SCRIPT, sent=st.booleans())
    def a_worker_comes_as_far_as(self, lane: int, channel: Channel, script: Script, sent: bool) -> None:
        """It claims and starts all that is due there, perhaps sends it, and what follows is seen later."""
        result = claim(self.rt, lane, channel)
        assert isinstance(result.sender, Vendor) and result.gate is not None
        for batch in result.batches:
            self.look_at(batch)
            hand = Hand(result.sender, result.gate, batch, self.passed)
            with self.rt.transaction() as tx:
                attempts.start(tx, [batch.attempt_id], LEASE)
            if sent:
                hand.vendor.script = script
                hand.answers = hand.vendor.send([batch], 0)
            (self.answered if sent else self.started).append(hand)

    @precondition(lambda self: self.claimed or self.started or self.answered)
    @rule(data=st.data())
    def crash(self, data: st.DataObject) -> None:
        hands = data.draw(st.sampled_from([h for h in (self.claimed, self.started, self.answered) if h]))
        hands.pop(data.draw(st.integers(0, len(hands) - 1)))

    @rule(seconds=st.sampled_from([1, 12, 30, 130, 700, 1300]))
    def real_time_passes(self, seconds: int) -> None:
        if seconds >= CALLBACKS_WITHIN:
            self.all_call_back()
        self.passed += seconds
        with self.base.transaction() as tx:
            run(tx, PASS, {"s": seconds})
            run(tx, PASS_SENDERS, {"s": seconds})

    @rule(minutes=st.sampled_from([1, 20, 90, 800]))
    def clock(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(dies=SELDOM)
    def recover(self, dies: bool) -> None:
        with suppress(Crash):
            recover.recover(doomed(self.rt) if dies else self.rt)

    @precondition(lambda self: self.ledger.copies and not self.lost)
    @rule(
        data=st.data(),
        kind=st.sampled_from(["processed", "delivered", "delivered", "bounce", "spamreport"]),
        times=st.integers(1, 3),
        applied=st.booleans(),
    )
    def callback(self, data: st.DataObject, kind: Kind, times: int, applied: bool) -> None:
        copy = data.draw(st.sampled_from(self.ledger.copies))
        for _ in range(times):
            call_back(self.rt, [(copy, kind)])
        if applied:
            self.apply()
        self.told.add(copy)
        if kind == "spamreport" and copy.channel == "email" and applied:
            row = self.rows[copy.message]
            self.close(row, unwanted("complaint", row.purpose))

    @precondition(lambda self: self.callbacks_get_lost and not self.lost)
    @rule()
    def callbacks_are_lost_from_now_on(self) -> None:
        self.all_call_back()
        self.lost = True

    @precondition(lambda self: self.rows)
    @rule(data=st.data(), really=SELDOM)
    def stop(self, data: st.DataObject, really: bool) -> None:
        if not really:
            return
        row = self.rows[data.draw(st.sampled_from(sorted(self.rows)))]
        unsubscribe.unsubscribe(self.rt, self.rt.links.token("unsubscribe", row.id), "one-click")
        self.close(row, (row.purpose,))

    @precondition(lambda self: self.rows)
    @rule(data=st.data(), really=SELDOM)
    def cancel(self, data: st.DataObject, really: bool) -> None:
        if not really:
            return
        id = data.draw(st.sampled_from(sorted(self.rows)))
        with self.rt.transaction() as tx:
            if messages.cancel(tx, [id], "replaced", self.now):
                self.cancelled.add(id)

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
        for _ in range(9):
            self.real_time_passes(1300)
            self.apply()
            recover.recover(self.rt)
            delivering.deliver(self.rt, seconds=20)
            self.nothing_goes_backwards()
            self.nobody_gets_too_many_copies()
            self.clock(800)
        self.what_reads_as_left_has_left()
        counts = self.ledger.counts
        with self.base.transaction() as tx:
            asked = {row[0] for row in run(tx, "SELECT cause_id FROM follow_ups")}
            open_ = run(tx, "SELECT count(*) FROM attempts WHERE state <> 'done'").scalar()
        assert open_ == 0
        for id, row in self.rows.items():
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

    def remember(self) -> None:
        """Reads all messages, and what their ends close."""
        with self.base.transaction() as tx:
            found = run(tx, "SELECT * FROM messages").all()
        self.rows = {row.id: row for row in found}
        for row in found:
            if row.status == "failed" and row.reason in ("opted_out", "bad_address", "bounced"):
                self.close(row, sorted(LANES))

    def close(self, row: Any, purposes: Any) -> None:
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

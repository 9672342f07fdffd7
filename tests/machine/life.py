"""All that may happen to messages, as rules of a state machine: every step, in any order."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, fields
from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule
from sqlalchemy import Connection

from engage.delivery.provider import Batch, Outcome
from engage.domain.backoff import share_of
from engage.domain.messages import CHANNELS, LANES, Channel, Purpose
from engage.domain.receipts import unwanted
from engage.runtime import Runtime
from engage.services import deliver as delivering
from engage.services import gates, recover, unsubscribe
from engage.services.claim import claim
from engage.services.gates import Gate
from engage.storage import attempts, messages
from tests.machine.model import CALLBACKS_WITHIN, LEASE, SEND, Model
from tests.machine.vendors import SCRIPTS, Kind, Script, Vendor, call_back
from tests.scripted import plan

CHANNEL = st.sampled_from(CHANNELS)
PURPOSE = st.sampled_from(sorted(LANES))
DOUBTFUL: tuple[Script, ...] = ("answer lost", "answer lost", "never came")
SCRIPT = st.sampled_from(("taken", "taken", "taken", *DOUBTFUL, *DOUBTFUL, *SCRIPTS))
WHO = st.integers(0, 5)
SELDOM = st.sampled_from([False, False, False, True])
PICK = st.integers(0, 999)


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


@dataclass(eq=False)
class Hand:
    """A request in the hands of a worker: claimed, started at ``begun`` (seconds of real time), answered."""

    vendor: Vendor
    gate: Gate
    batch: Batch
    begun: float | None = None
    answers: list[list[Outcome]] | None = None


class MessageLife(Model):
    """What people, workers, vendors and clocks do."""

    def __init__(self) -> None:
        super().__init__()
        self.hands: list[Hand] = []

    @initialize(
        due=st.lists(st.tuples(WHO, CHANNEL, PURPOSE), min_size=4, max_size=8),
        lost=st.booleans(),
    )
    def begin(self, due: list[tuple[int, Channel, Purpose]], lost: bool) -> None:
        for who, channel, purpose in due:
            plan(self.rt, self.cast[who], channel, purpose)
        self.lost = self.callbacks_get_lost and lost

    @rule(
        channel=CHANNEL,
        purpose=PURPOSE,
        who=WHO,
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
        delivering.deliver(self.rt, seconds=30)

    @rule(pick=PICK, limit=st.sampled_from([1, 2, 1000]), script=SCRIPT, far=st.integers(0, 3), dies=SELDOM)
    def claim(self, pick: int, limit: int, script: Script, far: int, dies: bool) -> None:
        """A worker claims, and comes as ``far`` as to start, send or record its first request."""
        lane, channel = self.one_of(self.due(), pick) or (0, "email")
        if dies:
            with suppress(Crash):
                claim(doomed(self.rt), lane, channel, limit)
            return
        result = claim(self.rt, lane, channel, limit)
        assert isinstance(result.sender, Vendor) and result.gate is not None
        for batch in result.batches:
            self.look_at(batch)
            self.hands.append(Hand(result.sender, result.gate, batch))
        for hand in self.hands[-1:] if result.batches else ():
            for _ in range(far):
                if hand in self.hands:
                    self.go_on(hand, script, dies=False)

    @rule(pick=PICK, script=SCRIPT, times=st.integers(1, 3), dies=SELDOM)
    def a_worker_goes_on(self, pick: int, script: Script, times: int, dies: bool) -> None:
        """Perhaps after it was frozen for long."""
        hand = self.one_of(self.hands, pick)
        for n in range(times):
            if hand is not None and hand in self.hands:
                self.go_on(hand, script, dies and n == times - 1)

    @rule(pick=PICK, seconds=st.sampled_from([12, 30, 30, 700]), script=SCRIPT, far=st.integers(1, 3))
    def a_worker_is_frozen_while_others_work(self, pick: int, seconds: int, script: Script, far: int) -> None:
        hand = self.one_of(self.hands, pick)
        if hand is not None:
            self.real_time_passes(seconds, dies=False)
            self.work("taken")
            self.a_worker_goes_on(pick=self.hands.index(hand), script=script, times=far, dies=False)

    @rule(pick=PICK)
    def crash(self, pick: int) -> None:
        """A worker is gone; at most its lease tells."""
        hand = self.one_of(self.hands, pick)
        if hand is not None:
            self.hands.remove(hand)

    @rule(seconds=st.sampled_from([1, 12, 30, 30, 130, 700, 1300]), dies=SELDOM, silent=SELDOM)
    def real_time_passes(self, seconds: int, dies: bool, silent: bool = False) -> None:
        """And upkeep looks at what got stuck."""
        self.phones.silent = silent
        if seconds >= CALLBACKS_WITHIN:
            self.all_call_back()
        self.pass_real_time(seconds)
        with suppress(Crash):
            recover.recover(doomed(self.rt) if dies else self.rt)

    @rule(script=SCRIPT, times=st.integers(2, 4), silent=st.booleans())
    def trouble_lasts(self, script: Script, times: int, silent: bool) -> None:
        """It always goes the same way, for as long as doubts are held."""
        for _ in range(times):
            self.work(script)
            self.real_time_passes(1300, dies=False, silent=silent)
            self.clock(1)

    @rule(minutes=st.sampled_from([1, 1, 20, 90, 800]))
    def clock(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(
        pick=PICK,
        kind=st.sampled_from(["processed", "delivered", "delivered", "bounce", "spamreport"]),
        times=st.integers(1, 3),
        applied=st.booleans(),
    )
    def callback(self, pick: int, kind: Kind, times: int, applied: bool) -> None:
        copy = self.one_of(self.ledger.copies, pick)
        if copy is None or self.lost:
            return
        for _ in range(times):
            call_back(self.rt, [(copy, kind)])
        if applied:
            self.apply()
        self.told.add(copy)
        if kind == "spamreport" and copy.channel == "email" and applied:
            row = self.rows[copy.message]
            self.close(row, unwanted("complaint", row.purpose))

    @rule()
    def callbacks_are_lost_from_now_on(self) -> None:
        if self.callbacks_get_lost:
            self.all_call_back()
            self.lost = True

    @rule(pick=PICK, how=st.sampled_from(["stop", "cancel", "", ""]))
    def somebody_changes_their_mind(self, pick: int, how: str) -> None:
        row = self.one_of([self.rows[id] for id in sorted(self.rows)], pick)
        if row is not None and how == "stop":
            unsubscribe.unsubscribe(self.rt, self.rt.links.token("unsubscribe", row.id), "one-click")
            self.close(row, (row.purpose,))
        elif row is not None and how == "cancel":
            with self.rt.transaction() as tx:
                if messages.cancel(tx, [row.id], "replaced", self.now):
                    self.cancelled.add(row.id)

    def go_on(self, hand: Hand, script: Script, dies: bool) -> None:
        """The next step of a worker: it starts, sends or records. It has nothing in hand any more when that is
        over, when it dies, or when its lease was gone."""
        rt = doomed(self.rt) if dies else self.rt
        self.hands.remove(hand)
        with suppress(Crash):
            if hand.begun is None:
                with rt.transaction() as tx:
                    held = attempts.start(tx, [hand.batch.attempt_id], LEASE)
                hand.begun = self.passed
                self.hands += [hand] if held else []
            elif hand.answers is None:
                hand.vendor.script, hand.vendor.late = script, self.passed - hand.begun >= SEND
                hand.answers = hand.vendor.send([hand.batch], 0)
                hand.vendor.late = False
                self.hands.append(hand)
            else:
                self.record(rt, hand, hand.answers)

    def record(self, rt: Runtime, hand: Hand, answers: list[list[Outcome]]) -> None:
        """The answer is written down, and what was not processed is in the worker's hands again."""
        told = delivering.record(rt, hand.vendor, [hand.batch], answers)
        self.looked_at |= {batch.attempt_id for batch in told.again}
        self.hands += [Hand(hand.vendor, hand.gate, batch) for batch in told.again]
        gates.note(rt, hand.gate, answers, share_of(hand.batch.attempt_id))

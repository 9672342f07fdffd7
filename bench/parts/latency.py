"""How long a message waits that falls due while nothing else happens: to the vendor's own clock."""

from __future__ import annotations

import random
import time
from datetime import timedelta

from bench import delivery
from bench.load import at
from bench.place import BenchError, Place
from bench.run import Bench
from bench.texts import address
from engage.domain.messages import TEST_MESSAGE
from engage.ids import new_id
from engage.storage import messages
from engage.storage.messages import Plan

TARGET = 2.0
MEAN_GAP = 0.2


def run(bench: Bench) -> None:
    """Service messages one by one at random moments, with worker and beat as ``make run`` starts them."""
    count = bench.options.size(30, 200)
    with bench.sending() as (place, vendor):
        worker, beat = delivery.start_workers(place)
        dice = random.Random(7)
        due = {}
        for number in range(count):
            time.sleep(dice.uniform(0, 2 * MEAN_GAP))
            due[address("email", number)] = plan_one(place, address("email", number))
        place.wait("the last message", lambda: len(vendor.ledger()) >= count, 15.0, tick=0.2)
        place.stop(worker, beat)
        received = {one.to: one.accepted_at for one in vendor.ledger()}
    if set(received) != set(due):
        raise BenchError(f"{count} messages were due, {len(received)} people got one")
    waited = sorted(received[to] - due[to] for to in due)
    p50, p99 = at(waited, 0.5), at(waited, 0.99)
    bench.report.table(
        f"From due to handed over, idle, {count} service messages",
        ("seconds", "least", "p50", "p99", "most"),
        [("due to accepted by the vendor", *(f"{one:.2f}" for one in (waited[0], p50, p99, waited[-1])))],
    )
    bench.report.most("due to handed over, p99 seconds", [p99], TARGET)


def plan_one(place: Place, to: str) -> float:
    """Plans one message that is due now. Returns that moment, in real seconds."""
    rt, id = place.rt, new_id()
    with rt.transaction() as tx:
        now = rt.now(tx)
        plan = Plan(
            id=id,
            kind=TEST_MESSAGE,
            cause="staff",
            cause_id=id,
            dedup_key=f"staff/test/{id}",
            due_at=now,
            not_after=now + timedelta(hours=1),
            sealed=rt.sealer.seal("messages", id, {"to": to, "values": {}}),
        )
        messages.plan(tx, [plan], now)
    return now.timestamp()

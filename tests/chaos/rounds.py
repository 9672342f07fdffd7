"""One round: a load, faults in one column, then everything settles and the judge speaks."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from engage.storage import messages
from engage.storage.database import run
from tests.chaos import load
from tests.chaos.judge import Verdict, judge
from tests.chaos.load import Load, Planned
from tests.chaos.points import Column
from tests.chaos.stand import Stand
from tests.fakes.ledger import Received

# Everything has moved this long after the last fault, or something is stuck.
SETTLE_SECONDS = 90.0
BEACON_SECONDS = 0.5


@dataclass
class Result:
    """What one round came to. ``faults`` counts what was done; ``delays`` are seconds from due to taken, of those that
    were taken; ``settled`` is how long after the last fault nothing moved any more."""

    fault: str
    column: Column
    seed: int
    verdict: Verdict
    faults: Counter[str] = field(default_factory=Counter)
    delays: list[float] = field(default_factory=list)
    settled: float = 0.0
    seconds: float = 0.0
    notes: dict[str, Any] = field(default_factory=dict)

    def delay(self, share: float) -> float:
        """The share-th quantile of the delays."""
        ordered = sorted(self.delays)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0

    def plain(self) -> dict[str, Any]:
        """As JSON."""
        names = [one.name for one in fields(self)]
        told = {name: getattr(self, name) for name in names} | {"delays": [self.delay(0.5), self.delay(0.99)]}
        return told | {"verdict": vars(self.verdict), "faults": dict(self.faults)}


class Round:
    """Feeds, waits and judges. Everything that it decides comes from its seed."""

    def __init__(self, stand: Stand, fault: str, column: Column, seed: int) -> None:
        self.stand, self.fault, self.column, self.seed = stand, fault, column, seed
        self.dice = random.Random(f"{fault}/{column}/{seed}")
        self.load = Load(f"{fault.lower()}-{column}-{seed}", seed)
        self.beacons = Load(f"{fault.lower()}-{column}-{seed}-beacon", seed)
        self.faults: Counter[str] = Counter()
        self.stopped: dict[str, float] = {}
        self.notes: dict[str, Any] = {}
        self.wrong: list[str] = []
        self.begun = time.monotonic()
        self.settled = 0.0
        self.stuck_at = 0.0
        self.patience = SETTLE_SECONDS
        stand.fake.forget()
        stand.tell(column)

    def feed(self, size: int, **how: Any) -> list[Planned]:
        """Plans so many more."""
        made = self.load.make(size, **how)
        load.insist(self.stand.rt, made, self.stand.keep)
        return made

    def during(self, seconds: float, each: Callable[[], None] | None = None) -> None:
        """Lets time pass, with everything kept alive."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.stand.keep()
            if each is not None:
                each()
            time.sleep(0.02)

    def settle(self, seconds: float = 0.0) -> float:
        """Until nothing moves, all callbacks have come and are applied. Mail goes on meanwhile where somebody waits
        for evidence, as it does in a clinic. Returns the seconds that this took."""
        begun, last = time.monotonic(), 0.0
        # What is not due yet does not move either.
        due = max((one.due for one in self.load.made), default=0.0)

        def quiet() -> bool:
            nonlocal last
            if time.time() <= due:
                return False
            if self.stand.moving():
                if self.column != "lost" and time.monotonic() - last > BEACON_SECONDS and self._doubts():
                    last = time.monotonic()
                    load.write(self.stand.rt, self.beacons.make(1, channel="email", purpose="service"))
                return False
            return self.stand.told() and not self.stand.moving()

        try:
            self.stand.wait(
                quiet, f"everything to settle after {self.fault} ({self.column})", seconds or self.patience
            )
        except AssertionError as error:
            self.stuck_at = time.time()
            self.wrong.append(f"not settled: {self.stuck()} {self.stand.diagnosis()}")
            print(error, flush=True)
        self.settled = time.monotonic() - begun
        return self.settled

    def release(self) -> int:
        """What three deaths made suspicious waits for a person. Here a person looks, and lets it go on."""
        with self.stand.rt.transaction() as tx:
            held = [
                row[0]
                for row in run(tx, "SELECT id FROM messages WHERE status = 'held' AND reason = 'poison'")
            ]
            now = self.stand.rt.now(tx)
            released = sum(messages.release(tx, id, now) for id in held)
        if released:
            self.faults["released by a person"] += released
        return released

    def story(self, key: str) -> list[str]:
        """All attempts and events of one message, in order, for the report of a failure."""
        attempts = """SELECT a.id, a.created_at, a.started_at, a.unknown_since, a.seen_at, a.ended_at, a.state, a.result
        FROM attempts a JOIN messages m ON m.id = ANY(a.message_ids) WHERE m.dedup_key = %(key)s ORDER BY a.created_at"""
        events = """SELECT e.attempt_id, e.what, e.received_at, r.applied_at FROM receipt_events e
        JOIN messages m ON m.id = e.message_id JOIN receipts r ON r.id = e.receipt_id
        WHERE m.dedup_key = %(key)s ORDER BY e.received_at"""
        with self.stand.rt.transaction() as tx:
            rows = [*run(tx, attempts, {"key": key}), *run(tx, events, {"key": key})]
        return [
            " ".join(f"{value:%H:%M:%S.%f}" if isinstance(value, datetime) else str(value) for value in row)
            for row in rows
        ]

    def _doubts(self) -> int:
        with self.stand.rt.transaction() as tx:
            return int(run(tx, "SELECT count(*) FROM attempts WHERE state = 'unknown'").scalar_one())

    def stuck(self) -> list[Any]:
        """What still moves, for the report of a failure."""
        sql = """SELECT m.status, m.reason, m.channel, m.purpose, m.tries, a.state, a.result, count(*) FROM messages m
        LEFT JOIN attempts a ON a.id = m.attempt_id WHERE m.status IN ('claimed', 'planned', 'unknown')
        GROUP BY 1, 2, 3, 4, 5, 6, 7"""
        with self.stand.rt.transaction() as tx:
            rest = run(
                tx,
                "SELECT state, result, channel, count(*) FROM attempts WHERE state <> 'done' GROUP BY 1, 2, 3",
            )
            waits = run(tx, "SELECT count(*) FROM receipts WHERE applied_at IS NULL").scalar_one()
            return (
                [tuple(row) for row in run(tx, sql)]
                + [tuple(row) for row in rest]
                + [f"{waits} receipts wait"]
            )

    def result(self, *more: Verdict) -> Result:
        """What the judge says of all that was planned in this round."""
        ledger = self.stand.fake.ledger()
        every = self.load.made + self.beacons.made
        listed = load.listed(self.stand.rt, [one.key for one in every])
        verdict = judge(every, ledger, self.column, listed, self.stopped)
        for one in more:
            verdict += one
        verdict.wrong += self.wrong
        if verdict.doubled:
            self.notes["stories"] = [self.story(what.split(" ", 1)[0]) for what in verdict.doubled[:4]]
        return Result(
            self.fault,
            self.column,
            self.seed,
            verdict,
            self.faults,
            delays(every, ledger),
            self.settled,
            time.monotonic() - self.begun,
            self.notes,
        )


def delays(planned: list[Planned], ledger: list[Received]) -> list[float]:
    """Seconds from due to taken, of each message that was."""
    first: dict[str, float] = {}
    for one in ledger:
        first.setdefault(one.to, one.accepted_at)
    return [max(0.0, first[one.to] - one.due) for one in planned if one.to in first]

"""STOP, START, cancel and claim at once, on real connections: nothing is claimed after a STOP has committed.

The database itself writes down the order: a trigger that runs at each commit, while the locks are still held, and makes
commits slow, so that others come in between. All 10,000 rounds run with ENGAGE_WHOLE_PROOFS=1, 300 otherwise.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import UUID

import pytest

from engage.runtime import Runtime
from engage.services import consent_proof, inbound, opt_outs, sms_answers
from engage.services.claim import claim
from engage.services.consent_proof import Finding
from engage.storage import messages, pipe
from engage.storage.database import run
from tests.scripted import Somebody, plan, state
from tests.texting import Texting, put
from tests.world import World

ROUNDS = 10_000 if os.environ.get("ENGAGE_WHOLE_PROOFS") else 300
NUMBERS = 12
CARE, SERVICE = 1, 0

LOG = """
CREATE TABLE race_log (place bigint GENERATED ALWAYS AS IDENTITY, what text, about uuid, number bytea);
CREATE FUNCTION race_message() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_sleep(0.001);
    INSERT INTO race_log (what, about, number)
    SELECT 'claimed', NEW.id, address_index FROM contacts WHERE id = NEW.contact_id;
    RETURN NULL;
END $$;
CREATE FUNCTION race_suppression() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_sleep(0.015);
    INSERT INTO race_log (what, about, number)
    VALUES (CASE WHEN NEW.lifted_at IS NULL THEN 'stop' ELSE 'start' END, NEW.id, NEW.address_index);
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER race_message AFTER UPDATE ON messages DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.status = 'claimed' AND OLD.status <> 'claimed') EXECUTE FUNCTION race_message();
CREATE CONSTRAINT TRIGGER race_suppression AFTER INSERT OR UPDATE ON suppressions
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION race_suppression();
"""
UNLOG = """
DROP TRIGGER race_message ON messages;
DROP TRIGGER race_suppression ON suppressions;
DROP FUNCTION race_message();
DROP FUNCTION race_suppression();
DROP TABLE race_log;
"""


@pytest.fixture
def logged(rt: Runtime) -> Iterator[Runtime]:
    with rt.transaction() as tx:
        tx.exec_driver_sql(LOG)
    yield rt
    with rt.transaction() as tx:
        tx.exec_driver_sql(UNLOG)


class Race:
    """Numbers, some of them shared, and what is done to them at once."""

    def __init__(self, rt: Runtime) -> None:
        self.rt = rt
        clinic = Texting(World(rt))
        self.people = [
            clinic.person(n, number=f"+1518555{n % NUMBERS:04}") for n in range(NUMBERS + NUMBERS // 2)
        ]
        self.planned: list[UUID] = []

    def says(self, words: str, who: Somebody) -> None:
        put(self.rt, who.number, words)
        inbound.understand(self.rt)

    def claims(self, who: Somebody, lane: int) -> None:
        """A worker, and somebody who plans one more message for it."""
        self.plans(who)
        claim(self.rt, lane, "sms", 30)

    def cancels(self, id: UUID) -> None:
        with self.rt.transaction() as tx:
            messages.cancel(tx, [id], "replaced", self.rt.now(tx))

    def plans(self, who: Somebody) -> UUID:
        id = plan(self.rt, who, "sms", "care")
        self.planned.append(id)
        return id

    def again(self, who: Somebody) -> None:
        self.plans(who)

    def round(self, dice: random.Random) -> list[Callable[[], None]]:
        """What happens at once: to one number mostly, in any order, with pauses of any length."""
        who = dice.choice(self.people)
        same = [one for one in self.people if one.number == who.number]
        ids = [self.plans(one) for one in same]
        acts: list[Callable[[], None]] = [
            lambda: self.says("STOP", who),
            lambda: self.claims(who, dice.choice((CARE, SERVICE))),
            lambda: self.claims(who, CARE),
            dice.choice(
                [
                    lambda: self.says("START", who),
                    lambda: self.cancels(dice.choice(ids)),
                    lambda: self.says("HELP", who),
                    lambda: self.again(who),
                ]
            ),
        ]
        dice.shuffle(acts)
        return [self._late(act, dice.random() * 0.015) for act in acts]

    def _late(self, act: Callable[[], None], seconds: float) -> Callable[[], None]:
        def go() -> None:
            time.sleep(seconds)
            act()

        return go


@pytest.mark.timeout(3600)
def test_nothing_is_claimed_after_a_stop_has_committed(
    logged: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Here a few numbers change their mind more often in a minute than anybody does in a day.
    monkeypatch.setattr(sms_answers, "MOST_CONFIRMED", 1_000_000)
    race, dice = Race(logged), random.Random(10_000)
    barrier = Barrier(4)

    def act(one: Callable[[], None]) -> None:
        barrier.wait()
        one()

    with ThreadPoolExecutor(4) as pool:
        for turn in range(ROUNDS):
            list(pool.map(act, race.round(dice)))
            if turn % 3 == 2:
                race.says("START", dice.choice(race.people))
    with logged.transaction() as tx:
        told = run(tx, "SELECT what, number, about FROM race_log ORDER BY place").all()
        episodes = run(tx, "SELECT count(*) FROM suppressions WHERE scope = 'all'").scalar()
        answers = run(tx, "SELECT count(*) FROM messages WHERE kind = 'answer-stopped'").scalar()
        waiting = run(tx, "SELECT count(*) FROM inbound WHERE understood_at IS NULL").scalar()
        statuses = {
            row[0]: row[1]
            for row in run(
                tx, "SELECT status, count(*) FROM messages WHERE kind = 'test-sms-care' GROUP BY 1"
            )
        }
    stopped: set[bytes] = set()
    counts = {"claimed": 0, "stop": 0, "start": 0}
    for what, index, about in told:
        number = bytes(index)
        counts[what] += 1
        if what == "claimed":
            assert number not in stopped, f"{about} was claimed after a STOP had committed"
        elif what == "stop":
            stopped.add(number)
        else:
            stopped.discard(number)
    assert waiting == 0
    assert answers == episodes == counts["stop"], "one confirmation for each opt-out"
    findings: list[Finding] = []
    assert consent_proof.verify(logged, findings.append).messages >= counts["claimed"]
    assert findings == []
    # All of it really happened, and in turns.
    assert min(counts.values()) > ROUNDS / 10, counts
    assert {"claimed", "cancelled"} <= set(statuses), statuses


def test_while_a_stop_is_under_way_nothing_of_its_number_is_claimed(rt: Runtime) -> None:
    clinic = Texting(World(rt))
    ada, bob = clinic.person(1), clinic.person(2)
    with rt.transaction() as tx:
        now = rt.now(tx)
        holders = opt_outs.lock(tx, rt.sealer.index("sms", ada.number), now)
        opt_outs.stop(tx, holders, "by text message", "person", now)
        hers, his = plan(rt, ada, "sms", "care"), plan(rt, bob, "sms", "care")
        claim(rt, CARE, "sms")
        assert (state(rt, hers), state(rt, his)) == (("planned", None), ("claimed", None))
    claim(rt, CARE, "sms")
    assert state(rt, hers) == ("skipped", "suppressed_unsubscribed")


def test_a_stop_waits_for_a_claim_that_is_under_way(rt: Runtime) -> None:
    clinic = Texting(World(rt))
    ada = clinic.person()
    id = plan(rt, ada, "sms", "care")
    with ThreadPoolExecutor(1) as pool:
        with rt.transaction() as tx:
            assert list(pipe.lock_due(tx, CARE, "sms", rt.now(tx), 10)) == [id]
            put(rt, ada.number, "STOP")
            stopping = pool.submit(inbound.understand, rt, 10.0)
            time.sleep(0.3)
            assert not stopping.done() and clinic.agreed(ada) != set()
        assert stopping.result(10) == 1
    assert state(rt, id) == ("cancelled", "unsubscribed")

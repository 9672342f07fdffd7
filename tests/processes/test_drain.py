"""A worker that is asked to end finishes what it has begun, and begins nothing more."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import pytest

from engage.dev.embedded import Servers
from tests.fakes.client import Fake
from tests.processes import stack as stacks
from tests.processes.stack import until
from tests.stand import plan

PEOPLE = 160
ANSWER_SECONDS = 0.8


@pytest.mark.timeout(90)
def test_sigterm_lets_what_is_under_way_end_and_leaves_nothing_claimed(
    servers: Servers, tmp_path: Path
) -> None:
    with Fake(tmp_path / "fake") as fake:
        fake.set_modes("sendgrid", chances={f"accept_slow:{ANSWER_SECONDS}": 1.0})
        fake.set_callbacks("sendgrid", on=False)
        env = {**fake.environment(), "ENGAGE_BATCH_SIZE": "1"}
        with stacks.stack(tmp_path, servers, env=env) as stack:
            for n in range(PEOPLE):
                plan(stack.rt, "email", "care", to=f"p{n}@example.org")
            stack.start("worker", "beat")
            under_way = "state = 'started'"
            until(lambda: stack.count("attempts", under_way), "a send under way", log=stack.log("worker"))

            worker = stack._child("worker").process
            began = time.monotonic()
            worker.send_signal(signal.SIGTERM)
            worker.wait(30)
            took = time.monotonic() - began

            assert stack.count("attempts", "state IN ('open', 'started', 'unknown')") == 0
            statuses = {
                s: stack.count("messages", f"status = '{s}'") for s in ("accepted", "planned", "claimed")
            }
            assert statuses["claimed"] == 0
            assert statuses["accepted"] + statuses["planned"] == PEOPLE
            assert 0 < statuses["accepted"] < PEOPLE, "it went on as if nobody had asked"
            assert sorted(one.to for one in fake.ledger()) == sorted({one.to for one in fake.ledger()})
            assert len(fake.ledger()) == statuses["accepted"]
            assert took < 20

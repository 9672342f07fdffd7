"""The doctor's test message."""

from __future__ import annotations

import threading

from engage.services import trial
from engage.services.deliver import deliver
from tests.world import World


def test_a_test_message_goes_through_the_whole_pipe_and_arrives(world: World) -> None:
    stop = threading.Event()

    def worker() -> None:
        while not stop.wait(0.05):
            deliver(world.rt)

    thread = threading.Thread(target=worker)
    thread.start()
    try:
        id = trial.plan_test(world.rt, "desk@example.org", "email", "service")
        status = trial.await_sent(world.rt, id, seconds=10)
    finally:
        stop.set()
        thread.join()
    assert status == "accepted"
    (mail,) = world.mail("desk@example.org")
    assert mail.subject == "A test message"

"""The doctor's test message."""

from __future__ import annotations

import threading

import pytest

from engage.domain.forms import InvalidInput
from engage.services import trial
from engage.services.deliver import deliver
from engage.storage import suppressions
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


def test_no_test_message_goes_to_a_number_that_said_stop(world: World) -> None:
    number = "+15185550123"
    with world.rt.transaction() as tx:
        index = world.rt.sealer.index("sms", number)
        suppressions.add(tx, "sms", index, "all", "opted_out", world.rt.now(tx))
    with pytest.raises(InvalidInput) as refused:
        trial.plan_test(world.rt, number, "sms", "care")
    assert "opted out" in refused.value.errors["to"]
    world.work()
    assert world.mail(number) == []

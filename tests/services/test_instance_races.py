"""Only a database that really went back is a restored copy: what other workers do meanwhile raises no alarm."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from engage.runtime import Runtime
from engage.services import instance
from engage.services.deliver import deliver
from engage.services.slot import Slot
from engage.storage import broker
from engage.storage import instance as storage
from engage.storage.database import run
from tests.scripted import Scripted, in_force, plan, somebody


@pytest.fixture(autouse=True)
def born(rt: Runtime) -> Iterator[None]:
    """An installation that has run for a while, and a process that has seen nothing of it yet."""
    with Slot(rt) as free:
        assert free
    for _ in range(3):
        instance.beat(rt)
    instance._seen.clear()
    yield
    instance._seen.clear()


def leaves(rt: Runtime) -> bool:
    """Whether a mail that is due reaches its reader."""
    sender = Scripted("sendgrid", "email")
    rt = in_force(rt, sender)
    id = plan(rt, somebody(rt), "email", "service")
    with Slot(rt) as free:
        if free:
            deliver(rt)
    return id in [m for m, _ in sender.arrived]


def test_a_pulse_counted_on_between_reading_it_and_asking_the_broker_is_no_alarm(
    rt: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = broker.pulse

    def meanwhile(url: str, id: UUID) -> int:
        # Another worker's beat commits just then.
        with rt.transaction() as tx:
            pulse = storage.beat(tx)
        broker.keep_pulse(url, id, pulse)
        return real(url, id)

    monkeypatch.setattr(broker, "pulse", meanwhile)
    with rt.transaction() as tx:
        assert instance.may_send(rt, tx)
    monkeypatch.setattr(broker, "pulse", real)
    assert instance.standing(rt).why == ""
    assert leaves(rt)


def test_a_beat_whose_commit_fails_is_no_alarm(rt: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    real = storage.beat

    def cut_off(tx: Connection) -> int:
        pulse = real(tx)
        backend = run(tx, "SELECT pg_backend_pid()").scalar()
        with rt.engine.connect() as other:
            run(other, "SELECT pg_terminate_backend(%(pid)s, 5000)", {"pid": backend})
        return pulse

    monkeypatch.setattr(storage, "beat", cut_off)
    with pytest.raises(DBAPIError):
        instance.beat(rt)
    monkeypatch.setattr(storage, "beat", real)
    assert leaves(rt)
    assert instance.standing(rt).why == ""


@pytest.mark.parametrize("lived_on", [True, False], ids=["a worker that lived on", "a newborn worker"])
def test_a_pulse_that_is_really_behind_stops_everything(rt: Runtime, lived_on: bool) -> None:
    if lived_on:
        assert leaves(rt)
    with rt.transaction() as tx:
        run(tx, "UPDATE instance SET pulse = 1")
    assert not leaves(rt)
    assert "went back in time" in instance.standing(rt).why

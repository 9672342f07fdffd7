"""What a sender answered is written down, also when the database is away at that moment; and one that refuses
everything costs a few requests and no message."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from sqlalchemy import Connection

from engage.delivery.provider import Batch, CannotSay, Outcome
from engage.delivery.sendgrid import SendGridSender
from engage.delivery.transport import Reply
from engage.domain.pace import Pace
from engage.ids import new_id
from engage.runtime import Runtime
from engage.services import recover
from engage.services.deliver import deliver, deliver_batch
from engage.storage import attempts, claims, pipe
from engage.storage.attempts import Ended, Opened
from engage.storage.database import run
from tests.scripted import (
    Scripted,
    crowd,
    end_leases,
    end_rests,
    in_force,
    lost,
    sender_state,
    standing,
    state,
    taken,
)
from tests.world import World

HTML = b"<html>Bad Request</html>"
FROM = b'{"errors":[{"message":"The from email is bad","field":"from.email","help":null}]}'


class Wire:
    """A vendor's one answer to every request."""

    def __init__(self, reply: Reply) -> None:
        self.reply, self.requests = reply, 0

    def exchange(
        self, builders: Sequence[Callable[[], Any]], until: float, at_once: int, patience: int, well: Any
    ) -> list[Reply]:
        self.requests += len(builders)
        for build in builders:
            build()
        return [self.reply for _ in builders]


@pytest.mark.parametrize("people", [3, 8, 120])
def test_a_vendor_that_answers_everything_with_a_page_costs_few_requests_and_no_message(
    world: World, people: int
) -> None:
    wire = Wire(Reply(400, {}, HTML))
    rt = in_force(world.rt, SendGridSender(wire, "key", "https://vendor.example"))  # type: ignore[arg-type]
    ids = crowd(rt, people, "email", "care")
    deliver(rt, seconds=5)
    assert wire.requests <= 16
    assert sender_state(rt, "email:sendgrid").rest_until is not None
    end_leases(rt)
    recover.recover(rt)
    assert {state(rt, id)[0] for id in ids} == {"planned"}
    # It was the vendor's trouble: when that is over, each gets it once.
    sender = Scripted("sendgrid", "email", taken)
    world.now = max(world.now, *(due(rt)))
    rt = in_force(world.rt, sender)
    end_rests(rt)
    deliver(rt, seconds=5)
    assert Counter(m for m, _ in sender.arrived) == Counter(ids)


def due(rt: Runtime) -> list[Any]:
    with rt.transaction() as tx:
        return [row[0] for row in run(tx, "SELECT due_at FROM messages")]


def test_a_refused_address_of_the_clinic_keeps_the_queue_and_rests(world: World) -> None:
    wire = Wire(Reply(400, {}, FROM))
    rt = in_force(world.rt, SendGridSender(wire, "key", "https://vendor.example"))  # type: ignore[arg-type]
    ids = crowd(rt, 20, "email", "care")
    deliver(rt)
    assert wire.requests == 1
    assert {state(rt, id) for id in ids} == {("planned", "channel_down")}
    row = sender_state(rt, "email:sendgrid")
    assert (row.reason, row.rests) == ("refused", 1)
    assert row.rest_until is not None


def cut(tx: Connection, rt: Runtime) -> None:
    """The server ends this connection."""
    backend = run(tx, "SELECT pg_backend_pid()").scalar()
    with rt.engine.connect() as other:
        run(other, "SELECT pg_terminate_backend(%(pid)s, 5000)", {"pid": backend})


@pytest.mark.parametrize("where", ["end", "accept"], ids=["before anything is written", "before the commit"])
def test_a_connection_lost_while_answers_are_written_down_loses_none(
    world: World, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    sender = Scripted("smtp", "email", taken, lambda _: CannotSay(ever=False), max_batch=1, parallel=6)
    rt = in_force(world.rt, sender, email_hold_seconds=0.01)
    ids = crowd(rt, 6, "email", "care")
    module: Any = attempts if where == "end" else pipe
    real = getattr(module, where)
    cuts: list[bool] = []

    def once(tx: Connection, *values: Any) -> Any:
        done = real(tx, *values)
        if not cuts:
            cuts.append(True)
            cut(tx, rt)
        return done

    monkeypatch.setattr(module, where, once)
    assert deliver(rt).accepted == 6
    assert len(cuts) == 1
    for _ in range(2):
        end_leases(rt)
        recover.recover(rt)
        deliver(rt, seconds=0.3)
    assert Counter(m for m, _ in sender.arrived) == Counter(ids)
    assert {state(rt, id) for id in ids} == {("accepted", None)}


def test_a_connection_lost_after_a_claim_s_note_leaves_no_death(world: World) -> None:
    id, ids = new_id(), [new_id()]
    tries: list[int] = []

    def act(own: Connection) -> None:
        claims.note(own, id, ids)
        tries.append(1)
        if len(tries) == 1:
            run(own, "SELECT pg_terminate_backend(pg_backend_pid())")

    world.rt.once(act)
    assert len(tries) == 2
    with world.rt.transaction() as tx:
        assert claims.deaths(tx, ids)[ids[0]] == 1  # the claim that lives, once
        claims.forget(tx, id)
        assert not claims.deaths(tx, ids)


def test_one_row_that_can_not_be_opened_does_not_keep_its_batch_in_doubt(world: World) -> None:
    sender = Scripted("sendgrid", "email", lost)
    rt = in_force(world.rt, sender, email_hold_seconds=60.0)
    ids = crowd(rt, 4, "email", "care")
    deliver(rt)
    with rt.transaction() as tx:
        run(tx, "UPDATE messages SET sealed = 'broken'::bytea WHERE id = %(id)s", {"id": ids[0]})
        run(tx, "UPDATE attempts SET unknown_since = clock_timestamp() - interval '1 day'")
    end_leases(rt)
    recover.resolve(rt)
    sender.script = taken
    end_rests(rt)
    deliver(rt)
    assert sorted(m for m, _ in sender.arrived) == sorted(ids[1:])
    assert state(rt, ids[0]) == ("held", "unreadable")


def test_an_id_that_another_attempt_has_costs_only_its_own_answer(world: World) -> None:
    """A text's lookup may have adopted the id of one that was under way: the others of its wave keep their answers."""

    def adopted(batch: Batch) -> list[Outcome]:
        sid = "SM" + ("a" * 32 if batch.entries[0].to.endswith("0000") else batch.attempt_id.hex)
        return [Outcome(batch.entries[0].message_id, "accepted", sid)]

    sender = Scripted("twilio", "sms", adopted, max_batch=1, parallel=6)
    rt = in_force(world.rt, sender)
    with rt.transaction() as tx:
        other = new_id()
        opened = Opened(other, "twilio", "sms", [new_id()])
        attempts.open_many(tx, [opened], 60)
        attempts.start(tx, [other], 60)
        attempts.end(tx, [Ended(other, "done", "answered", "SM" + "a" * 32)])
    ids = crowd(rt, 5, "sms", "care")
    deliver(rt)
    states = [state(rt, id)[0] for id in ids]
    assert states == ["claimed", *["accepted"] * 4]


def test_a_slow_sender_gives_back_what_it_would_keep_waiting(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engage.services.deliver.SEND_SECONDS", 0.6)

    def slowly(batch: Batch) -> list[Outcome]:
        time.sleep(0.4)
        return taken(batch)

    sender = Scripted("sendgrid", "email", slowly, max_batch=1, parallel=1)
    rt = in_force(world.rt, sender)
    rt.paces["email:sendgrid"] = Pace(100)
    ids = crowd(rt, 12, "email", "education")
    assert deliver_batch(rt, 2, "email") == 12
    # Two or three waves of one each; nobody waits for a lease to run out for the rest.
    left = [standing(rt, id) for id in ids if state(rt, id) == ("planned", "sender_busy")]
    assert len(sender.arrived) in (2, 3)
    assert len(left) == 12 - len(sender.arrived)
    assert {row.tries for row in left} == {0}
    assert {row.attempt_id for row in left} == {None}

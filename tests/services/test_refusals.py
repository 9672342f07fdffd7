"""What a refusal does: to the request it was part of, to the address, and to care that must not be lost."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

import pytest

from engage.delivery.provider import Batch, Outcome
from engage.domain.failures import Failure
from engage.services import alerts
from engage.services.claim import claim
from engage.services.deliver import deliver, record
from engage.services.refusals import Refusal, weigh
from engage.storage import attempts
from engage.storage.database import run
from tests.scripted import (
    Scripted,
    crowd,
    end_leases,
    follow_ups,
    in_force,
    plan,
    refused,
    resend,
    somebody,
    standing,
    state,
    taken,
)
from tests.world import World


def at_fault(guilty: Iterable[UUID], failure: Failure = "invalid") -> Scripted:
    """A vendor that names one bad entry of a request and processes nothing of it."""
    bad = set(guilty)

    def answer(batch: Batch) -> list[Outcome]:
        named = next((e.message_id for e in batch.entries if e.message_id in bad), None)
        if named is None:
            return taken(batch)
        rest = [Outcome(e.message_id, "resend") for e in batch.entries if e.message_id != named]
        return [*rest, Outcome(named, "failed", code="400", failure=failure)]

    return Scripted("sendgrid", "email", answer)


def test_an_entry_that_is_named_fails_and_the_rest_goes_in_one_further_request(world: World) -> None:
    ids = crowd(world.rt, 9, "email", "service")
    sender = at_fault(ids[4:5])
    assert deliver(in_force(world.rt, sender)).accepted == 8
    assert sender.sizes == [9, 8]
    assert state(world.rt, ids[4]) == ("failed", "rejected")
    assert sorted(m for m, _ in sender.arrived) == sorted(set(ids) - {ids[4]})
    assert {standing(world.rt, id).status for id in ids} == {"accepted", "failed"}


def test_several_bad_entries_are_found_one_after_the_other(world: World) -> None:
    ids = crowd(world.rt, 9, "email", "service")
    sender = at_fault([ids[0], ids[3], ids[8]])
    deliver(in_force(world.rt, sender))
    assert sender.sizes == [9, 8, 7, 6]
    assert [state(world.rt, id) for id in (ids[0], ids[3], ids[8])] == [("failed", "rejected")] * 3
    assert len(sender.arrived) == len(set(sender.arrived)) == 6


@pytest.mark.parametrize(
    ("most", "requests"),
    [
        (8, [8]),
        (4, [8, 4, 4]),
        (3, [8, 4, 4, 2, 2, 2, 2]),
        (1, [8, 4, 4, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1]),
    ],
)
def test_a_request_that_is_too_large_is_halved_until_it_is_not(
    world: World, most: int, requests: list[int]
) -> None:
    ids = crowd(world.rt, 8, "email", "service")
    sender = Scripted("sendgrid", "email", lambda b: resend(b) if len(b.entries) > most else taken(b))
    assert deliver(in_force(world.rt, sender)).accepted == 8
    assert sorted(sender.sizes, reverse=True) == requests
    assert sorted(m for m, _ in sender.arrived) == sorted(ids)
    rows = [standing(world.rt, id) for id in ids]
    # It was one try, however many requests it took.
    assert {(row.status, row.tries) for row in rows} == {("accepted", 1)}


def test_halving_finds_the_one_that_makes_a_request_unreadable(world: World) -> None:
    ids = crowd(world.rt, 20, "email", "service")

    def answer(batch: Batch) -> list[Outcome]:
        if ids[13] not in [e.message_id for e in batch.entries]:
            return taken(batch)
        return resend(batch) if len(batch.entries) > 1 else refused("invalid")(batch)

    sender = Scripted("sendgrid", "email", answer)
    deliver(in_force(world.rt, sender))
    assert state(world.rt, ids[13]) == ("failed", "rejected")
    assert len(sender.arrived) == len(set(sender.arrived)) == 19
    assert len(sender.sizes) <= 11


def test_every_request_of_a_halved_one_was_an_attempt_of_its_own(world: World) -> None:
    crowd(world.rt, 8, "email", "service")
    sender = Scripted("sendgrid", "email", lambda b: resend(b) if len(b.entries) > 2 else taken(b))
    deliver(in_force(world.rt, sender))
    with world.rt.transaction() as tx:
        rows = run(tx, "SELECT id, state, result, message_ids FROM attempts").all()
    kept = {row.id: [*row.message_ids] for row in rows}
    assert kept == {b.attempt_id: [e.message_id for e in b.entries] for b in sender.requests}
    assert sorted(row.result for row in rows) == ["answered"] * 4 + ["split"] * 3
    assert {row.state for row in rows} == {"done"}


def test_two_messages_to_one_address_never_share_a_request_also_when_it_is_halved(world: World) -> None:
    for n in range(4):
        who = somebody(world.rt, n)
        for _ in range(3):
            plan(world.rt, who, "email", "service")
    # A family shares a mailbox, spelt in two ways.
    plan(world.rt, somebody(world.rt, email="P1@Example.org"), "email", "service")
    sender = Scripted("sendgrid", "email", lambda b: resend(b) if len(b.entries) > 1 else taken(b))
    deliver(in_force(world.rt, sender))
    assert len(sender.arrived) == 13
    assert max(sender.sizes) == 4
    for batch in sender.requests:
        addresses = [entry.to.lower() for entry in batch.entries]
        assert len(set(addresses)) == len(addresses)


@pytest.mark.parametrize("answer", ["resend", "refused", "taken"])
def test_an_answer_that_comes_after_its_attempt_was_doubted_still_counts(world: World, answer: str) -> None:
    """The worker was frozen for longer than its lease, after the sender had answered."""
    ids = crowd(world.rt, 4, "email", "service")
    sender = Scripted(
        "sendgrid", "email", {"resend": resend, "refused": refused("invalid")}.get(answer, taken)
    )
    rt = in_force(world.rt, sender)
    (batch,) = claim(rt, 0, "email").batches
    with rt.transaction() as tx:
        attempts.start(tx, [batch.attempt_id], 1)
    answers = sender.send([batch], 0)
    end_leases(rt)
    with rt.transaction() as tx:
        assert attempts.doubt_unanswered(tx, 100, 100) == 4
    told = record(rt, sender, [batch], answers)
    if answer == "resend":
        # Nothing of it was processed, so it is in work again and not in doubt for ever.
        assert [len(b.entries) for b in told.again] == [2, 2]
        assert {standing(rt, id).status for id in ids} == {"claimed"}
    else:
        expected = ("accepted", None) if answer == "taken" else ("failed", "rejected")
        assert {state(rt, id) for id in ids} == {expected}


def test_a_refusal_that_comes_after_proof_of_the_opposite_changes_nothing(world: World) -> None:
    who = somebody(world.rt)
    id = plan(world.rt, who, "sms", "care")
    sender = Scripted("twilio", "sms", refused("bad_address", "21211"), max_batch=1)
    rt = in_force(world.rt, sender)
    (batch,) = claim(rt, 1, "sms").batches
    with rt.transaction() as tx:
        attempts.start(tx, [batch.attempt_id], 1)
        attempts.end(tx, [attempts.Ended(batch.attempt_id, "done", "found", "SM1")])
        run(tx, "UPDATE messages SET status = 'accepted'")
    record(rt, sender, [batch], sender.send([batch], 0))
    assert state(rt, id) == ("accepted", None)
    assert follow_ups(rt) == []
    with rt.transaction() as tx:
        assert run(tx, "SELECT count(*) FROM messages").scalar() == 1
        assert run(tx, "SELECT state FROM contacts WHERE channel = 'sms'").scalar() == "confirmed"


def test_whoever_opted_out_with_the_vendor_is_suppressed_and_gets_nothing_more(world: World) -> None:
    who = somebody(world.rt)
    first = plan(world.rt, who, "sms", "education")
    sender = Scripted("twilio", "sms", refused("opted_out", "21610"), max_batch=1)
    rt = in_force(world.rt, sender)
    deliver(rt)
    assert state(rt, first) == ("failed", "opted_out")
    # Also to somebody else with the same number, and whatever it is about.
    others = [
        plan(rt, who, "sms", "service"),
        plan(rt, somebody(rt, 2, number=who.number), "sms", "education"),
    ]
    sender.script = taken
    deliver(rt)
    assert sender.arrived == []
    assert {state(rt, id) for id in others} == {("skipped", "suppressed_opted_out")}
    by_email = plan(rt, who, "email", "education")
    mail = Scripted("sendgrid", "email")
    deliver(in_force(rt, sender, mail))
    assert mail.arrived == [(by_email, who.email)]


@pytest.mark.parametrize(("channel", "vendor"), [("email", "sendgrid"), ("sms", "twilio")])
def test_a_bad_address_is_marked_and_not_written_to_again(world: World, channel: str, vendor: str) -> None:
    who, other = somebody(world.rt), somebody(world.rt, 1)
    plan(world.rt, who, channel, "service")  # type: ignore[arg-type]
    sender = Scripted(vendor, channel, refused("bad_address"), max_batch=1)  # type: ignore[arg-type]
    rt = in_force(world.rt, sender)
    deliver(rt)
    sender.script = taken
    later = plan(rt, who, channel, "service")  # type: ignore[arg-type]
    fine = plan(rt, other, channel, "service")  # type: ignore[arg-type]
    deliver(rt)
    assert state(rt, later) == ("skipped", "no_address")
    assert [id for id, _ in sender.arrived] == [fine]


@pytest.mark.parametrize(
    ("failure", "again"),
    [("temporary", 2), ("late", 2), ("filtered", 0), ("invalid", 0), ("unknown_code", 0)],
)
def test_each_class_is_tried_as_often_as_its_rule_says(world: World, failure: Failure, again: int) -> None:
    id = plan(world.rt, somebody(world.rt), "sms", "service")
    requests = 0
    for _ in range(8):
        sender = Scripted("twilio", "sms", refused(failure), max_batch=1)
        deliver(in_force(world.rt, sender))
        requests += len(sender.requests)
        world.now = max(world.now, standing(world.rt, id).due_at)
    assert requests == 1 + again
    assert standing(world.rt, id).status == ("expired" if failure == "late" else "failed")
    assert standing(world.rt, id).ended_at is not None


def test_a_late_refusal_near_the_end_of_use_expires_in_time(world: World) -> None:
    id = plan(world.rt, somebody(world.rt), "sms", "service", useful=timedelta(seconds=8))
    end = world.now + timedelta(seconds=8)
    seen = []
    for _ in range(8):
        sender = Scripted("twilio", "sms", refused("late"), max_batch=1)
        deliver(in_force(world.rt, sender))
        seen += [world.now] * len(sender.requests)
        world.now = max(world.now, standing(world.rt, id).due_at)
    assert len(seen) == 3
    assert max(seen) < end
    assert state(world.rt, id) == ("expired", "too_late")


def test_an_unknown_code_tells_the_operators_once_and_loses_nothing_else(world: World) -> None:
    ids = crowd(world.rt, 3, "email", "service")

    def answer(batch: Batch) -> list[Outcome]:
        head, *rest = batch.entries
        unknown = Outcome(head.message_id, "failed", code="4711", failure="unknown_code")
        return [unknown, *(Outcome(e.message_id, "accepted", "x") for e in rest)]

    sender = Scripted("sendgrid", "email", answer)
    rt = in_force(world.rt, sender)
    deliver(rt)
    assert state(rt, ids[0]) == ("failed", "unknown_code")
    assert len(sender.arrived) == 2
    for _ in range(2):
        alerts.tell(rt)
        alerts.watch(rt)
    world.work()
    letters = [mail for mail in world.mail() if mail.kind == "operator-unknown-code"]
    assert [mail.to for mail in letters] in ([rt.clinic.alerts.operators[0]], ["on-call@harmonia.example"])
    assert "4711" not in letters[0].text
    assert f"/staff/messages/{ids[0]}" in letters[0].text


def test_weighing_twice_does_what_once_does(world: World) -> None:
    who = somebody(world.rt)
    id = plan(world.rt, who, "sms", "care")
    attempt = id
    for _ in range(2):
        with world.rt.transaction() as tx:
            (answer,) = weigh(world.rt, tx, [Refusal(id, attempt, "opted_out", "21610")], world.now)
            assert (answer.status, answer.reason) == ("failed", "opted_out")
    with world.rt.transaction() as tx:
        assert run(tx, "SELECT count(*) FROM suppressions").scalar() == 1
        assert run(tx, "SELECT count(*) FROM messages WHERE channel = 'email'").scalar() == 1


def test_what_the_caller_says_takes_the_place_of_the_class_s_own_words_only_at_the_end(world: World) -> None:
    id = plan(world.rt, somebody(world.rt), "email", "service")
    said = {}
    for tries in (1, 3):
        with world.rt.transaction() as tx:
            run(tx, "UPDATE messages SET tries = %(tries)s", {"tries": tries})
            (answer,) = weigh(
                world.rt, tx, [Refusal(id, id, "temporary", "450", reason="blocked")], world.now
            )
            said[tries] = (answer.status, answer.reason)
    assert said == {1: ("planned", "temporary"), 3: ("failed", "blocked")}

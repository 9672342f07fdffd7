"""Doubts are resolved within a budget, with patience for marketing, and told while care is still of use."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest

from engage.delivery.provider import CannotSay, Doubt, Lookup
from engage.domain.messages import Purpose
from engage.services import recover
from engage.services.deliver import deliver
from engage.storage import attempts, senders
from engage.storage.database import run
from tests.scripted import (
    Scripted,
    crowd,
    end_leases,
    end_rests,
    follow_ups,
    in_force,
    lost,
    plan,
    somebody,
    state,
    taken,
)
from tests.services.test_doubtful_sends import HOLD, attempt_of, found, holds_pass, in_doubt, vendor
from tests.world import World

NAP = 0.06


def slowly(_: Doubt) -> Lookup:
    time.sleep(NAP)
    return CannotSay()


@pytest.mark.parametrize(("budget", "patience", "most"), [(0.2, 10.0, 6), (10.0, NAP / 2, 1)])
def test_look_ups_that_hang_keep_no_worker(
    world: World, monkeypatch: pytest.MonkeyPatch, budget: float, patience: float, most: int
) -> None:
    monkeypatch.setattr(recover, "RESOLVE_SECONDS", budget)
    monkeypatch.setattr(recover, "HANGS_SECONDS", patience)
    hanging = Scripted("sendgrid", "email", lost, slowly, max_batch=1, parallel=30)
    rt = in_force(world.rt, hanging, email_hold_seconds=HOLD)
    crowd(rt, 25, "email", "care")
    deliver(rt)
    end_leases(rt)
    recover.resolve(rt)
    assert 1 <= len(hanging.doubts) <= most


def test_a_sender_that_hangs_keeps_no_other_s_doubts(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recover, "HANGS_SECONDS", NAP / 2)
    hanging = Scripted("sendgrid", "email", lost, slowly, max_batch=1, parallel=30)
    quick = Scripted("twilio", "sms", lost, found, max_batch=1)
    rt = in_force(world.rt, hanging, quick, email_hold_seconds=HOLD, sms_hold_seconds=HOLD)
    crowd(rt, 25, "email", "care")
    text = plan(rt, somebody(rt, 90), "sms", "care")
    deliver(rt)
    end_leases(rt)
    with rt.transaction() as tx:  # in front of the text, as they are older
        run(tx, "UPDATE attempts SET lease_until = lease_until - interval '1 s' WHERE channel = 'email'")
    recover.resolve(rt)
    assert len(hanging.doubts) == 1
    assert state(rt, text) == ("accepted", None)


def hear_of_a_later_one(rt, id) -> None:  # type: ignore[no-untyped-def]
    """An event came for a request that was made after this one's."""
    with rt.transaction() as tx:
        senders.note_evidence(tx, "email:sendgrid", attempt_of(rt, id).unknown_since + timedelta(hours=1))


@pytest.mark.parametrize(("purpose", "patient"), [("marketing", True), ("education", False), ("care", False)])
def test_marketing_waits_longer_before_the_silence_counts_as_proof(
    world: World, purpose: Purpose, patient: bool
) -> None:
    id = plan(world.rt, somebody(world.rt), "email", purpose)
    rt = in_doubt(world, vendor())
    holds_pass(rt, 2.2)
    hear_of_a_later_one(rt, id)
    recover.resolve(rt)
    assert (state(rt, id)[0] == "unknown") is patient
    holds_pass(rt, 2)
    recover.resolve(rt)
    assert state(rt, id) == ("planned", "absent")


def test_marketing_whose_event_comes_late_arrives_once(world: World) -> None:
    sender = vendor()
    id = plan(world.rt, somebody(world.rt), "email", "marketing")
    rt = in_doubt(world, sender)  # It did arrive.
    holds_pass(rt, 1.5)
    hear_of_a_later_one(rt, id)
    sender.script = taken
    recover.resolve(rt)
    end_rests(rt)
    deliver(rt)
    assert len(sender.requests) == 1


def test_a_care_text_nobody_can_tell_about_is_somebody_s_work_while_it_is_of_use(world: World) -> None:
    id = plan(world.rt, somebody(world.rt), "sms", "care", useful=timedelta(hours=20))
    lesson = plan(world.rt, somebody(world.rt, 1), "sms", "education", useful=timedelta(hours=20))
    sender = vendor("sms", parallel=2)
    rt = in_doubt(world, sender)
    for holds, told in ((1, []), (1, []), (1.5, [("never_known", id)]), (3, [("never_known", id)])):
        holds_pass(rt, holds)
        recover.resolve(rt)
        assert follow_ups(rt) == told
        assert state(rt, id) == ("unknown", "no_answer")
    # What is found out afterwards still counts, and nobody got a second one.
    sender.asked = found
    holds_pass(rt)
    recover.resolve(rt)
    deliver(rt)
    assert state(rt, id) == state(rt, lesson) == ("accepted", None)
    assert len(sender.requests) == 2


def test_attempts_that_were_not_asked_about_are_not_forgotten(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recover, "HANGS_SECONDS", 0.0)
    sender = vendor("email", found, max_batch=1)
    ids = crowd(world.rt, 4, "email", "care")
    rt = in_doubt(world, sender)
    for _ in ids:
        end_leases(rt)
        recover.resolve(rt)
    assert {state(rt, id) for id in ids} == {("accepted", None)}
    with rt.transaction() as tx:
        assert attempts.unresolved(tx, 10, 1) == []

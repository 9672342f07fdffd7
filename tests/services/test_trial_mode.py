"""Trial mode by what people get: staff get theirs, all others wait, and have it when the installation goes live."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from engage.domain.forms import InvalidInput
from engage.domain.messages import ANSWER_HELP
from engage.ids import new_id
from engage.runtime import Runtime
from engage.services import doctor_pipe, message_story, messages, signups, staff, trial, trial_mode
from engage.services.alerts import raise_alert
from engage.services.audit import CLI
from engage.services.claim import claim
from engage.services.health import Check
from engage.storage import go_live, pipe
from engage.storage import messages as rows
from engage.storage.database import run
from engage.storage.messages import Plan
from tests.campaigns import draft, readers
from tests.on_trial import let_live, trial_world
from tests.visits import book, pass_time, patient
from tests.web.staff_world import EMAIL, new_member
from tests.world import World

NEXT_DAY = date(2026, 11, 3)
SOON = date(2026, 11, 5)


@pytest.fixture
def clinic(rt: Runtime) -> World:
    """On trial, with one member of staff."""
    new_member(rt, EMAIL)
    return trial_world(rt)


def reasons(world: World, where: str = "true") -> list[tuple[str, str | None]]:
    with world.rt.transaction() as tx:
        found = run(tx, f"SELECT status, reason FROM messages WHERE {where} ORDER BY created_at, id").all()
        return [(row.status, row.reason) for row in found]


def test_staff_get_what_they_sign_up_for_and_others_wait(clinic: World) -> None:
    clinic.sign_up(email=EMAIL.upper())
    clinic.sign_up(email="ada@example.org")
    clinic.work()
    assert [mail.to.lower() for mail in clinic.mail()] == [EMAIL]
    assert sorted(reasons(clinic)) == [("accepted", None), ("planned", "trial_mode")]


def test_a_member_who_has_left_or_is_only_invited_gets_nothing(clinic: World) -> None:
    new_member(clinic.base, "una@example.org", "Una")
    staff.disable(clinic.base, CLI, "una@example.org")
    staff.invite(clinic.base, CLI, "max@example.org", "Max")
    for email in ("una@example.org", "max@example.org"):
        clinic.sign_up(email=email)
    clinic.work()
    assert clinic.mail() == []


def test_whoever_the_clinics_file_names_is_told_of_alerts_and_sent_nothing_else(clinic: World) -> None:
    (desk,) = clinic.rt.clinic.alerts.staff
    clinic.ask(email="grace@example.org")
    clinic.pass_time(timedelta(minutes=2))
    assert {(mail.kind, mail.to) for mail in clinic.mail()} >= {("staff-new-request", desk)}
    assert "grace@example.org" not in {mail.to for mail in clinic.mail()}
    with clinic.rt.transaction() as tx:
        raise_alert(clinic.rt, tx, "queue_stuck", "queue")
    clinic.work()
    told = clinic.rt.clinic.alerts.operators
    assert {mail.to for mail in clinic.mail() if mail.kind == "operator-queue-stuck"} <= {
        *told, *clinic.rt.clinic.alerts.out_of_hours
    }  # fmt: skip


def test_a_test_goes_where_whoever_asks_for_it_says(clinic: World) -> None:
    trial.plan_test(clinic.rt, "+15185550123", "sms", "care")
    trial.plan_test(clinic.rt, "somebody@example.org", "email", "care")
    clinic.work()
    assert {mail.to for mail in clinic.mail()} == {"+15185550123", "somebody@example.org"}


def test_a_reminder_waits_and_leaves_after_going_live_while_it_is_of_use(clinic: World) -> None:
    book(clinic, patient(clinic), SOON)
    pass_time(clinic, timedelta(days=1, hours=2))
    assert clinic.mail() == []
    assert ("planned", "trial_mode") in reasons(clinic, "purpose = 'care'")
    let_live(clinic.rt)
    pass_time(clinic, timedelta(days=3))
    assert {mail.kind for mail in clinic.mail("ada@example.org")} == {"visit-first", "visit-reminder"}
    assert {mail.kind for mail in clinic.mail("+15185550123")} >= {"visit-reminder-text"}
    assert reasons(clinic, "reason = 'trial_mode'") == []


def test_what_is_too_late_expires_as_usual_and_a_person_is_asked_to_call(clinic: World) -> None:
    book(clinic, patient(clinic), NEXT_DAY)
    pass_time(clinic, timedelta(days=2))
    assert clinic.mail() == []
    told = reasons(clinic, "purpose = 'care'")
    assert ("expired", "too_late") in told and ("planned", "trial_mode") not in told
    with clinic.rt.transaction() as tx:
        assert run(tx, "SELECT count(*) FROM follow_ups").scalar_one() >= 1


def test_an_answer_that_somebody_waits_for_waits_too(clinic: World) -> None:
    id = new_id()
    sealed = clinic.rt.sealer.seal("messages", id, {"to": "+15185550123", "values": {}})
    soon = clinic.now + timedelta(hours=1)
    plan = Plan(
        id=id, kind=ANSWER_HELP, cause="staff", cause_id=id, dedup_key=str(id), due_at=clinic.now, not_after=soon,
        sealed=sealed,
    )  # fmt: skip
    with clinic.rt.transaction() as tx:
        rows.plan(tx, [plan], clinic.now)
    clinic.work()
    assert reasons(clinic) == [("planned", "trial_mode")]


def test_a_message_to_several_known_addresses_needs_all_of_them_to_be_staffs(clinic: World) -> None:
    """What is sealed with the message is where it goes, whatever its contact says."""
    person = patient(clinic, email=EMAIL)
    book(clinic, person, date(2026, 11, 12))
    with clinic.rt.transaction() as tx:
        for row in run(tx, "SELECT id, sealed FROM messages WHERE sealed IS NOT NULL").all():
            told = clinic.rt.sealer.open("messages", row.id, row.sealed) | {"to": "ada@example.org"}
            sealed = clinic.rt.sealer.seal("messages", row.id, told)
            run(tx, "UPDATE messages SET sealed = %(s)s WHERE id = %(id)s", {"s": sealed, "id": row.id})
    pass_time(clinic, timedelta(days=1))
    assert clinic.mail("ada@example.org") == []


def test_development_is_always_live(rt: Runtime) -> None:
    world = World(rt)
    world.sign_up()
    world.work()
    assert len(world.mail("ada@example.org")) == 1
    assert not trial_mode.in_force(rt)


def test_a_live_installation_pays_nothing_for_it(clinic: World, monkeypatch: pytest.MonkeyPatch) -> None:
    let_live(clinic.rt)
    claim(clinic.rt, 0, "email")

    def never(tx: Any) -> Any:
        raise AssertionError("asked again")

    monkeypatch.setattr(go_live, "look", never)
    monkeypatch.setattr(go_live, "look_and_stay", never)
    clinic.sign_up()
    clinic.work()
    assert len(clinic.mail("ada@example.org")) == 1
    assert not trial_mode.in_force(clinic.rt)


def test_going_live_misses_nothing_that_a_claim_has_in_its_hands(
    clinic: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The claim has read that it is a trial, and puts the message off while somebody presses the button."""
    clinic.sign_up()
    signups.answer_new(clinic.rt)
    assert reasons(clinic) == [("planned", None)]
    locked, pressed = threading.Event(), threading.Event()
    lock_due = pipe.lock_due

    def slowly(*given: Any) -> Any:
        found = lock_due(*given)
        locked.set()
        pressed.wait(10)
        time.sleep(0.3)  # The button waits for us.
        return found

    monkeypatch.setattr(pipe, "lock_due", slowly)
    claiming = threading.Thread(target=claim, args=(clinic.rt, 0, "email"))
    claiming.start()
    assert locked.wait(10)
    pressing = threading.Thread(target=let_live, args=(replace(clinic.rt),))
    pressing.start()
    pressed.set()
    claiming.join(20)
    pressing.join(20)
    monkeypatch.setattr(pipe, "lock_due", lock_due)
    clinic.work()
    assert len(clinic.mail("ada@example.org")) == 1


def test_it_is_told_in_plain_words(clinic: World) -> None:
    clinic.sign_up()
    clinic.work()
    with clinic.rt.transaction() as tx:
        id = run(tx, "SELECT id FROM messages").scalar_one()
    told = messages.explain(clinic.rt, id)
    assert told is not None
    assert any("Trial mode: only staff get messages" in line.words for line in told.lines)
    assert message_story.verdict("planned", "trial_mode", None).startswith("Waiting for its time")


def test_the_doctor_tells_it_and_what_care_waits(clinic: World) -> None:
    def found() -> Check:
        return next(check for check in doctor_pipe.examine(clinic.rt) if check.name == "trial")

    assert (found().ok, found().note) == (True, True)
    assert "only staff get messages" in found().detail
    book(clinic, patient(clinic), SOON)
    pass_time(clinic, timedelta(days=1, hours=2))
    assert not found().ok
    assert "care message(s) wait" in found().detail
    let_live(clinic.rt)
    assert (found().ok, found().note) == (True, False)


def test_no_campaign_starts_on_trial(clinic: World) -> None:
    readers(clinic, 3)
    campaign = draft(clinic).ready()
    with pytest.raises(InvalidInput) as refused:
        campaign.start()
    assert "Go live first" in refused.value.errors["trial"]
    let_live(clinic.base)
    campaign.start()

"""The page that ends trial mode, and what every other page says until then."""

from __future__ import annotations

from dataclasses import replace

import pytest
from werkzeug.test import TestResponse

from engage.domain.roles import Role
from engage.runtime import Runtime
from engage.services import trial, trial_mode
from engage.services.deliver import deliver
from engage.storage.database import run
from tests.on_trial import let_live, own_clinic, production, trial_world
from tests.scripted import Scripted, taken
from tests.services.test_go_live import hear
from tests.web.staff_world import Desk, hidden, new_member, sql

BANNER = "Trial mode: only staff get messages"


@pytest.fixture
def clinic(rt: Runtime) -> Runtime:
    """On trial, mail by SendGrid and no texts."""
    given = production(
        own_clinic(rt), email="sendgrid", care_email="sendgrid", sendgrid_webhook_public_key="key"
    )
    return replace(given, senders={**rt.senders, "email:sendgrid": Scripted("sendgrid", "email", taken)})


def at_desk(rt: Runtime, role: Role = "administrator") -> Desk:
    desk = new_member(rt, f"{role}@example.org", role.title(), role)
    desk.sign_in()
    return desk


def send(desk: Desk, address: str, **typed: str) -> TestResponse:
    return desk.client.post(address, data=hidden(desk.get("/staff/account")) | typed)


def tick(desk: Desk, item: str, done: str = "yes") -> TestResponse:
    return send(desk, f"/staff/go-live/list/{item}", done=done)


def test_every_page_says_so_until_it_is_live(clinic: Runtime) -> None:
    desk = at_desk(clinic, "reader")
    pages = (
        "/staff/requests",
        "/staff/people",
        "/staff/messages",
        "/staff/visits",
        "/staff/account",
        "/staff/go-live",
    )
    for page in pages:
        assert BANNER in desk.get(page).text, page
    assert BANNER not in desk.beside().get("/staff/sign-in").text
    let_live(clinic)
    for page in pages:
        assert BANNER not in desk.get(page).text, page


def test_development_says_nothing(rt: Runtime) -> None:
    desk = at_desk(rt)
    assert BANNER not in desk.get("/staff/requests").text
    page = desk.get("/staff/go-live")
    assert "A development installation always sends" in page.text
    assert "Go live</button>" not in page.text


def test_the_list_is_worked_off_in_the_browser(clinic: Runtime) -> None:
    desk = at_desk(clinic)
    first = desk.get("/staff/go-live").text
    assert "6 of 7 items are left" in first and "Go live</button>" not in first
    assert "signs no HIPAA business-associate agreement" in first
    sent = send(desk, "/staff/go-live/test", what="email")
    assert "On its way" in desk.get(sent.location).text
    deliver(clinic, seconds=5)
    hear(clinic)
    with clinic.transaction() as tx:
        row = run(tx, "SELECT id, sealed FROM messages").one()
        assert clinic.sealer.open("messages", row.id, row.sealed)["to"] == "administrator@example.org"
    for item in ("texts", "care-email", "hours", "backup"):
        assert "Noted, with your name" in desk.get(tick(desk, item).location).text
    page = desk.get("/staff/go-live")
    assert "Administrator, " in page.text and "Go live</button>" in page.text
    assert "please tick the box" in send(desk, "/staff/go-live").text
    assert trial_mode.in_force(clinic)
    done = desk.get(send(desk, "/staff/go-live", sure="yes").location)
    assert "Messages go to everybody since" in done.text and BANNER not in done.text
    assert not trial_mode.in_force(clinic)


def test_it_does_not_begin_before_the_list_is_done(clinic: Runtime) -> None:
    desk = at_desk(clinic)
    early = send(desk, "/staff/go-live", sure="yes")
    assert early.status_code == 409 and "What is left: Mail arrives" in early.text
    assert trial_mode.in_force(clinic)


def test_a_tick_is_taken_back_and_what_the_system_sees_is_nobodys(clinic: Runtime) -> None:
    desk = at_desk(clinic)
    tick(desk, "backup")
    assert "Taken back" in desk.get(tick(desk, "backup", "no").location).text
    assert "Nothing was changed" in desk.get(tick(desk, "backup", "no").location).text
    for item in ("sender", "nothing-of-the-kind"):
        assert tick(desk, item).status_code == 422


def test_a_fresh_code_is_asked_for(clinic: Runtime) -> None:
    desk = at_desk(clinic)
    sql(clinic, "UPDATE staff_sessions SET stepped_up_at = now() - interval '6 minutes'")
    for address in ("/staff/go-live", "/staff/go-live/list/backup", "/staff/go-live/test"):
        assert send(desk, address, sure="yes", done="yes").status_code == 401
    assert desk.get("/staff/go-live").status_code == 200


@pytest.mark.parametrize("role", ["reader", "front_desk", "author", "approver"])
def test_others_see_it_and_can_not_touch_it(clinic: Runtime, role: Role) -> None:
    desk = at_desk(clinic, role)
    page = desk.get("/staff/go-live")
    assert page.status_code == 200
    assert "/staff/go-live/list" not in page.text and "An administrator ticks the list" in page.text
    assert tick(desk, "backup").status_code == 403
    assert send(desk, "/staff/go-live", sure="yes").status_code == 403


@pytest.mark.parametrize(
    ("number", "status"), [("(518) 555-0123", 303), ("12", 422), ("", 422), ("x" * 500, 422)]
)
def test_a_test_text_goes_to_a_number_that_is_typed(clinic: Runtime, number: str, status: int) -> None:
    desk = at_desk(clinic)
    answer = send(desk, "/staff/go-live/test", what="text", number=number)
    assert answer.status_code == status
    assert send(desk, "/staff/go-live/test", what="fax").status_code == 422


def test_what_waits_is_counted(rt: Runtime) -> None:
    world = trial_world(rt)
    world.sign_up()
    world.work()
    desk = at_desk(world.rt)
    assert "Answers to forms: 1 message" in desk.get("/staff/go-live").text


def test_a_test_message_needs_no_live_installation(clinic: Runtime) -> None:
    id = trial.plan_test(clinic, "somebody@example.org", "email", "service")
    deliver(clinic, seconds=5)
    with clinic.transaction() as tx:
        assert run(tx, "SELECT status FROM messages WHERE id = %(id)s", {"id": id}).scalar_one() == "accepted"

"""Follow-ups: taken, finished, and not taken over unseen."""

from __future__ import annotations

from uuid import UUID

import pytest

from engage.domain.follow_ups import KINDS
from engage.runtime import Runtime
from engage.services import follow_ups
from engage.storage.database import run
from tests.stand import plan
from tests.web.staff_acts import asked, changed, count, rows, scalar, send
from tests.web.staff_world import Desk, new_member
from tests.world import World


@pytest.fixture
def world(rt: Runtime) -> World:
    """A clinic on a real database."""
    return World(rt)


@pytest.fixture
def desk(world: World) -> Desk:
    """A member of staff who is signed in, at the world's own moment."""
    desk = new_member(world.rt)
    desk.sign_in()
    return desk


@pytest.fixture
def follow_up(world: World) -> UUID:
    request = asked(world)
    with world.rt.transaction() as tx:
        follow_ups.add(tx, world.rt, "deadline_passed", "consultation", request, None, world.now, "one")
    return UUID(str(scalar(world, "SELECT id FROM follow_ups")))


def test_a_follow_up_is_taken_and_finished(world: World, desk: Desk, follow_up: UUID) -> None:
    before = count(world)
    page = desk.get("/staff/follow-ups")
    assert send(desk, page, f"/staff/follow-ups/{follow_up}/assign", to="me").status_code == 303
    page = desk.get("/staff/follow-ups")
    assert "You have it." in page.text
    answer = send(desk, page, f"/staff/follow-ups/{follow_up}/done", outcome="done", note="Rang them.")
    assert answer.status_code == 303
    assert "Rang them." in desk.get("/staff/follow-ups?state=done").text
    assert [row[0] for row in rows(world, before)].count("change") == 2


@pytest.mark.parametrize("kind", ["care_not_delivered", "two_candidates", "never_known", "messages_expired"])
def test_a_follow_up_about_a_message_leads_to_it(world: World, desk: Desk, kind: str) -> None:
    id = plan(world.rt, "sms", "care")
    with world.rt.transaction() as tx:
        if kind == "messages_expired":
            run(tx, "UPDATE messages SET status = 'expired', reason = 'too_late'")
        follow_ups.add(tx, world.rt, kind, "message", id, None, world.now, kind)
    page = desk.get("/staff/follow-ups").text
    link = "/staff/messages?status=expired" if kind == "messages_expired" else f"/staff/messages/{id}"
    assert f'href="{link}"' in page
    assert KINDS[kind] in page
    there = desk.get(link)
    assert there.status_code == 200
    assert str(id) in there.text or "What happened" in there.text


def test_a_follow_up_that_somebody_else_took_is_not_taken_over_unseen(
    world: World, desk: Desk, follow_up: UUID
) -> None:
    page = desk.get("/staff/follow-ups")
    colleague = new_member(world.rt, "lee@example.org", "Lee")
    colleague.sign_in()
    send(colleague, colleague.get("/staff/follow-ups"), f"/staff/follow-ups/{follow_up}/assign", to="me")
    assert changed(send(desk, page, f"/staff/follow-ups/{follow_up}/assign", to="me"))
    answer = send(desk, page, f"/staff/follow-ups/{follow_up}/done", outcome="done", note="Mine")
    assert changed(answer)
    assert "Mine" in answer.text
    assert "Lee has it." in answer.text


def test_a_follow_up_needs_an_outcome(desk: Desk, follow_up: UUID) -> None:
    answer = send(desk, desk.get("/staff/follow-ups"), f"/staff/follow-ups/{follow_up}/done", note="Kept")
    assert answer.status_code == 422
    assert "Please choose what became of it." in answer.text
    assert "Kept" in answer.text

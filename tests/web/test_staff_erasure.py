"""A person's copy and erasure on their page for staff."""

from __future__ import annotations

import json
from uuid import UUID, uuid4

import pytest
from werkzeug.test import TestResponse

from engage.runtime import Runtime
from engage.services import audit
from engage.storage.database import run
from tests.web.staff_world import Desk, hidden, new_member
from tests.world import World


@pytest.fixture
def person(rt: Runtime) -> UUID:
    World(rt).enrol()
    with rt.transaction() as tx:
        found: UUID = run(tx, "SELECT id FROM people").scalar_one()
        return found


def at_desk(rt: Runtime, role: str = "administrator") -> Desk:
    desk = new_member(rt, f"{role}@example.org", "Sam", role)  # type: ignore[arg-type]
    desk.sign_in()
    return desk


def send(desk: Desk, address: str, **typed: str) -> TestResponse:
    return desk.client.post(address, data=hidden(desk.get("/staff/account")) | typed)


def actions(rt: Runtime, person: UUID) -> list[str]:
    return [row.action for row in audit.listing(rt, person) if row.action not in ("view", "change")]


def test_a_copy_is_a_file_to_download(rt: Runtime, person: UUID) -> None:
    desk = at_desk(rt, "front_desk")
    page = send(desk, f"/staff/people/{person}/copy", **{"as": "page"})
    assert page.headers["Content-Disposition"] == f'attachment; filename="person-{person}.html"'
    assert page.headers["Cache-Control"] == "no-store"
    assert "ada@example.org" in page.text
    told = json.loads(send(desk, f"/staff/people/{person}/copy", **{"as": "json"}).text)
    assert told["contacts"][0]["address"] == "ada@example.org"
    assert actions(rt, person) == ["export", "export"]
    assert send(desk, f"/staff/people/{uuid4()}/copy").status_code == 404


def test_erasing_needs_a_tick_and_an_administrator(rt: Runtime, person: UUID) -> None:
    front = at_desk(rt, "front_desk")
    assert "Erase this person" not in front.get(f"/staff/people/{person}").text
    assert send(front, f"/staff/people/{person}/erase", sure="yes").status_code == 403
    desk = at_desk(rt)
    assert "Erase this person" in desk.get(f"/staff/people/{person}").text
    unsure = desk.get(send(desk, f"/staff/people/{person}/erase").location)
    assert "please tick the box first" in unsure.text
    assert actions(rt, person) == []
    done = desk.get(send(desk, f"/staff/people/{person}/erase", sure="yes").location)
    assert "is erased" in done.text and "Forgotten at their own wish" in done.text
    assert "Ada" not in done.text and "ada@example.org" not in done.text
    assert "Erase this person" not in done.text
    assert actions(rt, person) == ["erase"]
    assert send(desk, f"/staff/people/{uuid4()}/erase", sure="yes").status_code == 404


def test_a_reader_gets_no_copy(rt: Runtime, person: UUID) -> None:
    reader = at_desk(rt, "reader")
    assert send(reader, f"/staff/people/{person}/copy").status_code == 403
    assert actions(rt, person) == []


def test_a_message_whose_values_were_let_go_says_so(rt: Runtime, person: UUID) -> None:
    desk = at_desk(rt)
    world = World(rt)
    world.pass_time(world.now - world.now)
    with rt.transaction() as tx:
        id = run(tx, "SELECT id FROM messages WHERE status = 'accepted' LIMIT 1").scalar_one()
        run(tx, "UPDATE messages SET sealed = NULL")
    assert "such values are kept for 90 days" in desk.get(f"/staff/messages/{id}").text

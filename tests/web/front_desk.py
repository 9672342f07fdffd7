"""Somebody at the front desk in a test: signed in, reading pages in words, sending their forms."""

from __future__ import annotations

import re
from html import unescape
from uuid import UUID

import pytest
from sqlalchemy import text
from werkzeug.test import TestResponse

from engage.runtime import Runtime
from engage.services import appointments
from engage.services.appointments import Appointment
from engage.storage.database import run
from tests.web.staff_world import Desk, new_member
from tests.world import World


@pytest.fixture
def world(rt: Runtime) -> World:
    return World(rt)


@pytest.fixture
def desk(world: World) -> Desk:
    """A member of staff who is signed in, at the world's own moment."""
    return at_desk(world)


def at_desk(world: World, email: str = "sam@example.org", role: str = "front_desk") -> Desk:
    desk = new_member(world.rt, email, email.partition("@")[0].title(), role=role)  # type: ignore[arg-type]
    desk.sign_in()
    return desk


def words(page: TestResponse) -> str:
    """What the page's main part says, in words only."""
    main = page.text.partition("<main")[2].partition("</main>")[0]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split())


def fields(page: TestResponse, action: str) -> dict[str, str]:
    """The hidden fields of the form that posts to ``action``."""
    found = re.search(rf'<form[^>]*action="{re.escape(action)}"[^>]*>(.*?)</form>', page.text, re.DOTALL)
    assert found is not None, f"no form for {action} in {words(page)}"
    typed = dict(re.findall(r'<input type="hidden" name="([\w-]+)" value="([^"]*)">', found[1]))
    typed |= dict(re.findall(r'<textarea name="(\w+)" hidden[^>]*>\n(.*?)</textarea>', found[1], re.DOTALL))
    return {name: unescape(value) for name, value in typed.items()}


def send(desk: Desk, page: TestResponse, action: str, **typed: str) -> TestResponse:
    return desk.client.post(action, data=fields(page, action) | typed)


def visit(world: World, id: UUID) -> Appointment:
    found = appointments.one(world.rt, id)
    assert found is not None
    return found


def only_visit(world: World) -> Appointment:
    with world.rt.transaction() as tx:
        return visit(world, UUID(str(run(tx, "SELECT id FROM appointments").scalar_one())))


def planned(world: World, id: UUID) -> set[tuple[str, str, str]]:
    """(rule, channel, due day) of what is planned for a visit."""
    sql = """SELECT step, channel, to_char(due_at AT TIME ZONE 'America/New_York', 'MM-DD HH24:MI') FROM messages
    WHERE cause_id = %(id)s AND status = 'planned'"""
    with world.rt.transaction() as tx:
        return {(row[0], row[1], row[2]) for row in run(tx, sql, {"id": id})}


def trail(world: World) -> list[tuple[str, str, str | None]]:
    with world.rt.transaction() as tx:
        found = tx.execute(
            text("SELECT action, what, person_id FROM audit WHERE actor = 'staff' ORDER BY id")
        )
        return [(row[0], row[1], str(row[2]) if row[2] else None) for row in found]


def a_time(day: str, wall: str) -> dict[str, str]:
    return {"day": day, "time": wall, "minutes": "60", "location": "Larkspur Lane"}

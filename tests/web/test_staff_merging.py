"""Two records of one person, on their page for staff."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest
from werkzeug.test import TestResponse

from engage.runtime import Runtime
from tests.patients import ADA, rows, who
from tests.web.staff_world import Desk, hidden, new_member


@pytest.fixture
def pair(rt: Runtime) -> tuple[UUID, UUID]:
    return who(rt, ADA), who(rt, replace(ADA, external_id="18", given_name="Adah"))


def at_desk(rt: Runtime, role: str = "front_desk") -> Desk:
    desk = new_member(rt, f"{role}@example.org", "Sam", role)  # type: ignore[arg-type]
    desk.sign_in()
    return desk


def send(desk: Desk, person: UUID, **typed: str) -> TestResponse:
    form = hidden(desk.get("/staff/account")) | typed
    return desk.client.post(f"/staff/people/{person}/merge", data=form, follow_redirects=True)


def test_a_question_is_answered_where_it_is_asked(rt: Runtime, pair: tuple[UUID, UUID]) -> None:
    ada, other = pair
    desk = at_desk(rt)
    assert f"/staff/people/{ada}" in desk.get("/staff/follow-ups").text
    page = desk.get(f"/staff/people/{ada}")
    assert "Ada Lovelace" in page.text and "Perhaps the same person" in page.text
    assert f'value="merge/{other}"' in page.text
    assert "please tick the box first" in send(desk, ada, what=f"merge/{other}").text
    done = send(desk, ada, what=f"merge/{other}", sure="yes")
    assert "one person now" in done.text and "Perhaps the same person" not in done.text
    assert "Open the page of the person" in desk.get(f"/staff/people/{other}").text
    merge = rows(rt, "SELECT id FROM person_merges")[0].id
    assert f'value="undo/{merge}"' in done.text
    assert "separate again" in send(desk, ada, what=f"undo/{merge}").text
    again = send(desk, ada, what=f"undo/{merge}")
    assert again.status_code == 409 and "undone before" in again.text
    for wrong in ("merge/x", f"split/{other}", ""):
        assert send(desk, ada, what=wrong, sure="yes").status_code == 422


def test_readers_see_and_change_nothing(rt: Runtime, pair: tuple[UUID, UUID]) -> None:
    desk = at_desk(rt, "reader")
    page = desk.get(f"/staff/people/{pair[0]}")
    assert "Perhaps the same person" in page.text and "Make them one" not in page.text
    assert send(desk, pair[0], what=f"merge/{pair[1]}", sure="yes").status_code == 403


def test_people_are_listed_with_both_names(rt: Runtime, pair: tuple[UUID, UUID]) -> None:
    desk = at_desk(rt)
    found = desk.post("/staff/people", desk.get("/staff/people"), words="lovelace")
    assert "Adah Lovelace" in found.text and "Ada Lovelace" in found.text

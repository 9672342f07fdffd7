"""Forms of staff: two at once, the same twice, and input that is refused."""

from __future__ import annotations

from uuid import uuid4

import pytest

from engage.runtime import Runtime
from engage.services import consultations
from tests.web.staff_acts import asked, changed, send
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


def test_the_second_of_two_tabs_is_told_and_keeps_what_was_typed(world: World, desk: Desk) -> None:
    request = asked(world)
    address = f"/staff/requests/{request}"
    page = desk.get(address)
    colleague = new_member(world.rt, "lee@example.org", "Lee")
    colleague.sign_in()
    assert send(colleague, colleague.get(address), f"{address}/assign", to="me").status_code == 303
    answer = send(desk, page, f"{address}/call", reached="no", note="No answer at noon.")
    assert changed(answer)
    assert "No answer at noon." in answer.text
    assert "by Lee" in answer.text
    detail = consultations.one(world.rt, request)
    assert detail is not None and not detail.summary.answered
    # The page that came back is true, so its form works.
    assert send(desk, answer, f"{address}/call", reached="no", note="No answer at noon.").status_code == 303


@pytest.mark.parametrize(
    ("act", "typed"),
    [
        ("assign", {"to": "me"}),
        ("call", {"reached": "yes", "note": "Fine."}),
        ("close", {"outcome": "other", "note": ""}),
    ],
)
def test_the_same_form_pressed_twice_is_one_act(
    world: World, desk: Desk, act: str, typed: dict[str, str]
) -> None:
    request = asked(world)
    page = desk.get(f"/staff/requests/{request}")
    answers = [send(desk, page, f"/staff/requests/{request}/{act}", **typed) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    detail = consultations.one(world.rt, request)
    assert detail is not None and detail.acts == 1


def test_a_request_that_was_closed_meanwhile_is_not_closed_again_with_another_outcome(
    world: World, desk: Desk
) -> None:
    request = asked(world)
    page = desk.get(f"/staff/requests/{request}")
    action = f"/staff/requests/{request}/close"
    send(desk, page, action, outcome="booked")
    assert changed(send(desk, page, action, outcome="spam", note="Not real."))
    detail = consultations.one(world.rt, request)
    assert detail is not None and detail.summary.outcome == "Booked a visit"


def test_a_closed_request_is_opened_again_with_a_new_deadline(world: World, desk: Desk) -> None:
    request = asked(world)
    address = f"/staff/requests/{request}"
    send(desk, desk.get(address), f"{address}/close", outcome="other")
    page = desk.get(address)
    assert "/call" not in page.text
    assert send(desk, page, f"{address}/reopen", note="They called back.").status_code == 303
    assert "/call" in desk.get(address).text


@pytest.mark.parametrize(
    ("act", "typed", "sentence"),
    [
        ("call", {"note": "Kept words"}, "Please say whether you reached the person."),
        ("call", {"reached": "no", "note": "Kept words" + "x" * 2000}, "under 2,000 characters"),
        ("note", {"note": "   "}, "Please write the note first."),
        ("close", {"note": "Kept words"}, "Please choose what became of the request."),
        ("close", {"outcome": "x", "note": "Kept words"}, "Please choose what became of the request."),
    ],
)
def test_refused_input_is_kept_with_a_sentence(
    world: World, desk: Desk, act: str, typed: dict[str, str], sentence: str
) -> None:
    request = asked(world)
    address = f"/staff/requests/{request}"
    answer = send(desk, desk.get(address), f"{address}/{act}", **typed)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert typed["note"].strip() in answer.text
    assert "<title>Error: " in answer.text


@pytest.mark.parametrize(
    ("act", "typed"),
    [
        ("assign", {"to": str(uuid4())}),
        ("assign", {"to": "x"}),
        ("note", {"seen": "-1"}),
        ("note", {"seen": "x"}),
        ("note", {"seen": "٣"}),
    ],
)
def test_what_no_form_of_ours_holds_is_refused(
    world: World, desk: Desk, act: str, typed: dict[str, str]
) -> None:
    request = asked(world)
    address = f"/staff/requests/{request}"
    assert send(desk, desk.get(address), f"{address}/{act}", **typed).status_code == 422


def test_what_people_typed_is_shown_as_text(world: World, desk: Desk) -> None:
    request = asked(world, given_name="<b>Bo</b>", message="<script>alert(1)</script>")
    page = desk.get(f"/staff/requests/{request}").text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<b>Bo</b>" not in page

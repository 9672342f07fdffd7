"""What staff see: requests, people, messages. Every view and change leaves a row."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from engage.domain.messages import LANES
from engage.runtime import Runtime
from engage.services import consultation_work, consultations, follow_ups
from engage.services.claim import claim
from engage.services.opening import UNREADABLE
from engage.storage import follow_ups as asking
from engage.storage.database import run
from tests.scripted import plan, somebody, state
from tests.web.staff_acts import REQUEST, asked, count, form, message_of, person_of, rows, scalar, send
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


# what leaves a row


def test_every_page_about_somebody_leaves_a_row_that_names_them(world: World, desk: Desk) -> None:
    world.enrol()
    world.pass_time(timedelta(days=2))
    request = asked(world, email="ada@example.org")
    with world.rt.transaction() as tx:
        follow_ups.add(
            tx, world.rt, "deadline_passed", "consultation", request, person_of(world), world.now, "one"
        )
    person, message = person_of(world), message_of(world, "accepted")
    views: list[tuple[str, str, UUID]] = [
        ("/staff/requests", "consultation", request),
        (f"/staff/requests/{request}", "consultation", request),
        ("/staff/people", "person in a list", person),
        (f"/staff/people/{person}", "person", person),
        ("/staff/messages", "person in a list", person),
        (f"/staff/messages/{message}", "message", message),
        (f"/staff/messages/{message}/html", "message text", message),
        ("/staff/follow-ups", "follow-up", UUID(str(scalar(world, "SELECT id FROM follow_ups")))),
    ]
    for address, what, about in views:
        before = count(world)
        assert desk.get(address).status_code == 200, address
        assert ("view", what, str(about), str(person)) in rows(world, before), address


def test_a_search_leaves_a_row_for_each_person_and_its_words_nowhere(world: World, desk: Desk) -> None:
    world.enrol()
    page, before = desk.get("/staff/people"), count(world)
    found = send(desk, page, "/staff/people", words="ada@exam")
    assert found.status_code == 200
    assert "ada@example.org" in found.text
    person = str(person_of(world))
    assert rows(world, before) == [("view", "person in a list", person, person)]
    assert "<form" in page.text and 'method="post"' in page.text


@pytest.mark.parametrize(
    ("act", "typed"),
    [
        ("assign", {"to": "me"}),
        ("call", {"reached": "yes", "note": "Will come on Monday."}),
        ("note", {"note": "Prefers Spanish."}),
        ("close", {"outcome": "booked", "note": "Monday 9:00"}),
    ],
)
def test_every_act_on_a_request_leaves_a_row_and_a_line_of_history(
    world: World, desk: Desk, act: str, typed: dict[str, str]
) -> None:
    request = asked(world)
    page, before = desk.get(f"/staff/requests/{request}"), count(world)
    answer = send(desk, page, f"/staff/requests/{request}/{act}", **typed)
    assert answer.status_code == 303
    assert rows(world, before) == [("change", "consultation", str(request), None)]
    shown = desk.get(answer.location)
    assert 'id="done"' in shown.text
    assert typed.get("note", "") in shown.text
    assert ", by you" in shown.text


def test_acts_on_a_course_leave_a_row(world: World, desk: Desk) -> None:
    world.enrol()
    person = person_of(world)
    address = f"/staff/people/{person}"
    course = scalar(world, "SELECT id FROM enrolments")
    for act, words in (
        ("pause", "The course is paused."),
        ("resume", "The course goes on."),
        ("stop", "is stopped"),
    ):
        page, before = desk.get(address), count(world)
        answer = send(desk, page, f"{address}/courses/{course}", act=act, days="7")
        assert rows(world, before) == [("change", "course", str(course), str(person))]
        assert words in desk.get(answer.location).text


# what may not be seen or does not exist


@pytest.mark.parametrize("noun", ["requests", "people", "messages"])
def test_what_does_not_exist_is_not_found(desk: Desk, noun: str) -> None:
    assert desk.get(f"/staff/{noun}/{uuid4()}").status_code == 404
    assert desk.get(f"/staff/{noun}/1").status_code == 404


def test_acts_on_what_does_not_exist_are_not_found(world: World, desk: Desk) -> None:
    world.enrol()
    request = asked(world)
    person = person_of(world)
    fields = form(desk.get(f"/staff/requests/{request}"), f"/staff/requests/{request}/note")
    course = scalar(world, "SELECT id FROM enrolments")
    before = count(world)
    for address in (
        *(f"/staff/requests/{uuid4()}/{act}" for act in ("assign", "call", "note", "close", "reopen")),
        f"/staff/people/{person}/courses/{uuid4()}",
        f"/staff/people/{uuid4()}/courses/{course}",
        f"/staff/messages/{uuid4()}/release",
        f"/staff/follow-ups/{uuid4()}/assign",
        f"/staff/follow-ups/{uuid4()}/done",
    ):
        typed = {
            **fields,
            "to": "me",
            "note": "x",
            "reached": "yes",
            "outcome": "other",
            "act": "stop",
            "days": "7",
        }
        assert desk.client.post(address, data=typed).status_code == 404, address
    assert count(world) == before


def test_a_reader_sees_but_changes_nothing(world: World) -> None:
    request = asked(world)
    reader = new_member(world.rt, "reader@example.org", "Riley", role="reader")
    reader.sign_in()
    page = reader.get(f"/staff/requests/{request}")
    assert page.status_code == 200
    assert "/assign" not in page.text
    csrf = re.search(r'name="csrf" value="([^"]+)"', page.text)
    assert csrf is not None
    data = {"csrf": csrf.group(1), "seen": "0", "note": "x"}
    assert reader.client.post(f"/staff/requests/{request}/note", data=data).status_code == 403


@pytest.mark.parametrize(
    "address",
    [
        "/staff/messages?after=x",
        "/staff/messages?after=20261102T150000.000000-zz",
        "/staff/requests?state=x",
        "/staff/follow-ups?state=x",
    ],
)
def test_an_address_that_was_tampered_with_is_not_found(desk: Desk, address: str) -> None:
    assert desk.get(address).status_code == 404


@pytest.mark.parametrize(
    "query",
    [
        "status=x",
        "since=yesterday",
        "until=2026-13-01",
        "until=9999-12-31",
        "since=0001-01-01",
        "kind=%00",
        "since=2026-11-05&until=2026-11-02",
    ],
)
def test_a_filter_that_can_not_be_read_says_so(desk: Desk, query: str) -> None:
    page = desk.get(f"/staff/messages?{query}")
    assert page.status_code == 422
    assert 'role="alert"' in page.text


# what the pages say


def test_a_request_that_cannot_be_read_is_shown_as_such_among_the_others(world: World, desk: Desk) -> None:
    bad = asked(world)
    asked(world, given_name="Ida", message="Another one.")
    with world.rt.transaction() as tx:
        run(tx, "UPDATE consultations SET sealed = sealed || '\\x00'::bytea WHERE id = %(id)s", {"id": bad})
    page = desk.get("/staff/requests")
    assert page.status_code == 200
    assert "Ida" in page.text
    assert UNREADABLE in page.text
    detail = desk.get(f"/staff/requests/{bad}")
    assert detail.status_code == 200
    assert UNREADABLE in detail.text


def test_a_second_press_is_no_change_when_the_worker_came_in_between(world: World, desk: Desk) -> None:
    consultations.accept(world.rt, REQUEST, "192.0.2.9")
    id = consultations.listing(world.rt)[0].id
    page = desk.get(f"/staff/requests/{id}")
    assert desk.post(f"/staff/requests/{id}/assign", page, to="me", seen="0").status_code == 303
    consultation_work.answer_new(world.rt)
    assert desk.post(f"/staff/requests/{id}/assign", page, to="me", seen="0").status_code == 303


def test_an_overdue_request_says_so_in_words(world: World, desk: Desk) -> None:
    request = asked(world)
    assert "Overdue" not in desk.get("/staff/requests").text
    world.now += timedelta(days=3)
    later = new_member(world.rt, "late@example.org", "Late")
    later.sign_in()
    assert "Overdue" in later.get("/staff/requests").text
    assert "Was to be answered" in later.get(f"/staff/requests/{request}").text


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("/staff/requests", "Nobody is waiting."),
        ("/staff/requests?state=closed", "None in this list."),
        ("/staff/people", "Nobody here yet."),
        ("/staff/messages", "No messages yet."),
        ("/staff/messages?status=held", "No message matches."),
        ("/staff/follow-ups", "Nothing waits for you."),
        ("/staff/follow-ups?state=done", "Nothing has been finished yet."),
    ],
)
def test_an_empty_page_says_what_it_is_for_and_offers_one_thing(desk: Desk, address: str, words: str) -> None:
    page = desk.get(address).text
    notice = re.search(r'<p class="notice">(.*?)</p>', page, re.DOTALL)
    assert notice is not None
    assert words in notice.group(1)
    assert notice.group(1).count("<a ") == 1


def test_the_mail_is_shown_as_sent_in_a_frame_that_runs_nothing(world: World, desk: Desk) -> None:
    world.enrol()
    world.pass_time(timedelta(days=2))
    mail = world.lessons()[0]
    page = desk.get(f"/staff/messages/{mail.message_id}")
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in page.text
    assert "frame-src 'self'" in page.headers["Content-Security-Policy"]
    frame = desk.get(f"/staff/messages/{mail.message_id}/html")
    assert frame.text.replace('<base target="_blank">', "", 1) == mail.html
    assert frame.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "script-src" not in frame.headers["Content-Security-Policy"]


def test_a_held_message_is_let_go_once(world: World, desk: Desk) -> None:
    world.enrol()
    with world.rt.transaction() as tx:
        run(tx, "UPDATE messages SET status = 'held', reason = 'missing_value' WHERE status = 'planned'")
    message = message_of(world, "held")
    page = desk.get(f"/staff/messages/{message}")
    answers = [send(desk, page, f"/staff/messages/{message}/release") for _ in range(2)]
    assert [a.location.split("done=")[1] for a in answers] == ["release#done", "unchanged#done"]


def test_of_a_held_message_that_was_tried_one_may_say_that_it_arrived_and_nobody_is_asked_again(
    world: World, desk: Desk
) -> None:
    rt = world.rt
    id = plan(rt, somebody(rt), "sms", "care")
    claim(rt, LANES["care"], "sms")
    with rt.transaction() as tx:
        now = rt.now(tx)
        asking.add(tx, "two_candidates", "message", id, None, now, f"two_candidates/{id}", now)
        run(
            tx, "UPDATE messages SET status = 'held', reason = 'two_candidates' WHERE id = %(id)s", {"id": id}
        )
    page = desk.get(f"/staff/messages/{id}")
    assert "may have arrived" in page.text
    answers = [send(desk, page, f"/staff/messages/{id}/arrived") for _ in range(2)]
    assert [a.location.split("done=")[1] for a in answers] == ["arrived#done", "unchanged#done"]
    world.work()
    assert state(rt, id) == ("accepted", None)
    with rt.transaction() as tx:
        assert not asking.is_open(tx, "two_candidates", id)


def test_the_part_of_the_page_for_scripts_holds_the_results_only(world: World, desk: Desk) -> None:
    world.enrol()
    answer = send(desk, desk.get("/staff/people"), "/staff/people", words="ad", part="results")
    assert "<html" not in answer.text
    assert "data-count" in answer.text
    assert ">Ada<" in answer.text

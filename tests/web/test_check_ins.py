"""The page where somebody answers how they are, and what staff see of it."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from engage.runtime import Runtime
from engage.services import erasure, unsubscribe
from engage.services.audit import CLI
from engage.storage.database import run
from tests.apps import app_of
from tests.asked import FIRST, after_a_visit, agrees, asked, go, known, link
from tests.visits import book, patient
from tests.web.staff_world import hidden, new_member
from tests.web.test_link_scanners import snapshot
from tests.world import World

DAY = timedelta(days=1)


@pytest.fixture
def world(rt: Runtime) -> World:
    return World(rt)


def asked_for_a_score(world: World) -> tuple[UUID, str]:
    """Somebody, and the address in the letter that has just asked them."""
    person = patient(world)
    agrees(world, person)
    book(world, person, FIRST)
    go(world, 2 * DAY + timedelta(hours=1))
    return person, link(world)


def browser(world: World) -> FlaskClient:
    return app_of(world.rt).test_client()


def chosen(html: str) -> list[str]:
    return re.findall(r'type="radio" name="\w+" value="(\w+)" required checked', html)


def test_the_tapped_number_is_chosen_and_nothing_is_kept_before_the_button(world: World) -> None:
    person, place = asked_for_a_score(world)
    client = browser(world)
    before = snapshot(world.rt)
    for query in ("", "?score=7", "?score=10", "?score=11", "?score=x", "?feeling=fine", "?done="):
        for method in ("GET", "HEAD"):
            assert client.open(place + query, method=method).status_code == 200
    assert snapshot(world.rt) == before
    assert chosen(client.get(place).text) == []
    assert chosen(client.get(f"{place}?score=7").text) == ["7"]
    sent = client.post(place, data={"score": "7"})
    assert sent.status_code == 303
    thanks = client.get(sent.location).text
    assert "You answered <strong>7</strong> of 10" in thanks
    assert chosen(thanks) == ["7"]
    assert [one.answer.score for one in known(world, person).outcomes if one.answer] == [7]


@pytest.mark.parametrize("typed", ["", "11", "-1", "7.5", "seven", "٧"])
def test_what_is_no_number_of_the_scale_is_asked_for_again(world: World, typed: str) -> None:
    _, place = asked_for_a_score(world)
    answer = browser(world).post(place, data={"score": typed})
    assert answer.status_code == 422
    assert "Please choose a number from 0 to 10." in answer.text


def test_not_well_shows_whom_to_call(world: World) -> None:
    after_a_visit(world)
    place = link(world)
    client = browser(world)
    assert chosen(client.get(f"{place}?feeling=not_well").text) == ["not_well"]
    thanks = client.get(client.post(place, data={"feeling": "not_well"}).location).text
    assert "911" in thanks and "988" in thanks and "Our staff have been told" in thanks
    # Answered again within the two weeks.
    thanks = client.get(client.post(place, data={"feeling": "so_so"}).location).text
    assert "usually passes soon" in thanks


def test_the_link_works_for_two_weeks_and_dies_with_the_address(world: World) -> None:
    person, place = asked_for_a_score(world)
    world.now += 14 * DAY - timedelta(hours=2)
    assert browser(world).get(place).status_code == 200
    world.now += timedelta(hours=3)
    assert browser(world).get(place).status_code == 410
    assert browser(world).get(place[:-4] + "AAA=").status_code == 404
    world.now -= 10 * DAY
    with world.rt.transaction() as tx:
        run(tx, "UPDATE people SET links_since = %(now)s", {"now": world.now})
    assert browser(world).get(place).status_code == 410
    with world.rt.transaction() as tx:
        run(tx, "UPDATE people SET links_since = NULL")
    erasure.erase(world.rt, person, CLI)
    assert browser(world).post(place, data={"score": "3"}).status_code == 410


def test_whoever_stops_the_questions_keeps_the_reminders(world: World) -> None:
    person, _ = asked_for_a_score(world)
    mail = world.mail("ada@example.org")[-1]
    place = f"/unsubscribe/{world.token('unsubscribe', mail)}"
    client = browser(world)
    assert "Stop these questions?" in client.get(place).text
    one_click = client.post(place, data={"List-Unsubscribe": "One-Click"})
    assert one_click.status_code == 200
    assert "No more questions" in client.get(place).text
    unsubscribe.unsubscribe(world.rt, world.token("unsubscribe", mail), "page")
    book(world, person, FIRST + 14 * DAY)
    go(world, 16 * DAY)
    assert [kind for kind, _ in asked(world)] == ["pain-score"]
    assert "visit-reminder" in [one.kind for one in world.mail("ada@example.org")[-3:]]


def test_the_preference_page_asks_and_stops_asking(world: World) -> None:
    person = patient(world)
    place = world.rt.links.url("preferences", person, world.now + DAY).removeprefix(
        world.rt.settings.public_url
    )
    client = browser(world)
    assert "You are not asked now" in client.get(place).text
    for way, words in (
        ("email", "They come by email now"),
        ("sms", "They come by text now"),
        ("none", "not asked now"),
    ):
        assert client.post(f"{place}/check-ins", data={"way": way}).status_code == 303
        assert words in client.get(place).text
    assert client.post(f"{place}/check-ins", data={"way": "carrier-pigeon"}).status_code == 422
    told = known(world, person)
    assert (told.way, told.source) == (None, "preference page")


def test_staff_see_the_answers_and_note_the_wish(world: World) -> None:
    person = after_a_visit(world)
    place = link(world)
    browser(world).post(place, data={"feeling": "so_so", "words": "<b>a bruise</b>"})
    desk = new_member(world.rt)
    desk.sign_in()
    page = desk.get(f"/staff/people/{person}").text
    assert 'role="img"' in page and "A little sore, bruised or tired" in page
    assert "&lt;b&gt;a bruise&lt;/b&gt;" in page
    token = hidden(desk.get("/staff/account"))
    noted = desk.client.post(
        f"/staff/people/{person}/check-ins", data={**token, "way": "sms", "source": "telephone"}
    )
    assert noted.status_code == 303
    assert "Asked by text, as they wished" in desk.get(noted.location).text
    wrong = desk.client.post(
        f"/staff/people/{person}/check-ins", data={**token, "way": "sms", "source": "dream"}
    )
    assert wrong.status_code == 422
    sheet = desk.client.post(f"/staff/people/{person}/outcomes.csv", data=token)
    assert sheet.headers["Content-Type"].startswith("text/csv")
    assert sheet.text.count("\r\n") == 2
    with world.rt.transaction() as tx:
        rows = run(tx, "SELECT actor, action, what FROM audit WHERE what = 'check-ins' ORDER BY id").all()
    assert [tuple(row) for row in rows] == [
        ("cli", "change", "check-ins"),
        ("staff", "change", "check-ins"),
        ("staff", "export", "check-ins"),
    ]

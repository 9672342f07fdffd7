"""Staff read what people texted and note what they said."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from werkzeug.test import TestResponse

from engage.runtime import Runtime
from tests.texting import NUMBER, Texting
from tests.web.staff_world import Desk, new_member
from tests.world import World


@pytest.fixture
def clinic(rt: Runtime) -> Texting:
    return Texting(World(rt))


@pytest.fixture
def desk(clinic: Texting) -> Desk:
    desk = new_member(clinic.rt)
    desk.sign_in()
    return desk


def test_a_persons_page_shows_their_texts_and_what_followed(clinic: Texting, desk: Desk) -> None:
    ada = clinic.person(number=NUMBER)
    clinic.says("<b>please</b> stop texting me")
    page = desk.get(f"/staff/people/{ada.id}").text
    assert "&lt;b&gt;please&lt;/b&gt; stop texting me" in page
    assert "Wants no more texts" in page and "Texts to the number ended" in page
    assert f"/staff/messages/{clinic.texts_in()[0].answer_id}" in page


def test_a_follow_up_leads_to_all_that_the_number_wrote(clinic: Texting, desk: Desk) -> None:
    clinic.says("hello?")
    clinic.says("is anybody there")
    (row, _) = clinic.texts_in()
    assert f'href="/staff/texts/{row.id}"' in desk.get("/staff/follow-ups").text
    page = desk.get(f"/staff/texts/{row.id}").text
    assert NUMBER in page and "hello?" in page and "is anybody there" in page
    assert "Nobody that we know has this number" in page
    seen = clinic.run("SELECT 1 FROM audit WHERE what = 'text' AND what_id = %(id)s", id=row.id)
    assert len(seen) == 1
    assert desk.get(f"/staff/texts/{uuid4()}").status_code == 404
    assert desk.get(f"/staff/texts/mails/{uuid4()}").status_code == 404


@pytest.mark.parametrize("wish", ["stop-sms", "stop-email", "start-sms", "start-email"])
def test_a_spoken_wish_is_noted_with_its_source(clinic: Texting, desk: Desk, wish: str) -> None:
    ada = clinic.person(number=NUMBER)
    address = f"/staff/people/{ada.id}"
    page = desk.get(address)
    answer = desk.post(f"{address}/wishes", page, wish=wish, source="telephone")
    assert answer.status_code == 303
    shown = desk.get(answer.headers["Location"].partition("#")[0]).text
    assert "Noted." in shown
    if wish == "stop-sms":
        assert clinic.agreed(ada) == set()
        assert "stop, told by telephone" in shown


def test_a_wish_without_a_source_or_a_form_of_ours_changes_nothing(clinic: Texting, desk: Desk) -> None:
    ada = clinic.person(number=NUMBER)
    address = f"/staff/people/{ada.id}"
    page = desk.get(address)
    for typed in (
        {"wish": "stop-sms"},
        {"wish": "stop-sms", "source": "x"},
        {"wish": "x", "source": "telephone"},
    ):
        assert desk.post(f"{address}/wishes", page, **typed).status_code == 422
    forged = desk.client.post(f"{address}/wishes", data={"wish": "stop-sms", "source": "telephone"})
    assert forged.status_code == 403
    assert clinic.agreed(ada) != set()
    assert (
        desk.post(f"/staff/people/{uuid4()}/wishes", page, wish="stop-sms", source="letter").status_code
        == 404
    )


def test_a_yes_to_news_is_noted_in_the_words_that_were_read(rt: Runtime) -> None:
    world = World(rt)
    world.enrol(email="ada@example.org")
    desk = new_member(rt)
    desk.sign_in()
    (person,) = Texting(world).run("SELECT id FROM people")
    address = f"/staff/people/{person.id}"
    page = desk.get(address)
    assert "A yes to news is read to them first" in page.text
    answer = desk.post(f"{address}/wishes", page, wish="agree-news", source="in-person", mark=mark(page))
    shown = desk.get(answer.headers["Location"].partition("#")[0]).text
    assert "Noted. News may go to the person by email" in shown
    assert "Yes, please email me news and offers from" in shown and "told at the clinic" in shown
    answer = desk.post(f"{address}/wishes", page, wish="stop-news", source="in-person")
    assert "No news goes to the person any more" in desk.get(answer.location.partition("#")[0]).text


def mark(page: TestResponse) -> str:
    found = re.search(r'name="mark" value="([0-9a-f]+)"', page.text)
    assert found is not None
    return found[1]


def test_a_yes_to_news_without_an_address_for_it_says_how_they_can_agree(rt: Runtime) -> None:
    world = World(rt)
    world.enrol(email="ada@example.org")
    desk = new_member(rt)
    desk.sign_in()
    clinic = Texting(world)
    clinic.run("UPDATE contacts SET care_only = true")
    (person,) = clinic.run("SELECT id FROM people")
    page = desk.get(f"/staff/people/{person.id}")
    answer = desk.post(
        f"/staff/people/{person.id}/wishes", page, wish="agree-news", source="in-person", mark=mark(page)
    )
    assert answer.status_code == 422 and "<title>Error: " in answer.text
    assert "the person can agree on the page that each of our letters links to" in answer.text
    assert clinic.run("SELECT 1 FROM consents WHERE purpose = 'marketing'") == []

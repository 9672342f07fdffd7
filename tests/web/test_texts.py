"""Lessons by text, from the sign-up to the first text, in pages as a browser gets them."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from engage.runtime import Runtime
from engage.services import numbers
from engage.storage import suppressions
from tests.apps import app_of
from tests.texted import NUMBER, another, code, lesson_texts, rows, texts, yes
from tests.world import FORM, World

DAY = timedelta(days=1)
TYPED = {"number": "(518) 555-0123", "consent": "yes"}


@pytest.fixture
def world(rt: Runtime) -> World:
    """A clinic on a real database."""
    return World(rt)


def browser(world: World) -> FlaskClient:
    """A browser at the world's own moment."""
    return app_of(world.rt).test_client()


def confirmed(world: World, email: str = "ada@example.org") -> TestResponse:
    """Somebody signs up and confirms, each in the browser; the page after it."""
    client = browser(world)
    assert client.post("/courses/chronic-pain", data={**FORM, "email": email}).status_code == 303
    world.work()
    link = world.token("confirm", world.mail(email)[-1])
    assert client.get(f"/confirm/{link}").status_code == 200
    return client.post(f"/confirm/{link}")


def form_of(page: TestResponse) -> str:
    """The address that the form for a number is sent to."""
    found = re.search(r'action="(/texts/[\w-]{48})"', page.text)
    assert found is not None, page.text
    return found[1]


def add(world: World, where: str, **typed: str) -> TestResponse:
    answer = browser(world).post(where, data={**TYPED, **typed})
    world.work()
    return answer


def plain(page: TestResponse) -> str:
    return unescape(page.text)


def test_the_form_stands_below_the_welcome_with_a_box_that_is_not_ticked(world: World) -> None:
    page = confirmed(world)
    box = re.findall(r"<input[^>]*name=\"consent\"[^>]*>", page.text)[0]
    assert "checked" not in box
    assert f'<label for="consent">{numbers.consent_wording(world.rt)}</label>' in plain(page)
    below = page.text.split('for="consent"')[1]
    assert '<a href="/terms">' in below
    assert '<a href="/privacy">' in below


def test_from_the_sign_up_to_the_first_text_with_a_code(world: World) -> None:
    where = form_of(confirmed(world))
    answer = add(world, where)
    assert (answer.status_code, answer.headers["Location"]) == (303, where)
    waiting = browser(world).get(where)
    assert "the number ending in 23" in plain(waiting)
    assert TYPED["number"] not in waiting.text
    refused = browser(world).post(f"{where}/code", data={"code": another(code(world))})
    assert refused.status_code == 422
    assert '<a href="#code">That is not the code' in refused.text
    taken = browser(world).post(f"{where}/code", data={"code": code(world)})
    assert (taken.status_code, taken.headers["Location"]) == (303, where)
    assert "Your number ending in 23 is confirmed" in plain(browser(world).get(where))
    world.pass_time(DAY)
    (text,) = lesson_texts(world)
    assert text.to == NUMBER
    assert text.segments is not None and text.segments.count == 1
    lesson = browser(world).get(f"/lessons/{world.token('lessons', text)}")
    assert lesson.status_code == 200
    assert "Lessons come to you by text, too." in lesson.text


def test_with_a_yes_the_page_knows_it_too(world: World) -> None:
    where = form_of(confirmed(world))
    add(world, where)
    assert yes(world)
    assert "is confirmed" in browser(world).get(where).text


def test_a_lessons_page_leads_to_the_form(world: World) -> None:
    confirmed(world)
    world.pass_time(DAY)
    lesson = browser(world).get(f"/lessons/{world.token('lessons', world.lessons()[0])}")
    link = re.findall(r'<a href="(/texts/[\w-]{48})">Add your mobile number</a>', lesson.text)[0]
    page = browser(world).get(link)
    assert page.status_code == 200
    assert form_of(page)
    assert page.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"number": ""}, "Please give your mobile number"),
        ({"number": "12"}, "There is no such number"),
        ({"number": "+44 7911 123456"}, "only numbers of the United States and Canada"),
        ({"number": "800 234 5678"}, "toll-free"),
        ({"number": "900 555 0123"}, "premium-rate"),
        ({"number": '"><script>'}, "There is no such number"),
    ],
)
def test_a_refused_number_keeps_what_was_typed_and_says_what_to_do(
    world: World, typed: dict[str, str], said: str
) -> None:
    answer = add(world, form_of(confirmed(world)), **typed)
    assert answer.status_code == 422
    assert "<title>Error: " in answer.text
    assert answer.text.count('<a href="#number">') == 1
    assert said in plain(answer).split("</ul>")[0]
    assert 'aria-describedby="number-hint number-error" aria-invalid="true"' in answer.text
    assert "<script>" not in answer.text
    assert texts(world) == []


def test_without_the_tick_nothing_is_kept_and_nothing_leaves(world: World) -> None:
    answer = add(world, form_of(confirmed(world)), consent="")
    assert answer.status_code == 422
    assert '<a href="#consent">' in answer.text
    assert 'value="(518) 555-0123"' in answer.text
    assert texts(world) == rows(world, "SELECT id FROM numbers") == []


def test_what_a_visitor_sees_does_not_tell_whether_a_text_left(world: World) -> None:
    """A number that may have one, one that opted out, one that had enough: the same pages, but for the tokens."""
    with world.rt.transaction() as tx:
        suppressions.add(tx, "sms", world.rt.sealer.index("sms", NUMBER), "all", "unsubscribed", world.now)
    add(world, form_of(confirmed(world, "busy@example.org")), number="(416) 555-0123")
    seen = []
    for n, number in enumerate(["(518) 555-0123", "(416) 555-0123", "(617) 555-0123"]):
        where = form_of(confirmed(world, f"p{n}@example.org"))
        answer = add(world, where, number=number)
        pages = [
            answer,
            browser(world).get(where),
            browser(world).post(f"{where}/code", data={"code": "000000"}),
        ]
        seen.append(
            [(page.status_code, re.sub(r'/texts/[\w-]+|value="[\w=-]{24}"', "", page.text)) for page in pages]
        )
    assert [mail.to for mail in texts(world)] == ["+14165550123", "+16175550123"]
    assert seen[0] == seen[1] == seen[2]


def test_links_that_ran_out_or_were_altered_lead_to_a_page_that_says_so(world: World) -> None:
    where = form_of(confirmed(world))
    assert browser(world).get("/texts/x").status_code == 404
    assert add(world, "/texts/" + "A" * 48).status_code == 404
    world.now += timedelta(days=1)
    for answer in (browser(world).get(where), add(world, where), browser(world).post(f"{where}/stop")):
        assert answer.status_code == 410
    assert texts(world) == []


def test_looking_changes_nothing(world: World) -> None:
    where = form_of(confirmed(world))
    add(world, where)
    before = rows(world, "SELECT * FROM numbers"), rows(world, "SELECT * FROM messages ORDER BY id")
    for address in (where, f"{where}?another", f"{where}/code", f"{where}/again", f"{where}/stop"):
        for method in ("GET", "HEAD"):
            assert browser(world).open(address, method=method).status_code in (200, 405)
    assert (rows(world, "SELECT * FROM numbers"), rows(world, "SELECT * FROM messages ORDER BY id")) == before


def test_the_texts_are_stopped_on_their_page_and_the_emails_go_on(world: World) -> None:
    where = form_of(confirmed(world))
    add(world, where)
    browser(world).post(f"{where}/code", data={"code": code(world)})
    assert "Stop the texts" in browser(world).get(where).text
    assert browser(world).post(f"{where}/stop").status_code == 303
    assert "Would you like a text, too?" in browser(world).get(where).text
    world.pass_time(5 * DAY)
    assert lesson_texts(world) == []
    assert len(world.lessons()) > 1


def test_who_leaves_is_asked_what_to_stop(world: World) -> None:
    where = form_of(confirmed(world))
    add(world, where)
    browser(world).post(f"{where}/code", data={"code": code(world)})
    world.pass_time(DAY)
    link = f"/unsubscribe/{world.token('unsubscribe', world.lessons()[-1])}"
    page = browser(world).get(link)
    assert "Stop the whole course" in page.text
    assert "Stop the emails only" in page.text
    browser(world).post(link, data={"stop": "one"})
    assert "The texts go on." in browser(world).get(link).text


def test_many_forms_from_one_connection_are_too_many(world: World) -> None:
    where = form_of(confirmed(world))
    client = browser(world)
    answers = [
        client.post(where, data={**TYPED, "number": "12"}, environ_base={"REMOTE_ADDR": "192.0.2.9"})
        for _ in range(2)
    ]
    assert {answer.status_code for answer in answers} == {422}
    for _ in range(20):
        answer = client.post(f"{where}/again", environ_base={"REMOTE_ADDR": "192.0.2.9"})
    assert answer.status_code == 429
    assert answer.headers["Retry-After"]


def test_the_preference_page_leads_to_the_form_and_knows_the_number_afterwards(world: World) -> None:
    confirmed(world)
    world.pass_time(DAY)
    where = f"/preferences/{world.token('preferences', world.lessons()[0])}"
    link = re.findall(r'<a href="(/texts/[\w-]{48})">Add one</a>', browser(world).get(where).text)
    add(world, link[0])
    browser(world).post(f"{link[0]}/code", data={"code": code(world)})
    page = browser(world).get(where)
    assert "Add one" not in page.text
    assert "Texts go to <strong>" in page.text

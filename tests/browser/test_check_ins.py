"""Answering how one is, with a thumb and without JavaScript; and the chart of the answers."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from itertools import cycle

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from werkzeug.serving import make_server

from engage.runtime import Runtime
from engage.services import check_ins
from engage.web.app import create_app
from tests.asked import ADA, KINDS, link, weeks
from tests.browser.test_every_page import NARROW, WIDE, check
from tests.web.staff_world import new_member
from tests.world import World

SCORES = ("8", "7", "7", "5", "6", "4")
FEELINGS = ("so_so", "fine", "not_well")


@pytest.fixture
def world(rt: Runtime) -> World:
    return World(rt)


@pytest.fixture
def person(world: World) -> str:
    """The page of somebody with weeks of visits and an answer to each question."""
    scores, feelings = cycle(SCORES), cycle(FEELINGS)
    done: set[object] = set()
    for id in weeks(world, visits=4):
        for mail in world.mail(ADA):
            if mail.kind in KINDS and mail.id not in done:
                done.add(mail.id)
                typed = {"score": next(scores)} if mail.kind == "pain-score" else {"feeling": next(feelings)}
                check_ins.answer(world.rt, world.token("check-ins", mail), typed)
        # Later the letters' links have run out.
        if len(done) >= 7:
            return f"/staff/people/{id}"
    raise AssertionError("every visit is asked about")


@pytest.fixture
def context(world: World, person: str, browser: Browser) -> Iterator[BrowserContext]:
    """A browser whose member of staff is signed in, at the moment at which the world stands."""
    desk = new_member(world.rt)
    desk.sign_in()
    server = make_server("127.0.0.1", 0, create_app(world.rt), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    base = f"http://127.0.0.1:{server.port}"
    found = browser.new_context(base_url=base, locale="en-US", viewport=WIDE)  # type: ignore[arg-type]
    found.set_default_timeout(10_000)
    session = desk.client.get_cookie("engage_staff")
    assert session is not None
    found.add_cookies([{"name": session.key, "value": session.value, "url": base}])
    yield found
    found.close()
    server.shutdown()
    thread.join()


def test_the_pages_are_accessible_and_fit_a_narrow_screen(
    context: BrowserContext, world: World, person: str
) -> None:
    page = context.new_page()
    score, feeling = link(world, "pain-score"), link(world, "check-in")
    places = {
        "a score": f"{score}?score=7",
        "a score that was sent": f"{score}?done=",
        "a feeling": f"{feeling}?feeling=not_well",
        "a feeling that was sent": f"{feeling}?done=",
        "the person's page": person,
    }
    wrong = {}
    for name, place in places.items():
        page.goto(place)
        if found := check(page):
            wrong[name] = found
    assert wrong == {}
    expect(page.get_by_role("img", name="Answers over time")).to_be_visible()


def test_a_score_is_given_by_thumb_and_by_keys_without_script(
    context: BrowserContext, world: World, browser: Browser
) -> None:
    base = str(context.pages[0].url if context.pages else "")
    page = browser.new_context(
        base_url=base or None,
        java_script_enabled=False,
        viewport=NARROW,  # type: ignore[arg-type]
    ).new_page()
    answer(page, link(world, "pain-score"))


def answer(page: Page, place: str) -> None:
    page.goto(f"{place}?score=7")
    expect(page.get_by_role("radio", name="7", exact=True)).to_be_checked()
    page.get_by_text("2", exact=True).click()
    page.get_by_role("radio", name="2", exact=True).focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("radio", name="3", exact=True)).to_be_checked()
    page.get_by_role("button", name="Send my answer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you")
    expect(page.get_by_text("You answered 3 of 10")).to_be_visible()

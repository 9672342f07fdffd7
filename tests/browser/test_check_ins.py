"""Answering how one is, with a thumb and without JavaScript; and the chart of the answers."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from itertools import cycle
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from werkzeug.serving import make_server

from engage.runtime import Runtime
from engage.services import check_ins
from tests.apps import app_of
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
def base(world: World, person: str) -> Iterator[str]:
    """The address of a web server at the moment at which the world stands."""
    server = make_server("127.0.0.1", 0, app_of(world.rt), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()


@pytest.fixture
def pages(browser: Browser, base: str) -> Iterator[Callable[..., Page]]:
    """Opens pages in contexts of their own."""
    contexts: list[BrowserContext] = []

    def opened(**options: Any) -> Page:
        context = browser.new_context(base_url=base, locale="en-US", **options)
        context.set_default_timeout(10_000)
        contexts.append(context)
        return context.new_page()

    yield opened
    for context in contexts:
        context.close()


def test_the_pages_are_accessible_and_fit_a_narrow_screen(
    world: World, person: str, base: str, pages: Callable[..., Page]
) -> None:
    page = pages(viewport=WIDE)
    desk = new_member(world.rt)
    desk.sign_in()
    session = desk.client.get_cookie("engage")
    assert session is not None
    page.context.add_cookies([{"name": "engage", "value": session.value, "url": base}])
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
    world: World, person: str, pages: Callable[..., Page]
) -> None:
    page = pages(java_script_enabled=False, viewport=NARROW)
    page.goto(f"{link(world, 'pain-score')}?score=7")
    expect(page.get_by_role("radio", name="7", exact=True)).to_be_checked()
    page.get_by_role("radio", name="2", exact=True).click()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("radio", name="3", exact=True)).to_be_checked()
    page.get_by_role("button", name="Send my answer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you")
    expect(page.get_by_text("You answered 3 of 10")).to_be_visible()

"""A visit's page in a real browser: with keys alone, without JavaScript, in every state it can be in."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from engage.domain.appointments import Status
from engage.services import appointments
from tests.browser.conftest import Open
from tests.browser.test_every_page import WIDE, check
from tests.browser.test_preferences import press, said, tab_to
from tests.processes.stack import Stack
from tests.visits import DESK, book, page_url, patient
from tests.world import World


def booked(stack: Stack, days: int = 20) -> tuple[UUID, str]:
    """Somebody's visit in so many days, and the address of its page."""
    world = World(stack.rt, now=stack.rt.now())
    day = (world.now + timedelta(days=days)).date()
    person = patient(
        world, "Maximilienne-Wilhelmina", f"visit-{stack.count('people')}@example.org", mobile=None
    )
    visit = book(world, person, working(day))
    return visit, page_url(world, visit)


def working(day: date) -> date:
    return day if day.weekday() < 5 else day + timedelta(days=2)


def opened_up(page: Page, words: str) -> None:
    """Opens what is folded away, with keys."""
    tab_to(page, page.get_by_text(words, exact=True))
    page.keyboard.press("Enter")


@pytest.mark.parametrize("width", [320, 1280])
def test_every_answer_is_given_with_keys_alone(open_page: Open, stack: Stack, width: int) -> None:
    visit, place = booked(stack)
    page = open_page(place, java_script_enabled=False, viewport={"width": width, "height": 800})
    expect(page.get_by_role("heading", level=1)).to_have_text("Your appointment")
    press(page, "button", "Yes, I’ll be there")
    said(page, "We look forward to seeing you")

    opened_up(page, "I need another time")
    tab_to(page, page.get_by_label("Weekday evenings"))
    page.keyboard.press("Space")
    tab_to(page, page.get_by_label("Anything else about the time?"))
    page.keyboard.type("after 6 please")
    press(page, "button", "Ask for another time")
    said(page, "The front desk has your wish")
    expect(page.get_by_role("main")).to_contain_text("after 6 please")

    opened_up(page, "I can’t come")
    press(page, "button", "Ask to cancel it")
    said(page, "The front desk will cancel it")
    press(page, "button", "I can come after all")
    said(page, "We look forward to seeing you")
    found = appointments.one(stack.rt, visit)
    assert found is not None and found.reply == "confirmed"


def test_the_calendar_file_is_taken_without_leaving_the_page(open_page: Open, stack: Stack) -> None:
    _, place = booked(stack)
    page = open_page(place)
    with page.expect_download() as taken:
        page.get_by_role("link", name="Add to my calendar").click()
    assert taken.value.suggested_filename == "appointment.ics"
    assert b"BEGIN:VEVENT" in taken.value.path().read_bytes()


def test_every_state_of_the_page_is_accessible_and_fits(open_page: Open, stack: Stack) -> None:
    wrong = {}
    page = open_page(viewport=WIDE)

    def look(name: str) -> None:
        if found := check(page):
            wrong[name] = found

    _, place = booked(stack)
    page.goto(place)
    look("open")
    for words in ("I need another time", "I can’t come"):
        page.get_by_text(words, exact=True).click()
    look("unfolded")
    page.get_by_label("Anything else about the time?").evaluate("field => field.removeAttribute('maxlength')")
    page.get_by_label("Anything else about the time?").fill("x" * 501)
    page.get_by_role("button", name="Ask for another time").click()
    page.get_by_role("alert").wait_for()
    look("refused")
    page.get_by_label("Anything else about the time?").fill("after six")
    page.get_by_role("button", name="Ask for another time").click()
    look("asked to move")
    page.get_by_text("I can’t come", exact=True).click()
    page.get_by_role("button", name="Ask to cancel it").click()
    look("asked to cancel")
    page.get_by_role("button", name="I can come after all").click()
    look("confirmed")
    states: tuple[tuple[Status, str], ...] = (
        ("cancelled", "cancelled"),
        ("arrived", "here"),
        ("waitlist", "fixed yet"),
    )
    for status, words in states:
        visit, place = booked(stack)
        appointments.mark(stack.rt, DESK, visit, status)
        page.goto(place)
        expect(page.get_by_role("heading", level=1)).to_contain_text(words)
        look(status)
    assert wrong == {}

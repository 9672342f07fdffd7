"""Asking for a consultation in a real browser, and asking for the letter once more."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open
from tests.browser.steps import COURSE, TOO_QUICK_MS, Person, sign_up
from tests.browser.test_every_page import check
from tests.processes.stack import Stack, until

DESK = "front-desk@harmonia.example"


def press(page: Page) -> None:
    page.wait_for_timeout(TOO_QUICK_MS)
    page.get_by_role("button", name="Send my request").click()


@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_a_visitor_asks_is_refused_mends_it_and_hears_back(
    open_page: Open, stack: Stack, script: bool
) -> None:
    email = f"asks-{'with' if script else 'without'}@example.org"
    page = open_page("/", java_script_enabled=script)
    page.get_by_role("link", name="Ask for a consultation").click()
    page.get_by_label("First name").fill("Zoë 🦜")
    page.get_by_label("What would you like us to know?").fill("שלום\n<b>two</b> lines")
    press(page)
    expect(page.get_by_role("alert")).to_contain_text("email address or a telephone number")
    expect(page.get_by_label("First name")).to_have_value("Zoë 🦜")
    expect(page.get_by_label("What would you like us to know?")).to_have_value("שלום\n<b>two</b> lines")

    page.get_by_label("Email address").fill(email)
    page.get_by_label("By email").check()
    page.get_by_label("Saturdays").check()
    page.get_by_label(re.compile("may contact me")).check()
    press(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("We have your request")

    visitor = stack.visitor()
    (letter,) = stack.letters(visitor, email, 1)
    assert letter["subject"] == "We have your request"
    assert "Zoë" not in letter["text"] and "שלום" not in letter["text"]
    # Other tests' letters to the desk may have come meanwhile.
    until(
        lambda: any("/staff/requests/" in mail["text"] for mail in visitor.mailbox(DESK)),
        "the letter to the desk",
        log=stack.log("worker"),
    )


def test_a_refused_request_is_accessible_and_fits_a_narrow_screen(open_page: Open) -> None:
    page = open_page("/consultation", viewport={"width": 1280, "height": 800})
    press(page)
    page.get_by_role("alert").wait_for()
    assert check(page) == []


def test_the_letter_is_asked_for_once_more_and_the_page_is_accessible(open_page: Open) -> None:
    page = open_page(COURSE, viewport={"width": 1280, "height": 800})
    sign_up(page, Person("again@example.org"))
    page.get_by_role("button", name="Send it again").click()
    expect(page.get_by_role("status")).to_contain_text("noted it")
    assert check(page) == []

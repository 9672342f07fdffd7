"""Every page: axe finds nothing in light and dark, and nothing sticks out on a narrow screen."""

from __future__ import annotations

import re
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

from tests.browser.conftest import Open
from tests.processes.stack import Stack
from tests.processes.visitor import COURSE, Visitor

RULES = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]
# Colours are all that the dark scheme changes.
LIGHT: dict[str, Any] = {"runOnly": RULES, "resultTypes": ["violations"]}
DARK: dict[str, Any] = {
    "runOnly": {"type": "rule", "values": ["color-contrast"]},
    "resultTypes": ["violations"],
}
PEOPLE = ("reader", "paused", "left", "waiting", "off", "texted", "adding")
NARROW = {"width": 320, "height": 640}
WIDE = {"width": 1280, "height": 800}


@pytest.fixture(scope="module")
def pages(stack: Stack) -> dict[str, str]:
    """The address of every kind of page, by what it is."""
    visitor = stack.visitor()
    letters = {who: letter(stack, visitor, who) for who in PEOPLE}
    for who in ("reader", "paused", "left", "texted", "adding"):
        visitor.post(visitor.link(letters[who], "confirm"))
    visitor.post(visitor.link(letters["off"], "not-me"))
    stack.engage("clock", "advance", "5d")
    first, second = visitor.lessons(address("reader"))[:2]
    paused = visitor.link(visitor.lessons(address("paused"))[0], "lessons")
    visitor.post(f"{paused}/pause", {"days": "28"})
    left = visitor.lessons(address("left"))[0]
    visitor.post(visitor.link(left, "unsubscribe"))
    texted = visitor.lessons(address("texted"))[0]
    on = texts_page(visitor, texted)
    visitor.post(on, {"number": "(518) 555-0123", "consent": "yes"})
    code = stack.letters(visitor, "+15185550123", 1)[0]["text"].split("code ")[1][:6]
    assert visitor.post(f"{on}/code", {"code": code}).status == 303
    adding = texts_page(visitor, visitor.lessons(address("adding"))[0])
    visitor.post(adding, {"number": "(518) 555-0124", "consent": "yes"})
    return {
        "landing": "/",
        "course": COURSE,
        "consultation": "/consultation",
        "after asking for a consultation": "/consultation/thanks",
        "check-inbox": "/check-inbox",
        "confirm": visitor.link(letters["waiting"], "confirm"),
        "confirm again": visitor.link(letters["reader"], "confirm"),
        "confirm after a refusal": visitor.link(letters["off"], "confirm"),
        "not me": visitor.link(letters["waiting"], "not-me"),
        "not me any more": visitor.link(letters["off"], "not-me"),
        "lesson": visitor.link(first, "lessons"),
        "lesson with a chosen part": visitor.link(second, "lessons"),
        "lesson of a paused course": paused,
        "lesson of a course that was left": visitor.link(left, "lessons"),
        "unsubscribe": visitor.link(first, "unsubscribe"),
        "unsubscribed": visitor.link(left, "unsubscribe"),
        "a number for texts": texts_page(visitor, first),
        "the code of a number": adding,
        "a number that is confirmed": on,
        "unsubscribe from emails and texts": visitor.link(texted, "unsubscribe"),
        "privacy": "/privacy",
        "terms": "/terms",
        "the API’s reference": "/api/",
        "nothing there": "/nothing-there",
        "mailbox": "/dev/mailbox",
        "a mail in the mailbox": f"/dev/mailbox/{first['id']}",
    }


def address(who: str) -> str:
    return f"every-page-{who}@example.org"


def texts_page(visitor: Visitor, lesson: dict[str, Any]) -> str:
    """Where a lesson's page leads for texts."""
    found = re.search(r"/texts/[\w-]{48}", visitor.get(visitor.link(lesson, "lessons")).text)
    assert found is not None
    return found[0]


def letter(stack: Stack, visitor: Visitor, who: str) -> dict[str, Any]:
    """Signs somebody up; the confirmation mail."""
    visitor.sign_up(email=address(who), given_name="Maximilienne-Wilhelmina")
    return stack.letters(visitor, address(who), 1)[0]


def faults(page: Page, options: dict[str, Any]) -> list[str]:
    """What axe, which must be in the page, finds: rule, place and advice."""
    found = page.evaluate("options => axe.run(options)", options)["violations"]
    return [
        f"{rule['id']} at {node['target']}: {node['failureSummary']}"
        for rule in found
        for node in rule["nodes"]
    ]


def sideways(page: Page) -> int:
    """By how many pixels the page is wider than the screen."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def check(page: Page) -> list[str]:
    """All that is wrong with the page that is open."""
    page.evaluate(AXE_SCRIPT)
    wrong = faults(page, LIGHT)
    page.emulate_media(color_scheme="dark")
    # Colours that are still on their way from one scheme to the other are nobody's fault.
    page.evaluate("document.getAnimations().forEach(moving => moving.finish())")
    wrong += [f"dark: {fault}" for fault in faults(page, DARK)]
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    if sideways(page) > 0:
        wrong.append(f"{sideways(page)} pixels too wide at 320")
    page.set_viewport_size(WIDE)  # type: ignore[arg-type]
    return wrong


def test_every_page_is_accessible_and_fits_a_narrow_screen(open_page: Open, pages: dict[str, str]) -> None:
    page = open_page(color_scheme="light", viewport=WIDE)
    wrong = {}
    for name, place in pages.items():
        page.goto(place)
        if found := check(page):
            wrong[name] = found
    assert wrong == {}


def test_a_refused_form_is_accessible_and_fits_a_narrow_screen(open_page: Open) -> None:
    page = open_page(COURSE, viewport=WIDE)
    page.get_by_role("button", name="Send me the course").click()
    page.get_by_role("alert").wait_for()
    assert check(page) == []


def test_the_page_after_confirming_is_accessible(open_page: Open, stack: Stack) -> None:
    visitor = stack.visitor()
    page = open_page(visitor.link(letter(stack, visitor, "confirming"), "confirm"), viewport=WIDE)
    page.get_by_role("button", name="Yes, send me the course").click()
    page.get_by_role("link", name="Read the first lesson now").wait_for()
    assert check(page) == []


def test_a_refused_number_and_a_wrong_code_are_accessible(open_page: Open, pages: dict[str, str]) -> None:
    page = open_page(pages["a number for texts"], viewport=WIDE)
    page.get_by_label("Mobile number").fill("12")
    page.get_by_role("button", name="Text me a code").click()
    page.get_by_role("alert").wait_for()
    assert check(page) == []
    page.goto(pages["the code of a number"])
    page.get_by_label("Code").fill("12")
    page.get_by_role("button", name="Confirm my number").click()
    page.get_by_role("alert").wait_for()
    assert check(page) == []

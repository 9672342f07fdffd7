"""The preference page in a real browser, with keys alone and without JavaScript."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Open
from tests.browser.steps import follow, mails
from tests.browser.test_every_page import WIDE, check
from tests.processes.stack import Stack, until

MOST_TABS = 80


def reader(stack: Stack, email: str) -> str:
    """Somebody who has had a lesson; the address of the lesson in the mailbox."""
    visitor = stack.visitor()
    visitor.sign_up(email=email, given_name="Maximilienne-Wilhelmina")
    visitor.post(visitor.link(stack.letters(visitor, email, 1)[0], "confirm"))
    stack.engage("clock", "advance", "4d")
    return f"/dev/mailbox/{visitor.lessons(email)[0]['id']}"


def preferences_of(stack: Stack, email: str) -> str:
    visitor = stack.visitor()
    return visitor.link(visitor.lessons(email)[0], "preferences")


def tab_to(page: Page, target: Locator) -> None:
    """Presses Tab until the target has the focus, and sees that the focus can be seen."""
    for _ in range(MOST_TABS):
        if target.evaluate("element => element === document.activeElement"):
            outline = target.evaluate("element => getComputedStyle(element).outlineStyle")
            assert outline != "none", f"nobody sees that {target} has the focus"
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{target} is not reached with Tab")


def press(page: Page, role: Any, name: str) -> None:
    tab_to(page, page.get_by_role(role, name=name, exact=True))
    page.keyboard.press("Enter")


def said(page: Page, words: str) -> None:
    expect(page.get_by_role("status")).to_contain_text(words)


@pytest.mark.parametrize("width", [320, 1280])
def test_every_choice_is_made_with_keys_alone(open_page: Open, stack: Stack, width: int) -> None:
    email = f"keys-{width}@example.org"
    page = open_page(
        reader(stack, email), java_script_enabled=False, viewport={"width": width, "height": 800}
    )
    follow(page, "preferences")
    expect(page.get_by_role("heading", level=1)).to_have_text("Your choices")

    tab_to(page, page.get_by_text("Turn on news from the clinic by email"))
    page.keyboard.press("Enter")
    press(page, "button", "Yes, I agree to news from the clinic by email")
    said(page, "It comes from now on")
    press(page, "button", "Stop news from the clinic by email")
    said(page, "None of that comes any more")

    tab_to(page, page.get_by_label("Need a break? Wait until"))
    day = (stack.rt.now() + timedelta(days=30)).date()
    page.keyboard.type(f"{day:%m%d%Y}")
    press(page, "button", "Take a break")
    said(page, "wait until then")
    press(page, "button", "Go on now")
    said(page, "Welcome back")

    press(page, "button", "Send me fewer")
    said(page, "You get fewer")

    tab_to(page, page.get_by_label("Your time zone"))
    page.keyboard.type("Pacific time")
    press(page, "button", "Save the time zone")
    said(page, "your clock")
    expect(page.get_by_label("Your time zone")).to_have_value("America/Los_Angeles")

    tab_to(page, page.get_by_label("Sunday"))
    page.keyboard.press("Space")
    tab_to(page, page.get_by_label("From", exact=True))
    page.keyboard.type("5 PM")
    tab_to(page, page.get_by_label("To", exact=True))
    page.keyboard.type("8 PM")
    press(page, "button", "Keep to these hours")
    said(page, "We keep to these hours")
    expect(page.get_by_role("main")).to_contain_text("Monday to Saturday, 5 PM to 8 PM")
    press(page, "button", "Any decent hour is fine")
    said(page, "any decent hour")

    press(page, "button", "Stop all of this")
    said(page, "Nothing comes any more")
    expect(page.get_by_role("main")).not_to_contain_text("You agreed")


def test_a_new_address_a_copy_and_being_forgotten(open_page: Open, stack: Stack, tmp_path: Path) -> None:
    old, new = "moving@example.org", "moved@example.org"
    reader(stack, old)
    choices = preferences_of(stack, old)
    page = open_page(choices, java_script_enabled=False)
    tab_to(page, page.get_by_label("A new email address"))
    page.keyboard.type(new)
    page.keyboard.press("Enter")
    said(page, "It counts once")
    page.goto(mails(page, stack, new, 1)[0])
    follow(page, "confirm-address")
    press(page, "button", "Yes, write to this address")
    expect(page.get_by_role("heading", level=1)).to_have_text("We write here now")
    assert stack.letters(stack.visitor(), old, 4)

    page.goto(choices)
    expect(page.get_by_role("heading", level=1)).to_have_text("This link has run out")
    stack.engage("clock", "advance", "8d")
    choices = preferences_of(stack, new)
    page.goto(choices)
    had = len(stack.visitor().mailbox(new))
    press(page, "button", "Send me the link")
    said(page, "on its way there")
    page.goto(mails(page, stack, new, had + 1)[0])
    follow(page, "my-data")
    with page.expect_download() as readable:
        press(page, "button", "Download it to read")
    file = tmp_path / readable.value.suggested_filename
    readable.value.save_as(file)
    assert new in file.read_text(encoding="utf-8")
    with page.expect_download() as data:
        press(page, "button", "Download it for a program (JSON)")
    file = tmp_path / data.value.suggested_filename
    data.value.save_as(file)
    assert json.loads(file.read_bytes())["person"]["given_name"].startswith("Maximilienne")

    press(page, "link", "Delete me")
    press(page, "link", "No, go back")
    press(page, "link", "Delete me")
    press(page, "button", "Yes, delete everything")
    expect(page.get_by_role("heading", level=1)).to_contain_text("We have forgotten you")
    page.goto(choices)
    expect(page.get_by_role("heading", level=1)).to_contain_text("We have forgotten you")


def test_what_was_typed_wrong_is_said_at_the_top_and_at_its_place(open_page: Open, stack: Stack) -> None:
    reader(stack, "wrong@example.org")
    page = open_page(preferences_of(stack, "wrong@example.org"), viewport=WIDE)
    page.get_by_label("A new email address").fill("nobody")
    page.get_by_role("button", name="Use this address").click()
    expect(page).to_have_title(re.compile("^Error: "))
    page.get_by_role("alert").get_by_role("link").click()
    expect(page.get_by_label("A new email address")).to_have_value("nobody")
    assert check(page) == []


def test_every_page_of_it_is_accessible_and_fits_a_narrow_screen(open_page: Open, stack: Stack) -> None:
    email = "every-preference@example.org"
    reader(stack, email)
    visitor, choices = stack.visitor(), preferences_of(stack, email)
    visitor.post(f"{choices}/address", {"email": "every-new@example.org"})
    asked = stack.letters(visitor, "every-new@example.org", 1)[0]
    token = choices.rsplit("/", 1)[1]
    id = stack.rt.links.read("preferences", token, stack.rt.now())
    old = stack.rt.links.url("preferences", id, stack.rt.now() - timedelta(days=1))
    page = open_page(choices, color_scheme="light", viewport=WIDE)
    page.get_by_text("Turn on visit reminders by email").click()
    wrong = {"choices": check(page)}
    visitor.post(f"{choices}/my-data")

    def sent() -> list[dict[str, Any]]:
        return [mail for mail in visitor.mailbox(email) if mail["kind"] == "my-data-link"]

    mine = visitor.link(until(sent, "the link to a copy")[0], "my-data")
    for name, place in {
        "a copy": mine,
        "delete": f"{mine}/delete",
        "new address": visitor.link(asked, "confirm-address"),
        "not mine": visitor.link(asked, "not-my-address"),
        "ran out": old,
        "new link sent": f"{old}?sent=",
    }.items():
        page.goto(place)
        wrong[name] = check(page)
    not_mine = visitor.link(asked, "not-my-address")
    visitor.post(not_mine)
    page.goto(not_mine)
    wrong["called off"] = check(page)
    visitor.post(f"{visitor.link(visitor.lessons(email)[0], 'lessons')}/pause", {"days": "14"})
    page.goto(choices)
    wrong["with a course that waits"] = check(page)
    visitor.post(f"{choices}/pause", {"until": f"{(stack.rt.now() + timedelta(days=30)).date()}"})
    visitor.post(f"{choices}/fewer", {"fewer": "yes"})
    visitor.post(f"{choices}/hours", {"days": "sat", "from": "10:00", "to": "14:00"})
    page.goto(choices)
    wrong["with wishes"] = check(page)
    visitor.post(f"{mine}/delete")
    page.goto(choices)
    wrong["forgotten"] = check(page)
    assert wrong == {name: [] for name in wrong}

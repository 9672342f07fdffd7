"""What a person does in a browser on the way through the course."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import Page, expect

from tests.processes.stack import Stack

COURSE = "/courses/chronic-pain"
# A form that comes back sooner is taken for a program's.
TOO_QUICK_MS = 1100


@dataclass(frozen=True)
class Person:
    """Who signs up. ``email`` tells people apart in the one mailbox."""

    email: str
    given_name: str = "Ada"
    zone: str = "America/New_York"
    main_pain: str = "Neck pain"


def sign_up_by_keyboard(page: Page, person: Person) -> None:
    """Fills the form with keys alone, in the order in which Tab reaches it, and sends it with Enter."""
    page.get_by_label("First name").focus()
    page.keyboard.type(person.given_name)
    page.keyboard.press("Tab")
    page.keyboard.type(person.email)
    page.keyboard.press("Tab")
    page.keyboard.type(person.main_pain)
    page.keyboard.press("Tab")
    expect(page.get_by_label("Your time zone")).to_be_focused()
    page.keyboard.type("Eastern time")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(page.get_by_role("checkbox")).to_be_checked()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Send me the course")).to_be_focused()
    page.wait_for_timeout(TOO_QUICK_MS)
    page.keyboard.press("Enter")


def sign_up(page: Page, person: Person) -> None:
    """Fills the form and sends it."""
    page.get_by_label("First name").fill(person.given_name)
    page.get_by_label("Email address").fill(person.email)
    page.get_by_label("Where it mostly hurts").select_option(label=person.main_pain)
    page.get_by_label("Your time zone").select_option(person.zone)
    page.get_by_role("checkbox").check()
    page.wait_for_timeout(TOO_QUICK_MS)
    page.get_by_role("button", name="Send me the course").click()


def mails(page: Page, stack: Stack, email: str, at_least: int) -> list[str]:
    """Opens the mailbox at one person's mails, found by searching; their addresses, newest first."""
    stack.letters(stack.visitor(), email, at_least)
    page.goto("/dev/mailbox")
    page.get_by_role("searchbox").fill(email)
    page.get_by_role("button", name="Search").click()
    page.wait_for_load_state()
    items = page.get_by_role("main").get_by_role("listitem").filter(has_text=email)
    addresses = [item.get_by_role("link").get_attribute("href") or "" for item in items.all()]
    assert len(addresses) >= at_least
    return addresses


def follow(page: Page, folder: str) -> None:
    """Follows a link of the mail that is shown."""
    page.locator(f'a[href*="/{folder}/"]').first.click()


def confirm(page: Page, stack: Stack, person: Person) -> None:
    """Opens the newest mail, follows its link and presses the button."""
    page.goto(mails(page, stack, person.email, 1)[0])
    follow(page, "confirm")
    page.get_by_role("button", name="Yes, send me the course").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("You’re in")

"""Signing in as staff do it: from the printed link to the first page, with and without JavaScript."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from engage.services import staff_secrets
from tests.browser.conftest import Open
from tests.browser.test_every_page import check
from tests.processes.stack import Stack

PASSWORD = "seven teal umbrellas at noon"


def look_closely(page: Page) -> None:
    """axe finds nothing in either theme, and nothing sticks out on a narrow screen."""
    assert check(page) == []


def arrived(page: Page, title: str, look: bool) -> None:
    """The page with this heading is there; without JavaScript there is nothing more to ask it."""
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    if look:
        look_closely(page)


def invited(stack: Stack, email: str) -> str:
    """The path of the link that the command prints."""
    stack.engage("staff", "invite", email, "--name", "Sam Rivera")
    return "/staff/invite/" + stack.log("engage").read_text().split("/staff/invite/")[-1].split()[0]


@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without"])
def test_from_the_link_to_the_first_page(stack: Stack, open_page: Open, script: bool) -> None:
    email = f"sam-{script}@example.org".lower()
    page = open_page(invited(stack, email), java_script_enabled=script)
    arrived(page, "Choose a password", script)
    page.get_by_label("New password").fill("password12345")
    page.get_by_label("The same once more").fill("password12345")
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("alert")).to_contain_text("lists of known ones")
    arrived(page, "Choose a password", script)
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_label("The same once more").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    arrived(page, "Connect your app", script)
    secret = page.locator(".secret").inner_text().replace(" ", "")
    page.get_by_label("The six figures").fill(staff_secrets.code_at(secret, datetime.now(UTC)))
    page.get_by_role("button", name="Go on").click()
    arrived(page, "Your recovery codes", script)
    codes = page.locator(".codes code").all_inner_texts()
    page.get_by_role("link", name="sign in").click()
    arrived(page, "Sign in", script)
    page.get_by_label("Email address").fill(email)
    page.get_by_label("Password").fill("not the password")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    arrived(page, "Sign in", script)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    arrived(page, "Your code", script)
    page.get_by_label("Six figures").fill(codes[0])
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    page.wait_for_load_state()
    assert {cookie["name"] for cookie in page.context.cookies()} == {"__Host-engage", "engage"}
    page.goto("/staff/account")
    arrived(page, "Your account", script)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("status")).to_have_text("You are signed out.")
    arrived(page, "Sign in", script)
    page.go_back()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()

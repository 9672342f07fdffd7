"""The road by text in a real browser: a number is added and proven, answers go through the signed webhook, and in the
end everything is forgotten."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.conftest import Open
from tests.browser.steps import COURSE, TOO_QUICK_MS, Person, confirm, follow, mails, sign_up
from tests.processes.stack import Stack

NUMBER = "+15185550151"


def texts(stack: Stack, at_least: int, number: str = NUMBER) -> list[dict[str, Any]]:
    """What arrived on the telephone, oldest first."""
    return stack.letters(stack.visitor(), number, at_least)


def reply(page: Page, stack: Stack, words: str, number: str = NUMBER) -> str:
    """Answers the newest text as the person would; what came back."""
    before = texts(stack, 1, number)
    page.goto(f"/dev/mailbox/{before[-1]['id']}")
    page.get_by_label("Answer as the person would").fill(words)
    page.get_by_role("button", name="Reply to this SMS").click()
    expect(page.get_by_role("status")).to_be_visible()
    return str(texts(stack, len(before) + 1, number)[-1]["text"])


def test_sign_up_with_texts_stop_start_choose_download_and_be_forgotten(
    open_page: Open, stack: Stack, tmp_path: Path
) -> None:
    person = Person("by-text@example.org", given_name="Noor")
    page = open_page(COURSE, java_script_enabled=False)
    sign_up(page, person)
    confirm(page, stack, person)

    page.get_by_label("Mobile number").fill("(518) 555-0151")
    page.get_by_role("checkbox").check()
    page.wait_for_timeout(TOO_QUICK_MS)
    page.get_by_role("button", name="Text me a code").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Now look at your phone")
    asked = texts(stack, 1)[0]["text"]
    code = re.search(r"\b(\d{6})\b", asked)
    assert code is not None, asked
    page.get_by_label("Code").fill(code[1])
    page.get_by_role("button", name="Confirm my number").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Lessons come by text, too")

    stack.engage("clock", "advance", "7d")
    came = texts(stack, 2)
    assert all(len(text["text"]) <= 160 for text in came)
    assert "/lessons/" in came[-1]["text"]

    before = len(came)
    assert "unsubscribed" in reply(page, stack, "Please stop texting me")
    stack.engage("clock", "advance", "7d")
    assert len(texts(stack, before + 1)) == before + 1
    assert "come again" in reply(page, stack, "START")
    stack.engage("clock", "advance", "10d")
    assert len(texts(stack, before + 3)) > before + 2
    assert stack.rt.clinic.telephone in reply(page, stack, "HELP")

    visitor = stack.visitor()
    choices = visitor.link(visitor.lessons(person.email)[-1], "preferences")
    page.goto(choices)
    expect(page.get_by_role("main")).to_contain_text("You agreed")
    had = len(visitor.mailbox(person.email))
    page.get_by_role("button", name="Send me the link").click()
    expect(page.get_by_role("status")).to_contain_text("on its way there")
    page.goto(mails(page, stack, person.email, had + 1)[0])
    follow(page, "my-data")
    with page.expect_download() as data:
        page.get_by_role("button", name="Download it for a program (JSON)").click()
    file = tmp_path / data.value.suggested_filename
    data.value.save_as(file)
    told = file.read_text(encoding="utf-8")
    assert json.loads(told)["person"]["given_name"] == "Noor"
    assert NUMBER in told
    assert "Please stop texting me" in told

    page.get_by_role("link", name="Delete me").click()
    page.get_by_role("button", name="Yes, delete everything").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("We have forgotten you")
    received = len(stack.visitor().mailbox(NUMBER))
    stack.engage("clock", "advance", "20d")
    assert len(stack.visitor().mailbox(NUMBER)) <= received

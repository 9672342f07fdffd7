"""The road in a real browser: sign up, confirm, read, pause, go on, leave."""

from __future__ import annotations

import re
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Open
from tests.browser.steps import COURSE, Person, confirm, follow, mails, sign_up, sign_up_by_keyboard
from tests.processes.stack import Stack


def test_the_whole_course_by_keyboard_and_mailbox(open_page: Open, stack: Stack) -> None:
    person = Person("keyboard@example.org")
    page = open_page(COURSE, timezone_id="America/New_York")
    sign_up_by_keyboard(page, person)
    expect(page).to_have_url(re.compile(r"/check-inbox\?sent="))
    expect(page.get_by_role("heading", level=1)).to_contain_text("inbox")
    confirm(page, stack, person)

    stack.engage("clock", "advance", "60d")

    course = stack.rt.library.courses["chronic-pain"]
    subjects = [stack.rt.library.lesson(course.slug, lesson.slug).subject for lesson in course.lessons]
    lessons = stack.visitor().lessons(person.email)
    assert [lesson["subject"] for lesson in lessons] == subjects
    arrived = [datetime.fromisoformat(lesson["sent_at"]) for lesson in lessons]
    assert {moment.astimezone(ZoneInfo(person.zone)).hour for moment in arrived} == {9}

    addresses = mails(page, stack, person.email, len(subjects) + 1)
    shown = page.get_by_role("main").get_by_role("listitem").get_by_role("link").all_inner_texts()
    assert shown[: len(subjects)] == subjects[::-1]
    page.goto(addresses[len(subjects) - 2])  # the second lesson; the part for the main pain is on its page
    follow(page, "lessons")
    expect(page.get_by_role("heading", level=1)).to_have_text(course.lessons[1].title)
    expect(page.get_by_role("main")).to_contain_text("neck", ignore_case=True)


@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_a_reader_pauses_goes_on_hurries_and_leaves(open_page: Open, stack: Stack, script: bool) -> None:
    person = Person(f"reader-{'with' if script else 'without'}@example.org", given_name="Ravi")
    page = open_page(COURSE, java_script_enabled=script)
    sign_up(page, person)
    expect(page).to_have_url(re.compile(r"/check-inbox\?sent="))
    confirm(page, stack, person)
    page.get_by_role("link", name="Read the first lesson now").click()
    status = page.get_by_role("status")

    page.get_by_role("button", name="1 week").click()
    expect(status).to_contain_text("paused")
    expect(page.get_by_role("button", name="Send me the next one now")).to_have_count(0)
    page.get_by_role("button", name="Go on with the course").click()
    expect(status).to_contain_text("goes on")

    page.get_by_role("button", name="Send me the next one now").click()
    expect(status).to_contain_text("on its way")
    page.goto(mails(page, stack, person.email, 2)[0])
    follow(page, "lessons")
    expect(page.get_by_role("main")).to_contain_text("Lesson 1 of")

    cancelled = stack.count("messages", "status = 'cancelled' AND reason = 'unsubscribed'")
    page.get_by_role("link", name="Stop the course").click()
    page.get_by_role("button", name="Unsubscribe").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("unsubscribed")
    assert stack.count("messages", "status = 'cancelled' AND reason = 'unsubscribed'") > cancelled


def test_links_in_the_framed_mail_open_beside_it(open_page: Open, stack: Stack) -> None:
    person = Person("framed@example.org")
    page = open_page(COURSE)
    sign_up(page, person)
    page.goto(mails(page, stack, person.email, 1)[0])
    link = (
        page.frame_locator("iframe")
        .get_by_role("link", name=re.compile("confirm|yes|start", re.IGNORECASE))
        .first
    )
    with page.expect_popup() as opened:
        link.click()
    expect(opened.value.get_by_role("button", name="Yes, send me the course")).to_be_visible()


def test_somebody_else_calls_it_off(open_page: Open, stack: Stack) -> None:
    person = Person("not-me@example.org")
    page = open_page(COURSE)
    sign_up(page, person)
    page.goto(mails(page, stack, person.email, 1)[0])
    follow(page, "not-me")
    page.get_by_role("button", name=re.compile("This wasn’t me")).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("called off")


@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_a_refused_form_keeps_what_was_typed(open_page: Open, script: bool) -> None:
    page = open_page(COURSE, java_script_enabled=script)
    for name in ("Zoë 🦜👩🏽‍⚕️", "صوفيا", "שרה לאה", "李小龍", "O’Brien & <b>Sons</b>"):
        sign_up(page, Person("not an address", given_name=name, zone="Asia/Kolkata"))
        expect(page.get_by_role("alert")).to_contain_text("email address")
        expect(page.get_by_label("First name")).to_have_value(name)
        expect(page.get_by_label("Email address")).to_have_value("not an address")
        expect(page.get_by_label("Email address")).to_have_attribute("aria-invalid", "true")
        expect(page.get_by_label("Where it mostly hurts")).to_have_value("neck")
        expect(page.get_by_label("Your time zone")).to_have_value("Asia/Kolkata")

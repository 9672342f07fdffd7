"""Staff at a browser: every page is accessible in both themes, fits a narrow screen, and works by keyboard and without JavaScript."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Page, expect

from engage.ids import new_id
from engage.services import consultation_work, consultations, follow_ups, inbound_mail, staff_secrets
from engage.services.staff_development import EMAIL, ready_account
from engage.storage.database import run
from tests.browser.conftest import Open
from tests.browser.test_every_page import WIDE, check
from tests.processes.stack import Stack
from tests.scripted import somebody
from tests.texting import put

NAME = "Wilhelmina"
REACHABLE = {"email": "reached@example.org", "telephone": "(518) 555-0123", "reach": "call", "consent": "yes"}


@pytest.fixture(scope="module")
def signed_in(stack: Stack, browser: Browser) -> Iterator[Any]:
    """The cookies of somebody who has signed in by keyboard."""
    account = ready_account(stack.rt)
    context = browser.new_context(base_url=stack.base_url, locale="en-US")
    page = context.new_page()
    page.goto("/staff/people")
    page.get_by_label("Email address").fill(EMAIL)
    page.get_by_label("Password").fill(account.password)
    page.keyboard.press("Enter")
    page.locator("input[name=code]").wait_for()
    with stack.rt.transaction() as tx:
        known = [
            stack.rt.sealer.open("staff", row.id, row.sealed)
            for row in run(tx, "SELECT id, sealed FROM staff")
        ]
        secret = next(told["totp"] for told in known if told["email"] == EMAIL)
    page.locator("input[name=code]").fill(staff_secrets.code_at(secret, datetime.now(UTC)))
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/staff/people$"))
    yield context.storage_state()
    context.close()


@pytest.fixture(scope="module")
def reader(stack: Stack) -> UUID:
    """Somebody whose course has begun."""
    visitor = stack.visitor()
    visitor.sign_up(email="wilhelmina@example.org", given_name=NAME)
    visitor.post(visitor.link(stack.letters(visitor, "wilhelmina@example.org", 1)[0], "confirm"))
    stack.engage("clock", "advance", "4d")
    with stack.rt.transaction() as tx:
        sql = "SELECT person_id FROM signups WHERE person_id IS NOT NULL ORDER BY created_at DESC LIMIT 1"
        return UUID(str(run(tx, sql).scalar_one()))


def request_of(stack: Stack, **typed: str) -> UUID:
    """A consultation request that the worker has looked at."""
    before = {one.id for one in consultations.listing(stack.rt)}
    client = f"2001:db8:{new_id().int % 65536:x}::1"
    consultations.accept(stack.rt, {**REACHABLE, "given_name": NAME, **typed}, client)
    consultation_work.answer_new(stack.rt)
    return next(one.id for one in consultations.listing(stack.rt) if one.id not in before)


@pytest.fixture(scope="module")
def pages(stack: Stack, reader: UUID) -> dict[str, str]:
    """Every kind of staff page with something on it, by what it is."""
    waiting = request_of(stack, message="Mornings, please.\n" + "Long" * 40)
    closed = request_of(stack, given_name="שרה")
    consultations.close(stack.rt, closed, None, "other", "Went elsewhere.")
    writer = somebody(stack.rt, 8001)
    texted = put(stack.rt, writer.number, "When do you open? " + "Long" * 40)
    inbound_mail.take(stack.rt, b"Subject: take me off your list, please\r\n\r\nThank you.\r\n")
    with stack.rt.transaction() as tx:
        mailed = run(tx, "SELECT id FROM inbound_mails").scalar_one()
    with stack.rt.transaction() as tx:
        due = stack.rt.now(tx) - timedelta(hours=1)
        follow_ups.add(tx, stack.rt, "deadline_passed", "consultation", waiting, reader, due, "browser")
        lessons = run(
            tx,
            "SELECT id, status FROM messages WHERE person_id = %(id)s AND status IN ('accepted', 'planned')",
            {"id": reader},
        )
        messages = {row.status: row.id for row in lessons}
        held = run(
            tx,
            "UPDATE messages SET status = 'held', reason = 'missing_value' WHERE id = %(id)s RETURNING id",
            {"id": messages["planned"]},
        ).scalar_one()
    return {
        "requests": "/staff/requests",
        "closed requests": "/staff/requests?state=closed",
        "no requests": "/staff/requests?state=open",
        "request": f"/staff/requests/{waiting}",
        "closed request": f"/staff/requests/{closed}",
        "people": "/staff/people",
        "person": f"/staff/people/{reader}",
        "messages": "/staff/messages",
        "messages of a kind that is none": "/staff/messages?status=x",
        "message": f"/staff/messages/{messages['accepted']}",
        "held message": f"/staff/messages/{held}",
        "texts from a number": f"/staff/texts/{texted}",
        "person who texted": f"/staff/people/{writer.id}",
        "mail that came in": f"/staff/texts/mails/{mailed}",
        "follow-ups": "/staff/follow-ups",
        "finished follow-ups": "/staff/follow-ups?state=done",
        "nothing there": f"/staff/people/{new_id()}",
    }


def test_every_staff_page_is_accessible_and_fits_a_narrow_screen(
    open_page: Open, signed_in: Any, pages: dict[str, str]
) -> None:
    page = open_page("/staff", color_scheme="light", viewport=WIDE, storage_state=signed_in)
    wrong = {}
    for name, place in pages.items():
        page.goto(place)
        page.evaluate("document.querySelectorAll('details').forEach(details => details.open = true)")
        if found := check(page):
            wrong[name] = found
    assert wrong == {}


def test_people_are_found_as_one_types_and_the_words_stay_out_of_every_address(
    open_page: Open, signed_in: Any, reader: UUID
) -> None:
    page = open_page("/staff/people", viewport=WIDE, storage_state=signed_in)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.get_by_role("searchbox").focus()
    page.keyboard.type("wilh")
    expect(page.locator("#told")).to_have_text(re.compile("found"))
    expect(page.locator("#results").get_by_role("link", name=NAME, exact=True)).to_be_visible()
    assert check(page) == []
    page.get_by_role("searchbox").fill("nobody-at-all")
    expect(page.locator("#results")).to_contain_text("Nobody was found.")
    assert asked
    assert not any("wilh" in url or "nobody" in url for url in asked)
    assert page.url.endswith("/staff/people")


def test_the_search_that_comes_last_is_the_one_that_is_shown(
    open_page: Open, signed_in: Any, reader: UUID
) -> None:
    page = open_page("/staff/people", viewport=WIDE, storage_state=signed_in)
    page.get_by_role("searchbox").press_sequentially("wilhelmina", delay=90)
    expect(page.locator("#results").get_by_role("link", name=NAME, exact=True)).to_be_visible()
    page.get_by_role("searchbox").fill("")
    expect(page.get_by_role("heading", name="Who came last")).to_be_visible()


def test_the_search_works_without_javascript(open_page: Open, signed_in: Any, reader: UUID) -> None:
    page = open_page("/staff/people", viewport=WIDE, storage_state=signed_in, java_script_enabled=False)
    page.get_by_role("searchbox").fill("wilhelmina@exam")
    page.keyboard.press("Enter")
    page.get_by_role("link", name=NAME, exact=True).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(NAME)
    assert page.get_by_text("Now:").is_visible()


def test_a_request_is_taken_called_and_closed_without_javascript(
    open_page: Open, signed_in: Any, stack: Stack
) -> None:
    request = request_of(stack, given_name="Tove")
    page = open_page("/staff/requests", viewport=WIDE, storage_state=signed_in, java_script_enabled=False)
    page.get_by_role("link", name="Tove").click()
    page.get_by_role("button", name="I’ll take it").click()
    expect(page.get_by_role("status")).to_contain_text("looks after it")
    page.get_by_role("button", name="Keep it").click()
    expect(page.get_by_role("alert")).to_contain_text("Please say whether you reached the person.")
    page.get_by_label("Not reached").check()
    page.get_by_label("Note").first.fill("No answer at noon.")
    page.get_by_role("button", name="Keep it").click()
    expect(page.get_by_text("Not reached. No answer at noon.")).to_be_visible()
    page.get_by_label("Close it: what became of it").select_option("Booked a visit")
    page.get_by_role("button", name="Close the request").click()
    expect(page.get_by_role("status")).to_contain_text("closed")
    page.reload()
    page.go_back()
    detail = consultations.one(stack.rt, request)
    assert detail is not None
    assert [event.what for event in detail.events if event.staff_id] == ["assigned", "called", "closed"]


def test_two_tabs_do_not_overwrite_each_other(open_page: Open, signed_in: Any, stack: Stack) -> None:
    request = request_of(stack, given_name="Bao")
    first = open_page(f"/staff/requests/{request}", viewport=WIDE, storage_state=signed_in)
    second = first.context.new_page()
    second.goto(f"/staff/requests/{request}")
    first.get_by_label("Close it: what became of it").select_option("Booked a visit")
    first.get_by_role("button", name="Close the request").click()
    first.get_by_role("status").wait_for()
    second.get_by_label("Reached", exact=True).check()
    second.get_by_label("Note").first.fill("Spoke at length.")
    second.get_by_role("button", name="Keep it").click()
    expect(second.get_by_role("alert")).to_contain_text("Somebody was faster")
    expect(second.get_by_text("Spoke at length.")).to_be_visible()
    assert check(second) == []


def reach_by_tab(page: Page, name: str) -> None:
    """Presses Tab until the button called ``name`` has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        focused = page.evaluate("document.activeElement.textContent.trim()")
        if focused == name:
            return
    raise AssertionError(f"Tab never reaches {name}")


def test_a_request_is_taken_by_keyboard(open_page: Open, signed_in: Any, stack: Stack) -> None:
    request = request_of(stack, given_name="Esther")
    page = open_page(f"/staff/requests/{request}", viewport=WIDE, storage_state=signed_in)
    reach_by_tab(page, "I’ll take it")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_be_visible()
    detail = consultations.one(stack.rt, request)
    assert detail is not None and detail.summary.assignee is not None


def test_a_mail_is_shown_as_it_was_sent(open_page: Open, signed_in: Any, pages: dict[str, str]) -> None:
    page = open_page(pages["message"], viewport=WIDE, storage_state=signed_in)
    frame = page.frame_locator("iframe")
    expect(frame.get_by_text(f"Hello {NAME}")).to_be_visible()

"""Campaigns in a browser: two members of staff bring one from an idea to its report; every page is accessible in both
themes, fits a narrow screen, and works by keyboard and without JavaScript."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Page, expect

from engage.domain.holidays import days_of
from engage.services import campaigns
from engage.storage import campaigns as rows
from tests.browser.campaigning import Member, agreed, as_if, ready, submitted, written
from tests.browser.conftest import Open
from tests.browser.test_every_page import NARROW, WIDE, check
from tests.browser.test_staff import reach_by_tab
from tests.browser.test_visits_journey import advance
from tests.processes.stack import Stack

HOUR = timedelta(hours=1)
NEW_YORK = ZoneInfo("America/New_York")


@pytest.fixture(scope="module")
def author(stack: Stack, browser: Browser) -> Member:
    return Member(stack, browser, "wren@example.org", "Wren Okafor", "administrator")


@pytest.fixture(scope="module")
def approver(stack: Stack, browser: Browser) -> Member:
    return Member(stack, browser, "lee@example.org", "Lee Park", "administrator")


@pytest.fixture(scope="module")
def people(stack: Stack) -> int:
    """How many agreed to news and offers by email, at least."""
    agreed(stack, 14, "Wilhelmina"), agreed(stack, 2, "")
    agreed(stack, 3, "Zoë", "sms")
    return 16


@pytest.fixture
def nobody_works(stack: Stack) -> Iterator[None]:
    """The worker and its clock stand still, so that campaigns stay as they are."""
    stack.stop("worker", "beat")
    yield
    stack.start("worker", "beat")
    stack.wait_ready()


def pages(stack: Stack, author: Member, approver: Member) -> dict[str, str]:
    """The address of every kind of page, by what it is."""
    rt = stack.rt
    now = rt.now()
    home = "/staff/campaigns/{}".format
    draft = home(written(stack, author, "A draft " + "of a long name" * 3))
    text = home(written(stack, author, "By text", "sms"))
    faulty = home(written(stack, author, "Faults", subject="Your knee", body="{{ nmae }} https://bit.ly/x"))
    waiting = home(submitted(stack, author, "Waiting"))
    approved = ready(stack, author, approver, "Approved", subject="Approved")
    starting = ready(stack, author, approver, "Starting", subject="Starting")
    campaigns.start(rt, author.actor, starting, campaigns.one(rt, starting).version)
    figures = {
        "state": "running",
        "audience": 1204,
        "released": 406,
        "begins_at": now - HOUR,
        "useful_until": now + 90 * HOUR,
    }
    statuses = {"accepted": 210, "delivered": 102, "planned": 90, "failed": 4, "held": 2}
    tally = {
        "statuses": statuses,
        "reasons": {"failed/bounced": 4, "held/missing_value": 2},
        "later": 60,
        "per_minute": 74.0,
    }
    running = as_if(
        stack, ready(stack, author, approver, "Running", subject="Run"), tally, **figures, phase="all"
    )
    canary = as_if(
        stack,
        ready(stack, author, approver, "First ten", subject="Ten"),
        tally,
        **figures,
        canary_done_at=now,
    )
    paused = as_if(
        stack,
        ready(stack, author, approver, "Paused", subject="Paused"),
        tally,
        **(figures | {"state": "paused"}),
        paused_reason="bounces",
    )
    with rt.transaction() as tx:
        why = {"reason": "bounces", "bounces": 9, "left": 316}
        rows.note(tx, paused, "paused", "system", None, why, now)
    over = as_if(
        stack,
        ready(stack, author, approver, "Over", subject="Over"),
        tally,
        **(figures | {"state": "done"}),
        ended_at=now,
    )
    return {
        "the list": "/staff/campaigns",
        "a new one": "/staff/campaigns/new",
        "audience": f"{draft}/audience",
        "audience by rules": f"{draft}/audience?audience=own&stage=past",
        "content": f"{draft}/content",
        "content of a text": f"{text}/content",
        "content with faults": f"{faulty}/content",
        "preview": f"{draft}/preview",
        "preview in dark": f"{draft}/preview?theme=dark",
        "preview of a text": f"{text}/preview",
        "preview of what can not be shown": f"{faulty}/preview",
        "check": f"{draft}/check",
        "check of a text": f"{text}/check",
        "check with faults": f"{faulty}/check",
        "waiting for approval": f"{waiting}/check",
        "ready to send": f"{home(approved)}/send",
        "starting": home(starting),
        "running": home(running),
        "the first ten": home(canary),
        "paused": home(paused),
        "over": home(over),
        "before it is cancelled": f"{home(running)}/cancel",
        "nothing there": home(author.id),
    }


def test_every_page_of_campaigns_is_accessible_and_fits_a_narrow_screen(
    open_page: Open, stack: Stack, author: Member, approver: Member, people: int, nobody_works: None
) -> None:
    page = open_page("/staff/campaigns", color_scheme="light", viewport=WIDE, storage_state=author.state)
    wrong = {}
    if found := check(page):
        wrong["the empty list"] = found
    for name, address in pages(stack, author, approver).items():
        page.goto(address)
        page.evaluate("document.querySelectorAll('details').forEach(details => details.open = true)")
        if found := check(page):
            wrong[name] = found
    assert wrong == {}


def test_two_members_bring_a_campaign_from_an_idea_to_its_report(
    open_page: Open, stack: Stack, author: Member, approver: Member, people: int
) -> None:
    advance(stack, next_morning(stack))
    page = open_page("/staff/campaigns/new", viewport=WIDE, storage_state=author.state)
    write_by_keyboard(page)
    how_many = page.locator(".big-count strong").inner_text()
    assert int(how_many) >= people
    page.get_by_role("button", name="Submit it for approval").click()
    expect(page.get_by_role("main")).to_contain_text("Somebody else has to look at it now", timeout=20_000)
    address = page.url.removesuffix("/check")

    second = open_page(f"{address}/check", viewport=NARROW, storage_state=approver.state)
    expect(second.get_by_role("main")).to_contain_text("Written by Wren Okafor")
    second.get_by_role("link", name="See it as real people get it").click()
    expect(second.get_by_role("heading", level=1)).to_contain_text("gets it")
    letter = second.frame_locator("iframe.phone-frame")
    expect(letter.get_by_role("heading", name="We are open longer").first).to_be_visible()
    second.goto(f"{address}/check")
    second.get_by_role("button", name=f"Approve it for {how_many} people").click()
    expect(second.get_by_role("heading", level=1)).to_have_text(f"Send it to {how_many} people?")

    page.goto(address)
    author.leave_the_desk(stack)
    page.get_by_role("button", name=f"Send to {how_many} people").click()
    give_code(page, stack, author)
    expect(page.get_by_role("heading", name=re.compile("It begins in .* seconds"))).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("status").first).to_contain_text("nothing has left")
    author.has_just_given_a_code(stack)
    page.get_by_role("button", name=f"Send to {how_many} people").click()
    expect(page.get_by_role("button", name="Undo")).to_be_visible()

    # Nobody touches this page: it follows by itself.
    advance(stack, stack.rt.now() + timedelta(minutes=2))
    expect(page.get_by_role("heading", name=f"10 of {how_many} sent")).to_be_visible(timeout=60_000)
    expect(page.locator("#now")).to_contain_text("The first 10")
    page.get_by_role("button", name="Pause").click()
    expect(page.locator("#now")).to_contain_text("Somebody paused it.")
    advance(stack, stack.rt.now() + timedelta(minutes=20))
    expect(page.locator("#now")).to_contain_text(f"Paused at 10 of {how_many}")
    page.get_by_role("button", name="Resume").click()
    advance(stack, stack.rt.now() + timedelta(minutes=20))
    expect(page.get_by_role("heading", name=f"{how_many} of {how_many} got it")).to_be_visible(timeout=60_000)
    main = page.get_by_role("main")
    expect(main).to_contain_text("Opens and clicks are not tracked")
    expect(main).to_contain_text("Approved by Lee Park")
    assert check(page) == []
    author.has_just_given_a_code(stack)
    with page.expect_download() as sheet:
        page.get_by_role("button", name="Download who got it").click()
    assert sheet.value.suggested_filename.endswith(".csv")
    got = [one for one in stack.visitor().mailbox() if one["subject"] == "We are open longer"]
    assert len(got) == len({one["to"] for one in got}) == int(how_many)


def give_code(page: Page, stack: Stack, who: Member) -> None:
    """What is asked for before many messages leave."""
    expect(page.get_by_role("heading", level=1)).to_have_text("A fresh code, please")
    page.get_by_label("Six figures from your app").fill(who.desk.code())
    page.keyboard.press("Enter")
    page.get_by_role("button", name=re.compile("^(Start|Let) this campaign")).click()


def next_morning(stack: Stack) -> datetime:
    """Eleven o’clock on the next day on which news may go out: no weekend and no holiday."""
    holidays = stack.rt.clinic.decent_hours.policy.holidays
    day = stack.rt.now().astimezone(NEW_YORK).replace(hour=11, minute=0)
    while True:
        day += timedelta(days=1)
        if day.weekday() < 5 and day.date() not in days_of(day.year, holidays):
            return day


def write_by_keyboard(page: Page) -> None:
    """From the name to the check page with keys alone."""
    page.get_by_label("What you call it").focus()
    page.keyboard.type("Winter hours")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(page.get_by_label("By email")).to_be_checked()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Whom is it for?")
    reach_by_tab(page, "Save and go on to the content")
    page.keyboard.press("Enter")
    page.get_by_label("Subject").focus()
    page.keyboard.type("We are open longer")
    page.keyboard.press("Tab")
    page.keyboard.type("Until seven, from Monday")
    page.keyboard.press("Tab")
    page.keyboard.type("Hello {{ nam }},\n\nFrom Monday on we are open until seven.")
    reach_by_tab(page, "Save and go on to the check")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_role("alert")).to_contain_text("did you mean name?", ignore_case=True)
    assert page.title().startswith("Error: ")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Letter")).to_be_focused()
    assert page.evaluate("document.activeElement.selectionStart") == len("Hello ")
    page.keyboard.press("Control+A")
    page.keyboard.type(
        "Hello {% if name %}{{ name }}{% else %}there{% endif %},\n\nFrom Monday on we are open until seven."
    )
    reach_by_tab(page, "Save and go on to the check")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Is it all right?")


def test_an_audience_of_its_own_is_counted_as_one_chooses(
    open_page: Open, stack: Stack, author: Member, people: int
) -> None:
    id = written(stack, author, "Some only")
    page = open_page(f"/staff/campaigns/{id}/audience", viewport=WIDE, storage_state=author.state)
    expect(page.get_by_label("Past patients")).to_be_hidden()
    page.get_by_role("radio", name="Rules for this campaign alone").check()
    page.get_by_label("Past patients").check()
    expect(page.locator("#counted")).to_contain_text("Only patients with a written authorization")
    assert check(page) == []
    page.get_by_label("Past patients").uncheck()
    page.get_by_role("checkbox", name="Subscribers").check()
    expect(page.locator("#counted")).to_contain_text("would get it by email")
    assert "csrf" not in page.url
    assert campaigns.one(stack.rt, id).rules == {}
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("status").first).to_contain_text("Saved.")
    assert campaigns.one(stack.rt, id).rules == {"stages": ["subscriber"]}
    expect(page.get_by_role("checkbox", name="Subscribers")).to_be_checked()


def test_a_text_is_counted_while_it_is_typed(
    open_page: Open, stack: Stack, author: Member, people: int
) -> None:
    id = written(stack, author, "Counted", "sms", body="We are open longer.")
    page = open_page(f"/staff/campaigns/{id}/content", viewport=WIDE, storage_state=author.state)
    counter = page.locator("#counter")
    expect(counter).to_contain_text("1 segment")
    expect(counter).to_contain_text("GSM-7")
    page.get_by_label("Text", exact=True).press_sequentially(" 🌱", delay=20)
    expect(counter).to_contain_text("Unicode because of 🌱")
    assert campaigns.one(stack.rt, id).body == "We are open longer."
    assert check(page) == []
    page.get_by_role("button", name="Save", exact=True).last.click()
    expect(page.get_by_role("status").first).to_contain_text("Saved.")


def test_two_editors_see_both_texts_and_a_refused_form_is_accessible(
    open_page: Open, stack: Stack, author: Member, approver: Member, people: int
) -> None:
    id = written(stack, author, "Two at once")
    address = f"/staff/campaigns/{id}/content"
    mine = open_page(address, viewport=WIDE, storage_state=author.state)
    theirs = open_page(address, viewport=WIDE, storage_state=approver.state)
    theirs.get_by_label("Subject").fill("Theirs")
    theirs.get_by_role("button", name="Save", exact=True).last.click()
    expect(theirs.get_by_role("status").first).to_contain_text("Saved.")
    mine.get_by_label("Subject").fill("Your knee")
    mine.get_by_role("button", name="Save", exact=True).last.click()
    expect(mine.get_by_role("alert")).to_contain_text("Lee Park changed this campaign")
    expect(mine.get_by_role("alert")).to_be_focused()
    expect(mine.get_by_label("Subject")).to_have_value("Your knee")
    expect(mine.locator(".theirs")).to_contain_text("Theirs")
    assert check(mine) == []
    mine.get_by_role("button", name="Save", exact=True).last.click()
    expect(mine.get_by_role("alert")).to_contain_text("It is saved, but it can’t go out like this")
    assert check(mine) == []
    mine.get_by_role("button", name="I answer for “knee”").click()
    expect(mine.get_by_role("status").first).to_contain_text("It may pass")


def test_a_campaign_is_written_started_and_taken_back_without_javascript(
    open_page: Open, stack: Stack, author: Member, people: int
) -> None:
    page = open_page(
        "/staff/campaigns", viewport=NARROW, storage_state=author.state, java_script_enabled=False
    )
    page.get_by_role("link", name=re.compile("^Write")).click()
    page.get_by_label("What you call it").fill("By hand")
    page.get_by_label("By text message").check()
    page.get_by_role("button", name="Go on to the audience").click()
    page.get_by_role("button", name="Save and go on to the content").click()
    page.get_by_label("Text", exact=True).fill("We are open until seven from Monday on.")
    page.get_by_role("button", name="Save and preview").click()
    expect(page.locator(".bubble").first).to_contain_text("Reply STOP to end")
    page.get_by_role("link", name=re.compile("^Next")).click()
    expect(page.get_by_role("navigation", name="Whose preview")).to_contain_text("2 of the first")
    page.get_by_role("link", name="Back to the content").click()
    page.get_by_role("button", name="Save and go on to the check").click()
    page.get_by_role("button", name=re.compile("^Submit it")).click()
    for _ in range(40):
        if page.get_by_role("button", name=re.compile("^Send to")).count():
            break
        page.wait_for_timeout(500)
        page.get_by_role("link", name="Refresh").click()
    author.has_just_given_a_code(stack)
    page.get_by_role("button", name=re.compile("^Send to")).click()
    expect(page.get_by_role("link", name="Refresh")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("status").first).to_contain_text("nothing has left")
    page.get_by_role("link", name="Give this campaign up").click()
    page.get_by_role("button", name="Yes, give it up").click()
    expect(page.get_by_role("status").first).to_contain_text("Cancelled.")

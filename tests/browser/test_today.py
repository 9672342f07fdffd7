"""The staff's first page at a browser: accessible in both themes, at home on a narrow screen, by keyboard alone and without
JavaScript. It has a clinic of its own, since what it shows is everything."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from engage.dev.embedded import Servers
from engage.services import deliverability, today_week
from engage.services.health import WAKE_UP
from engage.storage import clock
from tests import full_week
from tests.browser.conftest import Open
from tests.browser.test_every_page import NARROW, WIDE, check, sideways
from tests.browser.test_staff import signed_in
from tests.processes import stack as stacks
from tests.processes.stack import Stack, until
from tests.world import COURSE

__all__ = ["signed_in"]

HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def stack(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The web alone: no worker may change what is shown."""
    with stacks.stack(tmp_path_factory.mktemp("today"), servers) as running:
        running.start("web")
        until(lambda: answers(running), "the web", log=running.log("web"))
        yield running


def answers(running: Stack) -> bool:
    try:
        return running.visitor().get("/healthz").status == 200
    except OSError:
        return False


@pytest.fixture
def quiet(stack: Stack) -> None:
    """The workers have just been heard."""
    with stack.rt.transaction() as tx:
        clock.beat(tx, WAKE_UP)


@pytest.fixture(scope="module")
def busy(stack: Stack) -> None:
    """A week with all that a week can bring, and things that wait."""
    rt = stack.rt
    full_week.fill(rt)
    for kind, waited, due in (
        ("urgent", HOUR / 2, HOUR),
        ("not_well", HOUR, HOUR),
        ("same_person", 90 * HOUR, -HOUR),
        *[("texted", 20 * HOUR, HOUR)] * 120,
    ):
        full_week.follow_up(rt, kind, waited, due)
    deliverability.pause(rt, COURSE)
    now = rt.now()
    full_week.campaign(
        rt, "W" * 70, "paused", paused_reason="complaints", paused_at=now, audience=4200, sent=1200
    )
    full_week.campaign(rt, "Open day", "running", audience=3000, sent=400, rate_per_minute=4, begins_at=now)
    today_week.count(rt, at_once=True)


def opened(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach(details => details.open = true)")


def test_who_has_nothing_to_do_sees_a_calm_page(
    open_page: Open, signed_in: Any, stack: Stack, quiet: None
) -> None:
    page = open_page("/staff", color_scheme="light", viewport=WIDE, storage_state=signed_in)
    expect(page.get_by_role("heading", level=1)).to_have_text("Today")
    expect(page.get_by_text("Nothing needs you right now.")).to_be_visible()
    expect(page.locator("main svg[role=img]")).to_have_count(0)
    assert check(page) == []


def test_a_full_page_is_accessible_in_both_themes_and_fits_a_narrow_screen(
    open_page: Open, signed_in: Any, busy: None, quiet: None
) -> None:
    page = open_page("/staff", color_scheme="light", viewport=WIDE, storage_state=signed_in)
    assert check(page) == []
    opened(page)
    assert check(page) == []


@pytest.mark.parametrize("width", [320, 768, 1280])
def test_every_chart_stands_within_the_page_and_says_in_words_what_it_shows(
    open_page: Open, signed_in: Any, busy: None, quiet: None, width: int
) -> None:
    size = {"width": width, "height": 800}
    page = open_page("/staff", viewport=size, storage_state=signed_in)
    opened(page)
    assert sideways(page) == 0
    charts = page.get_by_role("img").filter(has=page.locator("title"))
    expect(charts).to_have_count(5)
    for chart in charts.all():
        box = chart.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
    expect(page.get_by_role("table")).to_have_count(5)
    expect(
        page.get_by_text(re.compile(r"^1\d\d were delivered, \d+ left with no word of arrival"))
    ).to_be_visible()


def test_no_words_of_a_chart_touch(open_page: Open, signed_in: Any, busy: None, quiet: None) -> None:
    for size in (NARROW, {"width": 768, "height": 900}, WIDE):
        page = open_page("/staff", viewport=size, storage_state=signed_in)
        touching = page.evaluate(
            """() => [...document.querySelectorAll('main svg[role=img]')].flatMap(chart => {
                const all = [...chart.querySelectorAll('text')].filter(one => getComputedStyle(one).display !== 'none')
                const within = chart.getBoundingClientRect()
                const boxes = all.map(one => [one.textContent, one.getBoundingClientRect()])
                const out = boxes.filter(([, b]) => b.left < within.left - 1 || b.right > within.right + 1)
                const pairs = boxes.flatMap(([a, x], n) => boxes.slice(n + 1)
                    .filter(([, y]) => x.left < y.right && y.left < x.right && x.top < y.bottom && y.top < x.bottom)
                    .map(([b]) => `${a} and ${b}`))
                return [...out.map(([words]) => `${words} sticks out`), ...pairs]
            })"""
        )
        assert touching == [], size


def test_the_first_thing_that_needs_somebody_is_reached_and_opened_by_keyboard(
    open_page: Open, signed_in: Any, busy: None, quiet: None
) -> None:
    page = open_page("/staff", viewport=WIDE, storage_state=signed_in)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # Skip to the content.
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")  # After the day's visits.
    focused = page.evaluate("document.activeElement.textContent.trim()")
    assert "may mean that somebody is in danger" in re.sub(r"\s+", " ", focused)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/staff/follow-ups\?kind=urgent$"))
    expect(page.get_by_role("main").get_by_text("somebody is in danger")).to_be_visible()


def test_a_table_is_opened_by_keyboard(open_page: Open, signed_in: Any, busy: None, quiet: None) -> None:
    page = open_page("/staff", viewport=WIDE, storage_state=signed_in)
    summary = page.locator("summary", has_text="Visits as a table")
    summary.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name="Visits", exact=True).get_by_role("table")).to_be_visible()


def test_it_is_all_there_without_javascript(open_page: Open, signed_in: Any, busy: None, quiet: None) -> None:
    page = open_page("/staff", viewport=NARROW, storage_state=signed_in, java_script_enabled=False)
    expect(page.get_by_role("link", name="99+ texts wait to be read")).to_be_visible()
    page.get_by_text("Messages as a table").click()
    expect(page.get_by_role("columnheader", name="Delivered")).to_be_visible()
    page.get_by_role("link", name="is not well after a visit").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Follow-ups")
    page.get_by_role("link", name="Show all").click()
    expect(page).to_have_url(re.compile("/staff/follow-ups$"))

"""Audiences at a browser: accessible in both themes and on a narrow screen; counted as one chooses, and without a script."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import expect

from engage.domain.segments import Rules, read
from engage.services import authorizations, segments, tags
from engage.services.audit import CLI
from tests.audience import person, visit
from tests.browser.conftest import Open
from tests.browser.test_every_page import WIDE, check
from tests.browser.test_staff import signed_in
from tests.processes.stack import Stack
from tests.world import World

__all__ = ["signed_in"]


@pytest.fixture(scope="module")
def people(stack: Stack) -> list[UUID]:
    """A subscriber, a patient with an authorization, one without, and somebody who never agreed."""
    world = World(stack.rt, stack.rt.now())
    ids = [
        person(world, name, f"audience-{n}@example.org", agreed=agreed)
        for n, (name, agreed) in enumerate(
            [
                ("Maximilienne-Wilhelmina von und zu Hohenstein", [("email", "marketing")]),
                ("Ada", [("email", "marketing")]),
                ("שרה", [("email", "marketing")]),
                ("Ben", []),
            ]
        )
    ]
    for id in ids[1:3]:
        visit(world, id, -3)
        tags.put(world.rt, CLI, id, "Evenings" + "long" * 15)
    authorizations.record(world.rt, CLI, ids[1], "granted", "paper", words="In the blue folder")
    return ids


def test_every_page_of_audiences_is_accessible_and_fits_a_narrow_screen(
    open_page: Open, signed_in: Any, stack: Stack, people: list[UUID]
) -> None:
    treated = read({"stages": ["in_treatment"], "last_visit": {"within_days": 30}, "authorized": True})
    saved = segments.save(stack.rt, CLI, "In treatment " + "now" * 20, treated)
    segments.save(stack.rt, CLI, "In treatment", Rules(), saved, 1)
    segments.save(stack.rt, CLI, "In treatment", treated, saved, 2)
    query = "channel=email&stage=in_treatment&authorized=yes"
    pages = {
        "the list": "/staff/segments",
        "the builder": "/staff/segments/new",
        "a count": f"/staff/segments/new?{query}",
        "nobody": "/staff/segments/new?channel=sms&stage=consulting",
        "refused": "/staff/segments/new?channel=email&stage=past&before_days=x",
        "not authorized": "/staff/segments/new?channel=email&stage=past",
        "an audience": f"/staff/segments/{saved}",
        "changing it": f"/staff/segments/{saved}/change",
        "people": f"/staff/segments/people?{query}",
        "left out": f"/staff/segments/people?{query}&reason=not_authorized",
        "nobody left out": f"/staff/segments/people?{query}&reason=paused",
        "a person with marks": f"/staff/people/{people[1]}",
    }
    page = open_page("/staff", color_scheme="light", viewport=WIDE, storage_state=signed_in)
    wrong = {}
    for name, place in pages.items():
        page.goto(place)
        page.evaluate("document.querySelectorAll('details').forEach(details => details.open = true)")
        if found := check(page):
            wrong[name] = found
    assert wrong == {}


def test_the_count_follows_what_is_chosen_and_is_told(
    open_page: Open, signed_in: Any, people: list[UUID]
) -> None:
    page = open_page("/staff/segments/new", viewport=WIDE, storage_state=signed_in)
    page.get_by_label(re.compile("^In treatment")).check()
    expect(page.locator("#counted")).to_contain_text("signed an authorization for marketing")
    page.get_by_label(re.compile("^Only patients with a written authorization")).check()
    expect(page.locator("#counted")).to_contain_text("1 person would get it by email.")
    expect(page.locator("#counted")).to_contain_text("without a written authorization")
    expect(page.locator("#told")).to_have_text("1 person would get it by email.")
    assert check(page) == []
    page.get_by_label("What to call it").fill("Patients of now")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Patients of now")
    assert "csrf" not in page.url
    page.get_by_role("link", name="See some of them").click()
    expect(page.get_by_role("link", name="Ada")).to_be_visible()


def test_it_works_without_a_script_and_by_keyboard(
    open_page: Open, signed_in: Any, people: list[UUID]
) -> None:
    page = open_page("/staff/segments/new", viewport=WIDE, storage_state=signed_in, java_script_enabled=False)
    page.get_by_label(re.compile("^Subscribers")).focus()
    page.keyboard.press("Space")
    page.get_by_label("At least so many lessons").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#counted")).to_contain_text("would get it by email.")
    expect(page.get_by_label(re.compile("^Subscribers"))).to_be_checked()
    assert "csrf" not in page.url
    page.get_by_label("What to call it").fill("Subscribers by keyboard")
    page.get_by_role("button", name="Save").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text("Saved.")
    expect(page.get_by_role("heading", level=1)).to_have_text("Subscribers by keyboard")

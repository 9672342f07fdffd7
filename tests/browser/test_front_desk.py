"""The front desk at a browser: every page is accessible in both themes and fits a narrow screen; the work goes by keyboard
and without JavaScript; the run sheet prints black on white."""

from __future__ import annotations

import re
from datetime import date, time, timedelta
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import expect

from engage.domain.appointments import When
from engage.domain.timing import local
from engage.domain.treatment_plans import Part
from engage.services import appointments, find, treatment_plans, visit_times
from engage.services.appointments import Booking
from engage.services.audit import CLI
from engage.services.treatment_plans import PlanWish
from engage.storage.database import run
from tests.browser.conftest import Open
from tests.browser.test_every_page import NARROW, WIDE, check
from tests.browser.test_staff import reach_by_tab, signed_in
from tests.processes.stack import Stack
from tests.visits import LARKSPUR, patient

__all__ = ["signed_in"]

PEOPLE = (
    ("Ada", "Lovelace-Wilhelmina", "09:00", "confirmed"),
    ("Grace", "", "10:00", "wants_move"),
    ("שרה", "", "11:00", None),
    ("Maximilienne", "von und zu Hohenstein", "13:30", "wants_cancel"),
    ("Ben", "", "15:00", None),
    ("Noor", "", "16:00", None),
)


@pytest.fixture(scope="module")
def tomorrow(stack: Stack) -> date:
    return local(stack.rt.now(), "America/New_York").date() + timedelta(days=1)


@pytest.fixture(scope="module")
def visits(stack: Stack, tomorrow: date) -> dict[str, UUID]:
    """Tomorrow's visits, each in another state, by whose they are."""
    rt, booked = stack.rt, {}
    for n, (given, family, wall, reply) in enumerate(PEOPLE):
        person = patient(
            stack,  # type: ignore[arg-type]
            " ".join(filter(None, (given, family))),
            email=f"desk-{n}@example.org",
            mobile=None if n == 2 else f"+1518555019{n}",
            agreed=() if n == 4 else ("email", "sms"),
        )
        with rt.transaction() as tx:
            find.index_again(rt, tx, person)
        start = visit_times.at(rt, tomorrow, time.fromisoformat(wall), LARKSPUR)
        when = When(start, "America/New_York", 60, LARKSPUR)
        note = "Brings her own " + "cushion" * 12 if n == 3 else ""
        booked[given] = appointments.book(rt, CLI, Booking(person, when, practitioner="Dr. Wu", note=note))
        with rt.transaction() as tx:
            sql = "UPDATE appointments SET reply = %(reply)s, replied_at = now() WHERE id = %(id)s"
            run(tx, sql, {"reply": reply, "id": booked[given]})
    appointments.cancel(rt, CLI, booked["Noor"])
    stack.engage("clock", "advance", "2m")
    return booked


@pytest.fixture(scope="module")
def now_here(stack: Stack, tomorrow: date) -> UUID:
    """A visit of today that has begun."""
    rt, person = stack.rt, patient(stack, "Tove", "tove-today@example.org", "+15185550171")  # type: ignore[arg-type]
    hour = max(0, local(rt.now(), "America/New_York").hour - 1)
    start = visit_times.at(rt, tomorrow - timedelta(days=1), time(hour), LARKSPUR)
    return appointments.book(rt, CLI, Booking(person, When(start, "America/New_York", 45, LARKSPUR)))


@pytest.fixture(scope="module")
def plan(stack: Stack, tomorrow: date) -> UUID:
    """A plan that was booked."""
    rt, person = stack.rt, patient(stack, "Ida", "ida-plan@example.org", "+15185550170")  # type: ignore[arg-type]
    parts = (Part(2, 1, 3), Part(1, 2, 2))
    wish = PlanWish(person, LARKSPUR, tomorrow, {0: time(9), 3: time(14, 30)}, 45, parts)
    return treatment_plans.book(rt, CLI, wish, treatment_plans.show(rt, wish).mark)


def test_every_page_of_the_front_desk_is_accessible_and_fits_a_narrow_screen(
    open_page: Open,
    signed_in: Any,
    stack: Stack,
    visits: dict[str, UUID],
    plan: UUID,
    tomorrow: date,
    now_here: UUID,
) -> None:
    page = open_page("/staff", color_scheme="light", viewport=WIDE, storage_state=signed_in)
    person = appointments.one(stack.rt, visits["Ada"])
    assert person is not None
    pages = {
        "the day": f"/staff/visits?day={tomorrow}",
        "today": f"/staff/visits?day={tomorrow - timedelta(days=1)}",
        "an empty day": f"/staff/visits?day={tomorrow + timedelta(days=40)}&location=Prairie+Street",
        "the run sheet": f"/staff/run-sheet?day={tomorrow}",
        "a visit that has begun": f"/staff/visits/{now_here}",
        "a visit": f"/staff/visits/{visits['Ada']}",
        "a visit that nobody knows of": f"/staff/visits/{visits['Ben']}",
        "a cancelled visit": f"/staff/visits/{visits['Noor']}",
        "moving": f"/staff/visits/{visits['Ada']}/move",
        "booking for whom": "/staff/visits/new",
        "somebody new": "/staff/visits/new/person",
        "booking": f"/staff/visits/new?person={person.person_id}",
        "a plan to be": f"/staff/plans/new?person={person.person_id}",
        "a plan": f"/staff/plans/{plan}",
        "reminders": "/staff/reminders",
        "a person with visits": f"/staff/people/{person.person_id}",
    }
    wrong = {}
    for name, place in pages.items():
        page.goto(place)
        page.evaluate("document.querySelectorAll('details').forEach(details => details.open = true)")
        if found := check(page):
            wrong[name] = found
    assert wrong == {}


def test_a_visit_is_moved_by_keyboard_and_every_step_is_accessible(
    open_page: Open, signed_in: Any, stack: Stack, visits: dict[str, UUID], tomorrow: date
) -> None:
    page = open_page(
        f"/staff/visits/{visits['Ada']}", viewport=WIDE, storage_state=signed_in, java_script_enabled=True
    )
    reach_by_tab(page, "Move it")
    page.keyboard.press("Enter")
    page.get_by_label("Hour").fill("")
    page.get_by_label("Hour").evaluate("field => field.required = false")
    page.get_by_role("button", name="See what that would send").click()
    expect(page.get_by_role("alert")).to_contain_text("Please give the hour")
    assert check(page) == []
    page.get_by_label("Hour").fill("14:15")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Move the visit?")
    expect(page.locator(".was-now")).to_contain_text("2:15 PM")
    assert check(page) == []
    reach_by_tab(page, "Yes, move it")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("The visit is moved.")
    assert check(page) == []
    page.get_by_role("button", name="Move it back").click()
    expect(page.get_by_role("status")).to_contain_text("Nobody has heard of it")
    moved = appointments.one(stack.rt, visits["Ada"])
    assert moved is not None and local(moved.when.starts_at, "America/New_York").time() == time(9)


def test_a_visit_is_booked_and_cancelled_without_javascript(
    open_page: Open, signed_in: Any, stack: Stack, visits: dict[str, UUID], tomorrow: date
) -> None:
    page = open_page("/staff/visits", viewport=NARROW, storage_state=signed_in, java_script_enabled=False)
    page.get_by_role("link", name="Book a visit").click()
    page.get_by_role("searchbox").fill("desk-4@")
    page.get_by_role("button", name="Search").click()
    assert "desk-4" not in page.url
    page.get_by_role("link", name="Ben").click()
    page.get_by_label("Day").fill(f"{tomorrow + timedelta(days=7)}")
    page.get_by_label("Hour").fill("10:30")
    page.get_by_role("button", name="See what that would send").click()
    expect(page.get_by_role("heading", name="Closed ways")).to_be_visible()
    page.get_by_role("button", name="Yes, book it").click()
    expect(page.get_by_role("status")).to_contain_text("The visit is booked.")
    page.get_by_role("button", name="Cancel it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Cancel the visit?")
    page.get_by_role("button", name="Yes, cancel it").click()
    expect(page.get_by_role("status")).to_contain_text("The visit is cancelled.")


def test_who_arrives_is_marked_in_the_days_list(
    open_page: Open, signed_in: Any, stack: Stack, now_here: UUID
) -> None:
    page = open_page("/staff/visits", viewport=NARROW, storage_state=signed_in, java_script_enabled=False)
    page.get_by_role("button", name=re.compile("^Has arrived.*Tove")).click()
    expect(page.locator(f"#visit-{now_here}")).to_contain_text("Has arrived")
    page.get_by_role("button", name=re.compile("^Took place.*Tove")).click()
    expect(page.locator(f"#visit-{now_here}")).to_contain_text("Took place")


def test_a_plan_is_shown_before_it_is_booked(
    open_page: Open, signed_in: Any, stack: Stack, visits: dict[str, UUID], tomorrow: date
) -> None:
    ada = appointments.one(stack.rt, visits["Grace"])
    assert ada is not None
    page = open_page(
        f"/staff/plans/new?person={ada.person_id}",
        viewport=WIDE,
        storage_state=signed_in,
        color_scheme="light",
    )
    page.get_by_label("Not before").fill(f"{tomorrow}")
    page.get_by_label("Saturday").fill("10:00")
    page.get_by_role("button", name="Show the sessions").click()
    expect(page.get_by_role("alert")).to_contain_text("The clinic is closed on Saturdays")
    assert check(page) == []
    page.get_by_label("Saturday").fill("")
    page.get_by_label("Monday").fill("09:00")
    page.get_by_label("Thursday").fill("14:30")
    page.get_by_role("button", name="Show the sessions").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Book 16 sessions?")
    assert check(page) == []
    page.get_by_role("button", name="Yes, book all 16").click()
    expect(page.get_by_role("status")).to_contain_text("All are booked.")
    expect(page.get_by_role("main").get_by_role("listitem")).to_have_count(16)
    page.get_by_role("button", name="Cancel all 16 to come").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Cancel all 16 visits to come?")
    assert check(page) == []
    page.get_by_role("button", name="Yes, cancel all 16").click()
    expect(page.get_by_role("status")).to_contain_text("All that was to come is cancelled.")
    assert check(page) == []


def test_the_run_sheet_prints_black_on_white_without_what_paper_can_not_use(
    open_page: Open, signed_in: Any, visits: dict[str, UUID], tomorrow: date
) -> None:
    page = open_page(
        f"/staff/run-sheet?day={tomorrow}", viewport=WIDE, storage_state=signed_in, color_scheme="dark"
    )
    expect(page.locator(".sheet-totals")).to_have_text(
        re.compile(r"^[56] visits: .*1 asks to move, 1 asks to cancel$")
    )
    page.emulate_media(media="print", color_scheme="dark")
    for hidden in ("header.bar", ".tabs", ".days-bar", ".no-print"):
        for one in page.locator(hidden).all():
            assert not one.is_visible(), hidden
    colours = page.evaluate(
        """() => [...document.querySelectorAll('body, main p, main a, main strong, main .badge')]
        .filter(e => e.offsetParent).map(e => getComputedStyle(e)).map(s => s.color)"""
    )
    assert set(colours) == {"rgb(0, 0, 0)"}
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    expect(page.get_by_text("Telephone").first).to_be_visible()

"""The road of a booked patient: booked by the API, reminded, answered by text and by link, moved, called off, asked how
it went, and once in danger."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any
from urllib.request import Request, urlopen
from uuid import UUID
from zoneinfo import ZoneInfo

from playwright.sync_api import Page, expect

from engage.domain.api_keys import SCOPES
from engage.services import api_keys, appointments, check_in_consent
from engage.services.audit import CLI
from tests.browser.conftest import Open
from tests.browser.test_staff import signed_in
from tests.browser.test_texts_journey import reply
from tests.processes.stack import Stack, until

NUMBER, EMAIL = "+15185550166", "booked@example.org"
NEW_YORK = ZoneInfo("America/New_York")
__all__ = ["signed_in"]


class Api:
    """The API as a booking system calls it."""

    def __init__(self, stack: Stack) -> None:
        self.base = f"{stack.base_url}/api/v1"
        self.key = api_keys.create(stack.rt, CLI, "Booking system", SCOPES).key

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        request = Request(self.base + path, method=method, data=json.dumps(body or {}).encode())
        request.add_header("Authorization", f"Bearer {self.key}")
        request.add_header("Content-Type", "application/json")
        if method == "GET":
            request.data = None
        with urlopen(request, timeout=10) as answer:
            told: dict[str, Any] = json.load(answer)
            return told


def advance(stack: Stack, to: datetime) -> None:
    """Lets time pass until then."""
    minutes = int((to - stack.rt.now()).total_seconds() // 60) + 1
    stack.engage("clock", "advance", f"{minutes}m", seconds=120.0)


def text(stack: Stack, part: str) -> dict[str, Any]:
    """The text with these words, once it has arrived."""

    def found() -> dict[str, Any] | None:
        return next((one for one in stack.visitor().mailbox(NUMBER) if part in one["text"]), None)

    told: dict[str, Any] = until(found, f"a text with {part!r}")
    return told


def letter(stack: Stack, part: str) -> dict[str, Any]:
    """The letter with these words in its subject, once it has arrived."""

    def found() -> dict[str, Any] | None:
        return next((one for one in stack.visitor().mailbox(EMAIL) if part in one["subject"]), None)

    told: dict[str, Any] = until(found, f"a letter {part!r}")
    return told


def test_booked_reminded_moved_answered_called_off_and_asked_how_it_went(
    open_page: Open, stack: Stack, signed_in: Any
) -> None:
    api = Api(stack)
    person = api.ask(
        "PUT",
        "/people/by-external-id/desk/17",
        {
            "given_name": "Mara",
            "email": EMAIL,
            "mobile": NUMBER,
            "zone": "America/New_York",
            "consent": ["email", "sms"],
            "consent_source": "intake form",
        },
    )
    day = (stack.rt.now().astimezone(NEW_YORK) + timedelta(days=10)).replace(
        hour=14, minute=0, second=0, microsecond=0
    )
    visit = api.ask(
        "PUT",
        "/appointments/by-external-id/desk/98",
        {
            "person_external_id": "17",
            "starts_at": day.isoformat(),
            "minutes": 60,
            "location": "Larkspur Lane",
        },
    )
    there = f"/appointments/{visit['id']}"

    advance(stack, day - timedelta(hours=23))
    reminder = text(stack, "Reply C to confirm")
    assert "2:00 PM, Larkspur Lane" in reminder["text"]
    invitation = letter(stack, "Your appointment")
    assert "BEGIN:VCALENDAR" in invitation["calendar"]
    page: Page = open_page("/dev/mailbox", java_script_enabled=False)
    assert "2:00 PM" in reply(page, stack, "C", NUMBER)
    assert api.ask("GET", there)["reply"] == "confirmed"

    later = day + timedelta(days=2)
    api.ask("POST", f"{there}/move", {"starts_at": later.isoformat()})
    advance(stack, stack.rt.now() + timedelta(minutes=3))
    assert "not" in text(stack, "your appointment is now")["text"]
    moved = letter(stack, "New time for your appointment")
    assert "SEQUENCE:1" in moved["calendar"]

    page.goto(stack.visitor().link(moved, "appointments"))
    page.get_by_text("I need another time", exact=True).click()
    page.get_by_label("Weekday evenings").check()
    page.get_by_role("button", name="Ask for another time").click()
    expect(page.get_by_role("status")).to_contain_text("The front desk has your wish")
    assert api.ask("GET", there)["reply"] == "wants_move"

    advance(stack, later + timedelta(hours=2))
    check_in_consent.record(stack.rt, CLI, UUID(person["id"]), "email", "telephone")
    appointments.mark(stack.rt, CLI, UUID(visit["id"]), "fulfilled")
    second = later + timedelta(days=14)
    other = api.ask(
        "PUT",
        "/appointments/by-external-id/desk/99",
        {
            "person_external_id": "17",
            "starts_at": second.isoformat(),
            "minutes": 60,
            "location": "Larkspur Lane",
        },
    )
    advance(stack, later + timedelta(days=9))
    asked = [one for one in stack.visitor().mailbox(EMAIL) if one["kind"] == "pain-score"]
    assert asked, [one["kind"] for one in stack.visitor().mailbox(EMAIL)]
    page.goto(stack.visitor().link(asked[-1], "check-ins").partition("?")[0] + "?score=7")
    expect(page.get_by_label("7", exact=True)).to_be_checked()
    page.get_by_role("button", name="Send my answer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you")

    api.ask("POST", f"/appointments/{other['id']}/cancel")
    advance(stack, stack.rt.now() + timedelta(minutes=3))
    assert "appointment cancelled" in text(stack, "appointment cancelled")["text"]
    assert "911" in reply(page, stack, "I have chest pain and can't breathe", NUMBER)

    staff = open_page(f"/staff/people/{person['id']}", storage_state=signed_in)
    expect(staff.get_by_role("main")).to_contain_text("Mara")
    expect(staff.locator("table").filter(has_text="7").first).to_be_visible()
    staff.goto("/staff/follow-ups")
    expect(staff.get_by_role("main")).to_contain_text("somebody is in danger")

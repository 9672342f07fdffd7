"""Campaigns for the browser's tests: two members of staff, people who agreed, and a campaign in every state."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson
from playwright.sync_api import Browser, expect

from engage.domain.messages import Channel
from engage.services import campaign_run, campaigns, staff, staff_secrets
from engage.services.audit import Actor
from engage.services.campaigns import Written
from engage.storage.database import run
from tests.campaigns import readers
from tests.processes.stack import Stack
from tests.web.staff_world import PASSWORD, new_member

LETTER = """# Our winter hours

Hello {% if name %}{{ name }}{% else %}there{% endif %},

From Monday on we are open until seven in the evening, and on Saturdays until noon.

- Monday to Friday: 9 to 7
- Saturday: 9 to 12

[See the hours](https://harmonia.example/hours "button")

Call {{ telephone }} with any question.
"""
TEXT = "Hello {% if name %}{{ name }}{% else %}there{% endif %}, from Monday on we are open until 7 in the evening. 🌱"


class Member:
    """A member of staff with a browser's cookies. ``state`` is for ``open_page(storage_state=...)``."""

    def __init__(self, stack: Stack, browser: Browser, email: str, name: str, role: str) -> None:
        desk = new_member(stack.rt, email, name, role)  # type: ignore[arg-type]
        self.id = next(one.id for one in staff.listing(stack.rt) if one.email == email)
        self.actor = Actor(self.id, "staff")
        context = browser.new_context(base_url=stack.base_url, locale="en-US")
        page = context.new_page()
        page.goto("/staff/campaigns")
        page.get_by_label("Email address").fill(email)
        page.get_by_label("Password").fill(PASSWORD)
        page.keyboard.press("Enter")
        page.locator("input[name=code]").wait_for()
        desk.code()  # The step that setting up has used is forgotten.
        page.locator("input[name=code]").fill(staff_secrets.code_at(desk.secret, datetime.now(UTC)))
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile("/staff/campaigns$"))
        self.desk = desk
        self.state: Any = context.storage_state()
        context.close()

    def leave_the_desk(self, stack: Stack) -> None:
        """The last code is an hour old."""
        self._gave_code(stack, "1 hour")

    def has_just_given_a_code(self, stack: Stack) -> None:
        """However slow the machine is that this test runs on."""
        self._gave_code(stack, "0 seconds")

    def _gave_code(self, stack: Stack, ago: str) -> None:
        with stack.rt.transaction() as tx:
            sql = "UPDATE staff_sessions SET stepped_up_at = clock_timestamp() - %(ago)s::interval WHERE staff_id = %(id)s"
            run(tx, sql, {"ago": ago, "id": self.id})


def agreed(stack: Stack, count: int, name: str, channel: Channel = "email") -> list[str]:
    """People who agreed to news and offers."""
    return readers(stack, count, channel, name)  # type: ignore[arg-type]


def written(stack: Stack, who: Member, name: str, channel: Channel = "email", **more: Any) -> UUID:
    """A draft that says something."""
    id = campaigns.create(stack.rt, who.actor, name, channel)
    body = more.pop("body", TEXT if channel == "sms" else LETTER)
    words = {"subject": "We are open longer", "preheader": "Until seven, from Monday"}
    told = Written(
        **({"name": name, "rules": {}, "body": body} | (words if channel == "email" else {}) | more)
    )
    campaigns.edit(stack.rt, who.actor, id, 1, told)
    return id


def submitted(stack: Stack, who: Member, name: str, **more: Any) -> UUID:
    """The same, with its audience fixed."""
    id = written(stack, who, name, **more)
    campaigns.submit(stack.rt, who.actor, id, campaigns.one(stack.rt, id).version)
    campaign_run.run(stack.rt)
    return id


def ready(stack: Stack, who: Member, second: Member, name: str, **more: Any) -> UUID:
    """The same, approved."""
    id = submitted(stack, who, name, **more)
    row = campaigns.one(stack.rt, id)
    if row.state == "checking":
        campaigns.approve(stack.rt, second.actor, id, row.version)
    return id


def as_if(stack: Stack, id: UUID, tally: dict[str, Any] | None = None, **columns: Any) -> UUID:
    """As if a campaign had got so far: columns of its row, and what was counted. No worker may be running."""
    told = {
        "statuses": {}, "reasons": {}, "later": 0, "unwelcome": {}, "took": 0.0, "per_minute": 0.0
    } | (tally or {})  # fmt: skip
    values = {"tally": orjson.dumps(told).decode()} | columns
    sets = ", ".join(f"{name} = %({name})s{'::jsonb' if name == 'tally' else ''}" for name in values)
    with stack.rt.transaction() as tx:
        run(tx, f"UPDATE campaigns SET {sets} WHERE id = %(id)s", {"id": id} | values)
    return id

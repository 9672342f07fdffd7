"""Who is at the desk in the tests of campaigns, and how they press the buttons of its pages."""

from __future__ import annotations

import re

import pytest
from werkzeug.test import TestResponse

from engage.runtime import Runtime
from tests.campaigns import BODY, Steps
from tests.web.front_desk import at_desk, send
from tests.web.staff_world import Desk
from tests.world import World

__all__ = ["approver", "author", "world"]
GOOD = {"name": "Winter", "subject": "Winter hours", "preheader": "When we are open", "body": BODY}


@pytest.fixture
def world(rt: Runtime) -> World:
    return World(rt)


@pytest.fixture
def author(world: World) -> Desk:
    """Somebody who may write; the drafts of these tests are somebody else's."""
    return at_desk(world, "sam@example.org", "administrator")


@pytest.fixture
def approver(world: World, author: Desk) -> Desk:
    return at_desk(world, "lee@example.org", "administrator")


def place(steps: Steps, step: str = "") -> str:
    return f"/staff/campaigns/{steps.id}{'/' if step else ''}{step}"


def write(desk: Desk, steps: Steps, shown: TestResponse | None = None, /, **typed: str) -> TestResponse:
    """Sends the form of the content with what is typed, over a text that is fine."""
    page = shown or desk.get(place(steps, "content"))
    return send(desk, page, place(steps, "content"), **(GOOD | typed))


def choose(
    desk: Desk, steps: Steps, page: TestResponse, then: str = "", /, **typed: str | list[str]
) -> TestResponse:
    """Presses a button that saves the audience."""
    csrf = re.search(r'formmethod="post"[^>]* name="csrf" value="([^"]+)"', page.text)
    assert csrf is not None
    form = {"csrf": csrf[1], "version": value(page, "version")}
    return desk.client.post(place(steps, "audience") + then, data=form | typed)


def told(page: TestResponse) -> bool:
    """Whether the page says first, and in its title, that something is wrong, with the focus there."""
    return "<title>Error: " in page.text and 'role="alert" tabindex="-1" autofocus' in page.text


def value(page: TestResponse, name: str) -> str:
    found = re.search(rf'name="{name}"[^>]* value="([^"]*)"', page.text)
    assert found is not None
    return found[1]

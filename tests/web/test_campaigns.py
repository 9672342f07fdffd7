"""Campaigns at a browser: written in steps, approved by a second person, started, watched, and every refusal in words."""

from __future__ import annotations

import pytest

from engage.runtime import Runtime
from tests.campaigns import readers, wait
from tests.web.staff_world import Desk
from tests.web.test_front_desk import at_desk, send, words
from tests.world import World


@pytest.fixture
def world(rt: Runtime) -> World:
    return World(rt)


@pytest.fixture
def author(world: World) -> Desk:
    return at_desk(world, "sam@example.org", "administrator")


def test_the_whole_way(world: World, author: Desk) -> None:
    readers(world, 3)
    page = author.get("/staff/campaigns")
    assert "No campaign has been written yet" in words(page)
    page = author.get("/staff/campaigns/new")
    made = send(author, page, "/staff/campaigns/new", name="Winter", channel="email")
    assert made.status_code == 303
    home = made.location.removesuffix("/audience")
    page = author.get(made.location)
    assert "3 people would get it" in words(page)
    assert (
        send(author, page, made.location, audience="everybody", then="content").location == f"{home}/content"
    )
    page = author.get(f"{home}/content")
    answer = send(
        author,
        page,
        f"{home}/content",
        name="Winter",
        subject="Hours",
        preheader="p",
        body="Hi {{ name }}. <script>x</script>",
    )
    assert answer.status_code == 422, answer.text
    print(words(answer))
    answer = send(
        author,
        answer,
        f"{home}/content",
        name="Winter",
        subject="Hours",
        preheader="p",
        body="Hi there. We are open.",
        then="check",
    )
    assert answer.location == f"{home}/check"
    page = author.get(f"{home}/check")
    print(words(page))
    assert send(author, page, f"{home}/submit").location == f"{home}/check"
    from engage.services import campaign_run

    print(words(author.get(f"{home}/check")))
    campaign_run.run(world.rt)
    page = author.get(home)
    assert page.location == f"{home}/send"
    page = author.get(f"{home}/send")
    print(words(page))
    assert send(author, page, f"{home}/start").status_code == 303
    page = author.get(home)
    print(words(page))
    from datetime import timedelta

    wait(world, timedelta(minutes=2))
    print(words(author.get(home)))
    wait(world, timedelta(minutes=30))
    print(words(author.get(home)))
    print(words(author.get("/staff/campaigns")))
    print(words(author.get(home + "/preview")))

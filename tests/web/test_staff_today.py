"""The staff's first page over the web: where its links lead, and what somebody sees who has nothing to do."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from engage.domain.follow_ups import KINDS
from engage.domain.roles import Role
from engage.domain.today_words import SAID
from engage.runtime import Runtime
from engage.services import today_week
from engage.services.health import WAKE_UP
from engage.storage import clock
from tests import full_week
from tests.web.staff_world import Desk, new_member
from tests.world import World

PLACES = sorted({said.place for said in SAID.values()})


@pytest.fixture
def world(rt: Runtime) -> World:
    """A clinic whose workers are awake."""
    with rt.transaction() as tx:
        clock.beat(tx, WAKE_UP)
    return World(rt)


def desk_of(world: World, role: Role = "administrator") -> Desk:
    desk = new_member(world.rt, role=role)
    desk.sign_in()
    return desk


def test_it_is_where_signing_in_and_the_name_of_the_clinic_lead(world: World) -> None:
    desk = new_member(world.rt)
    answer = desk.sign_in()
    assert answer.location == "/staff"
    page = desk.get("/staff")
    assert page.status_code == 200
    assert '<a class="brand" href="/staff">' in page.text
    assert '<a href="/staff" aria-current="page">Today</a>' in page.text
    assert 'aria-current="page"' not in desk.get("/staff/visits").text.split('href="/staff/visits"')[0]


@pytest.mark.parametrize("role", ["reader", "front_desk", "author", "approver", "administrator"])
def test_everybody_may_look(world: World, role: Role) -> None:
    page = desk_of(world, role).get("/staff").text
    assert "<h1>Today</h1>" in page


def test_who_has_nothing_to_do_sees_what_the_page_is_for(world: World) -> None:
    page = desk_of(world).get("/staff").text
    assert "Nothing needs you right now." in page
    assert "the most urgent first" in page
    assert "Nothing is planned." in page
    assert "<table" not in page
    assert "counted by the workers within a minute or two" in page


def test_every_place_to_which_it_leads_is_there(world: World) -> None:
    desk = desk_of(world)
    for place in PLACES:
        assert desk.get(place).status_code == 200, place


def test_each_line_has_one_link_and_each_chart_its_table(world: World) -> None:
    full_week.fill(world.rt)
    full_week.follow_up(world.rt, "urgent", timedelta(minutes=5), timedelta(hours=1))
    today_week.count(world.rt, at_once=True)
    page = desk_of(world).get("/staff").text
    lines = re.findall(r'<li class="need \w+">(.*?)</li>', page, re.DOTALL)
    assert len(lines) > 2
    assert all(line.count("<a ") == 1 for line in lines)
    assert "nobody has taken it" in lines[0]
    assert page.count('role="img"') == page.count("<table") == 5
    assert "<script" not in page


def test_what_staff_call_a_campaign_is_text_and_no_markup(world: World) -> None:
    full_week.campaign(world.rt, "<b>Spring</b>", "paused", audience=5)
    desk = desk_of(world)
    page = desk.get("/staff").text
    assert "“&lt;b&gt;Spring&lt;/b&gt;” is paused" in page
    (place,) = re.findall(r'href="(/staff/campaigns/[^"]+)"', page)
    assert desk.get(place).status_code == 200


def test_follow_ups_of_one_kind_are_listed_alone(world: World) -> None:
    for kind in ("texted", "mailed"):
        full_week.follow_up(world.rt, kind, timedelta(hours=1), timedelta(hours=1))
    desk = desk_of(world)
    both, one = desk.get("/staff/follow-ups").text, desk.get("/staff/follow-ups?kind=texted").text
    assert KINDS["texted"] in both and KINDS["mailed"] in both
    assert KINDS["texted"] in one and KINDS["mailed"] not in one
    assert "Only one kind is shown." in one
    assert "None of this kind is open any more." in desk.get("/staff/follow-ups?kind=urgent").text
    assert desk.get("/staff/follow-ups?kind=none-such").status_code == 404


def test_messages_are_listed_by_purpose(world: World) -> None:
    full_week.put(world.rt, "care", "sms", [("failed", world.now)])
    full_week.put(world.rt, "education", "email", [("failed", world.now)])
    desk = desk_of(world)
    page = desk.get("/staff/messages?status=failed&purpose=care").text
    assert page.count('<li class="row">') == 1
    assert desk.get("/staff/messages?purpose=none-such").status_code == 422

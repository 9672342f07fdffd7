"""The demo's clinic: its visits are on days on which it is open, and there is something to see on its patients' pages."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from engage.domain.timing import local
from engage.domain.treatment_plans import fits
from engage.runtime import Runtime
from engage.services import demo_visits, mailbox
from engage.services.working_hours import hours_of
from engage.storage import messages
from engage.storage.database import run
from tests.asked import known
from tests.visits import patient
from tests.world import World


@pytest.fixture
def world(rt: Runtime) -> World:
    return World(rt)


def number(n: int) -> str:
    return f"+151855501{n:02}"


def test_the_demo_books_on_open_days_only(world: World) -> None:
    dice = random.Random(7)
    hours = hours_of(world.rt)
    for n in range(12):
        demo_visits.book(world.rt, patient(world, f"P{n}", f"p{n}@example.org", number(n)), dice)
    with world.rt.transaction() as tx:
        visits = [local(row[0], row[1]) for row in run(tx, "SELECT starts_at, zone FROM appointments")]
    assert len(visits) == 12 * demo_visits.VISITS
    assert {f"{one:%m-%d}" for one in visits} > {"11-24", "11-30"}
    assert [one for one in visits if one.date() in hours.holidays] == []
    assert [one for one in visits if not fits(hours, one.weekday(), one.time(), demo_visits.MINUTES)] == []


def test_the_demo_s_patients_answer_how_they_are(world: World) -> None:
    dice = random.Random(7)
    people = [patient(world, f"P{n}", f"p{n}@example.org", number(n)) for n in range(4)]
    for person in people:
        demo_visits.book(world.rt, person, dice)
    end = world.now + timedelta(days=28)
    while world.now < end:
        until = world.now + timedelta(hours=6)
        with world.rt.transaction() as tx:
            world.now = messages.next_due(tx, world.now, until) or until
        world.work()
        demo_visits.go_on(world.rt, dice)
    charts = [known(world, person).chart for person in people]
    scores = [[dot.score for dot in chart.dots] for chart in charts if chart is not None]
    assert len(scores) >= 2 and max(map(len, scores)) >= 2
    assert any(chart.marks for chart in charts if chart is not None)
    assert not [mail for mail in mailbox.everything(world.rt) if mail.kind == "staff-urgent"]

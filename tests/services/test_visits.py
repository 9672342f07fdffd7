"""Visits: what a booked patient gets, and when."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from engage.runtime import Runtime
from tests.visits import book, got, pass_time, patient, texts
from tests.world import World

DAY = timedelta(days=1)
VISIT = date(2026, 11, 12)


@pytest.fixture
def world(rt: Runtime) -> World:
    return World(rt)


def test_a_visit_booked_in_good_time_is_reminded_of_twice_and_prepared_for(world: World) -> None:
    book(world, patient(world), VISIT)
    pass_time(world, 11 * DAY)
    assert got(world) == [
        ("visit-reminder", "Mon Nov 09 14:00"),
        ("visit-first", "Tue Nov 10 14:00"),
        ("visit-reminder-text", "Wed Nov 11 14:00"),
    ]
    assert "Thursday, November 12, 2:00 PM" in world.mail("ada@example.org")[0].text
    assert "Thu Nov 12, 2:00 PM, Larkspur Lane" in texts(world)[0].text

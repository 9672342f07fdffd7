"""Files of visits: what people get because of them."""

from __future__ import annotations

from datetime import timedelta

from tests.visit_imports import ADA, BAO, pictured, take, visits
from tests.visits import got, pass_time
from tests.world import World


def test_visits_of_a_file_are_booked_and_their_people_reminded(world: World) -> None:
    taken = take(world, [ADA, BAO])
    assert taken.problems == []
    assert taken.counts == {"added": 2, "people": 2, "messages": 6}
    assert visits(world) == [
        ("A1", "booked 2026-11-24 14:00 60", 1),
        ("A2", "booked 2026-11-25 09:30 45", 1),
    ]
    pass_time(world, timedelta(days=24))
    assert got(world, "ada@example.org") == [
        ("visit-reminder", "Sat Nov 21 14:00"),
        ("visit-first", "Sun Nov 22 14:00"),
    ]
    assert got(world, "+15185550123") == [("visit-reminder-text", "Mon Nov 23 14:00")]


def test_the_same_file_again_writes_nothing(world: World) -> None:
    take(world, [ADA, BAO])
    before = pictured(world)
    again = take(world, [ADA, BAO])
    assert again.counts == {"unchanged": 2}
    assert again.done.import_id is None
    assert pictured(world) == before

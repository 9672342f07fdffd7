"""Why a text waits, and what became of a lesson that goes by text alone: what staff read about it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from engage.services import person_page, preference_acts
from engage.services.story_order import Line
from tests.services.test_explain import explained
from tests.texted import lesson_texts, rows, texted
from tests.world import World

TEXT = "course-lesson-text"


def of_kind(world: World, kind: str) -> list[Any]:
    return rows(
        world,
        "SELECT id, status, due_at, person_id FROM messages WHERE kind = %(kind)s ORDER BY due_at",
        kind=kind,
    )


def told(world: World, id: UUID) -> list[str]:
    return [line.words for line in explained(world.rt, id).lines]


@pytest.fixture
def waiting(world: World) -> UUID:
    """The first text of a course, planned too late in the evening."""
    texted(world)
    while not (found := of_kind(world, TEXT)):
        world.pass_time(timedelta(hours=1))
    world.now = found[0].due_at.replace(hour=3) + timedelta(days=1)
    world.work()
    return UUID(str(of_kind(world, TEXT)[0].id))


def test_a_text_that_waits_for_its_hour_says_by_whose_clock_and_by_which_rule(
    world: World, waiting: UUID
) -> None:
    row = of_kind(world, TEXT)[0]
    assert row.status == "planned" and row.due_at > world.now
    said = told(world, waiting)
    assert any(
        "Texts of the purpose education go to this person every day, 9 AM to 8 PM" in line
        and "America/New_York (the zone that the person gave)" in line
        for line in said
    )
    assert any("10:15 PM in America/New_York: outside the clinic’s own hours" in line for line in said)
    world.now = row.due_at
    world.work()
    assert lesson_texts(world) and not any("outside" in line for line in told(world, waiting))


def test_a_message_that_does_not_wait_for_an_hour_says_nothing_of_hours(world: World) -> None:
    world.enrol()
    lines: list[Line] = explained(world.rt, of_kind(world, "course-lesson")[0].id).lines
    assert not any("outside" in line.words or "by the clock" in line.words for line in lines)


@pytest.mark.parametrize("why", ["no_address", "no_consent"])
def test_a_lesson_that_goes_by_text_alone_says_so_in_both_messages(world: World, why: str) -> None:
    texted(world)
    (person,) = {row.person_id for row in of_kind(world, "course-lesson")}
    if why == "no_consent":
        token = world.rt.links.token("preferences", person)
        preference_acts.stop(world.rt, token, "education", "email")
    else:
        rows(world, "UPDATE contacts SET state = 'bad' WHERE channel = 'email' RETURNING id")
    world.pass_time(timedelta(days=3))
    email = next(row for row in of_kind(world, "course-lesson") if row.status == "skipped")
    text = of_kind(world, TEXT)[0]
    assert text.status in ("accepted", "delivered")
    alone = "The lesson goes by text all the same: the text links to its page."
    (line,) = [line for line in told(world, email.id) if str(text.id) in line]
    assert line.endswith(alone)
    (line,) = [line for line in told(world, text.id) if str(email.id) in line]
    assert "by email" in line and "not sent" in line and line.endswith(alone)
    with world.rt.transaction() as tx:
        page = person_page.person_page(world.rt, tx, person)
    assert page is not None
    (entry,) = [one for one in page.timeline.past if one.message_id == email.id]
    assert entry.why.endswith(alone)

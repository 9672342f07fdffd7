"""A person signs up, confirms, and the course arrives."""

from __future__ import annotations

from datetime import timedelta

from tests.world import World


def test_every_lesson_arrives_once_in_order_at_nine_by_the_persons_clock(world: World) -> None:
    world.enrol()
    world.pass_time(timedelta(days=60))
    course = world.rt.library.courses["chronic-pain"]
    subjects = [world.rt.library.lesson(course.slug, lesson.slug).subject for lesson in course.lessons]
    got = world.lessons()
    assert [mail.subject for mail in got] == subjects
    assert {(world.local(mail).hour, world.local(mail).minute) for mail in got} == {(9, 0)}
    assert all(world.local(mail).weekday() < 5 for mail in got)

"""Staff see on the messages' page that a course is paused for everybody, and what to do."""

from __future__ import annotations

from engage.runtime import Runtime
from engage.services import deliverability
from tests.web.staff_world import new_member
from tests.world import COURSE


def test_a_paused_course_stands_above_the_messages_until_it_is_resumed(rt: Runtime) -> None:
    desk = new_member(rt)
    desk.sign_in()
    assert "is paused</strong>" not in desk.get("/staff/messages").text
    deliverability.pause(rt, COURSE)
    page = desk.get("/staff/messages").text
    title = rt.library.courses[COURSE].title
    assert f"The course “{title}” is paused</strong>" in page
    assert f"<code>engage courses resume {COURSE}</code>" in page
    deliverability.resume(rt, COURSE)
    assert "is paused</strong>" not in desk.get("/staff/messages").text

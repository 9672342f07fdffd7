"""The staff’s first page: what needs somebody, in each situation that can come."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from engage.domain.failures import Failure
from engage.services import (
    consultation_work,
    consultations,
    deliverability,
    follow_ups,
    instance,
    staff,
    today,
    today_week,
)
from engage.services.audit import CLI
from engage.services.deliver import deliver
from engage.services.health import WAKE_UP
from engage.storage import clock
from engage.storage.database import run
from tests import full_week
from tests.first_page import Desk
from tests.scripted import Scripted, in_force, lost, plan, refused, somebody
from tests.texting import Texting
from tests.world import COURSE, World

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
def desk(world: World) -> Desk:
    return Desk(world)


# the situations


def urgent(desk: Desk) -> None:
    phone = Texting(desk.world)
    phone.person()
    phone.says("I want to kill myself")


def urgent_taken(desk: Desk) -> None:
    urgent(desk)
    desk.world.work()
    (one,) = [f for f in follow_ups.listing(desk.rt) if f.kind == "urgent"]
    colleague = staff.invite(desk.rt, CLI, "sam@example.org", "Sam").staff_id
    assert follow_ups.assign(desk.rt, one.id, None, colleague)


def asked(desk: Desk, waited: timedelta) -> None:
    desk.world.ask()
    consultation_work.answer_new(desk.rt)
    desk.world.now += waited


def asked_and_called(desk: Desk) -> None:
    asked(desk, 10 * DAY)
    (one,) = consultations.listing(desk.rt)
    consultations.log_call(desk.rt, one.id, None, "", True)


def many_asked(desk: Desk) -> None:
    for n in range(120):
        desk.world.ask(email=f"p{n}@example.org")
    consultation_work.answer_new(desk.rt)
    desk.world.now += 10 * DAY


def care_refused(desk: Desk) -> None:
    desk.sending = in_force(desk.rt, Scripted("smtp", "email", refused("bad_address", "550")))
    plan(desk.rt, somebody(desk.rt), "email", "care")
    deliver(desk.rt)
    today_week.count(desk.rt, at_once=True)


def account_refused(desk: Desk) -> None:
    desk.sending = in_force(desk.rt, Scripted("sendgrid", "email", refused("channel_down", "401")))
    plan(desk.rt, somebody(desk.rt), "email", "service")
    deliver(desk.rt)


def a_hiccup(desk: Desk) -> None:
    failure: Failure = "not_processed"
    desk.sending = in_force(
        desk.rt, Scripted("sendgrid", "email", refused(failure, "connect"), max_batch=1, parallel=1)
    )
    for n in range(6):
        plan(desk.rt, somebody(desk.rt, n), "email", "service")
        deliver(desk.rt)


def another_sender_rests(desk: Desk) -> None:
    account_refused(desk)
    desk.sending = None


def no_answer(desk: Desk) -> None:
    desk.sending = in_force(desk.rt, Scripted("sendgrid", "email", lost))
    plan(desk.rt, somebody(desk.rt), "email", "education")
    deliver(desk.rt)


def held(desk: Desk) -> None:
    full_week.put(desk.rt, "education", "email", [("held", desk.world.now)] * 150, reason="missing_value")


def course_paused(desk: Desk) -> None:
    deliverability.pause(desk.rt, COURSE)


def campaign_paused(desk: Desk) -> None:
    now = desk.world.now
    full_week.campaign(
        desk.rt, "Spring", "paused", paused_reason="complaints", paused_at=now, audience=90, sent=20
    )


def campaigns_wait(desk: Desk) -> None:
    for name in ("Spring", "Summer"):
        full_week.campaign(desk.rt, name, "checking", audience=90)


def campaigns_that_need_nobody(desk: Desk) -> None:
    for state in ("draft", "approved", "running", "done", "cancelled"):
        full_week.campaign(desk.rt, state, state)


def held_back(desk: Desk) -> None:
    instance.hold(desk.rt)


def asks_for_another_time(desk: Desk) -> None:
    for _ in range(2):
        full_week.follow_up(desk.rt, "visit_move", 3 * HOUR, HOUR)


def late_and_small(desk: Desk) -> None:
    full_week.follow_up(desk.rt, "same_person", 3 * DAY, -HOUR)


def done_already(desk: Desk) -> None:
    late_and_small(desk)
    for one in follow_ups.listing(desk.rt):
        follow_ups.done(desk.rt, one.id, None, "done")


FOLLOW_UPS = "/staff/follow-ups?kind="
Make = Callable[[Desk], object]
SITUATIONS: list[tuple[str, Make, dict[str, tuple[str, str, str]]]] = [
    ("nothing", lambda _: None, {}),
    ("somebody may be in danger", urgent, {"urgent": ("1", "nobody has taken it", f"{FOLLOW_UPS}urgent")}),
    (
        "somebody may be in danger, and a colleague has it",
        urgent_taken,
        {"urgent_taken": ("1", "in somebody’s hands", f"{FOLLOW_UPS}urgent")},
    ),
    ("a request that has time", lambda desk: asked(desk, timedelta(0)), {}),
    (
        "a request that is due soon",
        lambda desk: asked(desk, timedelta(hours=23)),
        {"requests_near": ("1", "is due soon", "/staff/requests")},
    ),
    (
        "a request that is late",
        lambda desk: asked(desk, 10 * DAY),
        {"requests_late": ("1", "was not answered in time", "/staff/requests")},
    ),
    ("a request that was late and is answered", asked_and_called, {}),
    (
        "more late requests than are counted",
        many_asked,
        {"requests_late": ("99+", "were not answered in time", "/staff/requests")},
    ),
    (
        "wishes of visits",
        asks_for_another_time,
        {"visit_move": ("2", "ask for another time", f"{FOLLOW_UPS}visit_move")},
    ),
    (
        "small work that is late",
        late_and_small,
        {"same_person": ("1", "has the address of somebody", f"{FOLLOW_UPS}same_person")},
    ),
    ("work that is done", done_already, {}),
    (
        "a care message that failed",
        care_refused,
        {
            "care_not_delivered": ("1", "reach the person another way", f"{FOLLOW_UPS}care_not_delivered"),
            "care_failed": ("1", "failed", "/staff/messages?status=failed&purpose=care&since=2026-10-31"),
        },
    ),
    (
        "a sender that refuses the account",
        account_refused,
        {"channel": ("", "Email by SendGrid can’t be sent: the account is refused.", "status=planned")},
    ),
    (
        "a sender that does not answer for a moment",
        a_hiccup,
        {"channel_brief": ("", "Email by SendGrid rests for a moment", "status=planned")},
    ),
    ("a sender that is not used any more", another_sender_rests, {}),
    (
        "a message without an answer",
        no_answer,
        {"unknown": ("1", "no answer came back", "/staff/messages?status=unknown")},
    ),
    (
        "messages that wait for a person",
        held,
        {"held": ("99+", "wait until a person looks", "/staff/messages")},
    ),
    (
        "a course that is paused",
        course_paused,
        {"course": ("", "is paused for everybody: a person paused it.", "/staff/messages")},
    ),
    (
        "a campaign that is paused",
        campaign_paused,
        {"campaign": ("", "“Spring” is paused.", "/staff/campaigns/")},
    ),
    (
        "campaigns that wait for a second person",
        campaigns_wait,
        {"approve": ("2", "wait for a second person", "/staff/campaigns")},
    ),
    ("campaigns that need nobody", campaigns_that_need_nobody, {}),
    (
        "a database that is held back",
        held_back,
        {"copy": ("", "Nothing is sent: a person holds everything back.", "status=planned")},
    ),
]


@pytest.mark.parametrize(
    ("make", "wanted"), [one[1:] for one in SITUATIONS], ids=[one[0] for one in SITUATIONS]
)
def test_what_needs_somebody(desk: Desk, make: Make, wanted: dict[str, tuple[str, str, str]]) -> None:
    make(desk)
    found = desk.needs()
    assert set(found) == set(wanted)
    for what, (count, words, place) in wanted.items():
        assert found[what].count == count
        assert words in found[what].words
        assert place in found[what].place


def test_everything_at_once_stands_in_the_order_of_its_urgency(desk: Desk) -> None:
    asked(desk, 10 * DAY)
    acts = (held, course_paused, campaigns_wait, late_and_small, asks_for_another_time, urgent, no_answer)
    for make in acts:
        make(desk)
    needs = desk.page().needs
    assert [one.what for one in needs][:4] == ["urgent", "requests_late", "same_person", "visit_move"]
    assert needs[-1].what == "unknown"
    levels = [("now", "today", "soon", "know").index(one.level) for one in needs]
    assert levels == sorted(levels)


def test_a_worker_that_is_silent_is_told_of(world: World) -> None:
    (one,) = today.see(world.rt).needs
    assert one.words == "Nothing is sent: no worker has been heard yet."
    with world.rt.transaction() as tx:
        clock.beat(tx, WAKE_UP)
        run(tx, "UPDATE heartbeats SET at = at - interval '125 minutes'")
    (one,) = today.see(world.rt).needs
    assert one.words == "Nothing is sent: no worker has been heard for 2 hours."
    assert one.at_once


def test_the_page_names_nobody(desk: Desk) -> None:
    desk.world.enrol(given_name="Wilhelmina")
    urgent(desk)
    asked(desk, 10 * DAY)
    assert "Wilhelmina" not in repr(desk.page())
    assert "Grace" not in repr(desk.page())

"""What goes out within a day, and what the workers counted of the last week, as the staff's first page shows it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from engage.services import (
    today_week,
    unsubscribe,
)
from engage.services.today import Today
from engage.storage.database import run
from tests import full_week
from tests.first_page import Desk
from tests.visits import book, patient
from tests.world import World

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
def desk(world: World) -> Desk:
    return Desk(world)


# what goes out


def test_what_is_planned_stands_in_its_hour_by_purpose_and_channel(desk: Desk) -> None:
    now, rt = desk.world.now, desk.rt
    full_week.put(rt, "education", "email", [("planned", now - HOUR)] * 2)
    full_week.put(rt, "education", "email", [("planned", now + HOUR)] * 5)
    full_week.put(rt, "care", "sms", [("planned", now + HOUR + timedelta(minutes=59))])
    full_week.put(rt, "service", "email", [("planned", now + DAY - timedelta(seconds=1))])
    full_week.put(rt, "care", "email", [("planned", now + DAY)])
    full_week.put(
        rt, "care", "email", [("held", now + HOUR), ("delivered", now + HOUR), ("cancelled", now + HOUR)]
    )
    coming = desk.page().coming
    assert coming.table.heads == ["About visits", "Lessons", "Answers"]
    assert coming.table.rows == [
        ("Now", ["0", "2", "0"]),
        ("11 AM", ["1", "5", "0"]),
        ("9 AM tomorrow", ["0", "0", "1"]),
    ]
    assert coming.sentence == (
        "9 messages: 1 about visits, 7 lessons and 1 answer. 1 of them by text. The busiest hour is 11 AM, with 6."
    )


def test_a_running_campaign_counts_with_who_has_not_had_it_yet(desk: Desk) -> None:
    now, rt = desk.world.now, desk.rt
    full_week.campaign(
        rt, "Spring", "running", audience=1000, sent=400, rate_per_minute=5, begins_at=now - HOUR
    )
    full_week.campaign(rt, "Paused", "paused", audience=1000, paused_at=now)
    full_week.campaign(rt, "Waits", "approved", audience=1000)
    page = desk.page()
    assert page.coming.table.rows == [("Now", ["300"]), ("11 AM", ["300"])]
    assert any("by their pace" in note for note in page.notes)


def test_an_hour_with_more_than_anybody_counts_says_so(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engage.domain.today_hours.COUNTED", 4)
    monkeypatch.setattr("engage.services.today.COUNTED", 4)
    full_week.put(desk.rt, "education", "email", [("planned", desk.world.now)] * 9)
    coming = desk.page().coming
    assert coming.table.rows == [("Now", ["4+"])]
    assert coming.sentence == "At least 5 lessons."


def test_todays_visits_are_counted_and_the_next_is_told(desk: Desk) -> None:
    world = desk.world
    assert desk.page().visits == "No visits today"
    day = date(2026, 11, 2)
    for n, wall in enumerate(("11:00", "14:00")):
        book(world, patient(world, email=f"v{n}@example.org", mobile=None), day, wall)
    assert desk.page().visits == "2 visits today, the next at 11:00 AM"
    world.now += 5 * HOUR
    assert desk.page().visits == "2 visits today"


# how the week went


def figures(page: Today) -> dict[str, dict[str, list[str]]]:
    """Each chart's table, without what is nothing: {chart: {day: counts}}."""
    return {
        figure.key: {day: counts for day, counts in figure.table.rows if any(n != "0" for n in counts)}
        for figure in page.week
    }


def test_a_course_that_is_lived_through_stands_in_the_week(desk: Desk) -> None:
    world = desk.world
    world.enrol()
    world.pass_time(3 * DAY)
    leaves = world.lessons("ada@example.org")[-1]
    unsubscribe.unsubscribe(world.rt, world.token("unsubscribe", leaves), "page")
    today_week.count(world.rt, at_once=True)
    found = figures(desk.page())
    assert found["messages"]["Mon, Nov 2"] == ["1"]
    assert sum(int(n) for counts in found["messages"].values() for n in counts) == len(world.mail())
    assert found["signups"] == {"Mon, Nov 2": ["1"]}
    assert found["opt_outs"] == {"Today": ["1"]}


def test_a_message_counts_for_what_became_of_it_on_the_day_on_which_it_left(desk: Desk) -> None:
    now, rt = desk.world.now, desk.rt
    # The first minute of last Tuesday in New York, and the last of the day before, which is no part of the week.
    first = datetime(2026, 10, 27, 4, 0, tzinfo=UTC)
    for at, status in (
        (first, "delivered"),
        (first - timedelta(seconds=1), "failed"),
        (now - DAY, "accepted"),
        (now - DAY, "failed"),
        (now, "delivered"),
        (now, "unknown"),
    ):
        full_week.put(rt, "education", "email", [(status, at)], batch=1)
    full_week.put(rt, "education", "email", [("held", now - 2 * DAY), ("cancelled", now), ("planned", now)])
    today_week.count(rt, at_once=True)
    (messages, *_) = desk.page().week
    assert messages.table.heads == ["Delivered", "Left, no word", "Failed", "Wait for a person"]
    assert figures(desk.page())["messages"] == {
        "Tue, Oct 27": ["1", "0", "0", "0"],
        "Sat, Oct 31": ["0", "0", "0", "1"],
        "Sun, Nov 1": ["0", "1", "1", "0"],
        "Today": ["1", "1", "0", "0"],
    }
    assert (
        messages.sentence
        == "2 were delivered, 2 left with no word of arrival, 1 failed, 1 waits for a person."
    )


def test_an_address_that_opts_out_of_several_things_at_once_is_one(desk: Desk) -> None:
    full_week.joined_and_left(desk.rt, desk.world.now)
    today_week.count(desk.rt, at_once=True)
    assert figures(desk.page())["opt_outs"] == {
        "Thu, Oct 29": ["1", "0"],
        "Fri, Oct 30": ["0", "1"],
        "Sun, Nov 1": ["2", "0"],
    }


def test_visits_are_counted_as_they_stand_when_the_page_is_opened(desk: Desk) -> None:
    world = desk.world
    person = patient(world)
    tuesday = date(2026, 11, 3)
    visits = [book(world, person, tuesday, wall) for wall in ("09:00", "11:00", "13:00", "15:00")]
    world.now += 2 * DAY
    mark(desk, visits[0], "fulfilled")
    mark(desk, visits[1], "noshow")
    mark(desk, visits[2], "cancelled")
    assert figures(desk.page())["visits"] == {"Tue, Nov 3": ["1", "1", "1", "1"]}
    mark(desk, visits[3], "fulfilled")
    assert figures(desk.page())["visits"] == {"Tue, Nov 3": ["2", "1", "1"]}


def mark(desk: Desk, visit: UUID, status: str) -> None:
    with desk.rt.transaction() as tx:
        sql = "UPDATE appointments SET status = %(status)s WHERE id = %(id)s"
        run(tx, sql, {"status": status, "id": visit})


def test_one_worker_counts_and_not_sooner_than_after_a_minute(desk: Desk) -> None:
    world = desk.world
    assert today_week.count(world.rt)
    assert not today_week.count(world.rt)
    assert desk.page().counted_at == world.now
    world.now += timedelta(seconds=61)
    assert today_week.count(world.rt)
    assert desk.page().counted_at == world.now


def test_two_workers_at_once_count_once(desk: Desk) -> None:
    with ThreadPoolExecutor(4) as pool:
        counted = list(pool.map(lambda _: today_week.count(desk.rt), range(4)))
    assert sum(counted) == 1


def test_a_count_that_dies_keeps_the_figures_and_is_tried_again_much_later(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = desk.world
    full_week.put(world.rt, "care", "email", [("delivered", world.now)], batch=1)
    today_week.count(world.rt)
    world.now += timedelta(minutes=2)
    with monkeypatch.context() as patched:
        patched.setattr("engage.storage.today_week.limit", lambda tx, span: run(tx, "SELECT 1 / 0"))
        with pytest.raises(Exception, match="division by zero"):
            today_week.count(world.rt)
    assert figures(desk.page())["messages"] == {"Today": ["1"]}
    world.now += timedelta(minutes=9)
    assert not today_week.count(world.rt)
    world.now += timedelta(minutes=2)
    assert today_week.count(world.rt)


def test_before_the_first_count_the_page_says_that_it_comes(desk: Desk) -> None:
    page = desk.page()
    assert page.counted_at is None
    assert [figure.sentence for figure in page.week][:2] == [
        "Nothing was sent.",
        "Nobody confirmed a sign-up.",
    ]

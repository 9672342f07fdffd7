"""Which check-ins a person gets, and when: a table of what happened, and of what is asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from uuid import UUID

import pytest

from engage.domain.appointments import Status
from engage.domain.check_ins import Asked, Facts, Policy, Visit, Wanted, look_again, plan
from engage.domain.hours import Policy as Hours
from engage.domain.hours import Rule, windows_for
from engage.domain.outcomes import Asks
from engage.domain.timing import instant, local
from engage.domain.weeks import week
from engage.domain.whereabouts import whereabouts

NY = "America/New_York"
POLICY = Policy()
# The week in which clocks go back is over: a Monday.
MONDAY = date(2026, 11, 9)
EARLY = datetime(2026, 10, 1, 12, tzinfo=instant(MONDAY, time(), NY).tzinfo)
DECENT = windows_for(
    Hours({("care", "sms"): Rule(week(["every day 08:00-20:00"]))}), "care", "sms", whereabouts(NY)
)


def at(day: int, wall: str = "14:00") -> datetime:
    """So many days after MONDAY by New York's clocks."""
    return instant(MONDAY + timedelta(days=day), time.fromisoformat(wall), NY)


def visit(
    n: int,
    day: int,
    wall: str = "14:00",
    status: Status = "booked",
    since: datetime = EARLY,
    ends: bool = False,
) -> Visit:
    return Visit(UUID(int=n), at(day, wall), 60, status, since, ends)


def been(n: int, day: int, wall: str = "14:00", ends: bool = False) -> Visit:
    """A visit that was marked at its end."""
    return visit(n, day, wall, "fulfilled", at(day, wall) + timedelta(hours=1), ends)


def asked(slug: str, day: int, wall: str = "10:00", asks: Asks = "pain-score") -> Asked:
    return Asked(slug, asks, at(day, wall))


def facts(
    visits: Sequence[Visit], before: Sequence[Asked] = (), texts: Sequence[datetime] | None = None
) -> Facts:
    return Facts(NY, EARLY, visits, before, DECENT, texts)


def told(wanted: Sequence[Wanted]) -> list[str]:
    """As "after day 1, 10:00"."""
    said = []
    for one in wanted:
        there = local(one.due_at, NY)
        said.append(f"{one.slug.partition('/')[0]} day {(there.date() - MONDAY).days}, {there:%H:%M}")
    return sorted(said)


BASE = asked("first/1", -1)


@pytest.mark.parametrize(
    ("case", "known", "now", "expected"),
    [
        ("nobody ever came", facts([]), at(0), []),
        ("before the first visit", facts([visit(1, 3)]), at(0), ["first day 2, 10:00"]),
        ("booked the evening before", facts([visit(1, 1, since=at(0, "18:00"))]), at(0, "18:00"), ["first day 0, 18:01"]),
        ("booked at night for the morning: its hour is too close", facts([visit(1, 1, "09:30", since=at(0, "21:00"))]), at(0, "21:00"), []),
        ("booked at night for the afternoon", facts([visit(1, 1, since=at(0, "21:00"))]), at(0, "21:00"), ["first day 1, 08:00"]),
        ("booked two hours before", facts([visit(1, 0, since=at(0, "12:00"))]), at(0, "12:00"), []),
        ("only proposed", facts([visit(1, 3, status="proposed")]), at(0), []),
        ("missed and booked again: still a first", facts([visit(1, 0, status="noshow"), visit(2, 5)]), at(1), ["first day 4, 10:00"]),
        ("asked before it moved: a week after that", facts([visit(1, 9)], [asked("first/1", 0)]), at(1), ["week day 7, 10:00"]),
        ("the day after a visit", facts([been(1, 0)], [BASE]), at(0, "16:00"), ["after day 1, 10:00"]),
        ("nothing of one that nobody marked", facts([visit(1, 0)], [BASE]), at(0, "16:00"), []),
        ("marked at noon of the next day", facts([visit(1, 0, status="fulfilled", since=at(1, "12:00"))], [BASE]), at(1, "12:00"), ["after day 1, 12:00"]),
        ("marked three days later", facts([visit(1, 0, status="fulfilled", since=at(3, "12:00"))], [BASE]), at(3, "12:00"), []),
        ("two on one day: the later", facts([been(1, 0, "09:00"), been(2, 0, "15:00")], [BASE]), at(0, "17:00"), ["after day 1, 10:00"]),
        ("another visit that morning", facts([been(1, 0), visit(2, 1, "11:00")], [BASE]), at(0, "16:00"), ["after day 1, 14:00"]),
        ("weekly while visits are to come", facts([been(1, 0), visit(2, 7), visit(3, 14)], [BASE, asked(f"after/{UUID(int=1)}", 1, asks="after-visit")]), at(2), ["week day 6, 10:00"]),
        ("not weekly after the last one", facts([been(1, 0), visit(2, 4)], [BASE]), at(0, "16:00"), ["after day 1, 10:00"]),
        ("a week that nobody was asked in is made up for", facts([been(1, 0), visit(2, 30)], [BASE]), at(9), ["week day 9, 14:00"]),
        ("and its moment stays", replace(facts([been(1, 0), visit(2, 30)], [BASE]), planned={f"week/{MONDAY + timedelta(days=6)}": at(9)}), at(9, "16:00"), ["week day 9, 14:00"]),
        ("a plan's end", facts([been(1, 14, ends=True)], [BASE, asked("week/x", 6)]), at(14, "16:00"), ["after day 15, 10:00", "end day 16, 10:00"]),
        ("a plan's end, asked the same week's score since", facts([been(1, 14, ends=True)], [asked("week/x", 14, "18:00")]), at(14, "19:00"), ["after day 15, 10:00"]),
        ("agreed in the middle", replace(facts([been(1, 0), visit(2, 7), visit(3, 20)]), since=at(8, "09:00")), at(8, "09:00"), ["week day 9, 10:00"]),
    ],
)  # fmt: skip
def test_what_is_asked_and_when(case: str, known: Facts, now: datetime, expected: list[str]) -> None:
    assert told(plan(known, POLICY, now)) == expected, case


def test_never_two_on_one_day() -> None:
    known = facts([been(1, 0), visit(2, 20)], [asked("week/x", -6)])
    assert told(plan(known, POLICY, at(0, "16:00"))) == ["after day 1, 10:00", "week day 2, 10:00"]


@pytest.mark.parametrize("wall", ["08:30", "09:30", "11:00", "12:30"])
def test_nothing_within_two_hours_of_a_visit(wall: str) -> None:
    known = facts([been(1, 0), visit(2, 1, wall), visit(3, 30)], [asked("week/x", -8)])
    visits = [one for one in known.visits if one.status == "booked"]
    for one in plan(known, POLICY, at(0, "16:00")):
        for there in visits:
            assert not there.starts_at - POLICY.clear < one.due_at < there.ends_at + POLICY.clear
            assert not (one.due_at < there.starts_at < one.not_after + POLICY.clear)


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ([], "week day 6, 10:00"),
        ([at(6, "14:00")], "week day 7, 10:00"),
        ([at(6), at(7), at(8)], "week day 13, 10:00"),
        ([at(3), at(4), at(5)], "week day 10, 10:00"),
    ],
)
def test_reminders_keep_their_room_in_the_caps(texts: list[datetime], expected: str) -> None:
    known = facts([been(1, -3), visit(2, 30)], [BASE], texts)
    wanted = [line for line in told(plan(known, POLICY, at(5))) if line.startswith("week")]
    assert wanted == [expected]
    for one in plan(known, POLICY, at(5)):
        days = [local(moment, NY).date() for moment in [*texts, one.due_at]]
        assert len(set(days)) == len(days)
        assert all(sum(0 <= (day - start).days < 7 for day in days) <= 3 for start in days)


def test_planned_again_it_is_the_same() -> None:
    known = facts([been(1, 0), visit(2, 9), visit(3, 20)], [BASE], [at(6)])
    plans = [plan(known, POLICY, at(0, "16:00") + timedelta(hours=n)) for n in range(17)]
    assert all(one == plans[0] for one in plans)


def test_switched_off_asks_nothing() -> None:
    assert plan(facts([visit(1, 3)]), replace(POLICY, on=False), at(0)) == []


def test_a_summer_night_of_changed_clocks_moves_nothing() -> None:
    # Clocks in New York went back on November 1st.
    before = Visit(UUID(int=1), instant(date(2026, 10, 31), time(14), NY), 60, "fulfilled",
                   instant(date(2026, 10, 31), time(15), NY))  # fmt: skip
    (one,) = plan(facts([before], [asked("first/1", -12)]), POLICY, before.ends_at)
    assert local(one.due_at, NY).strftime("%m-%d %H:%M") == "11-01 10:00"


def test_time_alone_brings_the_next_one() -> None:
    known = facts([visit(1, 3), visit(2, 10)])
    wanted = plan(known, POLICY, at(0))
    assert look_again(known, wanted, at(0)) == wanted[0].due_at + timedelta(days=1)
    assert look_again(facts([been(1, -30)]), [], at(0)) is None

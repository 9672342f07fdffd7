"""What may be done with a campaign in which state, how it begins with a few, and when it stops by itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from engage.domain.campaigns import (
    ACTS,
    PAUSED_WORDS,
    STATE_WORDS,
    STATES,
    Act,
    Next,
    Phase,
    Policy,
    Seen,
    State,
    allowance,
    is_late,
    may,
    needs_second,
    step,
    time_left,
    unwelcome,
)

NOW = datetime(2026, 11, 3, 15, 0, tzinfo=UTC)
POLICY = Policy()


@pytest.mark.parametrize(
    ("state", "acts"),
    [
        ("draft", {"edit", "submit", "cancel"}),
        ("freezing", {"cancel"}),
        ("checking", {"approve", "send_back", "cancel"}),
        ("approved", {"send_back", "start", "cancel"}),
        ("starting", {"undo", "cancel"}),
        ("running", {"pause", "cancel"}),
        ("paused", {"resume", "cancel"}),
        ("done", set()),
        ("cancelled", set()),
    ],
)
def test_each_state_allows_these_acts_and_no_other(state: State, acts: set[Act]) -> None:
    assert {act for act in ACTS if may(act, state)} == acts


def test_every_state_has_words() -> None:
    assert set(STATE_WORDS) == set(STATES)


@pytest.mark.parametrize(("audience", "needed"), [(0, False), (10, False), (11, True), (1_000_000, True)])
def test_with_more_than_ten_people_a_second_person_looks(audience: int, needed: bool) -> None:
    assert needs_second(audience, POLICY) is needed


@pytest.mark.parametrize(("minutes", "late"), [(0, False), (240, False), (241, True)])
def test_after_four_hours_it_asks(minutes: int, late: bool) -> None:
    assert is_late(NOW - timedelta(minutes=minutes), NOW, POLICY) is late


@pytest.mark.parametrize(
    ("seen", "phase", "why"),
    [
        (Seen(left=10), "canary", None),
        (Seen(left=10, complaints=1), "canary", "canary_complaint"),
        (Seen(left=10, bounces=1), "canary", "canary_bounce"),
        (Seen(left=0, bounces=1), "canary", "canary_bounce"),
        (Seen(left=10, stops=1), "canary", "canary_stop"),
        # Beyond the first few one case is nobody's fault, however few have left.
        (Seen(left=11, complaints=1), "all", None),
        (Seen(left=11, complaints=2), "all", "complaints"),
        # Up to the share itself it goes on.
        (Seen(left=2000, complaints=2), "all", None),
        (Seen(left=1999, complaints=2), "all", "complaints"),
        (Seen(left=1000, bounces=20), "all", None),
        (Seen(left=1000, bounces=21), "all", "bounces"),
        (Seen(left=1000, stops=10), "all", None),
        (Seen(left=1000, stops=11), "all", "stops"),
        # The worst comes first.
        (Seen(left=100, complaints=2, bounces=50, stops=50), "all", "complaints"),
    ],
)
def test_what_comes_back_stops_it(seen: Seen, phase: Phase, why: str | None) -> None:
    assert unwelcome(seen, phase, POLICY) == why
    assert why is None or why in PAUSED_WORDS


DONE = NOW - timedelta(minutes=15)


@pytest.mark.parametrize(
    ("seen", "canary_done_at", "room", "then"),
    [
        (Seen(), None, 5000, Next("canary", 10)),
        (Seen(), None, 3, Next("canary", 3)),
        (Seen(under_way=10), None, 5000, Next("canary", 0)),
        (Seen(left=4, under_way=2), None, 5000, Next("canary", 4)),
        # Who waits for a decent hour is made up for, but not by everybody.
        (Seen(left=4, waiting=6), None, 5000, Next("canary", 6)),
        (Seen(waiting=10), None, 5000, Next("canary", 10)),
        (Seen(waiting=20), None, 5000, Next("canary", 0)),
        (Seen(left=10), None, 5000, Next("canary", 0, canary_done=True)),
        (Seen(left=10), DONE + timedelta(seconds=1), 5000, Next("canary", 0)),
        (Seen(left=10), DONE, 5000, Next("all", 5000)),
    ],
)
def test_it_begins_with_ten_and_goes_on_a_quarter_of_an_hour_after_they_left(
    seen: Seen, canary_done_at: datetime | None, room: int, then: Next
) -> None:
    assert step("canary", canary_done_at, seen, room, NOW, POLICY) == then


def test_once_it_goes_to_all_or_without_a_first_few_only_the_room_counts() -> None:
    assert step("all", None, Seen(), 70, NOW, POLICY) == Next("all", 70)
    assert step("canary", None, Seen(), 70, NOW, Policy(canary=0)) == Next("all", 70)


@pytest.mark.parametrize(
    ("rate", "seconds", "allowed"),
    [(None, 1, None), (60, 1, 1), (60, 0.9, 0), (1, 59, 0), (1, 60, 1), (600, 2, 20), (600, 3600, 600)],
)
def test_the_pace_saves_up_a_minute_at_most(rate: int | None, seconds: float, allowed: int | None) -> None:
    assert allowance(rate, timedelta(seconds=seconds)) == allowed


def test_nothing_is_said_of_the_time_left_while_nothing_moves() -> None:
    assert time_left(100, 20, 0.0) is None
    assert time_left(100, 20, 60.0) == timedelta(minutes=2)

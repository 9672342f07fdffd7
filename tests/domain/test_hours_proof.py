"""The proof: nothing outside decent hours, in every zone of the United States, by every rule, for three years.

The whole of it (every quarter hour, some minutes) runs with ENGAGE_WHOLE_PROOFS=1. Otherwise each zone and rule
gets its share of the weeks, all together every one, in steps that meet every quarter of the hour.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from random import Random

import pytest
from phonenumbers.tzdata import TIMEZONE_DATA

from engage.clinic import load
from engage.domain.hours import Policy, Rule, ends_at, is_decent, next_decent, place, windows_for
from engage.domain.messages import Purpose
from engage.domain.weeks import week
from engage.domain.whereabouts import Where, whereabouts
from tests.conftest import PROJECT
from tests.domain.slow_hours import (
    STATES,
    UNITED_STATES,
    clocks,
    may_advertise,
    may_solicit,
    may_teach,
)

WHOLE = bool(os.environ.get("ENGAGE_WHOLE_PROOFS"))
QUARTER = timedelta(minutes=15)
START, QUARTERS = datetime(2026, 1, 1, tzinfo=UTC), 3 * 365 * 96 + 96
WEEK = 7 * 96
CHANGES = ("2026-03-08", "2026-11-01", "2027-03-14", "2027-11-07", "2028-03-12", "2028-11-05")
# No common factor with the quarters of a week or of a day.
STEP = 1 if WHOLE else 19
SHARES = 1 if WHOLE else 29

DELIVERED = load(PROJECT / "clinic.toml").decent_hours.policy
# The rules alone: a clinic that would advertise at any time is held by them.
RULES_ALONE = Policy({("marketing", "sms"): Rule(week(["any time"]))}, DELIVERED.rules, DELIVERED.holidays)

Proof = tuple[Policy, Purpose, Callable[[datetime, frozenset[str]], bool]]
PROOFS: dict[str, Proof] = {
    "rules alone": (RULES_ALONE, "marketing", may_solicit),
    "marketing": (DELIVERED, "marketing", may_advertise),
    "lessons": (DELIVERED, "education", may_teach),
}


@lru_cache(maxsize=SHARES)
def moments(share: int) -> list[datetime]:
    """The quarter hours of every so many weeks, and of some in which clocks change."""
    days = [datetime.fromisoformat(day).replace(tzinfo=UTC) for day in CHANGES]
    changes = {(day - START) // QUARTER // WEEK for n, day in enumerate(days) if n % 3 == share % 3}
    return [
        START + n * QUARTER
        for n in range(share, QUARTERS, STEP)
        if (n // WEEK) % SHARES == share or n // WEEK in changes
    ]


@lru_cache(maxsize=2)
def walls(zone: str, share: int) -> list[tuple[datetime, datetime]]:
    return [(moment, clocks(moment, [zone])[0]) for moment in moments(share)]


def outside(proof: Proof, zone: str, states: frozenset[str], share: int) -> list[datetime]:
    """Where the rules and the oracle differ, by the clocks there."""
    policy, purpose, allowed = proof
    decent = windows_for(policy, purpose, "sms", Where(frozenset({zone}), states))
    seen = walls(zone, share % SHARES)
    return [there for moment, there in seen if is_decent(decent, moment) != allowed(there, states)]


@pytest.mark.parametrize("zone", UNITED_STATES)
def test_no_quarter_hour_is_outside_by_any_rule(zone: str) -> None:
    for n, state in enumerate(STATES):
        share = UNITED_STATES.index(zone) + n
        assert not outside(PROOFS["rules alone"], zone, frozenset({state}), share), state


@pytest.mark.parametrize("zone", UNITED_STATES)
@pytest.mark.parametrize("proof", ["marketing", "lessons"])
def test_no_quarter_hour_is_outside_by_the_clinics_file(proof: str, zone: str) -> None:
    for n, states in enumerate(({"AL", "PA"}, {"TX"}, set[str]())):
        share = UNITED_STATES.index(zone) + 9 * n
        assert not outside(PROOFS[proof], zone, frozenset(states), share), states


def test_no_moment_is_outside_for_any_area_code() -> None:
    dice = Random(9)
    areas = sorted({prefix[:4] for prefix in TIMEZONE_DATA if prefix[0] == "1" and len(prefix) >= 4})
    for n, area in enumerate(areas):
        recipient = whereabouts(number=f"+{area}5550123")
        decent = windows_for(DELIVERED, "marketing", "sms", recipient)
        for moment in dice.sample(moments(n % SHARES), 2000 if WHOLE else 8):
            allowed = all(may_advertise(there, recipient.states) for there in clocks(moment, recipient.zones))
            assert is_decent(decent, moment) is allowed, (area, moment)


def test_what_is_put_somewhere_is_put_inside_and_nothing_is_lost_or_doubled() -> None:
    dice = Random(5)
    for _ in range(50_000 if WHOLE else 1_000):
        zones = frozenset(dice.sample(UNITED_STATES[:29], dice.choice([1, 1, 2])))
        states = frozenset(dice.sample(STATES, dice.choice([0, 1, 2])))
        decent = windows_for(DELIVERED, "marketing", "sms", Where(zones, states))
        due = START + dice.randrange(QUARTERS * 15 * 60) * timedelta(seconds=1)
        placed = place(decent, due, None, due)
        assert placed is not None
        assert placed >= due
        assert all(may_advertise(there, states) for there in clocks(placed, zones))
        assert placed == next_decent(decent, placed)
        end = ends_at(decent, placed)
        assert end is not None
        assert not all(may_advertise(there, states) for there in clocks(end, zones))
        assert all(may_advertise(there, states) for there in clocks(end - timedelta(seconds=1), zones))

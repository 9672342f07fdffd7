"""Decisions a second in one process: decent hours and caps for mixed recipients. ``python -m bench.hours``."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from phonenumbers.tzdata import TIMEZONE_DATA

from engage.clinic import load
from engage.domain.caps import Asked, Caps, Person, Sent, may_go
from engage.domain.hours import is_decent, place, windows_for
from engage.domain.messages import LANES, Channel, Purpose
from engage.domain.whereabouts import whereabouts

DECISIONS = 200_000
NOW = datetime(2026, 11, 24, 17, tzinfo=UTC)
ZONES = ("America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles", None)
STATES = ("NY", "FL", "TX", "CA", None, None)
CHANNELS: tuple[Channel, ...] = ("email", "sms")


def recipients(dice: Random) -> list[tuple[Purpose, Channel, str | None, str, str | None, datetime]]:
    """People of all area codes with all kinds of addresses, and something due within a week."""
    areas = sorted({prefix[:4] for prefix in TIMEZONE_DATA if prefix[0] == "1" and len(prefix) >= 4})
    return [
        (
            dice.choice(list(LANES)),
            dice.choice(CHANNELS),
            dice.choice(ZONES),
            f"+{dice.choice(areas)}555{dice.randrange(10_000):04}",
            dice.choice(STATES),
            NOW + dice.randrange(7 * 24 * 60) * timedelta(minutes=1),
        )
        for _ in range(DECISIONS)
    ]


def rate(work: Callable[[], None]) -> int:
    """Decisions a second of one pass."""
    start = time.perf_counter()
    work()
    return round(DECISIONS / (time.perf_counter() - start))


def main() -> None:
    policy = load(Path(__file__).parents[1] / "clinic.toml").decent_hours.policy
    dice = Random(1)
    people = recipients(dice)

    def all_of_it() -> None:
        for purpose, channel, zone, number, state, due_at in people:
            decent = windows_for(policy, purpose, channel, whereabouts(zone, number, state))
            if not is_decent(decent, NOW):
                place(decent, due_at, due_at + timedelta(hours=20), NOW)
            else:
                place(decent, due_at, None, NOW)

    found = [windows_for(policy, p, c, whereabouts(z, n, s)) for p, c, z, n, s, _ in people]

    def windows_at_hand() -> None:
        for decent, person in zip(found, people, strict=True):
            is_decent(decent, NOW)
            place(decent, person[5], person[5] + timedelta(hours=20), NOW)

    caps = Caps()
    sent = tuple(Sent(NOW - n * timedelta(hours=31), "education", "email") for n in range(1, 6))
    someone = Person(frozenset({"America/New_York"}), sent, (NOW + timedelta(days=3),))
    message = Asked("marketing", "email", NOW + timedelta(days=30))

    def courtesy() -> None:
        for _ in range(DECISIONS):
            may_go(caps, message, someone, NOW)

    print(f"cold: whereabouts, windows, is_decent, place   {rate(all_of_it):>9,} a second")
    print(f"warm: the same                                 {rate(all_of_it):>9,} a second")
    print(f"is_decent and place, windows at hand           {rate(windows_at_hand):>9,} a second")
    print(f"may_go, five messages in a week                {rate(courtesy):>9,} a second")
    print(f"combinations {len(set(map(id, found))):,} of {windows_for.cache_info().currsize:,} whereabouts")


if __name__ == "__main__":
    main()

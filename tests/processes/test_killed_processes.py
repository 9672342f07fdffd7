"""The whole journey on real processes, while they are killed one after another."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.processes.stack import Stack, until

COURSE = "chronic-pain"
# Each of these zones changes its clocks once in the six weeks from that Wednesday, on a day of its own.
BEGIN = "2027-03-10T22:00:00Z"
ZONES = ("America/New_York", "Europe/Berlin", "Australia/Sydney")
VICTIMS = ("worker", "worker", "worker", "beat", "valkey", "valkey")


def address(zone: str) -> str:
    return f"{zone.rsplit('/')[-1].lower()}@example.org"


class Killer:
    """Kills processes at moments that its seed decides, each somewhat later than the last."""

    def __init__(self, stack: Stack, seed: int) -> None:
        self._stack = stack
        self._dice = random.Random(seed)
        self.kills: list[str] = []

    def strike(self, victim: str) -> None:
        whole = self._dice.random() < 0.5
        time.sleep(self._dice.uniform(0, 0.1))
        self._stack.kill(victim, whole=whole)
        time.sleep(self._dice.uniform(0, 0.3))
        self._stack.restart(victim)
        self.kills.append(victim)

    def plan(self, letters: int) -> Iterator[tuple[int, str]]:
        """After how many letters which process dies."""
        victims = list(VICTIMS)
        self._dice.shuffle(victims)
        moments = sorted(self._dice.sample(range(letters - 1), len(victims)))
        return zip(moments, victims, strict=True)


@pytest.mark.timeout(100)
@pytest.mark.parametrize("seed", [20])
def test_every_lesson_arrives_once_in_order_at_nine_whatever_is_killed(stack: Stack, seed: int) -> None:
    visitor, killer = stack.visitor(), Killer(stack, seed)
    stack.engage("clock", "set", BEGIN)

    stack.kill("valkey")
    for zone in ZONES:
        assert visitor.sign_up(email=address(zone), zone=zone).status == 303
    stack.kill("worker")
    stack.kill("beat")
    for name in ("valkey", "worker", "beat"):
        stack.restart(name)
    for zone in ZONES:
        letter = stack.letters(visitor, address(zone), 1)[0]
        assert visitor.post(visitor.link(letter, "confirm")).status == 200
    expected = [
        stack.rt.library.lesson(COURSE, lesson.slug).subject
        for lesson in stack.rt.library.courses[COURSE].lessons
    ]

    advance = stack.command("clock", "advance", "60d")
    for moment, victim in killer.plan(len(ZONES) * len(expected)):

        def come(moment: int = moment) -> bool:
            stack.revive()
            return stack.count("mailbox", "kind = 'course-lesson'") > moment or advance.poll() is not None

        until(come, f"lesson {moment}, having killed {killer.kills}")
        killer.strike(victim)

    def over() -> bool:
        stack.revive()
        return advance.poll() is not None

    until(over, f"the clock's end, having killed {killer.kills}", 60)
    code = advance.returncode
    assert code == 0, (killer.kills, stack.log("engage").read_text()[-2000:])

    for zone in ZONES:
        lessons = visitor.lessons(address(zone))
        assert [lesson["subject"] for lesson in lessons] == expected, (zone, killer.kills)
        arrived = [datetime.fromisoformat(lesson["sent_at"]).astimezone(ZoneInfo(zone)) for lesson in lessons]
        assert {moment.hour for moment in arrived} == {9}, arrived
        assert all(moment.minute < 5 and moment.weekday() < 5 for moment in arrived), arrived
        assert len({moment.utcoffset() for moment in arrived}) == 2, "the clocks did not change"
        assert arrived[-1] - arrived[0] > timedelta(days=20)
    assert stack.count("mailbox", "kind = 'signup-confirm'") == len(ZONES)
    assert stack.count("messages", "status <> 'accepted'") == 0
    assert stack.count("attempts", "state <> 'done'") == 0
    assert stack.count("enrolments", "state <> 'completed'") == 0

"""Whole files by the thousand rows, night after night: what stands afterwards is what the file says, and no row is lost."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest

from tests.visit_imports import pictured, take, visits
from tests.world import World

PEOPLE = 300
FIRST = date(2026, 11, 5)
BAD = ("soon", "2026-11-31 10:00", "2027-03-14 02:30", "", "13/13/2026 10:00")


@dataclass
class System:
    """A booking system: visits by id, each (person, day, hour, status). Nobody has two on one day."""

    dice: random.Random
    booked: dict[str, tuple[int, int, int, str]] = field(default_factory=dict)
    taken: set[tuple[int, int]] = field(default_factory=set)
    ids: int = 0

    def book(self) -> None:
        who, day = self.dice.randrange(PEOPLE), self.dice.randrange(200)
        if (who, day) not in self.taken:
            self.taken.add((who, day))
            self.ids += 1
            self.booked[f"V{self.ids}"] = (who, day, self.dice.randrange(9, 18), "Booked")

    def change(self) -> None:
        id = self.dice.choice(list(self.booked))
        who, day, hour, status = self.booked[id]
        if self.dice.random() < 0.5:
            self.booked[id] = (who, day, self.dice.randrange(9, 18), status)
        else:
            self.booked[id] = (who, day, hour, self.dice.choice(("Booked", "Cancelled", "Confirmed")))

    def rows(self) -> list[tuple[str, ...]]:
        return [
            (
                id,
                str(who),
                "Ada",
                "Lovelace",
                f"p{who}@example.org",
                "",
                f"{FIRST + timedelta(days=day):%m/%d/%Y} {hour % 12 or 12}:00 {'PM' if hour > 11 else 'AM'}",
                "60",
                "Prairie Street",
                "",
                status,
            )
            for id, (who, day, hour, status) in self.booked.items()
        ]

    def wanted(self, ids: Sequence[str]) -> dict[str, str]:
        """What is to stand: id to status and time."""
        return {
            id: f"{'cancelled' if status == 'Cancelled' else 'booked'} {FIRST + timedelta(days=day)} {hour:02d}:00 60"
            for id, (_, day, hour, status) in self.booked.items()
            if id in set(ids)
        }


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_what_stands_is_what_the_last_file_said(world: World, seed: int) -> None:
    dice = random.Random(seed)
    system = System(dice)
    while len(system.booked) < 1000:
        system.book()
    known: dict[str, str] = {}
    for night in range(3):
        rows = system.rows()
        dice.shuffle(rows)
        spoilt = {one[0] for one in dice.sample(rows, 25)}
        rows = [(*one[:6], dice.choice(BAD), *one[7:]) if one[0] in spoilt else one for one in rows]
        rows += dice.sample([one for one in rows if one[0] not in spoilt], 10)
        done = take(world, rows)
        outcomes = {name: n for name, n in done.counts.items() if name in OUTCOMES}
        assert sum(outcomes.values()) == len(rows)
        assert (outcomes["refused"], outcomes["repeated"]) == (25, 10)
        assert done.done.gone.count == 0
        known |= system.wanted([one[0] for one in rows if one[0] not in spoilt])
        assert {id: what for id, what, _ in visits(world)} == known
        before = pictured(world)
        again = take(world, rows)
        assert again.counts == {"unchanged": len(rows) - 35, "refused": 25, "repeated": 10}
        assert pictured(world) == before
        for _ in range(60):
            system.change() if night else system.book()


OUTCOMES = ("added", "moved", "cancelled", "reinstated", "marked", "unchanged", "repeated", "refused")

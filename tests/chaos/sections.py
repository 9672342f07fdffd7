"""The long run, section by section: each can be run, repeated and replayed by itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.chaos import campaigns, days, disk, kills, outages, vendors
from tests.chaos.points import COLUMNS, Column
from tests.chaos.rounds import Result
from tests.chaos.stand import Stand

Run = Callable[[Stand, Column, int, float], Result]


@dataclass(frozen=True)
class Section:
    """``run`` is given a stand, the column, the seed and the share of the whole run that is wanted (1 is all)."""

    name: str
    what: str
    run: Run
    columns: tuple[Column, ...] = COLUMNS


def _size(whole: float, share: float, least: int = 1) -> int:
    return max(least, round(whole * share))


SECTIONS: tuple[Section, ...] = (
    Section(
        "F1",
        "killed at every step of a message's life",
        lambda stand, column, seed, share: kills.crash_points(stand, column, seed, _size(4, share)),
    ),
    Section(
        "F2",
        "`kill -9` of any process every 2 to 5 s",
        lambda stand, column, seed, share: kills.random_kills(stand, column, seed, _size(3400, share, 100)),
    ),
    Section(
        "F3",
        "Valkey killed, flushed, frozen, full",
        lambda stand, column, seed, share: outages.valkey(
            stand, column, seed, _size(17, share, 2), _size(7, share)
        ),
    ),
    Section(
        "F4",
        "PostgreSQL killed, sessions cut, no connection left, frozen",
        lambda stand, column, seed, share: outages.postgres(stand, column, seed, _size(10, share, 2)),
    ),
    Section(
        "F5",
        "vendors fail in 15 ways",
        lambda stand, column, seed, share: vendors.bad_days(stand, column, seed, max(1.0, 2.5 * share)),
    ),
    Section(
        "F6",
        "20 of 100 requests taken and never answered",
        lambda stand, column, seed, share: vendors.accept_then_drop(
            stand, column, seed, _size(1700, share, 100)
        ),
    ),
    Section(
        "F7",
        "callbacks seven times each, shuffled, one by one",
        lambda stand, column, seed, share: vendors.shuffled(stand, seed, _size(400, share, 50)),
        ("ok",),
    ),
    Section(
        "F8",
        "forged, altered, replayed callbacks",
        lambda stand, column, seed, share: vendors.forged(stand, seed, _size(2000, share, 100)),
        ("ok",),
    ),
    Section(
        "F9",
        "rows that kill whoever looks at them",
        lambda stand, column, seed, share: days.poison(stand, seed, _size(1000, share, 100)),
        ("ok",),
    ),
    Section(
        "F10",
        "the movable clock jumps, by an hour and by a day",
        lambda stand, column, seed, share: days.clocks(stand, column, seed, _size(12, share, 3)),
        ("ok",),
    ),
    Section(
        "F11",
        "PostgreSQL's disk is full",
        lambda stand, column, seed, share: disk.full_disk(stand, column, seed, _size(4, share)),
        ("ok",),
    ),
    Section(
        "F12",
        "eight planners at once, a hundred clicks on one form",
        lambda stand, column, seed, share: days.crowd(stand, seed, _size(500, share, 50)),
        ("ok",),
    ),
    Section(
        "F13",
        "everything asked to end, one after another, under load",
        lambda stand, column, seed, share: days.rolling(stand, column, seed, _size(2, share)),
        ("ok",),
    ),
    Section(
        "F14",
        "a campaign paused and resumed at random while everything dies",
        lambda stand, column, seed, share: campaigns.campaign(
            stand, column, seed, _size(10_000, share, 200), _size(100, share, 4)
        ),
        ("ok", "lost"),
    ),
    Section(
        "K18",
        "a migration killed on its way",
        lambda stand, column, seed, share: days.migration(stand, seed, _size(10, share, 2)),
        ("ok",),
    ),
)

"""Audiences: how long a count over everybody takes, and freezing them beside writing the same rows plainly."""

from __future__ import annotations

import time
from statistics import median
from typing import Any
from uuid import UUID

from bench import audience
from bench.place import BenchError, Place
from bench.run import Bench
from bench.table import ratios, spread
from engage.domain.messages import Channel
from engage.domain.segments import Rules, read
from engage.ids import new_id
from engage.services import profiles, segments
from engage.storage.database import run as execute

COUNT_MS, FREEZE_RATIO = 300.0, 0.3
COUNTS_EACH_ROUND = 10
Filter = tuple[Rules, Channel]


def run(bench: Bench) -> None:
    """Counting and freezing everybody, and how fast profiles are made anew."""
    rows = min(bench.options.rows, 50_000) if bench.options.quick else bench.options.rows
    report = bench.report
    with bench.place.fresh() as place:
        tag = audience.fill(place.rt, rows)
        counted = {name: _counts(place, one, bench.options.rounds) for name, one in filters(tag).items()}
        frozen, bare = _freezes(place, rows, bench.options.rounds)
    slowest = [max(_p95(times[n]) for times in counted.values()) for n in range(bench.options.rounds)]
    report.table(
        f"Counting an audience among {rows:,} people, ms",
        ("", "median", "p95"),
        [(name, spread([median(t) for t in times], 0), spread([_p95(t) for t in times], 0)) for name, times in counted.items()],
    )  # fmt: skip
    report.most("count of an audience, p95 of the slowest filter, ms", slowest, COUNT_MS)
    report.table(
        f"Freezing {rows:,} people",
        ("", "seconds", "rows/s"),
        [
            ("INSERT ... SELECT of the same rows", spread(bare, 1), f"{rows / median(bare):,.0f}"),
            ("freeze", spread(frozen, 1), f"{rows / median(frozen):,.0f}"),
        ],
    )
    report.least("freeze, by the plain rate", ratios(bare, frozen), FREEZE_RATIO)
    _sweep(bench)


def filters(tag: UUID) -> dict[str, Filter]:
    """What clinics ask for."""
    told: dict[str, dict[str, Any]] = {
        "everybody": {},
        "subscribers": {"stages": ["subscriber"]},
        "all stages of patients": {
            "stages": ["booked", "in_treatment", "maintenance", "past"],
            "authorized": True,
        },
        "past patients of one place": {
            "stages": ["past"],
            "locations": ["Larkspur Lane"],
            "authorized": True,
        },
        "completed the course": {"course": {"slug": "chronic-pain", "progress": "completed"}},
        "at least six lessons": {"course": {"slug": "chronic-pain", "least_lessons": 6}},
        "last visit over 90 days ago": {"last_visit": {"before_days": 90}, "authorized": True},
        "tagged": {"tags": {"any": [str(tag)]}, "authorized": True},
        "not tagged": {"tags": {"none": [str(tag)]}, "authorized": True},
    }
    found: dict[str, Filter] = {name: (read(rules), "email") for name, rules in told.items()}
    return {**found, "everybody, by text": (Rules(), "sms")}


def _counts(place: Place, one: Filter, rounds: int) -> list[list[float]]:
    """Milliseconds of each count, by rounds; what the page calls."""
    segments.count(place.rt, *one)
    return [[_count(place, one) for _ in range(COUNTS_EACH_ROUND)] for _ in range(rounds)]


def _count(place: Place, one: Filter) -> float:
    began = time.perf_counter()
    counted = segments.count(place.rt, *one)
    taken = (time.perf_counter() - began) * 1000
    if not counted.chosen or counted.waiting:
        raise BenchError(f"nobody was counted, or not everybody: {counted}")
    return taken


def _p95(values: list[float]) -> float:
    return sorted(values)[max(0, round(len(values) * 0.95) - 1)]


def _freezes(place: Place, rows: int, rounds: int) -> tuple[list[float], list[float]]:
    """Seconds of freezing everybody, and of writing the same rows into a table like it, in turn."""
    frozen, bare = [], []
    for n in range(rounds + 1):
        _sql(place, "TRUNCATE campaign_recipients")
        began = time.perf_counter()
        with place.rt.transaction() as tx:
            found = segments.freeze(place.rt, tx, new_id(), Rules(), "email", place.rt.now(tx))
        seconds = time.perf_counter() - began
        if found.audience + found.excluded != rows:
            raise BenchError(f"{rows} were to be frozen: {found}")
        if n == 0:
            # The first one warms up, and its rows are the ones that are written plainly.
            _sql(place, "CREATE TABLE same_rows AS TABLE campaign_recipients")
            _sql(place, "CREATE TABLE bare (LIKE campaign_recipients INCLUDING ALL) WITH (fillfactor = 90)")
            continue
        frozen.append(seconds)
        _sql(place, "TRUNCATE bare")
        bare.append(_sql(place, "INSERT INTO bare SELECT * FROM same_rows"))
    return frozen, bare


def _sql(place: Place, sql: str) -> float:
    began = time.perf_counter()
    with place.rt.transaction() as tx:
        execute(tx, sql)
    return time.perf_counter() - began


def _sweep(bench: Bench) -> None:
    """People with everything that a profile is made of, all of whom wait; then all again, though nothing changed."""
    count = bench.options.size(2_000, 20_000)
    with bench.place.fresh() as place:
        audience.whole(place.rt, count)
        first = _made(place, count)
        with place.rt.transaction() as tx:
            execute(tx, "INSERT INTO profiles_to_make (person_id) SELECT id FROM people")
        again = _made(place, count)
    bench.report.table(
        f"Making {count:,} profiles, by one process",
        ("", "people/s"),
        [
            ("new", f"{count / first:,.0f}"),
            ("again, nothing changed", f"{count / again:,.0f}"),
        ],
    )


def _made(place: Place, count: int) -> float:
    began = time.perf_counter()
    if not profiles.fresh(place.rt, 600):
        raise BenchError(f"not all of {count} profiles were made")
    return time.perf_counter() - began

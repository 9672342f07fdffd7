"""A file of visits with their reminders: taken in, the same again, all moved, and planned anew by another policy."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

from bench import visit_files
from bench.place import BenchError, Place, pss
from bench.run import Bench
from engage.domain.imports.cells import Problem
from engage.domain.imports.told import Mapping
from engage.services import imports, reminder_switches, visit_plans
from engage.services.audit import CLI
from engage.services.imports import Done, Wanted, Watch
from engage.storage.database import run as execute

# How much faster the same file is the second time.
TARGET = 5.0
# What a tenth of the file needs, the whole of it must not need much more, in MiB.
GROWTH = 30.0
RULE = "text-2-hours"
TABLES = "SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public'"


def run(bench: Bench) -> None:
    """Everything by one process, as the command does it."""
    rows = bench.options.size(5_000, 100_000)
    with bench.place.fresh() as place:
        path, moved = place.directory / "visits.csv", place.directory / "moved.csv"
        visit_files.write(path, rows)
        visit_files.write(moved, rows, later=True)
        held: list[float] = []
        first, first_seconds = _take(place, path, _weigh(held, rows))
        _checked(first, "added", rows)
        before = _written(place, 0)[0]
        since = _now(place)
        again = [_again(place, path, rows) for _ in range(bench.options.rounds)]
        count, written = _written(place, since)
        written += abs(count - before)
        policy_seconds = _policy(place)
        third, moved_seconds = _take(place, moved, lambda done, of: None)
        _checked(third, "moved", rows)
    report = bench.report
    report.table(
        f"A file of {rows:,} visits of {rows // visit_files.EACH:,} people, by one process",
        ("", "seconds", "rows/s", "messages"),
        [
            _line("new: people, visits, reminders", first_seconds, rows, first.counts["messages"]),
            *[_line("the same file again", seconds, rows, 0) for seconds in again[:1]],
            _line("another policy, all planned anew", policy_seconds, rows, 0),
            _line("every visit moved", moved_seconds, rows, third.counts["messages"]),
        ],
    )
    if written:
        raise BenchError(f"the same file again wrote {written} rows")
    report.least("the same file again, times as fast", [first_seconds / one for one in again], TARGET)
    report.most("another policy, by the import's time", [policy_seconds / first_seconds], 1.0)
    if held:
        report.most("memory, the whole file over its tenth, MiB", [held[-1] - held[0]], GROWTH)


def _line(words: str, seconds: float, rows: int, messages: int) -> tuple[str, str, str, str]:
    return words, f"{seconds:,.1f}", f"{rows / seconds:,.0f}", f"{messages:,}" if messages else ""


def _take(place: Place, path: Path, progress: Callable[[int, int], None]) -> tuple[Done, float]:
    wanted = Wanted("bench", "signed intake form 2026", Mapping())

    def complain(row: int, problem: Problem) -> None:
        raise BenchError(f"row {row}: {problem.column}: {problem.what}")

    with path.open("rb") as file:
        began = time.perf_counter()
        done = imports.run(place.rt, CLI, file, wanted, Watch(complain, progress))
        return done, time.perf_counter() - began


def _again(place: Place, path: Path, rows: int) -> float:
    done, seconds = _take(place, path, lambda done, of: None)
    _checked(done, "unchanged", rows)
    return seconds


def _policy(place: Place) -> float:
    reminder_switches.switch(place.rt, CLI, RULE, True)
    began = time.perf_counter()
    if not visit_plans.sweep(place.rt):
        raise BenchError("another policy changed nothing")
    return time.perf_counter() - began


def _weigh(held: list[float], rows: int) -> Callable[[int, int], None]:
    def progress(done: int, of: int) -> None:
        if done in (rows // 10, rows) and (found := pss(os.getpid())) is not None:
            held.append(found)

    return progress


def _now(place: Place) -> int:
    """The number of the next transaction that writes."""
    with place.rt.transaction() as tx:
        return int(execute(tx, "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint").scalar() or 0)


def _written(place: Place, since: int) -> tuple[int, int]:
    """(how many rows there are, how many of them were written since)."""
    with place.rt.transaction() as tx:
        count = written = 0
        for (table,) in list(execute(tx, TABLES)):
            sql = f"SELECT count(*), count(*) FILTER (WHERE xmin::text::bigint >= %(since)s) FROM {table}"
            rows, new = execute(tx, sql, {"since": since}).one()
            count, written = count + rows, written + new
        return count, written


def _checked(done: Done, what: str, rows: int) -> None:
    if done.counts[what] != rows:
        raise BenchError(f"{rows} rows were to be {what}: {dict(done.counts)}")

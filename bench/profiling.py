"""Where delivery's time goes: microseconds a message by stage, then Python's profile."""

from __future__ import annotations

import cProfile
import pstats
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from bench import people
from bench.place import Place
from bench.table import show
from engage.runtime import Runtime
from engage.services import claim, deliver
from engage.storage import attempts, claim_facts, enrolments, mailbox, messages, pipe
from engage.storage.sealed import Sealer

TOP = 25
# Each stage is one function of the pipe; what they call among themselves is counted in both.
STAGES: tuple[tuple[str, Any, str], ...] = (
    ("claim", deliver, "claim"),
    ("  lock due messages and their people", pipe, "lock_due"),
    ("  fetch the facts", claim_facts, "fetch"),
    ("  decide, open, make links", claim, "_decide_all"),
    ("    open and make links", claim, "letter"),
    ("  seal, open attempts, mark claimed", claim, "_record"),
    ("    open attempts", attempts, "open_many"),
    ("    mark claimed", pipe, "mark_claimed"),
    ("  move courses on", claim, "plan_after"),
    ("    advance enrolments", enrolments, "advance"),
    ("    plan the next lessons", messages, "plan"),
    ("send and record", deliver, "send"),
    ("  start the attempt", attempts, "start"),
    ("  store in the mailbox", mailbox, "store"),
    ("  record the answers", deliver, "record"),
    ("all sealing", Sealer, "seal"),
    ("all opening", Sealer, "open"),
)


@dataclass(slots=True)
class Spent:
    """Seconds by the clock, and seconds of this process's CPU."""

    wall: float = 0.0
    cpu: float = 0.0


def profile(place: Place, count: int) -> None:
    """Delivers a day to warm up, a day by stage and a day under the profiler."""
    people.enrol(place.rt, count)
    _day(place.rt)
    with _timed() as spent:
        sent, whole = _day(place.rt)
    rows = [
        (stage, f"{spent[stage].wall / sent * 1e6:,.1f}", f"{spent[stage].cpu / sent * 1e6:,.1f}")
        if hasattr(holder, name)
        else (f"{stage} (no {name} any more: mend STAGES)", "", "")
        for stage, holder, name in STAGES
    ]
    rows.append(("everything", f"{whole.wall / sent * 1e6:,.1f}", f"{whole.cpu / sent * 1e6:,.1f}"))
    show(
        f"Delivery of {sent:,} lessons in one process, microseconds a message",
        ("indented stages are parts of the one above", "wall", "own CPU"),
        rows,
    )
    profiler = cProfile.Profile()
    profiler.enable()
    sent, whole = _day(place.rt)
    profiler.disable()
    print(f"\nPython's profile of {sent:,} more (the profiler itself slows them down)")
    pstats.Stats(profiler).strip_dirs().sort_stats("tottime").print_stats(TOP)


def _day(rt: Runtime) -> tuple[int, Spent]:
    people.next_lesson_day(rt)
    sent = 0
    wall, cpu = time.perf_counter(), time.process_time()
    while (tally := deliver.deliver(rt, deliver.BULK_LANES, seconds=60)).seen:
        sent += tally.accepted
    return sent, Spent(time.perf_counter() - wall, time.process_time() - cpu)


@contextmanager
def _timed() -> Iterator[dict[str, Spent]]:
    """Counts the time of each stage while the block runs."""
    spent: dict[str, Spent] = defaultdict(Spent)
    before = [
        (stage, holder, name, getattr(holder, name))
        for stage, holder, name in STAGES
        if hasattr(holder, name)
    ]
    for stage, holder, name, function in before:
        setattr(holder, name, _watched(function, spent[stage]))
    try:
        yield spent
    finally:
        for _, holder, name, function in before:
            setattr(holder, name, function)


def _watched(function: Callable[..., Any], spent: Spent) -> Callable[..., Any]:
    def watched(*given: Any, **named: Any) -> Any:
        wall, cpu = time.perf_counter(), time.thread_time()
        try:
            return function(*given, **named)
        finally:
            spent.wall += time.perf_counter() - wall
            spent.cpu += time.thread_time() - cpu

    return watched

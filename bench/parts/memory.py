"""What a process holds that delivers for long."""

from __future__ import annotations

import math

from bench import people
from bench.delivery import Crew, Lessons
from bench.place import BenchError, pss
from bench.run import Bench

# MiB for each 100,000 messages once it is warm.
TARGET = 1.0
PLACES = (0.0, 0.25, 0.5, 1.0)


def run(bench: Bench) -> None:
    """Two processes deliver; one is weighed."""
    options = bench.options
    wanted = 1_000_000 if options.long else options.size(20_000, 200_000)
    with bench.sending() as (place, vendor):
        days = people.lessons_in(place.rt)
        count = math.ceil(wanted / days / 100) * 100
        lessons = Lessons(place, count)
        with Crew(place, 2) as crew:
            held, sent = [_weigh(crew)], 0
            for _ in range(days):
                lessons.by_processes(crew)
                vendor.forget()
                sent += count
                held.append(_weigh(crew))
    at = [round(share * days) for share in PLACES]
    # The first quarter warms up: texts, statements and caches are there after it.
    quarter, end = at[1], at[3]
    slope = (held[end] - held[quarter]) / ((end - quarter) * count / 100_000)
    bench.report.table(
        f"Memory of a delivering process over {sent:,} messages (its share of them is half)",
        ("MiB (PSS)", *(f"{day * count:,}" for day in at)),
        [("one of two processes", *(f"{held[day]:.1f}" for day in at))],
    )
    bench.report.most(
        "growth after the first quarter, MiB for each 100,000 messages", [max(0.0, slope)], TARGET
    )


def _weigh(crew: Crew) -> float:
    found = pss(crew.pids[0])
    if found is None:
        raise BenchError("this system does not tell what a process holds")
    return found

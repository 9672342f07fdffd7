"""Lessons to the local sender, beside one Celery task for each message."""

from __future__ import annotations

from collections import defaultdict

from bench import delivery
from bench.delivery import Crew, Lessons
from bench.parts.forms import show_memory
from bench.peer.tasks import CORE, ORM
from bench.place import Memory
from bench.plain_tasks import PlainTasks
from bench.run import Bench
from bench.table import ratios, spread

TARGET = 10.0
ONE, TWO, THROUGH = "ours, one process", "ours, two processes", "ours, through Celery and beat"
PLAIN_ORM, PLAIN_CORE = "one Celery task per message, ORM", "one Celery task per message, Core"


def run(bench: Bench) -> None:
    """Nothing leaves: what is measured is the pipe and what keeps it going."""
    count, plain_count = bench.options.size(4_000, 10_000), bench.options.size(300, 600)
    rounds = 1 if bench.options.quick else 3
    speeds: dict[str, list[float]] = defaultdict(list)
    held: dict[str, Memory | None] = {}
    with bench.place.fresh() as place:
        lessons = Lessons(place, count)
        plain = PlainTasks(place)
        worker, beat = delivery.start_workers(place)
        held |= delivery.idle_memory(worker, beat)
        with Crew(place, 2) as crew:
            # Three lessons each round, and a course has twelve.
            for _ in range(rounds):
                speeds[ONE].append(lessons.by_processes(crew, 1))
                speeds[PLAIN_ORM].append(plain.measure(ORM, plain_count))
                speeds[TWO].append(lessons.by_processes(crew, 2))
                speeds[PLAIN_CORE].append(plain.measure(CORE, plain_count))
                speeds[THROUGH].append(lessons.by_celery())
        place.stop(worker, beat, plain.worker)
    rows = [
        (way, spread(of), *(spread(ratios(of, speeds[peer]), 1) for peer in (PLAIN_ORM, PLAIN_CORE)))
        for way, of in ((way, speeds[way]) for way in (ONE, TWO, THROUGH))
    ]
    rows += [(peer, spread(speeds[peer]), "", "") for peer in (PLAIN_ORM, PLAIN_CORE)]
    report = bench.report
    report.table(
        f"Planning and delivering lessons to the local sender, {count:,} a round, rounds: {rounds}",
        ("median (least-most)", "messages/s", "by ORM task", "by Core task"),
        rows,
    )
    for way in (ONE, TWO, THROUGH):
        report.least(f"{way}, by ORM task", ratios(speeds[way], speeds[PLAIN_ORM]), TARGET)
    report.note(
        "Ours seals each row, keeps consent, lease and attempt, and plans the next lesson; the plain task (two\n"
        "worker processes, publishing counted) only checks consent, renders, stores and marks. Through Celery\n"
        "the clock runs from the moment the lessons fall due, so waiting for a wake-up is counted."
    )
    show_memory(report, held)

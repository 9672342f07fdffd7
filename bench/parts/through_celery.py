"""The same delivery through Celery and without it, both with two processes that send."""

from __future__ import annotations

from collections.abc import Callable

from bench import delivery
from bench.delivery import Crew, Lessons
from bench.parts.email import warm
from bench.run import Bench, in_turn
from bench.table import ratios, spread
from engage.tasks import BULK_SECONDS, LOOK_SECONDS
from tests.fakes.client import Fake

TARGET = 0.97
THROUGH, WITHOUT = "through worker and beat", "the same function, called"


def run(bench: Bench) -> None:
    """Lessons by worker and beat as ``make run`` starts them, beside two processes that just call it."""
    options = bench.options
    count = 300_000 if options.long else options.size(10_000, 60_000)
    # A round is long here, so there are fewer lessons left than five times two.
    rounds = 5 if options.long else options.size(1, 5)
    with bench.sending() as (place, vendor):
        lessons = Lessons(place, count)
        with Crew(place, 2) as crew:
            warm(lessons, crew, vendor, count)
            worker, beat = delivery.start_workers(place)
            steady: dict[str, list[float]] = {THROUGH: [], WITHOUT: []}

            def noting(way: str, measure: Callable[[], float]) -> Callable[[], float]:
                def measured() -> float:
                    speed = _and_forget(vendor, measure())
                    steady[way].append(lessons.steady)
                    return speed

                return measured

            speeds = in_turn(
                rounds,
                {
                    WITHOUT: noting(WITHOUT, lambda: lessons.by_processes(crew)),
                    THROUGH: noting(THROUGH, lessons.by_celery),
                },
            )
            place.stop(worker, beat)
    ratio = ratios(steady[THROUGH], steady[WITHOUT])
    whole = ratios(speeds[THROUGH], speeds[WITHOUT])
    bench.report.table(
        f"Email over TLS through Celery, {count:,} a round, rounds: {rounds}",
        (
            "median (least-most)",
            "messages/s",
            "through/without",
            "messages/s, wake-up too",
            "through/without",
        ),
        [
            (THROUGH, spread(steady[THROUGH]), spread(ratio, 2), spread(speeds[THROUGH]), spread(whole, 2)),
            (WITHOUT, spread(steady[WITHOUT]), "", spread(speeds[WITHOUT]), ""),
        ],
    )
    bench.report.least("through Celery, by the same without it", ratio, TARGET)
    bench.report.note(
        f"Four children, of which two may carry courses at once, yielding after {BULK_SECONDS:g} s each time. The first\n"
        f"figures run from the first claim to the last answer. The others begin when all fall due: up to {LOOK_SECONDS:g} s\n"
        f"until beat's next word are counted too, which weigh the more the smaller a round is."
    )


def _and_forget(vendor: Fake, speed: float) -> float:
    vendor.forget()
    return speed

"""``make bench``: delivery, sign-up and memory in one run, as ratios of rounds taken in turn."""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections import defaultdict
from dataclasses import dataclass

from bench import delivery, forms, people
from bench.delivery import Crew, Lessons
from bench.load import Load
from bench.peer.tasks import CORE, ORM
from bench.place import BenchError, Memory, Place, open_place
from bench.plain_tasks import PlainTasks
from bench.profiling import profile
from bench.table import ratios, show, spread, verdict
from engage.dev.errors import DevError


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured."""

    rounds: int
    people: int
    plain_messages: int
    form_seconds: float


QUICK = Size(rounds=1, people=4_000, plain_messages=300, form_seconds=2.5)
WHOLE = Size(rounds=3, people=20_000, plain_messages=1_200, form_seconds=5.0)

DELIVERY_TARGET = 10.0
FORM_TARGET = 0.5

ONE, TWO, THROUGH = "ours, one process", "ours, two processes", "ours, through Celery and beat"
PLAIN_ORM, PLAIN_CORE = "one Celery task per message, ORM", "one Celery task per message, Core"


def main() -> int:
    """Measures and prints. Returns 0 also when a target is missed: this is a report, not a test."""
    words = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    words.add_argument("--quick", action="store_true", help="a small run, under 40 seconds")
    words.add_argument("--profile", action="store_true", help="where delivery's time goes, instead")
    chosen = words.parse_args()
    size = QUICK if chosen.quick else WHOLE
    began = time.monotonic()
    # What was started is stopped on the way out, so the way must be an ordinary one.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    try:
        with open_place() as place:
            if chosen.profile:
                profile(place, size.people)
            else:
                report(place, size)
    except (BenchError, DevError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("bench: stopped", file=sys.stderr)
        return 1
    print(f"\n{time.monotonic() - began:.0f} s in all. Figures drift with the machine; the ratios hold.")
    return 0


def report(place: Place, size: Size) -> None:
    """All of it."""
    held: dict[str, Memory | None] = {}
    deliver(place, size, held)
    sign_up(place, size, held)
    remember(held)


def deliver(place: Place, size: Size, held: dict[str, Memory | None]) -> None:
    """Lessons to the local sender, beside one task for each message."""
    speeds: dict[str, list[float]] = defaultdict(list)
    lessons = Lessons(place, size.people)
    plain = PlainTasks(place)
    worker, beat = delivery.start_workers(place)
    held |= delivery.idle_memory(worker, beat)
    with Crew(place, 2) as crew:
        # Three lessons each round, and a course has twelve.
        for _ in range(min(size.rounds, people.lessons_in(place.rt) // 3)):
            speeds[ONE].append(lessons.by_processes(crew, 1))
            speeds[PLAIN_ORM].append(plain.measure(ORM, size.plain_messages))
            speeds[TWO].append(lessons.by_processes(crew, 2))
            speeds[PLAIN_CORE].append(plain.measure(CORE, size.plain_messages))
            speeds[THROUGH].append(lessons.by_celery())
    place.stop(worker, beat, plain.worker)
    rows = [
        (way, spread(of), *(spread(ratios(of, speeds[peer]), 1) for peer in (PLAIN_ORM, PLAIN_CORE)))
        for way, of in ((way, speeds[way]) for way in (ONE, TWO, THROUGH))
    ]
    rows += [(peer, spread(speeds[peer]), "", "") for peer in (PLAIN_ORM, PLAIN_CORE)]
    show(
        f"Planning and delivering lessons, {size.people:,} a round, rounds: {len(speeds[ONE])}",
        ("median (least-most)", "messages/s", "by ORM task", "by Core task"),
        rows,
    )
    for way in (ONE, TWO, THROUGH):
        print(f"{way}, by ORM task: {verdict(ratios(speeds[way], speeds[PLAIN_ORM]), DELIVERY_TARGET)}")
    print(
        "Ours seals each row, keeps consent, lease and attempt, and plans the next lesson; the plain task (two\n"
        "worker processes, publishing counted) only checks consent, renders, stores and marks. Through Celery\n"
        "the clock runs from the moment the lessons fall due, so waiting for a wake-up is counted."
    )


def sign_up(place: Place, size: Size, held: dict[str, Memory | None]) -> None:
    """The sign-up form, beside a bare route that inserts one row."""
    ours, bare = forms.open_sites(place)
    held["web"] = ours.memory()
    loads: dict[str, list[Load]] = defaultdict(list)
    for site in (ours, bare):
        forms.measure(site, forms.WARM_UP_SECONDS)
    for _ in range(size.rounds):
        for site in (ours, bare):
            loads[site.name].append(forms.measure(site, size.form_seconds))
    held["web after the load"] = ours.memory()
    speeds = {name: [load.answered / load.seconds for load in rounds] for name, rounds in loads.items()}
    ratio = ratios(speeds[ours.name], speeds[bare.name])
    show(
        f"Sign-up POST, {forms.CONNECTIONS} kept connections, rounds: {size.rounds}",
        ("median (least-most)", "requests/s", "p50 ms", "p99 ms", "ours/bare"),
        [
            (
                words,
                spread(speeds[name]),
                spread([load.p50 for load in loads[name]], 1),
                spread([load.p99 for load in loads[name]], 1),
                spread(ratio, 2) if name == ours.name else "",
            )
            for name, words in ((ours.name, "ours: one sealed row"), (bare.name, "bare Flask: one row"))
        ],
    )
    print(f"ours/bare, requests a second: {verdict(ratio, FORM_TARGET)}")


def remember(held: dict[str, Memory | None]) -> None:
    """Memory by process group."""
    rows = [
        (name, str(of.processes), f"{of.pss:,.0f}", f"{of.rss:,.0f}") if of else (name, "-", "-", "-")
        for name, of in sorted(held.items(), key=lambda item: ("web" not in item[0], item[0]))
    ]
    known = [of for name, of in held.items() if of is not None and name in ("web", "worker", "beat")]
    rows.append(
        (
            "web, worker and beat",
            str(sum(of.processes for of in known)),
            f"{sum(of.pss for of in known):,.0f}",
            "",
        )
    )
    show("Idle memory, MiB", ("", "processes", "PSS", "RSS added up"), rows)


if __name__ == "__main__":
    sys.exit(main())

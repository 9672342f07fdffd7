"""The sign-up form, beside a bare route that inserts one row; and what idle processes hold."""

from __future__ import annotations

from collections import defaultdict

from bench import forms
from bench.load import Load
from bench.place import Memory
from bench.report import Report
from bench.run import Bench
from bench.table import ratios, spread

TARGET = 0.5


def run(bench: Bench) -> None:
    """Forms for some seconds each, in turn."""
    rounds, seconds = (1, 2.5) if bench.options.quick else (3, 4.0)
    loads: dict[str, list[Load]] = defaultdict(list)
    held: dict[str, Memory | None] = {}
    with bench.place.fresh() as place:
        ours, bare = forms.open_sites(place)
        held["web"] = ours.memory()
        for site in (ours, bare):
            forms.measure(site, forms.WARM_UP_SECONDS)
        for _ in range(rounds):
            for site in (ours, bare):
                loads[site.name].append(forms.measure(site, seconds))
        held["web after the load"] = ours.memory()
    speeds = {name: [load.answered / load.seconds for load in of] for name, of in loads.items()}
    ratio = ratios(speeds[ours.name], speeds[bare.name])
    bench.report.table(
        f"Sign-up POST, {forms.CONNECTIONS} kept connections, rounds: {rounds}",
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
    bench.report.least("ours/bare, requests a second", ratio, TARGET)
    show_memory(bench.report, held)


def show_memory(report: Report, held: dict[str, Memory | None]) -> None:
    """By process group."""
    report.table(
        "Memory, MiB",
        ("", "processes", "PSS", "RSS added up"),
        [
            (name, str(of.processes), f"{of.pss:,.0f}", f"{of.rss:,.0f}") if of else (name, "-", "-", "-")
            for name, of in held.items()
        ],
    )

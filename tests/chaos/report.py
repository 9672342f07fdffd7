"""Results as tables, for the terminal and for docs/reliability.md."""

from __future__ import annotations

import json
import os
import platform
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.chaos.points import CAMPAIGN_POINTS, EVERY
from tests.chaos.sections import SECTIONS

BEGIN, END = "<!-- chaos: begin -->", "<!-- chaos: end -->"
HEAD = (
    "fault",
    "callbacks",
    "messages",
    "lost",
    "doubled",
    "extra",
    "listed",
    "due to taken, p50 / p99",
    "all moved after",
)
Plain = Mapping[str, Any]


def ok(result: Plain) -> bool:
    """Nothing lost, nothing doubled, nothing else wrong."""
    verdict = result["verdict"]
    return not (verdict["lost"] or verdict["doubled"] or verdict["wrong"])


def table(results: Sequence[Plain]) -> list[str]:
    """One row for each fault and column, as Markdown."""
    lines = ["| " + " | ".join(HEAD) + " |", "|" + "---|" * len(HEAD)]
    names = {section.name: section.what for section in SECTIONS}
    for one in results:
        verdict = one["verdict"]
        p50, p99 = one["delays"]
        cells = (
            f"{one['fault']} {names.get(one['fault'], '')}",
            one["column"],
            f"{verdict['messages']:,}",
            len(verdict["lost"]),
            len(verdict["doubled"]),
            len(verdict["extra"]),
            sum(verdict["listed"].values()),
            f"{p50:.1f} / {p99:.1f} s",
            f"{one['settled']:.1f} s" + ("" if not verdict["wrong"] else " **wrong**"),
        )
        lines.append("| " + " | ".join(str(cell) for cell in cells) + " |")
    return lines


def totals(results: Sequence[Plain], traps: Sequence[Plain]) -> list[str]:
    """The numbers that the issue asks for."""
    faults: Counter[str] = Counter()
    for one in results:
        faults.update({f"{one['fault']}/{name}": n for name, n in one["faults"].items()})
    points = {name: faults[f"{_comes_from(name)}/{name}"] for name in EVERY}
    kills = sum(points.values())
    outside = ("worker", "web", "beat", "valkey", "postgres")
    random_kills = sum(
        n for name, n in faults.items() if name.startswith("F2/") and name[3:].startswith(outside)
    )
    by_name: Counter[str] = Counter()
    for name, n in faults.items():
        by_name[name.partition("/")[2]] += n
    messages = {
        name: sum(r["verdict"]["messages"] for r in results if r["fault"] == name) for name in ("F2", "F6")
    }
    caught = sum(1 for trap in traps if trap["caught"])
    unhit = [name for name, n in points.items() if not n]
    lines = [
        f"- {kills} kills at {len(points) - len(unhit)} of {len(points)} crash points; every one of them is in the log "
        "that the dying process wrote.",
        f"- {messages['F2']:,} messages under {random_kills} random `kill -9`, "
        f"{by_name['STOP']} people said STOP meanwhile: none got anything that was claimed after the answer.",
        f"- Valkey killed {by_name['valkey killed'] + by_name['valkey']} times and flushed {by_name['valkey flushed']} "
        f"times; PostgreSQL killed {by_name['postgres killed'] + by_name['postgres']} times.",
        f"- {messages['F6']:,} messages while 20 of 100 requests were taken and never answered "
        f"({by_name['requests dropped']:,} messages were in such a request).",
        f"- {by_name['forged callbacks']:,} forged, altered and replayed callbacks: none accepted, no row written.",
        f"- caught {caught} of {len(traps)} planted bugs.",
    ]
    if unhit:
        lines.append(f"- **Not reached: {', '.join(unhit)}.**")
    return lines


def _comes_from(point: str) -> str:
    return "F14" if point in CAMPAIGN_POINTS else "F1"


def points_table(results: Sequence[Plain]) -> list[str]:
    """How often each crash point was hit, by column."""
    lines = ["| point | number | at once | late | lost |", "|---|---|---|---|---|"]
    hits: Counter[tuple[str, str]] = Counter()
    for one in results:
        for name, n in one["faults"].items():
            if name in EVERY and one["fault"] == _comes_from(name):
                hits[name, one["column"]] += n
    for name, point in EVERY.items():
        cells = [str(hits[name, c]) if c in point.columns else "–" for c in ("ok", "late", "lost")]
        lines.append(f"| {name} | {point.k or '–'} | {' | '.join(cells)} |")
    return lines


def traps_table(traps: Sequence[Plain]) -> list[str]:
    """Each planted bug, and the first thing that the judge said."""
    lines = ["| planted bug | caught | what the judge said |", "|---|---|---|"]
    for one in traps:
        said = one["said"].replace("|", "/")
        lines.append(
            f"| {one['plant'].replace('_', ' ')} | {'yes' if one['caught'] else '**no**'} | {said} |"
        )
    return lines


def machine() -> str:
    """Where it ran."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} cores, {memory:.0f} GB, Python {platform.python_version()}, {platform.system()}"


def whole(results: Sequence[Plain], traps: Sequence[Plain], command: str) -> str:
    """Everything between the markers of the document."""
    day = datetime.now(UTC).date().isoformat()
    minutes = sum(one["seconds"] for one in results) / 60 + sum(one["seconds"] for one in traps) / 60
    parts = [
        f"Made by `{command}` on {day} ({machine()}; {minutes:.0f} minutes of faults).",
        "",
        *totals(results, traps),
        "",
        *table(results),
        "",
        "Kills at each crash point, by column:",
        "",
        *points_table(results),
        "",
        *traps_table(traps),
    ]
    return "\n".join(parts)


def write(document: Path, text: str) -> None:
    """Puts it between the markers."""
    before, begin, rest = document.read_text(encoding="utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise SystemExit(f"{document} has no markers {BEGIN} ... {END}")
    document.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}", encoding="utf-8")


def load(folder: Path) -> tuple[list[Plain], list[Plain]]:
    """All results that are kept there: rounds in the order of the sections, then traps."""
    order = {section.name: n for n, section in enumerate(SECTIONS)}
    kept = [json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))]
    rounds = [one for one in kept if "fault" in one]
    columns = ("ok", "late", "lost")
    rounds.sort(key=lambda one: (order.get(one["fault"], 99), columns.index(one["column"]), one["seed"]))
    return rounds, [one for one in kept if "plant" in one]

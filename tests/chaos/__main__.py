"""``python -m tests.chaos``: the long run (``make chaos``), parts of it, and any failure again by its seed."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from tests.chaos import report, traps
from tests.chaos.points import COLUMNS, Column
from tests.chaos.sections import SECTIONS, Section
from tests.chaos.stand import Stand, stand
from tests.processes.stack import PROJECT

WHOLE_MINUTES = 30.0
DOCUMENT = PROJECT / "docs" / "reliability.md"


def main(words: Sequence[str]) -> int:
    """0 when nothing was lost or doubled and every planted bug was caught."""
    given = _arguments(words)
    share = 0.08 if given.quick else (given.minutes or WHOLE_MINUTES) / WHOLE_MINUTES
    results: Path = given.results
    results.mkdir(parents=True, exist_ok=True)
    if not given.resume:
        for old in results.glob("*.json"):
            old.unlink()
    only = {name.strip() for name in given.only.split(",")} if given.only else set()
    columns: tuple[Column, ...] = (given.column,) if given.column else COLUMNS
    for column in columns:
        chosen = [
            section
            for section in SECTIONS
            if column in section.columns and (not only or section.name in only)
        ]
        _run_all(chosen, column, given.seed, share, results)
    if not only or "traps" in only or only & set(traps.TRAPS):
        _spring_all(
            [name for name in traps.TRAPS if not only & set(traps.TRAPS) or name in only], given, results
        )
    rounds, sprung = report.load(results)
    print("\n".join(["", *report.table(rounds), "", *report.totals(rounds, sprung)]))
    if given.write_docs:
        report.write(DOCUMENT, report.whole(rounds, sprung, f"make chaos SEED={given.seed}"))
    return 0 if all(map(report.ok, rounds)) and all(one["caught"] for one in sprung) else 1


def _run_all(chosen: Sequence[Section], column: Column, seed: int, share: float, results: Path) -> None:
    """On one stand as long as all goes well; after a failure on a new one, so that the next is judged for itself."""
    with ExitStack() as stack:
        running: Stand | None = None
        for section in chosen:
            kept = results / f"{section.name}-{column}-{seed}-{share:g}.json"
            if kept.exists():
                continue
            if running is None:
                running = stack.enter_context(stand())
            print(f"{section.name} ({column}): {section.what} ... ", end="", flush=True)
            result = section.run(running, column, seed, share)
            plain = result.plain()
            kept.write_text(json.dumps(plain, default=str))
            print(f"{result.verdict} ({result.seconds:.0f} s)", flush=True)
            if not result.verdict.ok:
                print(
                    f"    again: python -m tests.chaos --seed {seed} --only {section.name} --column {column}"
                )
                for what in (*result.verdict.wrong, *result.verdict.lost, *result.verdict.doubled)[:12]:
                    print(f"    {what[:1500]}")
                stack.close()
                running = None


def _spring_all(names: Sequence[str], given: argparse.Namespace, results: Path) -> None:
    waiting = [name for name in names if not (results / f"trap-{name}.json").exists()]
    if not waiting:
        return
    with stand() as running:
        traps.alone(running)
        for name in waiting:
            begun = time.monotonic()
            one = traps.spring(running, name, given.seed)
            said = next(iter([*one.bad.lost, *one.bad.doubled, *one.bad.wrong]), "nothing")
            plain = {"plant": name, "caught": one.caught, "said": said, "seconds": time.monotonic() - begun}
            (results / f"trap-{name}.json").write_text(json.dumps(plain))
            without = "" if one.good is None or one.good.ok else f"; without the bug: {one.good}"
            print(
                f"planted {name}: {'caught' if one.caught else 'MISSED'}: {said[:100]}{without}", flush=True
            )


def _arguments(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="decides everything that is left to chance")
    parser.add_argument("--only", default="", help="F1,F3,... or traps, or names of planted bugs")
    parser.add_argument("--column", choices=COLUMNS, help="callbacks ok, late or lost; all three without it")
    parser.add_argument("--quick", action="store_true", help="a twelfth of everything")
    parser.add_argument(
        "--minutes", type=float, default=0.0, help=f"about so long (all of it: {WHOLE_MINUTES:.0f})"
    )
    parser.add_argument("--resume", action="store_true", help="go on with what an earlier run left")
    parser.add_argument("--write-docs", action="store_true", help="put the tables into docs/reliability.md")
    default = Path(tempfile.gettempdir()) / "engage-chaos-results"
    parser.add_argument("--results", type=Path, default=default, help="where each section's result is kept")
    return parser.parse_args(words)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

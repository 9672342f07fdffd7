"""``make bench``: how fast the service is, part by part, beside plain ways of doing the same work.

Without names every part is measured. Figures drift with the machine; ratios are of rounds taken in turn.
"""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from bench.parts import (
    api,
    campaigns,
    claiming,
    email,
    forms,
    latency,
    local,
    memory,
    peers,
    proof,
    receipts,
    segments,
    sms,
    through_celery,
    visits,
)
from bench.place import PROJECT, BenchError, open_place
from bench.profiling import profile
from bench.report import Report
from bench.run import Bench, Options
from engage.dev.errors import DevError

PARTS: dict[str, Callable[[Bench], None]] = {
    "delivery": local.run,
    "email": email.batched,
    "single": email.single,
    "sms": sms.run,
    "celery": through_celery.run,
    "claim": claiming.run,
    "latency": latency.run,
    "receipts": receipts.run,
    "memory": memory.run,
    "peers": peers.run,
    "forms": forms.run,
    "api": api.run,
    "proof": proof.run,
    "visits": visits.run,
    "campaign": campaigns.run,
    "segments": segments.run,
}
DOCS = PROJECT / "docs" / "performance.md"
PROFILED = 20_000


def main() -> int:
    """Measures and prints. Returns 0 also when a target is missed: this is a report, not a test."""
    words = _words()
    chosen = words.parse_args()
    if unknown := [name for name in chosen.parts if name not in PARTS]:
        words.error(f"there is no part {unknown[0]!r}; there are: {', '.join(PARTS)}")
    options = Options(chosen.quick, chosen.long, chosen.rows, chosen.churn_minutes)
    report = Report(chosen.quick, " ".join(["python -m bench", *sys.argv[1:]]))
    began = time.monotonic()
    # What was started is stopped on the way out, so the way must be an ordinary one.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    failed = []
    try:
        with open_place() as place:
            if chosen.profile:
                with place.fresh() as own:
                    profile(own, PROFILED)
                return 0
            for name in chosen.parts or PARTS:
                since = time.monotonic()
                try:
                    PARTS[name](Bench(place, options, report))
                except (BenchError, DevError) as error:
                    # One part that fails must not cost the others.
                    failed.append(name)
                    report.note(f"{name}: {error}")
                print(f"[{name}: {time.monotonic() - since:.0f} s]", flush=True)
    except DevError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("bench: stopped", file=sys.stderr)
        return 1
    finally:
        if chosen.json is not None and report.order:
            report.keep(chosen.json)
    report.summary()
    if chosen.write_docs:
        report.write_docs(DOCS)
    print(f"\n{time.monotonic() - began:.0f} s in all. Figures drift with the machine; the ratios hold.")
    return 1 if failed else 0


def _words() -> argparse.ArgumentParser:
    words = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    words.add_argument("parts", nargs="*", metavar="PART", help=f"one of: {', '.join(PARTS)}")
    words.add_argument("--quick", action="store_true", help="small, one round: shows that it runs")
    words.add_argument(
        "--long", action="store_true", help="memory over 1,000,000 messages, celery over 300,000"
    )
    words.add_argument(
        "--rows", type=int, default=1_000_000, help="size of the large table (claim, segments)"
    )
    words.add_argument("--churn-minutes", type=float, default=1.0, help="how long tables are churned (claim)")
    words.add_argument("--json", type=Path, metavar="PATH", help="keep the results as JSON as well")
    words.add_argument("--write-docs", action="store_true", help="put the results into docs/performance.md")
    words.add_argument("--profile", action="store_true", help="where delivery's time goes, instead")
    return words


if __name__ == "__main__":
    sys.exit(main())

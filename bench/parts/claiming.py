"""What claiming costs in a large table, and whether tables swell under churn."""

from __future__ import annotations

import time
from datetime import datetime
from statistics import median

from sqlalchemy import create_engine, make_url

from bench import people
from bench.bloat import Sizes, clear_away, restart, sizes
from bench.delivery import Crew, Lessons
from bench.place import BenchError, Place
from bench.run import Bench
from bench.table import ratios, spread
from engage.domain.messages import COURSE_LESSON
from engage.services.claim import claim
from engage.storage import pipe
from engage.storage.database import run as execute

TARGET, BLOAT_TARGET = 1.5, 1.15
SMALL = 10_000
CLAIM = 500
WARM_UP, EACH_ROUND = 2, 3
# Three in ten wait for a later day; the others are over.
FILL = """
INSERT INTO messages (id, person_id, cause, cause_id, step, kind, channel, purpose, lane, status, not_before,
    due_at, not_after, dedup_key, tries, sealed, created_at, sent_at)
SELECT lpad(to_hex(n), 32, '0')::uuid, p.ids[1 + n %% array_length(p.ids, 1)], 'enrolment',
    p.ids[1 + n %% array_length(p.ids, 1)], 'old', 'course-lesson', 'email', 'education', 2, v.status, v.at, v.at,
    v.at + interval '1 year', 'bench/' || n, 1, decode(repeat('5e', 220), 'hex'), %(now)s, v.at
FROM (SELECT array_agg(id) AS ids FROM people) p, generate_series(1, %(count)s::bigint) n,
    LATERAL (SELECT CASE WHEN n %% 10 < 3 THEN 'planned' ELSE 'delivered' END AS status, %(now)s::timestamptz
        + (CASE WHEN n %% 10 < 3 THEN 1 ELSE -1 END) * make_interval(mins => (1440 + n %% 400000)::int) AS at) v
"""


def run(bench: Bench) -> None:
    """Both."""
    cost(bench)
    churn(bench)


def cost(bench: Bench) -> None:
    """The claim's whole transaction, 500 due messages at a time, in two databases in turn."""
    rows = min(bench.options.rows, 100_000) if bench.options.quick else bench.options.rows
    rounds = 5
    with bench.place.fresh() as small, bench.place.fresh() as large:
        for place, count in ((small, SMALL), (large, rows)):
            _fill(place, count)
        for _ in range(WARM_UP):
            _claims(small, 1)
            _claims(large, 1)
        few, many = [], []
        for _ in range(rounds):
            few.append(_claims(small, EACH_ROUND))
            many.append(_claims(large, EACH_ROUND))
        plan = _plan(large)
    report = bench.report
    ratio = ratios(many, few)
    report.table(
        f"Claiming {CLAIM} due messages, the whole transaction (locks, facts, rules, seal, record, plan the next)",
        ("milliseconds", "median (least-most)", "large/small"),
        [
            (f"among {SMALL:,}", spread([one * 1000 for one in few], 1), ""),
            (f"among {rows:,}", spread([one * 1000 for one in many], 1), spread(ratio, 2)),
        ],
    )
    report.most(f"a claim among {rows:,} rows, by the same among {SMALL:,}", ratio, TARGET)
    report.code(f"PostgreSQL's plan of the claim among {rows:,} rows", plan)


def _fill(place: Place, rows: int) -> None:
    rt = place.rt
    people.enrol(rt, SMALL)
    due = people.next_lesson_day(rt)
    if due != SMALL:
        raise BenchError(f"{due} lessons are due, not {SMALL}")
    with rt.transaction() as tx:
        execute(tx, "SET LOCAL synchronous_commit = off")
        execute(tx, FILL, {"now": rt.now(tx), "count": rows - SMALL})
    with rt.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as own:
        execute(own, "VACUUM ANALYZE messages")
        # What was written is on its way to the disk before the clock runs.
        execute(own, "SELECT pg_sleep(1)")


def _claims(place: Place, count: int) -> float:
    """Seconds of one claim, the median of ``count``."""
    times = []
    for _ in range(count):
        began = time.perf_counter()
        claimed = claim(place.rt, COURSE_LESSON.lane, COURSE_LESSON.channel, CLAIM)
        times.append(time.perf_counter() - began)
        if claimed.seen != CLAIM:
            raise BenchError(f"{claimed.seen} were claimed, not {CLAIM}")
    return median(times)


def _plan(place: Place) -> list[str]:
    with place.rt.engine.connect() as own:
        now: datetime = place.rt.now(own)
        values = {"lane": COURSE_LESSON.lane, "channel": "email", "now": now, "limit": CLAIM}
        explain = f"EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF, BUFFERS OFF) {pipe.CLAIM}"
        return [str(row[0]) for row in execute(own, explain, values)]


def churn(bench: Bench) -> None:
    """Lesson after lesson to the same people while old rows go: sizes must level off."""
    minutes = 0.25 if bench.options.quick else bench.options.churn_minutes
    count = bench.options.size(2_000, 10_000)
    _look_often(bench.place, minutes)
    found: list[tuple[float, int, Sizes]] = []
    with bench.sending() as (place, vendor):
        lessons = Lessons(place, count)
        with Crew(place, 2) as crew:
            began, sent = time.monotonic(), 0
            while (passed := time.monotonic() - began) < minutes * 60:
                if sent and sent % (count * people.lessons_in(place.rt)) == 0:
                    restart(place.rt)
                lessons.by_processes(crew)
                vendor.forget()
                sent += count
                clear_away(place.rt)
                found.append((passed, sent, sizes(place.rt)))
    half = len(found) // 2
    early, late = found[: max(1, half)], found[half:]
    shown = [found[round(share * (len(found) - 1))] for share in (0, 0.25, 0.5, 0.75, 1)]
    report = bench.report
    report.table(
        f"Churn for {minutes:g} minutes: {sent:,} messages planned, delivered and cleared away",
        ("after", "messages", "rows", "dead rows", "table MiB", "indexes MiB", "of these, what is due"),
        [
            (
                f"{at:,.0f} s",
                f"{sent:,}",
                f"{one.rows:,}",
                f"{one.dead:,}",
                f"{one.table:.1f}",
                f"{one.indexes:.1f}",
                f"{one.due_index:.1f}",
            )
            for at, sent, one in shown
        ],
    )
    for words, column in (("messages' table", 0), ("messages' indexes", 1)):
        grown = max(one[column] for *_, one in late) / max(one[column] for *_, one in early)
        report.most(f"{words}, largest of the second half by largest of the first", [grown], BLOAT_TARGET)
    report.note(
        "Messages of all lessons but the newest two are deleted after each round, as keeping them would hide what\n"
        "swells. Autovacuum looks sixty times in a run, as it does in an hour."
    )


def _look_often(place: Place, minutes: float) -> None:
    owner = make_url(place.servers.owner_url).set(drivername="postgresql+psycopg")
    engine = create_engine(owner, isolation_level="AUTOCOMMIT")
    with engine.connect() as own:
        own.exec_driver_sql(f"ALTER SYSTEM SET autovacuum_naptime = '{max(1, min(60, round(minutes)))}s'")
        own.exec_driver_sql("SELECT pg_reload_conf()")
    engine.dispose()

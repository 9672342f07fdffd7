"""F9, F10, F12, F13, K18: a row that kills, clocks that jump, everybody at once, a rolling deploy, a migration that dies."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from subprocess import DEVNULL, STDOUT, Popen
from uuid import uuid4

from sqlalchemy import make_url

from engage.dev.processes import PYTHON
from engage.storage import clock, schema
from engage.storage.database import make_engine, run
from tests.chaos import load, people
from tests.chaos.load import Planned
from tests.chaos.points import Column
from tests.chaos.rounds import Result, Round
from tests.chaos.stand import Stand
from tests.processes.stack import PROJECT
from tests.processes.visitor import Visitor

DRAIN_SECONDS = 30.0


def poison(stand: Stand, seed: int, size: int, deadly: int = 3) -> Result:
    """F9. Rows that kill every worker that looks into them are found and held; all others get theirs."""
    round = Round(stand, "F9", "ok", seed)
    bad = [replace(one, deadly=True) for one in round.load.make(deadly, channel="email", purpose="education")]
    good = round.load.make(size)
    load.insist(stand.rt, [*bad, *good], stand.keep)
    round.settle(120)
    deaths = sum(1 for one in stand.deaths() if one["point"] == "a row that kills")
    round.faults["deaths over a row"] = deaths
    listed = load.listed(stand.rt, [one.key for one in bad])
    round.wrong += [f"{key}: {what}" for key, what in listed.items() if what != ("held", "poison")]
    if deaths > 5 * deadly:
        round.wrong.append(f"{deaths} workers died over {deadly} rows")
    return round.result()


def clocks(stand: Stand, column: Column, seed: int, jumps: int = 8) -> Result:
    """F10 as far as it exists: the movable clock jumps, an hour back and a day on, while a course runs."""
    round = Round(stand, "F10", column, seed)
    known = people.enrol(stand, round.load.name, 20)
    for _ in range(jumps):
        round.feed(10, within=1.0)
        hours = round.dice.choice((-1, 1, 24, -24))
        with stand.rt.transaction() as tx:
            clock.set_ahead(tx, stand.rt.now(tx) + timedelta(hours=hours) - datetime.now(UTC))
        round.faults[f"clock {hours:+} h"] += 1
        round.during(0.6)
    # However far back it went: what was due an hour ago by our own count is due again.
    with stand.rt.transaction() as tx:
        clock.set_ahead(tx, stand.rt.now(tx) + timedelta(days=jumps) - datetime.now(UTC))
    round.settle()
    return round.result(*people.finish(round, known))


def crowd(stand: Stand, seed: int, size: int = 200, callers: int = 8) -> Result:
    """F12. The same list planned by eight processes at once, the same form sent a hundred times, two beats always."""
    round = Round(stand, "F12", "ok", seed)
    made = round.load.make(size)
    plan_at_once(stand, made, callers)
    round.faults["planners at once"] = callers
    email = f"double.{seed}@example.org"
    with ThreadPoolExecutor(8) as clicks:
        list(clicks.map(lambda _: Visitor(stand.base_url).sign_up(email=email).status, range(100)))
    round.faults["double clicks"] = 100
    round.settle()
    copies = [one for one in stand.fake.ledger() if one.to == email]
    if len(copies) != 1:
        round.wrong.append(f"a hundred clicks made {len(copies)} confirmations")
    return round.result()


def plan_at_once(stand: Stand, planned: list[Planned], callers: int) -> None:
    """Each of so many processes plans the whole list."""
    path = stand.home / "to-plan.json"
    path.write_text(json.dumps([asdict(one) for one in planned]))
    with stand.log("planner").open("ab") as out:
        started = [
            Popen(
                (PYTHON, "-m", "tests.chaos.planner", str(path)),
                cwd=PROJECT,
                env=stand._whole_env(),
                stdin=DEVNULL,
                stdout=out,
                stderr=STDOUT,
            )
            for _ in range(callers)
        ]
    codes = [one.wait(120) for one in started]
    assert codes == [0] * callers, stand.log("planner").read_text()[-2000:]


def rolling(stand: Stand, column: Column, seed: int, turns: int = 1) -> Result:
    """F13. Workers, beats and web are asked to end, one after another, under load; each drains and a new one begins."""
    round = Round(stand, "F13", column, seed)
    longest = 0.0
    for name in ("worker", "worker2", "web", "beat", "beat2") * turns:
        round.feed(60, within=0.5)
        round.during(0.3)
        one = stand._children[name]
        stand.paused.add(name)
        begun = time.monotonic()
        one.process.send_signal(signal.SIGTERM)
        while not one.ended() and time.monotonic() - begun < DRAIN_SECONDS + 5:
            round.during(0.1)
        longest = max(longest, time.monotonic() - begun)
        round.faults[f"{name.rstrip('2')} asked to end"] += 1
        stand.paused.discard(name)
        stand.restart(name)
    if longest > DRAIN_SECONDS:
        round.wrong.append(f"draining took {longest:.0f} s")
    round.notes["longest drain s"] = round_(longest)
    round.settle()
    return round.result()


def round_(seconds: float) -> float:
    """For people."""
    return float(f"{seconds:.1f}")


def migration(stand: Stand, seed: int, kills: int) -> Result:
    """K18. `engage db upgrade` dies on its way, at any statement; run again it ends as if nothing had been."""
    round = Round(stand, "K18", "ok", seed)
    url = make_url(stand.settings.database_url)
    wanted = _tables(stand.settings.database_url)
    name = f"engage_chaos_{uuid4().hex[:8]}"
    with stand.rt.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as own:
        run(own, f"CREATE DATABASE {name}")
    fresh = url.set(database=name).render_as_string(hide_password=False)
    for n in range(kills):
        code = _upgrade(stand, fresh, {"CHAOS_MIGRATION": str(round.dice.choice((n, n, -1)))})
        if code == -signal.SIGKILL:
            round.faults["killed while migrating"] += 1
    if _upgrade(stand, fresh, {}) != 0:
        round.wrong.append(f"the migration did not end: {stand.log('engage').read_text()[-500:]}")
    elif _tables(fresh) != wanted:
        round.wrong.append("the tables are not those of an undisturbed migration")
    if not round.faults:
        round.wrong.append("nothing was killed while migrating")
    with stand.rt.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as own:
        run(own, f"DROP DATABASE {name} WITH (FORCE)")
    return round.result()


def _upgrade(stand: Stand, url: str, env: dict[str, str]) -> int:
    words = (PYTHON, "-m", "tests.chaos.migrate_entry")
    whole = {**stand._whole_env(), "DATABASE_URL": url, **env}
    with stand.log("engage").open("ab") as out:
        return subprocess.run(
            words, cwd=PROJECT, env=whole, stdout=out, stderr=STDOUT, timeout=60, check=False
        ).returncode


def _tables(url: str) -> list[str]:
    engine = make_engine(url, pool_size=1)
    try:
        sql = """SELECT c.relname || ' ' || coalesce(string_agg(a.attname || ':' || a.atttypid::regtype, ',' ORDER BY a.attnum), '')
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_attribute a ON a.attrelid = c.oid
            AND a.attnum > 0 AND NOT a.attisdropped
        WHERE n.nspname = 'public' AND c.relkind IN ('r', 'i', 'S') GROUP BY c.relname ORDER BY 1"""
        with engine.begin() as tx:
            return [str(row[0]) for row in run(tx, sql)] + [str(schema.current(engine))]
    finally:
        engine.dispose()

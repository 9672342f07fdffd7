"""A campaign through worker and beat beside lessons on the same way, with care messages that fall due meanwhile."""

from __future__ import annotations

import random
import time
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from bench import delivery, people
from bench.delivery import Lessons, held_back
from bench.load import at
from bench.parts.latency import plan_one
from bench.place import PROJECT, BenchError, Memory, Place, memory
from bench.run import Bench
from bench.table import ratios, spread
from bench.texts import address
from engage.services import campaigns, profiles
from engage.services.audit import Actor
from engage.services.campaigns import Written
from engage.storage.database import run as execute

# By the same lessons' rate; seconds; MiB for each 100,000 messages.
SPEED_TARGET, CARE_TARGET, MEMORY_TARGET = 0.8, 2.0, 1.0
LESSONS, CAMPAIGN = "lessons", "a campaign"
AUTHOR, APPROVER = Actor(UUID(int=1), "staff"), Actor(UUID(int=2), "staff")
BODY = """Hello {% if name %}{{ name }}{% else %}there{% endif %},

Our winter hours begin on Monday. From then on we are open until seven in the evening, so that you can come after work.

Please call {{ telephone }} when you have a question, or answer this letter.
"""
CARE_GAP = 0.25
DONE_SECONDS = 300.0
AGREE = """
WITH entries AS (
    INSERT INTO consents (id, person_id, channel, purpose, action, actor, source, at)
    SELECT gen_random_uuid(), id, 'email', 'marketing', 'granted', 'person', 'bench', %(now)s FROM people
    RETURNING id, person_id
)
INSERT INTO consent_states (person_id, channel, purpose, granted, consent_id)
SELECT person_id, 'email', 'marketing', true, id FROM entries
"""
SENT = "SELECT count(*) FROM messages WHERE kind = 'campaign' AND cause_id = %(id)s AND status = 'accepted'"
TOOK = """
SELECT extract(epoch FROM max(a.ended_at) - min(a.created_at))::float8 FROM attempts a
WHERE a.id IN (SELECT attempt_id FROM messages WHERE kind = 'campaign' AND cause_id = %(id)s)
"""


def run(bench: Bench) -> None:
    """Rounds taken in turn: the next lesson to everybody, and a campaign to everybody."""
    count, rounds = bench.options.size(20_000, 100_000), bench.options.size(2, 3)
    with bench.sending(ENGAGE_CLINIC=str(_clinic(bench.place.directory))) as (place, vendor):
        lessons = Lessons(place, count)
        with place.rt.transaction() as tx:
            execute(tx, AGREE, {"now": place.rt.now(tx)})
        while profiles.sweep(place.rt) or profiles.waiting(place.rt, 1):
            pass
        worker, beat = delivery.start_workers(place)
        lessons.by_celery()
        _campaign(place, count)
        vendor.forget()
        speeds: dict[str, list[float]] = {LESSONS: [], CAMPAIGN: []}
        waited: list[float] = []
        held: list[Memory | None] = []
        for _ in range(rounds):
            lessons.by_celery()
            speeds[LESSONS].append(lessons.steady)
            vendor.forget()
            due = _campaign(place, count, speeds[CAMPAIGN])
            got = {one.to: one.accepted_at for one in vendor.ledger()}
            waited += [got[to] - since for to, since in due.items() if to in got]
            if missing := due.keys() - got.keys():
                raise BenchError(f"{len(missing)} care messages never left")
            vendor.forget()
            held.append(memory(worker))
        place.stop(worker, beat)
    ratio = ratios(speeds[CAMPAIGN], speeds[LESSONS])
    waited.sort()
    report = bench.report
    report.table(
        f"A campaign to {count:,} people through worker and beat, rounds: {rounds}",
        ("median (least-most)", "messages/s", "by lessons"),
        [
            (LESSONS, spread(speeds[LESSONS]), ""),
            (CAMPAIGN, spread(speeds[CAMPAIGN]), spread(ratio, 2)),
        ],
    )
    report.least("a campaign, by lessons on the same way", ratio, SPEED_TARGET)
    report.most(f"{len(waited)} care messages meanwhile, p99 seconds", [at(waited, 0.99)], CARE_TARGET)
    first, last = held[0], held[-1]
    if rounds > 1 and first is not None and last is not None:
        sent = 2 * (rounds - 1) * count
        report.most(
            f"growth of each of the worker's {last.processes} processes after the first round, MiB for each 100,000 messages",
            [max(0.0, last.pss - first.pss) / last.processes / (sent / 100_000)],
            MEMORY_TARGET,
        )
    report.note(
        "From the first attempt to the last answer. The campaign's messages are planned meanwhile, from its frozen list;\n"
        "an ordinary lesson plans the next one."
    )


def _clinic(directory: Path) -> Path:
    """The clinic's file without a pause after the first few, and without a minute to take it back."""
    path = directory / "clinic-campaigns.toml"
    text = (PROJECT / "clinic.toml").read_text(encoding="utf-8")
    text = text.replace("\ncanary = 10\n", "\ncanary = 0\n").replace(
        "\nundo_seconds = 60\n", "\nundo_seconds = 0\n"
    )
    # The days of the course run on over weekends and holidays.
    text = text.replace('\nemail = ["mon-fri 08:00-20:00"]\n', '\nemail = ["every day 08:00-20:00"]\n')
    text = text.replace("\non_holidays = false\n", "\non_holidays = true\n", 1)
    text = text.replace("\nbulk_per_week = 10\n", "\nbulk_per_week = 50\n")
    path.write_text(
        text.replace("\nmarketing_per_week = 2\n", "\nmarketing_per_week = 50\n"), encoding="utf-8"
    )
    return path


def _campaign(place: Place, count: int, speeds: list[float] | None = None) -> dict[str, float]:
    """A campaign to everybody, from its start to its last answer. Returns when each care message was due, by address."""
    rt = place.rt
    with held_back(place), rt.transaction() as tx:
        # Another day at noon: nobody gets a lesson and news within a quarter of an hour.
        now = rt.now(tx)
        people.move_clock(tx, now + timedelta(hours=1))
    id = campaigns.create(rt, AUTHOR, "Winter", "email")
    campaigns.edit(rt, AUTHOR, id, 1, Written("Winter", {}, f"Winter hours {time.time()}", "", BODY))
    campaigns.submit(rt, AUTHOR, id, campaigns.one(rt, id).version)
    place.wait("the audience to be fixed", lambda: campaigns.one(rt, id).state == "checking", 60.0)
    campaigns.approve(rt, APPROVER, id, campaigns.one(rt, id).version)
    campaigns.start(rt, AUTHOR, id, campaigns.one(rt, id).version)
    due: dict[str, float] = {}
    dice = random.Random(7)
    until = time.monotonic() + DONE_SECONDS
    # As its page sees it: counting messages here would take the processor from those who send them.
    while (row := campaigns.one(rt, id)).state != "done":
        if time.monotonic() > until:
            raise BenchError(f"{_sent(place, id)} of {count} left: {row.state}")
        to = address("email", len(due) + dice.randrange(10**9))
        due[to] = plan_one(place, to) - rt.ahead().total_seconds()
        time.sleep(dice.uniform(0, 2 * CARE_GAP))
    if (left := _sent(place, id)) != count:
        raise BenchError(f"{left} of {count} left, and it is done")
    if speeds is not None:
        with rt.transaction() as tx:
            speeds.append(count / float(execute(tx, TOOK, {"id": id}).scalar_one()))
    time.sleep(2.0)
    return due


def _sent(place: Place, id: UUID) -> int:
    with place.rt.transaction() as tx:
        return int(execute(tx, SENT, {"id": id}).scalar_one())

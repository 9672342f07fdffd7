"""SendGrid's events at a hundred requests a second while worker and beat send: how soon they are answered and applied."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import orjson

from bench import delivery, forms, people
from bench.delivery import Crew, Lessons
from bench.parts.email import warm
from bench.place import PROJECT, BenchError, Place, module
from bench.posting import Posted
from bench.run import Bench
from engage.delivery.provider import mark_of
from engage.storage.database import run as execute

RATE, EVENTS = 100, 100
TARGET_MS = 200.0
# What is told of one message, in this order.
STORY = ("processed", "deferred", "deferred", "delivered")
# So many messages' stories run side by side.
SIDE_BY_SIDE = 1_000


def run(bench: Bench) -> None:
    """The web server, worker and beat as ``make run`` starts them."""
    seconds = bench.options.size(5, 20)
    requests = seconds * RATE
    messages = requests * EVENTS // len(STORY)
    with bench.sending() as (place, vendor):
        lessons = Lessons(place, messages)
        with Crew(place, 2) as crew:
            warm(lessons, crew, vendor, messages)
        file = _write(place, messages)
        site = forms.open_ours(place)
        worker, beat = delivery.start_workers(place)
        posting = _posting(place, site.port, vendor.directory / "event-key.pem", file)
        sent = _count(place, "messages WHERE status <> 'planned'")
        began = time.perf_counter()
        told = _post_while_sending(place, posting, lessons)
        took = time.perf_counter() - began
        during = _count(place, "messages WHERE status <> 'planned'") - sent
        left = _count(place, "receipts WHERE applied_at IS NULL")
        place.wait("sending", lambda: people.in_work(place.rt) == 0, 60.0)
        left_alone = _count(place, "receipts WHERE applied_at IS NULL")
        began = time.perf_counter()
        place.wait("applying", lambda: not _count(place, "receipts WHERE applied_at IS NULL"), 180.0)
        applied = left_alone * EVENTS / (time.perf_counter() - began)
        place.stop(worker, beat, site.child)
        _check(place, told, requests, messages)
    report = bench.report
    report.table(
        f"Receipts: {RATE} requests a second of {EVENTS} signed events each for {seconds} s, while two processes send",
        ("", "p50 ms", "p99 ms", "most ms"),
        [("answered", *(f"{one:.1f}" for one in (told.p50, told.p99, told.most)))],
    )
    report.most("a receipt's answer, p99 milliseconds", [told.p99], TARGET_MS)
    report.note(
        f"{during / took:,.0f} messages a second left meanwhile, and {requests - left:,} of {requests:,} requests were\n"
        f"applied by the end. The rest went at {applied:,.0f} events a second once nothing was sent (one process\n"
        "applies, woken each second for two). All events were kept once, and every message reads delivered."
    )


def _write(place: Place, messages: int) -> Path:
    """The bodies of all requests, about messages that really left."""
    with place.rt.transaction() as tx:
        rows = execute(tx, "SELECT id, cardinality(message_ids) FROM attempts ORDER BY id").all()
    marks = [mark_of(id, n) for id, size in rows for n in range(size)]
    if len(marks) != messages:
        raise BenchError(f"{messages} messages left in attempts for {len(marks)}")
    events = list(_events(marks))
    file = place.directory / "events.jsonl"
    with file.open("wb") as out:
        for first in range(0, len(events), EVENTS):
            out.write(orjson.dumps(events[first : first + EVENTS]) + b"\n")
    return file


def _events(marks: list[str]) -> Iterator[dict[str, object]]:
    now = int(time.time())
    for first in range(0, len(marks), SIDE_BY_SIDE):
        for step, name in enumerate(STORY):
            for number, mark in enumerate(marks[first : first + SIDE_BY_SIDE], first):
                yield {
                    "email": f"person.{number}@example.org",
                    "timestamp": now + step,
                    "smtp-id": "<14c5d75ce93.dfd.64b469@ismtpd-555>",
                    "event": name,
                    "sg_event_id": uuid4().hex,
                    "sg_message_id": "14c5d75ce93.dfd.64b469.filter0001.16648.5515E0B88.0",
                    "mid": mark,
                }


def _posting(place: Place, port: int, key: Path, file: Path) -> subprocess.Popen[str]:
    started = subprocess.Popen(
        module("bench.posting", str(port), str(key), str(file), str(RATE)),
        cwd=PROJECT,
        env=place.env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert started.stdout
    if started.stdout.readline().strip() != "ready":
        raise BenchError("the events could not be signed")
    return started


def _post_while_sending(place: Place, posting: subprocess.Popen[str], lessons: Lessons) -> Posted:
    """What the poster says. Whenever all have their lesson, the next falls due."""
    assert posting.stdin and posting.stdout
    print("go", file=posting.stdin, flush=True)
    while posting.poll() is None:
        if people.in_work(place.rt) == 0:
            lessons.next_day()
        time.sleep(0.1)
    if posting.returncode:
        raise BenchError(f"posting ended by itself (exit code {posting.returncode})")
    told = Posted(**json.loads(posting.stdout.readline()))
    posting.stdin.close()
    posting.stdout.close()
    return told


def _count(place: Place, what: str) -> int:
    with place.rt.transaction() as tx:
        return int(execute(tx, f"SELECT count(*) FROM {what}").scalar_one())


def _check(place: Place, told: Posted, requests: int, messages: int) -> None:
    if told.statuses != {"204": requests}:
        raise BenchError(f"{requests} requests were answered with {told.statuses}")
    kept, delivered = _count(place, "receipt_events"), _count(place, "messages WHERE status = 'delivered'")
    if kept != requests * EVENTS or delivered != messages:
        raise BenchError(f"{kept} of {requests * EVENTS} events kept, {delivered} of {messages} delivered")

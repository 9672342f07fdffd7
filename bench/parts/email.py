"""Email over TLS to a vendor in a process of its own: in batches, one a request, and one task a message."""

from __future__ import annotations

import orjson

from bench.delivery import Crew, Lessons
from bench.minimal import Minimal, prebuilt
from bench.peer.minimal import Prebuilt
from bench.place import Place
from bench.run import Bench, Costs, checked, in_turn
from bench.sdk_tasks import SdkTasks
from bench.table import ratios, spread
from engage.delivery.sendgrid import SendGridSender
from tests.fakes.client import Fake

BATCHED_TARGET, FLOOR, SINGLE_TARGET, SDK_TARGET = 0.5, 5_000.0, 0.6, 40.0
LAST, ORDINARY = "ours, no next lesson to plan", "ours, ordinary lessons"
LOOP, SDK = "minimal loop in bare psycopg", "one task a message, SDK as shipped"
CLAIM = 500


def batched(bench: Bench) -> None:
    """The whole path at 250 people a request, beside the minimal loop and beside one task a message."""
    count, rounds = bench.options.size(5_000, 20_000), bench.options.rounds
    costs = Costs()
    with bench.sending() as (ended, vendor), bench.sending() as (going, other):
        last, ordinary = Lessons(ended, count, last=True), Lessons(going, count)
        with Crew(ended, 2, vendor=vendor) as some, Crew(going, 2, vendor=other) as others:
            warm(last, some, vendor, count)
            warm(ordinary, others, other, count)
            last.by_processes(some)
            batch = ended.rt.settings.batch_size
            with (
                Minimal(ended, vendor, "batched", batch, _request(ended, vendor, batch)) as loop,
                SdkTasks(going, other) as sdk,
            ):
                loop.measure(count)
                speeds = in_turn(
                    rounds,
                    {
                        LAST: costs.noting(LAST, some, vendor, lambda: last.by_processes(some)),
                        LOOP: costs.noting(LOOP, loop.crew, vendor, lambda: loop.measure(count)),
                        ORDINARY: costs.noting(
                            ORDINARY, others, other, lambda: ordinary.by_processes(others)
                        ),
                        SDK: lambda: sdk.measure(bench.options.size(60, 120)),
                    },
                )
    report = bench.report
    report.table(
        f"Email over TLS, {batch} people a request, two processes, {count:,} a round, rounds: {rounds}",
        ("median (least-most)", "messages/s", "by minimal loop", "by SDK task", "CPU us each"),
        [
            (
                way,
                spread(of, 1 if way == SDK else 0),
                "" if way in (LOOP, SDK) else spread(ratios(of, speeds[LOOP]), 2),
                "" if way == SDK else spread(ratios(of, speeds[SDK])),
                spread(costs.of.get(way, [])),
            )
            for way, of in speeds.items()
        ],
    )
    report.least(f"{LAST}, by minimal loop", ratios(speeds[LAST], speeds[LOOP]), BATCHED_TARGET)
    report.least(f"{LAST}, messages a second", speeds[LAST], FLOOR)
    report.least(f"{ORDINARY}, by minimal loop", ratios(speeds[ORDINARY], speeds[LOOP]), BATCHED_TARGET)
    report.least(f"{ORDINARY}, messages a second", speeds[ORDINARY], FLOOR)
    report.least(f"{ORDINARY}, by SDK task", ratios(speeds[ORDINARY], speeds[SDK]), SDK_TARGET)
    report.note(
        "Ours claims, weighs consent, suppression and hours, opens three sealed values, makes signed links, seals the\n"
        "text's values again and records attempt and answer; an ordinary lesson also plans the next one. The minimal\n"
        "loop claims rows and posts one request again and again that ours made (same bytes, made beforehand). Vendor,\n"
        f"PostgreSQL and senders share the machine, and the CPU of all three is counted. The SDK's task trusts {sdk.trusts}."
    )


def single(bench: Bench) -> None:
    """One email a request, beside a loop with the same transport and as many connections."""
    count, rounds = bench.options.size(1_000, 5_000), bench.options.rounds
    costs = Costs()
    with bench.sending(ENGAGE_BATCH_SIZE="1") as (place, vendor):
        lessons = Lessons(place, count)
        with Crew(place, 2, vendor=vendor) as crew:
            warm(lessons, crew, vendor, count)
            lessons.by_processes(crew)
            with Minimal(place, vendor, "single", CLAIM, _request(place, vendor, 1)) as loop:
                loop.measure(count)
                ours = "ours, one email a request"
                ways = {
                    ours: costs.noting(ours, crew, vendor, lambda: lessons.by_processes(crew)),
                    LOOP: costs.noting(LOOP, loop.crew, vendor, lambda: loop.measure(count)),
                }
                speeds = in_turn(rounds, ways)
    ratio = ratios(speeds[ours], speeds[LOOP])
    bench.report.table(
        f"One email a request over TLS, two processes, {count:,} a round, rounds: {rounds}",
        ("median (least-most)", "messages/s", "by minimal loop", "CPU us each"),
        [
            (ours, spread(speeds[ours]), spread(ratio, 2), spread(costs.of[ours])),
            (LOOP, spread(speeds[LOOP]), "", spread(costs.of[LOOP])),
        ],
    )
    bench.report.least(f"{ours}, by minimal loop", ratio, SINGLE_TARGET)
    bench.report.note(
        f"The loop claims {CLAIM}, posts one prebuilt request for each through the product's own transport, "
        f"{at_once(place)} at once in\neach process as the product does, and marks {CLAIM}."
    )


def warm(lessons: Lessons, crew: Crew, vendor: Fake, count: int) -> None:
    """A round that is not counted; what left is looked at as a strict vendor would."""
    vendor.forget()
    lessons.by_processes(crew)
    checked(vendor, count)


def at_once(place: Place) -> int:
    sender = place.rt.route("education", "email")
    assert isinstance(sender, SendGridSender)
    return sender.parallel


def _request(place: Place, vendor: Fake, people: int) -> Prebuilt:
    headers = {
        "Authorization": f"Bearer {vendor.environment()['SENDGRID_API_KEY']}",
        "Content-Type": "application/json",
    }
    url = f"{vendor.url}/v3/mail/send"
    return prebuilt(vendor, url, headers, at_once(place), lambda body: _people(body) == people)


def _people(body: bytes) -> int:
    return len(orjson.loads(body)["personalizations"])

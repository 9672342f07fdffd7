"""Text messages over TLS, one a request as Twilio wants it, beside a loop with the same transport."""

from __future__ import annotations

from bench.delivery import Crew
from bench.minimal import Minimal, prebuilt
from bench.place import BenchError, Place
from bench.run import Bench, Costs, checked, in_turn
from bench.table import ratios, spread
from bench.texts import open_clinic, plan
from engage.delivery.twilio import TwilioSender
from engage.domain.messages import LANES, Purpose
from engage.services.gates import BUCKET_SECONDS

TARGET = 0.6
OURS, LOOP = "ours", "minimal loop, same transport"
CLAIM = 500
PURPOSE: Purpose = "education"


def run(bench: Bench) -> None:
    """The whole path with the token bucket wide open."""
    count, rounds = bench.options.size(1_000, 5_000), bench.options.rounds
    costs = Costs()
    with bench.sending(ENGAGE_CLINIC=open_clinic(bench.place.directory)) as (place, vendor):
        assert count < place.rt.clinic.sms.rate * BUCKET_SECONDS
        with Crew(place, 2, vendor=vendor) as crew:
            _measure(place, crew, count)
            checked(vendor, count)
            _measure(place, crew, count)
            settings = vendor.environment()
            sender = place.rt.route(PURPOSE, "sms")
            assert isinstance(sender, TwilioSender)
            path = f"/2010-04-01/Accounts/{settings['TWILIO_ACCOUNT_SID']}/Messages.json"
            request = prebuilt(vendor, f"{vendor.url}{path}", sender._form_headers, sender.parallel)
            with Minimal(place, vendor, "single", CLAIM, request) as loop:
                loop.measure(count)
                ways = {
                    OURS: costs.noting(OURS, crew, vendor, lambda: _measure(place, crew, count)),
                    LOOP: costs.noting(LOOP, loop.crew, vendor, lambda: loop.measure(count)),
                }
                speeds = in_turn(rounds, ways)
    ratio = ratios(speeds[OURS], speeds[LOOP])
    bench.report.table(
        f"Text messages over TLS, two processes, {count:,} a round, rounds: {rounds}",
        ("median (least-most)", "messages/s", "by minimal loop", "CPU us each"),
        [
            (OURS, spread(speeds[OURS]), spread(ratio, 2), spread(costs.of[OURS])),
            (LOOP, spread(speeds[LOOP]), "", spread(costs.of[LOOP])),
        ],
    )
    bench.report.least("text messages, by minimal loop", ratio, TARGET)
    bench.report.note(
        f"Test messages with the numbers' limit out of reach: a long code carries one segment a second. The loop claims\n"
        f"{CLAIM}, posts one prebuilt form for each through the product's own transport, {request.at_once} at once in each\n"
        f"process as the product does, and marks {CLAIM}."
    )


def _measure(place: Place, crew: Crew, count: int) -> float:
    plan(place, "sms", PURPOSE, count)
    sent, took = crew.deliver(words=str(LANES[PURPOSE]))
    if sent != count:
        raise BenchError(f"{sent} of {count} text messages were sent")
    return sent / took

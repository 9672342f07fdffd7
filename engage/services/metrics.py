"""What Prometheus is told: read in one transaction when it asks. Labels are words from closed sets, never ids."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import accumulate
from typing import Any

from prometheus_client.core import GaugeHistogramMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from engage.domain.alerts import ALERTS
from engage.domain.follow_ups import KINDS as FOLLOW_UPS
from engage.domain.message_words import REASONS
from engage.domain.messages import PURPOSES
from engage.runtime import Runtime
from engage.services.health import WAKE_UP
from engage.services.story_order import RESULTS
from engage.storage import clock, instance, metrics, senders

# Answers are kept this long: several who ask at once cost one look.
KEPT_SECONDS = 5.0
WINDOW = timedelta(minutes=5)
BOUNDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
CHANNELS = frozenset({"email", "sms"})
SENDERS = frozenset({"local", "sendgrid", "smtp", "twilio"})
OTHER = "other"


def word(value: str | None, known: Iterable[str | None]) -> str:
    """A label's value: one of ``known``, "none" for nothing, "other" for anything else."""
    if value is None:
        return "none"
    return value if value in known else OTHER


class Metrics(Collector):
    """Reads all of them from the database. Without a database it tells just that."""

    def __init__(self, rt: Runtime) -> None:
        self._rt = rt
        self._lock = threading.Lock()
        self._kept: list[Metric] = []
        self._read_at = float("-inf")

    def collect(self) -> Iterator[Metric]:
        """Everything, at most KEPT_SECONDS old."""
        with self._lock:
            if time.monotonic() - self._read_at > KEPT_SECONDS:
                self._kept = read(self._rt)
                self._read_at = time.monotonic()
            return iter(self._kept)


def read(rt: Runtime) -> list[Metric]:
    """All of them, now."""
    up = GaugeMetricFamily("engage_database_up", "1 while the database answers.")
    try:
        with rt.engine.connect() as tx, tx.begin():
            metrics.begin(tx)
            found = [up, *_queue(rt, tx), *_requests(tx), *_senders(tx), *_waiting(tx)]
    except SQLAlchemyError:
        up.add_metric([], 0)
        return [up]
    up.add_metric([], 1)
    return found


def _queue(rt: Runtime, tx: Connection) -> Iterator[Metric]:
    now = rt.now(tx)
    places = ["lane", "channel"]
    due = GaugeMetricFamily("engage_messages_due", "Messages that are due.", labels=places)
    age = GaugeMetricFamily(
        "engage_oldest_due_seconds", "How long the oldest of them has been due.", labels=places
    )
    for row in metrics.due(tx, now):
        due.add_metric(_place(row), row.count)
        age.add_metric(_place(row), (now - row.oldest).total_seconds())
    yield due
    yield age
    claimed = GaugeMetricFamily("engage_messages_claimed", "Messages being sent now.", labels=places)
    unknown = GaugeMetricFamily(
        "engage_messages_unknown", "Messages waiting for evidence.", labels=[*places, "reason"]
    )
    for row in metrics.under_way(tx):
        if row.status == "claimed":
            claimed.add_metric(_place(row), row.count)
        else:
            unknown.add_metric([*_place(row), word(row.reason, REASONS)], row.count)
    yield claimed
    yield unknown
    held = GaugeMetricFamily(
        "engage_messages_held", "Messages waiting for a person.", labels=[*places, "reason"]
    )
    for row in metrics.held(tx):
        held.add_metric([*_place(row), word(row.reason, REASONS)], row.count)
    yield held
    oldest = GaugeMetricFamily(
        "engage_oldest_unknown_seconds",
        "How long the oldest request has been without an answer.",
        labels=["channel", "sender"],
    )
    real = clock.database_now(tx)
    for row in metrics.unknown(tx):
        oldest.add_metric(_sender(row), (real - row.oldest).total_seconds())
    yield oldest


def _requests(tx: Connection) -> Iterator[Metric]:
    since = clock.database_now(tx) - WINDOW
    by = ["lane", "channel", "sender"]
    made = GaugeMetricFamily(
        "engage_requests_5m", "Requests of the last five minutes, by how they ended.", labels=[*by, "result"]
    )
    carried = GaugeMetricFamily(
        "engage_request_messages_5m",
        "Messages in these requests: what was answered was sent.",
        labels=[*by, "result"],
    )
    for row in metrics.requests(tx, since):
        labels = [
            PURPOSES.get(row.lane, OTHER),
            *_sender(row),
            "under_way" if row.result is None else word(row.result, RESULTS),
        ]
        made.add_metric(labels, row.requests)
        carried.add_metric(labels, int(row.messages))
    yield made
    yield carried
    yield _latency(metrics.latency(tx, since, BOUNDS))


def _latency(rows: Iterable[Any]) -> Metric:
    counts: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0] * (len(BOUNDS) + 1))
    seconds: dict[tuple[str, str], float] = defaultdict(float)
    for row in rows:
        channel, sender = _sender(row)
        counts[channel, sender][row.bucket] += row.count
        seconds[channel, sender] += row.seconds
    family = GaugeHistogramMetricFamily(
        "engage_request_seconds_5m",
        "How long the sender took to answer, in the last five minutes.",
        labels=["channel", "sender"],
    )
    names = [*map(str, BOUNDS), "+Inf"]
    for labels, each in counts.items():
        family.add_metric(labels, list(zip(names, accumulate(each), strict=True)), seconds[labels])
    return family


def _senders(tx: Connection) -> Iterator[Metric]:
    labels = ["channel", "sender"]
    resting = GaugeMetricFamily(
        "engage_sender_resting", "1 while a sender gets no messages, or one to try.", labels=labels
    )
    failures = GaugeMetricFamily("engage_sender_failures", "Requests that failed in a row.", labels=labels)
    for row in senders.everyone(tx):
        channel, _, name = row.sender.partition(":")
        who = [word(channel, CHANNELS), word(name, SENDERS)]
        resting.add_metric(who, 0 if row.rest_until is None else 1)
        failures.add_metric(who, row.failures)
    yield resting
    yield failures


def _waiting(tx: Connection) -> Iterator[Metric]:
    found, real = metrics.receipts(tx), clock.database_now(tx)
    yield GaugeMetricFamily("engage_receipts_waiting", "Callbacks kept and not applied yet.", found.waiting)
    yield GaugeMetricFamily(
        "engage_oldest_receipt_seconds",
        "How long the oldest of them has waited.",
        (real - found.oldest).total_seconds() if found.oldest is not None else 0,
    )
    yield GaugeMetricFamily(
        "engage_receipts_set_aside", "Callbacks that could not be applied.", found.problems
    )
    yield GaugeMetricFamily(
        "engage_inbound_waiting", "Text messages from people that nothing has read yet.", found.inbound
    )
    beat = GaugeMetricFamily("engage_heartbeat_seconds", "Since a worker heard beat's last word.")
    if (age := clock.heartbeat_age(tx, WAKE_UP)) is not None:
        beat.add_metric([], age)
    yield beat
    standing = instance.look(tx)
    stands = standing is not None and standing.fingerprint != standing.found
    held = standing is not None and standing.fingerprint == instance.HELD
    yield GaugeMetricFamily(
        "engage_restored_copy",
        "1 where nothing leaves until a person accepts the copy.",
        int(stands and not held),
    )
    yield GaugeMetricFamily("engage_held", "1 while a person holds everything back.", int(held))
    follow_ups = GaugeMetricFamily("engage_follow_ups_open", "Work that waits for a person.", labels=["kind"])
    for row in metrics.open_follow_ups(tx):
        follow_ups.add_metric([word(row.kind, FOLLOW_UPS)], row.count)
    yield follow_ups
    alerts = GaugeMetricFamily("engage_alerts_open", "Alerts that are not over.", labels=["kind"])
    for row in metrics.open_alerts(tx):
        alerts.add_metric([word(row.kind, ALERTS)], row.count)
    yield alerts


def _place(row: Any) -> list[str]:
    return [PURPOSES.get(row.lane, OTHER), word(row.channel, CHANNELS)]


def _sender(row: Any) -> tuple[str, str]:
    return word(row.channel, CHANNELS), word(row.sender, SENDERS)

"""Celery: wake-ups only. A task carries no content and is harmless to lose, repeat or reorder."""

from __future__ import annotations

import gc
import os
import threading
import time
from collections.abc import Callable
from typing import Any

from celery import Celery, signals

from engage import log
from engage.runtime import Runtime
from engage.services import (
    alerts,
    campaign_run,
    check_in_plans,
    consultation_work,
    forms,
    inbound,
    numbers,
    poll,
    profiles,
    receipts,
    recover,
    signups,
    today_week,
    visit_merges,
    visit_plans,
)
from engage.services.deliver import BULK_LANES, CARE_LANES, deliver, is_due, is_leaving
from engage.services.health import WAKE_UP
from engage.services.slot import Slot
from engage.storage import clock

logger = log.get(__name__)

# Beat says "look now"; a wake-up that nobody heard in time is worth nothing.
EXPIRES_SECONDS = 2
LOOK_SECONDS = 1.0
# Longer than the time between two wake-ups, or a slot would lie idle until the next one.
BULK_SECONDS = 5.0
SWEEP_SECONDS = 30.0
CARE_FIRST_SECONDS = 1.5
# Each lesson that leaves changes a profile, which costs a quarter of what the lesson did: so many a round while lessons
# leave, and all the others right after them. Whoever freezes an audience waits for them.
PROFILES_WHILE_BULK = 500
TIME_LIMIT_SECONDS = 60
# Beat speaks four times a second.
DEAF_SECONDS = 30.0
CARE, BULK, RECEIPTS, UPKEEP, SWEEP = (
    "engage.care",
    "engage.bulk",
    "engage.receipts",
    "engage.upkeep",
    "engage.sweep",
)


def make_celery(redis_url: str, build: Callable[[], Runtime], bulk_slots: int = 1) -> Celery:
    """The Celery app. ``build`` is called once in each worker child, after the fork. Beat says ``bulk_slots`` times that
    it is time for courses and campaigns, or the second slot would begin a second after the first."""
    app = Celery("engage", broker=redis_url)
    app.conf.update(
        task_ignore_result=True,
        task_serializer="json",
        accept_content=["json"],
        timezone="UTC",
        enable_utc=True,
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        worker_send_task_events=False,
        worker_soft_shutdown_timeout=25,
        worker_cancel_long_running_tasks_on_connection_loss=True,
        task_default_queue="engage",
        # Nothing here takes half a minute; what does will never end.
        task_time_limit=TIME_LIMIT_SECONDS,
        # A wake-up that can't be published is dropped: the next one is a second away.
        task_publish_retry=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_connection_timeout=5,
        broker_transport_options={
            "socket_timeout": 5,
            "socket_connect_timeout": 5,
            "health_check_interval": 10,
            "visibility_timeout": 60,
        },
        beat_schedule={
            f"{task} {number}": {"task": task, "schedule": seconds, "options": {"expires": EXPIRES_SECONDS}}
            for task, seconds, times in (
                (CARE, LOOK_SECONDS, 1),
                (BULK, LOOK_SECONDS, bulk_slots),
                (RECEIPTS, LOOK_SECONDS, 1),
                (UPKEEP, LOOK_SECONDS, 1),
                (SWEEP, SWEEP_SECONDS, 1),
            )
            for number in range(1, times + 1)
        },
    )
    _Tasks(build).register(app)
    _leave_when_deaf()
    return app


def _leave_when_deaf() -> None:
    """A worker that hears nothing for long ends, to be started again: after its broker died Celery may
    hang without a word (seen with kombu 5.7.0). What it was sending is found by its lease."""
    heard = [time.monotonic()]

    def hear(**_: Any) -> None:
        heard[0] = time.monotonic()

    def watch() -> None:
        while time.monotonic() - heard[0] < DEAF_SECONDS:
            time.sleep(1)
        logger.error(
            "deaf: the broker said nothing, so this worker ends to be started again", seconds=DEAF_SECONDS
        )
        os._exit(1)

    def begin(**_: Any) -> None:
        hear()
        threading.Thread(target=watch, name="deafness", daemon=True).start()

    signals.task_received.connect(hear, weak=False)
    signals.worker_ready.connect(begin, weak=False)


def long_lived() -> None:
    """What a process holds from here on is not walked through again and again: collecting garbage as often as
    Python does by itself was a sixth of what delivery cost here."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


class _Tasks:
    """The five wake-ups, each one call of a service."""

    def __init__(self, build: Callable[[], Runtime]) -> None:
        self._build = build
        self._rt: Runtime | None = None
        # A child must not share its parent's connections.
        signals.worker_process_init.connect(self._forget, weak=False)

    def register(self, app: Celery) -> None:
        """Celery builds on plain functions; a method or a lambda breaks its publisher."""

        @app.task(name=CARE)
        def care() -> None:
            self.care()

        @app.task(name=BULK)
        def bulk() -> None:
            if self.bulk():
                # Whoever yields asks to go on: until beat speaks again the slot would lie idle.
                bulk.apply_async(expires=EXPIRES_SECONDS)

        @app.task(name=RECEIPTS)
        def receipts() -> None:
            self.receipts()

        @app.task(name=UPKEEP)
        def upkeep() -> None:
            self.upkeep()

        @app.task(name=SWEEP)
        def sweep() -> None:
            self.sweep()

    @property
    def rt(self) -> Runtime:
        if self._rt is None:
            self._rt = self._build()
            long_lived()
        return self._rt

    def _forget(self, **_: Any) -> None:
        self._rt = None

    def care(self) -> None:
        """New sign-ups and consultation requests, then everything that cannot wait."""
        self._each(
            _heartbeat,
            signups.answer_new,
            consultation_work.answer_new,
            _deliver_care,
        )

    def bulk(self) -> bool:
        """Courses and campaigns, in fewer slots than there are workers. Returns whether there is more to do."""
        with Slot(self.rt, bulk_slots=self.rt.settings.bulk_slots) as free:
            return free and deliver(self.rt, BULK_LANES, seconds=BULK_SECONDS).more

    def receipts(self) -> None:
        """What vendors told us, and what the texts among it mean."""
        self._each(receipts.apply, inbound.understand)

    def upkeep(self) -> None:
        """What got stuck, and what somebody must be told."""
        self._in_turn(
            recover.recover,
            _profiles,
            campaign_run.run,
            visit_plans.sweep,
            visit_merges.revive,
            alerts.tell,
        )

    def sweep(self) -> None:
        """What is missing or over."""
        self._in_turn(
            *recover.SWEEPS,
            poll.poll,
            consultation_work.watch,
            alerts.watch,
            forms.sweep,
            numbers.sweep,
            visit_plans.ask_to_call,
            check_in_plans.sweep,
            today_week.count,
        )

    def _in_turn(self, *steps: Callable[[Runtime], object]) -> None:
        """As ``_each``, for rounds that may take a while. Care that is due goes between two steps: the other workers may
        be full of courses and campaigns, and then this one stands in its way. Care that piles up is for care's own rounds:
        this one has a minute in all, and less when it is asked to end."""
        spent = 0.0
        for step in steps:
            if spent < CARE_FIRST_SECONDS:
                began = time.monotonic()
                self._each(_care_first)
                spent += time.monotonic() - began
            self._each(step)

    def _each(self, *steps: Callable[[Runtime], object]) -> None:
        """Every step, whatever became of those before it: one that fails must not hold up the rest."""
        for step in steps:
            try:
                step(self.rt)
            except Exception as error:
                logger.error("step failed", name=step.__qualname__, error=type(error).__name__)


def _heartbeat(rt: Runtime) -> None:
    with rt.transaction() as tx:
        clock.beat(tx, WAKE_UP)


def _profiles(rt: Runtime) -> None:
    if is_leaving(rt):
        profiles.sweep(rt, PROFILES_WHILE_BULK, seconds=0.0)
    else:
        profiles.sweep(rt)


def _care_first(rt: Runtime) -> None:
    if is_due(rt, CARE_LANES):
        _deliver_care(rt)


def _deliver_care(rt: Runtime) -> None:
    with Slot(rt) as free:
        if free:
            deliver(rt, CARE_LANES)

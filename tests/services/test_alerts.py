"""Alerts on the road: raised once, told at once, repeated until they are over."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from engage.delivery.provider import Batch, Outcome
from engage.domain.breaker import Breaker
from engage.ids import new_id, new_ids
from engage.runtime import Runtime
from engage.services import alerts, instance
from engage.services.deliver import deliver
from engage.storage import instance as stored
from engage.storage import senders
from engage.storage.database import run
from tests.world import World

# A Tuesday in Albany: ten in the morning, and eleven at night.
DAY = datetime(2026, 11, 3, 15, tzinfo=UTC)
NIGHT = datetime(2026, 11, 4, 4, tzinfo=UTC)


def letters(world: World) -> list[tuple[str, str]]:
    while deliver(world.rt, seconds=30).seen:
        pass
    return [(mail.kind, mail.to) for mail in world.mail()]


def raise_alert(world: World, kind: str, about: str = "all", link: str = "") -> bool:
    with world.rt.transaction() as tx:
        return alerts.raise_alert(world.rt, tx, kind, about, link)


def over(world: World, kind: str, about: str = "all") -> bool:
    with world.rt.transaction() as tx:
        return alerts.over(world.rt, tx, kind, about)


def test_an_alert_is_told_at_once_repeated_each_hour_and_silent_when_over(world: World) -> None:
    assert raise_alert(world, "queue_stuck")
    assert not raise_alert(world, "queue_stuck")
    minutes = [0, 1, 59, 60, 61, 119, 120]
    assert [alerts.tell(world.rt, DAY + timedelta(minutes=m)) for m in minutes] == [1, 0, 0, 1, 0, 0, 1]
    assert over(world, "queue_stuck")
    assert not over(world, "queue_stuck")
    assert alerts.tell(world.rt, DAY + timedelta(hours=9)) == 0
    assert raise_alert(world, "queue_stuck")
    assert letters(world) == [("operator-queue-stuck", "operators@harmonia.example")] * 3


def test_at_night_the_one_on_call_is_told_instead(world: World) -> None:
    raise_alert(world, "sender_down")
    alerts.tell(world.rt, NIGHT)
    assert letters(world) == [("operator-sender-down", "on-call@harmonia.example")]


@pytest.mark.parametrize(
    "kind",
    [
        "new_request",
        "deadline_near",
        "deadline_passed",
        "anonymous_mail_cap",
        "text_cap",
        "queue_stuck",
        "sender_down",
        "unknown_code",
        "filtered",
        "course_halted",
    ],
)
def test_each_letter_has_one_link_to_the_staff_pages_and_no_list_headers(world: World, kind: str) -> None:
    raise_alert(world, kind, "x", "/staff/requests/x")
    alerts.tell(world.rt, DAY)
    letters(world)
    (mail,) = world.mail()
    assert f"{world.rt.settings.public_url}/staff/requests/x" in mail.text
    assert not {name.lower() for name in mail.headers} & {"list-id", "list-unsubscribe"}


def test_messages_that_are_due_and_do_not_leave_are_told_of(world: World) -> None:
    world.enrol()
    world.now += timedelta(days=3)
    alerts.watch(world.rt, DAY)
    assert alerts.tell(world.rt, DAY) == 1
    world.work()
    alerts.watch(world.rt, DAY)
    assert alerts.tell(world.rt, DAY + timedelta(hours=2)) == 0
    assert ("operator-queue-stuck", "operators@harmonia.example") in letters(world)


def test_a_sender_that_does_not_take_mail_is_told_of(world: World) -> None:
    class Busy:
        name, channel, max_batch, parallel, wave = "local", "email", 100, 1, 0

        def send(self, batches: Sequence[Batch], until: float) -> list[list[Outcome]]:
            return [
                [Outcome(entry.message_id, "failed", failure="not_processed") for entry in batch.entries]
                for batch in batches
            ]

    for n in range(12):
        world.sign_up(email=f"p{n}@example.org")
    rt = world.rt
    well = dict(rt.senders)
    rt.senders["email:local"] = Busy()  # type: ignore[assignment]
    world.work()
    now = datetime.now(UTC)
    alerts.watch(rt, now)
    assert alerts.tell(rt, now) == 1
    rt.senders.update(well)
    assert letters(world)[0][0] == "operator-sender-down"
    alerts.watch(rt, now + timedelta(hours=2))
    assert alerts.tell(rt, now + timedelta(hours=2)) == 0


def told_of(world: World, kind: str, hours: int = 0) -> bool:
    """Whether watching now tells the operators of it."""
    moment = datetime.now(UTC) + timedelta(hours=hours)
    alerts.watch(world.rt, moment)
    with world.rt.transaction() as tx:
        is_open = run(tx, "SELECT 1 FROM alerts WHERE kind = %(kind)s AND state = 'open'", {"kind": kind})
        return is_open.first() is not None


@pytest.mark.parametrize(
    ("sender", "rests", "reason", "told"),
    [
        ("email:local", 1, "refused", True),
        ("email:local", 1, "failing", False),
        ("email:local", 2, "failing", True),
        ("sms:local", 1, "refused", True),
        ("sms:local", 1, "refused by receipt", True),
        ("email:sendgrid", 5, "refused", False),
    ],
)
def test_a_sender_in_use_that_refuses_us_or_rests_again_is_told_of_until_it_works(
    world: World, sender: str, rests: int, reason: str, told: bool
) -> None:
    with world.rt.transaction() as tx:
        senders.lock(tx, sender)
        until = datetime.now(UTC) + timedelta(minutes=1)
        senders.keep_breaker(tx, sender, Breaker(5, rests, until, reason))
    assert told_of(world, "sender_down") is told
    with world.rt.transaction() as tx:
        senders.keep_breaker(tx, sender, Breaker())
    assert not told_of(world, "sender_down")


@pytest.mark.parametrize(
    ("texts", "filtered", "told"), [(100, 4, False), (100, 5, True), (600, 6, False), (600, 7, True)]
)
def test_texts_that_carriers_filter_are_told_of_until_newer_ones_pass(
    world: World, texts: int, filtered: int, told: bool
) -> None:
    text_messages(world.rt, texts, filtered)
    assert told_of(world, "filtered") is told
    text_messages(world.rt, 1000, 0)
    assert not told_of(world, "filtered")


def text_messages(rt: Runtime, count: int, filtered: int) -> None:
    """So many texts were sent, the first of them filtered."""
    ids, attempts = new_ids(count), sorted(new_ids(count))
    sql = """INSERT INTO messages (id, cause, cause_id, kind, channel, purpose, lane, status, reason, not_before,
        due_at, not_after, dedup_key, created_at, attempt_id)
    SELECT v.id, 'staff', v.id, 'test-sms-care', 'sms', 'care', 1, CASE WHEN v.n <= %(filtered)s THEN 'failed'
        ELSE 'delivered' END, CASE WHEN v.n <= %(filtered)s THEN 'filtered' END, now(), now(), now(), v.id::text,
        now(), v.attempt
    FROM unnest(%(ids)s::uuid[], %(attempts)s::uuid[]) WITH ORDINALITY AS v(id, attempt, n)"""
    with rt.transaction() as tx:
        run(tx, sql, {"ids": ids, "attempts": attempts, "filtered": filtered})
        sql = """INSERT INTO attempts (id, sender, channel, state, message_ids, lease_until, created_at)
        SELECT v.attempt, 'twilio', 'sms', 'done', ARRAY[v.id], now(), now()
        FROM unnest(%(ids)s::uuid[], %(attempts)s::uuid[]) AS v(id, attempt)"""
        run(tx, sql, {"ids": ids, "attempts": attempts})


@pytest.mark.parametrize(
    ("mark", "lines"), [(stored.WENT_BACK, ["restored copy"] * 2), (stored.HELD, ["held by a person"] * 2)]
)
def test_why_nothing_leaves_is_logged_each_time_since_no_letter_can_leave(
    world: World, capsys: pytest.CaptureFixture[str], mark: str, lines: list[str]
) -> None:
    instance.standing(world.rt)
    alerts.watch(world.rt)
    assert why_nothing_leaves(capsys) == []
    with world.rt.transaction() as tx:
        run(tx, "UPDATE instance SET fingerprint = %(mark)s", {"mark": mark})
    for _ in range(2):
        alerts.watch(world.rt)
    assert why_nothing_leaves(capsys) == lines


def why_nothing_leaves(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return re.findall("restored copy|held by a person", "".join(capsys.readouterr()))


def test_two_tellers_at_once_tell_once(world: World, rt: Runtime) -> None:
    raise_alert(world, "new_request", str(new_id()))
    with rt.transaction() as tx:
        tx.execute(text("SELECT * FROM alerts FOR UPDATE"))
        assert alerts.tell(world.rt, DAY) == 0
    assert alerts.tell(world.rt, DAY) == 1

"""A backup that is really restored sends nothing until a person says so."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import make_url

from engage.dev.embedded import Servers
from engage.ids import new_id
from engage.runtime import Runtime, build
from engage.services import doctor, health, instance, recover, restored
from engage.services.deliver import deliver
from engage.services.slot import Slot
from engage.settings import Settings
from engage.storage import broker, clock, senders
from engage.storage import instance as storage
from engage.storage.database import run
from tests.apps import app_of
from tests.processes import stack as stacks
from tests.processes.stack import admin
from tests.stand import Stand, plan, routed

Restore = Callable[[str, str], None]


@dataclass
class Place:
    """Two databases on one server: one that sends, and the name of the copy that is going to be made of it."""

    servers: Servers
    settings: Settings
    rt: Runtime
    copy: str

    def restored(self, how: str) -> Runtime:
        """The copy as it comes out of a restore, opened by a process of its own."""
        url = make_url(self.rt.settings.database_url)
        self.rt.engine.dispose()
        self.rt.single.dispose()
        if how == "template":
            admin(self.servers, f'CREATE DATABASE {self.copy} OWNER "{url.username}" TEMPLATE {url.database}')
        else:
            self._dump_and_restore()
        copy_url = url.set(database=self.copy).render_as_string(hide_password=False)
        made = build(self.settings.model_copy(update={"database_url": copy_url}), pool_size=2)
        instance._seen.clear()
        return made

    def _dump_and_restore(self) -> None:
        url = make_url(self.rt.settings.database_url)
        admin(self.servers, f'CREATE DATABASE {self.copy} OWNER "{url.username}"')
        source = url.set(drivername="postgresql").render_as_string(hide_password=False)
        target = url.set(drivername="postgresql", database=self.copy).render_as_string(hide_password=False)
        dump = program(self.servers, "pg_dump"), "--format=custom", "--no-owner", source
        restore = program(self.servers, "pg_restore"), "--no-owner", "--exit-on-error", "--dbname", target
        taken = subprocess.run(dump, check=True, capture_output=True, timeout=60)
        subprocess.run(restore, check=True, input=taken.stdout, timeout=60)


def program(servers: Servers, name: str) -> str:
    """One of PostgreSQL's programs: of the server that runs here, else of the machine."""
    here = (
        servers.postgres.binaries / name if servers.postgres is not None else Path(shutil.which(name) or "")
    )
    if not here.is_file():
        pytest.skip(f"{name} is not on this machine")
    return str(here)


@pytest.fixture
def place(servers: Servers, settings: Settings) -> Iterator[Place]:
    with stacks.database(servers) as url:
        own = settings.model_copy(update={"database_url": url})
        rt, copy = build(own, pool_size=2), f"engage_copy_{uuid4().hex[:12]}"
        try:
            yield Place(servers, own, rt, copy)
        finally:
            rt.engine.dispose()
            rt.single.dispose()
            admin(servers, f"DROP DATABASE IF EXISTS {copy} WITH (FORCE)")


def work(rt: Runtime) -> bool:
    """What a worker does when it hears "look now". False when it was not let in."""
    with Slot(rt) as free:
        if free:
            deliver(rt)
        return free


def sent(stand: Stand) -> list[str]:
    return [entry.to for batch in stand.sent for entry in batch.entries]


@pytest.mark.parametrize("how", ["template", "dump"])
def test_what_left_after_the_backup_does_not_leave_again_from_a_restored_copy(place: Place, how: str) -> None:
    truth = Stand("email", "sendgrid")
    rt = routed(place.rt, truth)
    plan(rt, to="before@example.org")
    assert work(rt)
    instance.beat(rt)
    after = plan(rt, to="after@example.org")
    copy = routed(place.restored(how), truth)
    assert work(rt)  # The backup is made; the original goes on, and then it is lost.
    assert sent(truth) == ["before@example.org", "after@example.org"]

    for _ in range(2):
        assert not work(copy)
        instance.beat(copy)
    assert sent(truth) == ["before@example.org", "after@example.org"]

    (lane,) = restored.would_leave(copy)
    assert (lane.lane, lane.leaving, lane.too_late) == ("service", 1, 0)
    assert restored.hold_due(copy) == 1
    assert instance.accept(copy) == 2
    plan(copy, to="new@example.org")
    assert work(copy)
    assert sent(truth) == ["before@example.org", "after@example.org", "new@example.org"]
    with copy.transaction() as tx:
        row = run(tx, "SELECT id, status, reason FROM messages WHERE status = 'held'").one()
    assert (row.id, row.reason) == (after, "restored")
    assert work(rt), "the original is not hindered by its copy"
    copy.engine.dispose()
    copy.single.dispose()


def test_everything_says_why_a_restored_copy_sends_nothing(place: Place) -> None:
    work(place.rt)
    copy = place.restored("template")
    check = next(c for c in doctor.examine(copy) if c.name == "instance")
    assert not check.ok
    assert "restored or copied" in check.detail
    assert "engage instance accept" in check.detail
    client = app_of(copy).test_client()
    ready = client.get("/readyz")
    assert ready.status_code == 503
    assert "instance" in ready.json["failing"]  # type: ignore[index]
    for_web = client.get("/readyz?for=web")
    assert (for_web.status_code, for_web.json["failing"]) == (200, [])  # type: ignore[index]
    assert "engage_restored_copy 1.0" in client.get("/metrics").text
    instance.accept(copy)
    assert health.copy(copy).ok
    copy.engine.dispose()
    copy.single.dispose()


def older(rt: Runtime) -> None:
    """As after a recovery of the disk or to a point in time: the same database, some minutes ago."""
    with rt.transaction() as tx:
        run(tx, "UPDATE instance SET pulse = 1")


def test_a_database_that_went_back_in_time_is_noticed_by_a_worker_that_lived_on(rt: Runtime) -> None:
    assert work(rt)
    for _ in range(3):
        instance.beat(rt)
    older(rt)
    assert not work(rt)
    assert "went back in time" in health.copy(rt).detail
    instance.beat(rt)
    assert not work(rt), "time alone makes it no good"
    instance.accept(rt)
    assert work(rt)


def test_a_worker_that_was_born_after_the_restore_asks_the_broker(rt: Runtime) -> None:
    work(rt)
    for _ in range(3):
        instance.beat(rt)
    older(rt)
    instance._seen.clear()
    assert not work(rt)


def test_a_broker_that_forgot_everything_stops_nobody(rt: Runtime) -> None:
    work(rt)
    for _ in range(3):
        instance.beat(rt)
    with rt.transaction() as tx:
        broker.keep_pulse(rt.settings.redis_url, storage.one(tx).id, 0)
    instance._seen.clear()
    assert work(rt)


def test_a_person_can_hold_everything_back_and_let_it_go_on(rt: Runtime) -> None:
    truth = Stand("email", "sendgrid")
    rt = routed(rt, truth)
    plan(rt, to="ada@example.org")
    instance.hold(rt)
    assert not work(rt)
    assert "a person holds everything back" in health.copy(rt).detail
    instance.accept(rt)
    assert work(rt)
    assert sent(truth) == ["ada@example.org"]


@pytest.mark.parametrize("state", ["open", "started", "unknown"])
def test_what_was_being_sent_when_the_backup_was_made_is_held_too(rt: Runtime, state: str) -> None:
    truth = Stand("email", "sendgrid")
    rt = routed(rt, truth)
    id, attempt = plan(rt), new_id()
    with rt.transaction() as tx:
        claimed = "unknown" if state == "unknown" else "claimed"
        run(tx, f"UPDATE messages SET status = '{claimed}', attempt_id = %(a)s, tries = 1", {"a": attempt})
        run(
            tx,
            f"""INSERT INTO attempts (id, sender, channel, state, message_ids, lease_until, created_at, started_at,
                unknown_since)
            SELECT %(a)s, 'sendgrid', 'email', '{state}', ARRAY[%(id)s::uuid], t, t, t, t
            FROM (SELECT clock_timestamp() - interval '2 h' AS t) x""",
            {"a": attempt, "id": id},
        )
    instance.hold(rt)
    assert restored.hold_due(rt) == 1
    instance.accept(rt)
    with rt.transaction() as tx:
        # Evidence for a later request would prove, anywhere else, that this one never arrived.
        senders.note_evidence(tx, "email:sendgrid", clock.database_now(tx))
    for _ in range(2):
        recover.recover(rt)
        assert work(rt)
    assert sent(truth) == []
    with rt.transaction() as tx:
        assert run(tx, "SELECT status, reason FROM messages").all() == [("held", "restored")]


def test_what_was_being_sent_is_held_too_where_the_dump_has_lost_its_attempt(rt: Runtime) -> None:
    truth = Stand("email", "sendgrid")
    rt = routed(rt, truth)
    plan(rt)
    with rt.transaction() as tx:
        run(tx, "UPDATE messages SET status = 'claimed', tries = 1, attempt_id = %(a)s", {"a": new_id()})
    instance.hold(rt)
    assert restored.hold_due(rt) == 1
    instance.accept(rt)
    recover.recover(rt)
    assert work(rt)
    assert sent(truth) == []
    with rt.transaction() as tx:
        assert run(tx, "SELECT status, reason FROM messages").all() == [("held", "restored")]


def test_what_is_too_late_is_not_held_but_expires(rt: Runtime) -> None:
    plan(rt, "email", "care", use=timedelta(hours=-1), late=timedelta(hours=3))
    (lane,) = restored.would_leave(rt)
    assert (lane.due, lane.leaving, lane.too_late) == (1, 0, 1)
    assert restored.hold_due(rt) == 0
    work(rt)
    with rt.transaction() as tx:
        assert run(tx, "SELECT status FROM messages").scalars().all() == ["expired"]

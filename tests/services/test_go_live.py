"""Going live: the list is made of what really happened, and nothing but all of it opens the way."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from alembic import command
from sqlalchemy import make_url

from engage.dev.embedded import Servers
from engage.ids import new_id
from engage.runtime import Runtime
from engage.services import go_live, trial, trial_mode
from engage.services.audit import CLI, Actor
from engage.services.deliver import deliver
from engage.services.go_live import NobodyIsAsked, NotReady
from engage.storage import go_live as storage
from engage.storage import schema
from engage.storage.database import make_engine, run
from tests.on_trial import own_clinic, production
from tests.processes.stack import admin
from tests.scripted import Scripted, taken
from tests.vendors import Vendors
from tests.world import World


@pytest.fixture
def clinic(rt: Runtime) -> Runtime:
    """On trial, mail by SendGrid and texts by nobody; vendors' keys are development's."""
    rt.callback_keys  # noqa: B018 - made while it is development, kept by what is made from it
    given = production(
        own_clinic(rt), email="sendgrid", care_email="sendgrid", sendgrid_webhook_public_key="key"
    )
    sender = Scripted("sendgrid", "email", taken)
    return replace(given, senders={**rt.senders, "email:sendgrid": sender})


def done(rt: Runtime) -> set[str]:
    return {item.slug for item in go_live.see(rt).items if item.done}


def hear(rt: Runtime) -> None:
    """An event about the newest message came in and was SendGrid's."""
    with rt.transaction() as tx:
        run(
            tx,
            """INSERT INTO receipts (id, vendor, what, digest) VALUES (%(id)s, 'sendgrid', 'events', %(digest)s)""",
            {"id": new_id(), "digest": new_id().bytes},
        )
        run(tx, "UPDATE messages SET status = 'delivered' WHERE status = 'accepted'")


def work_off(rt: Runtime) -> None:
    """Everything on the list."""
    trial.plan_test(rt, "sam@example.org", "email", "service")
    deliver(rt, seconds=5)
    hear(rt)
    for slug in ("texts", "care-email", "hours", "backup"):
        assert go_live.tick(rt, CLI, slug)


def test_the_list_sees_what_happened(clinic: Runtime) -> None:
    assert done(clinic) == {"address"}
    trial.plan_test(clinic, "sam@example.org", "email", "service")
    deliver(clinic, seconds=5)
    assert done(clinic) == {"address"}, "taken is not delivered"
    hear(clinic)
    assert done(clinic) == {"address", "sender", "webhooks"}


def test_a_real_signed_event_is_heard_and_a_forged_one_is_not(world: World) -> None:
    vendors = Vendors(world.rt)
    id = trial.plan_test(world.rt, "sam@example.org", "email", "service")
    deliver(world.rt, seconds=5)
    event = vendors.event(id, "delivered")
    vendors.client.post("/hooks/sendgrid/events", json=[event])
    with world.rt.transaction() as tx:
        assert storage.heard_of(tx) == set()
    vendors.tell(event)
    with world.rt.transaction() as tx:
        assert storage.heard_of(tx) == {"sendgrid"}


def test_nothing_but_all_of_it_opens_the_way(clinic: Runtime) -> None:
    with pytest.raises(NotReady) as refused:
        go_live.start(clinic, CLI)
    assert [item.slug for item in refused.value.items] == [
        "sender", "webhooks", "texts", "care-email", "hours", "backup",
    ]  # fmt: skip
    work_off(clinic)
    assert go_live.tick(clinic, CLI, "backup", done=False)
    with pytest.raises(NotReady):
        go_live.start(clinic, CLI)
    assert trial_mode.in_force(clinic)
    assert go_live.tick(clinic, CLI, "backup")
    assert go_live.start(clinic, CLI) == 0
    assert not trial_mode.in_force(clinic)
    assert (go_live.see(clinic).live_by, go_live.see(clinic).items) == ("cli", [])


def test_who_said_so_and_when_is_kept_and_audited(clinic: Runtime) -> None:
    who = Actor(new_id(), "staff")
    assert go_live.tick(clinic, who, "backup")
    assert not go_live.tick(clinic, who, "backup")
    (item,) = (one for one in go_live.see(clinic).items if one.slug == "backup")
    assert item.tick is not None
    assert (item.tick.by, item.tick.staff_id) == ("staff", str(who.staff_id))
    assert go_live.tick(clinic, who, "backup", done=False)
    work_off(clinic)
    go_live.start(clinic, who)
    with clinic.transaction() as tx:
        rows = run(
            tx, "SELECT what, count(*) FROM audit WHERE what IN ('go-live list', 'gone live') GROUP BY what"
        ).all()
    assert dict(tuple(row) for row in rows) == {"go-live list": 6, "gone live": 1}


@pytest.mark.parametrize("slug", ["sender", "webhooks", "address", "no-such-item"])
def test_what_the_system_sees_can_not_be_ticked(clinic: Runtime, slug: str) -> None:
    with pytest.raises(NobodyIsAsked):
        go_live.tick(clinic, CLI, slug)


def test_a_decision_about_another_route_does_not_count(clinic: Runtime) -> None:
    go_live.tick(clinic, CLI, "care-email")
    assert "care-email" in done(clinic)
    assert "care-email" not in done(production(clinic, care_email="smtp"))


def test_two_who_press_at_once_go_live_once(clinic: Runtime) -> None:
    work_off(clinic)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: go_live.start(clinic, CLI), range(4)))
    with clinic.transaction() as tx:
        assert run(tx, "SELECT count(*) FROM audit WHERE what = 'gone live'").scalar_one() == 1


def test_two_who_tick_at_once_keep_both_ticks(clinic: Runtime) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(
            pool.map(lambda slug: go_live.tick(clinic, CLI, slug), ("texts", "care-email", "hours", "backup"))
        )
    assert done(clinic) >= {"texts", "care-email", "hours", "backup"}


Before = Callable[[str], bool]


@pytest.fixture
def upgraded(servers: Servers) -> Before:
    """Whether an installation is live by itself that was at the revision before, with what a statement made."""

    def look(statement: str) -> bool:
        url = make_url(servers.database_url)
        name = f"engage_upgraded_{new_id().hex[-12:]}"
        admin(servers, f'CREATE DATABASE {name} OWNER "{url.username}"')
        engine = make_engine(url.set(database=name).render_as_string(hide_password=False))
        try:
            with engine.connect() as connection:
                config = schema._config()
                config.attributes["connection"] = connection
                command.upgrade(config, "0019")
                connection.commit()
                if statement:
                    connection.exec_driver_sql(statement)
                    connection.commit()
            schema.upgrade(engine)
            with engine.connect() as connection:
                at, by = connection.exec_driver_sql("SELECT live_at, live_by FROM go_live").one()
                assert (at is None) == (by is None)
                return at is not None
        finally:
            engine.dispose()
            admin(servers, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    return look


MESSAGE = """INSERT INTO messages (id, kind, channel, purpose, lane, status, cause, cause_id, step, dedup_key, due_at,
    not_before, not_after, created_at)
VALUES (gen_random_uuid(), 'test-message', 'email', 'service', 0, '{status}', 'staff', gen_random_uuid(), '', 'x',
    now(), now(), now(), now())"""
VISIT = """WITH p AS (INSERT INTO people (id, sealed, zone, created_at, updated_at)
    VALUES (gen_random_uuid(), '\\x00', 'UTC', now(), now()) RETURNING id)
INSERT INTO appointments (id, person_id, starts_at, zone, minutes, location, status, since, source, created_at, updated_at)
SELECT gen_random_uuid(), id, now(), 'UTC', 60, 'Larkspur Lane', 'booked', now(), 'desk', now(), now() FROM p"""


@pytest.mark.parametrize(
    ("what", "statement", "live"),
    [
        ("nothing", "", False),
        ("a message that is only planned", MESSAGE.format(status="planned"), False),
        ("a message that a sender took", MESSAGE.format(status="accepted"), True),
        ("a message that arrived", MESSAGE.format(status="delivered"), True),
        ("a visit", VISIT, True),
    ],
)
def test_what_was_in_use_before_goes_on_and_what_is_new_is_on_trial(
    upgraded: Before, what: str, statement: str, live: bool
) -> None:
    assert upgraded(statement) == live, what

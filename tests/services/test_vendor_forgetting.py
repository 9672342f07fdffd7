"""Vendors forget too: erased people's addresses at SendGrid, texts at Twilio; on real requests to the fakes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from engage.ids import new_ids
from engage.runtime import Runtime, _senders
from engage.services import erasure, erasure_work
from engage.services.audit import CLI
from engage.services.deliver import deliver
from engage.settings import Settings, load
from engage.storage import erasure as rows
from engage.storage.database import run
from tests.fakes.client import Fake
from tests.fakes.server import ROUTES
from tests.scripted import Somebody, plan, somebody, standing
from tests.vendors import Vendors
from tests.whole_life import opened


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fake]:
    with Fake(tmp_path_factory.mktemp("fake")) as fake:
        yield fake


@pytest.fixture
def fake(running: Fake) -> Fake:
    for route in ROUTES:
        running.set_modes(route)
    running.settings("twilio", queued=0.0)
    running.forget()
    return running


@pytest.fixture
def vrt(rt: Runtime, settings: Settings, fake: Fake) -> Runtime:
    """The runtime with both vendors for senders."""
    environ = {
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "ENGAGE_DATA_DIR": str(settings.data_dir),
        "ENGAGE_CLINIC": str(settings.clinic_file),
        "ENGAGE_TEMPLATES": str(settings.templates_dir),
        **fake.environment(),
    }
    world = replace(rt, settings=load(environ), senders={})
    world.senders.update(_senders(world))
    return world


def keeping_bodies(rt: Runtime) -> Runtime:
    sms = rt.clinic.sms.model_copy(update={"delete_bodies": False})
    return replace(rt, clinic=rt.clinic.model_copy(update={"sms": sms}))


def no_waiting(rt: Runtime) -> None:
    """As if every wait were over."""
    with rt.transaction() as tx:
        run(tx, "UPDATE erasures SET next_at = clock_timestamp() WHERE state = 'waiting'")
        run(tx, "UPDATE attempts SET forget_next = NULL")
        run(tx, "UPDATE inbound SET forget_next = NULL")


def all_rows(rt: Runtime, sql: str) -> list[Any]:
    with rt.transaction() as tx:
        return list(run(tx, sql))


def text(rt: Runtime, who: Somebody, *, final: bool = True) -> tuple[UUID, str]:
    """A text that left: the message and Twilio's id."""
    message = plan(rt, who, "sms", "care")
    while deliver(rt, seconds=5).seen:
        pass
    row = standing(rt, message)
    assert row.status == "accepted", (row.status, row.reason)
    if final:
        Vendors(rt).text_status(row.attempt_id, row.provider_id, "delivered")
    return message, row.provider_id


# Texts.


def test_a_text_is_deleted_once_its_last_word_has_come(vrt: Runtime, fake: Fake) -> None:
    who = somebody(vrt)
    _, sid = text(vrt, who, final=False)
    assert erasure_work.forget_texts(vrt) == 0
    assert fake.deleted() == []
    (attempt,) = all_rows(vrt, "SELECT id FROM attempts WHERE channel = 'sms'")
    Vendors(vrt).text_status(attempt.id, sid, "delivered")
    assert erasure_work.forget_texts(vrt) == 1
    assert fake.deleted() == [sid]
    assert erasure_work.forget_texts(vrt) == 0
    # It was received all the same, and what it said can still be shown here.
    assert [one.to for one in fake.ledger()] == [who.number]


def test_the_clinic_may_keep_them_but_not_those_of_an_erased_person(vrt: Runtime, fake: Fake) -> None:
    keeping = keeping_bodies(vrt)
    one, two = somebody(vrt, 1), somebody(vrt, 2)
    _, sid = text(vrt, one)
    text(vrt, two)
    assert erasure_work.forget_texts(keeping) == 0
    erasure.erase(vrt, one.id, CLI)
    assert erasure_work.forget_texts(keeping) == 1
    assert fake.deleted() == [sid]


def test_a_text_of_an_erased_person_goes_as_soon_as_its_last_word_comes(vrt: Runtime, fake: Fake) -> None:
    keeping = keeping_bodies(vrt)
    who = somebody(vrt)
    message, sid = text(vrt, who, final=False)
    attempt = standing(vrt, message).attempt_id
    erasure.erase(vrt, who.id, CLI)
    assert erasure_work.forget_texts(keeping) == 0
    Vendors(vrt).text_status(attempt, sid, "delivered")
    assert erasure_work.forget_texts(keeping) == 1
    assert fake.deleted() == [sid]


@pytest.mark.parametrize("mode", ["503", "503_after", "429", "401", "hang:1"])
def test_what_fails_is_tried_again_and_no_breaker_is_told(vrt: Runtime, fake: Fake, mode: str) -> None:
    _, sid = text(vrt, somebody(vrt))
    fake.set_modes("twilio.delete", [mode])
    assert erasure_work.forget_texts(vrt, seconds=0.8) == 0
    assert erasure_work.forget_texts(vrt) == 0, "it did not wait"
    no_waiting(vrt)
    assert erasure_work.forget_texts(vrt) == 1
    assert fake.deleted() == [sid]
    assert all(
        not row.failures and row.rest_until is None for row in all_rows(vrt, "SELECT * FROM sender_states")
    )


@pytest.mark.parametrize("mode", ["reset_before", "reset_after", "half"])
def test_a_connection_that_breaks_deletes_it_once(vrt: Runtime, fake: Fake, mode: str) -> None:
    """Deleting may be repeated, so the connection's library may do so by itself."""
    _, sid = text(vrt, somebody(vrt))
    fake.set_modes("twilio.delete", [mode])
    erasure_work.forget_texts(vrt)
    no_waiting(vrt)
    erasure_work.forget_texts(vrt)
    assert fake.deleted() == [sid]
    assert all_rows(vrt, "SELECT 1 FROM attempts WHERE forgotten_at IS NULL") == []


def test_it_gives_up_after_eight_tries(vrt: Runtime, fake: Fake) -> None:
    text(vrt, somebody(vrt))
    fake.set_modes("twilio.delete", chances={"503": 1.0})
    for _ in range(12):
        erasure_work.forget_texts(vrt)
        no_waiting(vrt)
    assert fake.counts()["requests"]["twilio.delete"] == rows.MOST_TRIES
    fake.set_modes("twilio.delete")
    assert erasure_work.forget_texts(vrt) == 0


def test_what_twilio_still_has_under_way_is_left_and_tried_later(vrt: Runtime, fake: Fake) -> None:
    fake.settings("twilio", queued=60.0)
    _, sid = text(vrt, somebody(vrt))
    assert erasure_work.forget_texts(vrt) == 0
    fake.settings("twilio", queued=0.0)
    no_waiting(vrt)
    assert erasure_work.forget_texts(vrt) == 1
    assert fake.deleted() == [sid]


def test_texts_that_came_in_are_deleted_there_too(vrt: Runtime, fake: Fake) -> None:
    ids = new_ids(3)
    with vrt.transaction() as tx:
        for n, id in enumerate(ids):
            run(
                tx,
                """INSERT INTO inbound (id, provider_id, number_index, received_at, understood_at)
                VALUES (%(id)s, %(sid)s, '\\x00', clock_timestamp(), CASE WHEN %(n)s > 0 THEN clock_timestamp() END)""",
                {"id": id, "sid": f"SM{id.hex}", "n": n},
            )
    assert erasure_work.forget_texts(vrt) == 2
    assert {row.id for row in all_rows(vrt, "SELECT id FROM inbound WHERE forgotten_at IS NULL")} == {ids[0]}


# Addresses.


def test_sendgrid_is_told_of_an_erased_person_and_then_nothing_of_theirs_opens(
    vrt: Runtime, fake: Fake
) -> None:
    who = somebody(vrt, email="Quillanthe.7391@example.org")
    plan(vrt, who, "email", "care")
    deliver(vrt, seconds=5)
    erasure.erase(vrt, who.id, CLI)
    assert erasure_work.erase_at_vendors(vrt) == 0, "what left a moment ago must have reached it first"
    assert [place.split()[0] for place, value in opened(vrt) if "quillanthe" in value.lower()] == ["erasures"]
    no_waiting(vrt)
    assert erasure_work.erase_at_vendors(vrt) == 1
    assert fake.erased() == ["quillanthe.7391@example.org"]
    assert [place for place, value in opened(vrt) if "quillanthe" in value.lower()] == []
    no_waiting(vrt)
    assert erasure_work.erase_at_vendors(vrt) == 0
    assert len(fake.erased()) == 1


def test_many_are_told_of_in_one_request(vrt: Runtime, fake: Fake) -> None:
    for n in range(30):
        erasure.erase(vrt, somebody(vrt, n).id, CLI)
    no_waiting(vrt)
    assert erasure_work.erase_at_vendors(vrt) == 30
    assert fake.counts()["requests"]["sendgrid.erase"] == 1
    assert set(fake.erased()) == {f"p{n}@example.org" for n in range(30)}


@pytest.mark.parametrize("mode", ["503", "401", "403", "reset_before", "garbage_lost"])
def test_what_sendgrid_does_not_take_on_is_told_again(vrt: Runtime, fake: Fake, mode: str) -> None:
    erasure.erase(vrt, somebody(vrt).id, CLI)
    fake.set_modes("sendgrid.erase", [mode])
    no_waiting(vrt)
    assert erasure_work.erase_at_vendors(vrt) == 0
    (row,) = all_rows(vrt, "SELECT state, sealed, tries FROM erasures")
    assert (row.state, row.tries) == ("waiting", 1)
    assert row.sealed is not None
    assert erasure_work.erase_at_vendors(vrt) == 0, "it did not wait"
    no_waiting(vrt)
    assert erasure_work.erase_at_vendors(vrt) == 1
    assert fake.erased() == ["p0@example.org"]
    (row,) = all_rows(vrt, "SELECT state, sealed FROM erasures")
    assert (row.state, row.sealed) == ("done", None)


def test_after_ten_tries_a_person_is_asked_and_it_goes_on(vrt: Runtime, fake: Fake) -> None:
    erasure.erase(vrt, somebody(vrt).id, CLI)
    fake.set_modes("sendgrid.erase", chances={"403": 1.0})
    for _ in range(12):
        no_waiting(vrt)
        erasure_work.erase_at_vendors(vrt)
    asked = "SELECT state FROM follow_ups WHERE kind = 'not_erased_there'"
    assert [row.state for row in all_rows(vrt, asked)] == ["open"]
    fake.set_modes("sendgrid.erase")
    no_waiting(vrt)
    assert erasure_work.erase_at_vendors(vrt) == 1
    assert [row.state for row in all_rows(vrt, asked)] == ["done"]


def test_it_waits_while_a_message_to_the_person_is_under_way(vrt: Runtime, fake: Fake) -> None:
    who = somebody(vrt)
    message = plan(vrt, who, "email", "care")
    erasure.erase(vrt, who.id, CLI)
    with vrt.transaction() as tx:
        run(
            tx,
            "UPDATE messages SET status = 'unknown', reason = 'no_answer' WHERE id = %(id)s",
            {"id": message},
        )
    no_waiting(vrt)
    assert erasure_work.erase_at_vendors(vrt) == 0
    with vrt.transaction() as tx:
        run(tx, "UPDATE messages SET reason = 'never_known' WHERE id = %(id)s", {"id": message})
    no_waiting(vrt)
    assert erasure_work.erase_at_vendors(vrt) == 1
    assert fake.erased() == [who.email]


def test_without_sendgrid_no_address_is_kept_for_it(rt: Runtime) -> None:
    erasure.erase(rt, somebody(rt).id, CLI)
    assert all_rows(rt, "SELECT sealed FROM erasures") == [(None,)]
    no_waiting(rt)
    assert erasure_work.erase_at_vendors(rt) == 1
    assert erasure_work.forget_texts(rt) == 0

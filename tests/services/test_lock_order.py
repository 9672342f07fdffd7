"""Whoever acts on numbers locks all numbers, then all people in the order of their ids: two at once never wait for each
other."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from uuid import UUID

import pytest

from engage.ids import new_id
from engage.runtime import Runtime
from engage.services import erasure, inbound, wishes
from engage.services.audit import CLI
from engage.services.claim import claim
from engage.storage import people, pipe
from engage.storage.database import run
from engage.storage.pipe import Accepted
from tests.scripted import Somebody, plan, somebody, state
from tests.texted import ask
from tests.texting import NUMBER, Texting, put
from tests.world import World

OTHER = "+15185550199"
# The server is other tests' too.
WAITS = """SELECT EXISTS (SELECT 1 FROM pg_stat_activity
WHERE wait_event_type = 'Lock' AND datname = current_database())"""
HELD = """SELECT count(*) AS held FROM pg_locks WHERE locktype = 'advisory' AND granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"""


@pytest.fixture
def clinic(world: World) -> Texting:
    return Texting(world)


def waits_for(clinic: Texting, number: str) -> UUID:
    """Somebody who was sent a code for a number and has not typed it yet."""
    token = clinic.world.enrol(email=f"waits{number[-4:]}@example.org").texts_token
    ask(clinic.world, token, number)
    return clinic.rt.links.read("texts", token, clinic.world.now)


def has_too(clinic: Texting, who: Somebody, number: str) -> None:
    id, rt = new_id(), clinic.rt
    sealed = rt.sealer.seal("contacts", id, {"address": number})
    with rt.transaction() as tx:
        people.add_contact(tx, id, who.id, "sms", rt.sealer.index("sms", number), sealed, rt.now(tx))


def while_it_waits(
    clinic: Texting, locked: Iterable[UUID], act: Callable[[], object], look: Callable[[], None]
) -> None:
    """Somebody else has these people; ``act`` waits for them, and ``look`` sees what it has by then."""
    thread = threading.Thread(target=act)
    with clinic.rt.transaction() as tx:
        sql = "SELECT 1 FROM people WHERE id = ANY(%(ids)b::uuid[]) ORDER BY id FOR NO KEY UPDATE"
        run(tx, sql, {"ids": list(locked)}).all()
        thread.start()
        waits = False
        while thread.is_alive() and not waits:
            waits = bool(run(tx, WAITS).scalar())
        look()
    thread.join(10)
    assert waits and not thread.is_alive()


def test_a_spoken_stop_has_all_numbers_before_it_waits_for_anybody(clinic: Texting) -> None:
    ada = clinic.person(number=NUMBER)
    has_too(clinic, ada, OTHER)
    waiting = [waits_for(clinic, number) for number in (NUMBER, OTHER)]
    held: list[int] = []

    def look() -> None:
        held.append(clinic.run(HELD)[0].held)

    while_it_waits(
        clinic,
        waiting,
        lambda: wishes.record(clinic.rt, CLI, ada.id, "sms", "stop", "telephone"),
        look,
    )
    assert held == [2]
    assert clinic.agreed(ada) == set()
    assert {row.state for row in clinic.run("SELECT state FROM numbers")} == {"stopped"}


@pytest.mark.parametrize("words", ["STOP", "wrong number", "START", "HELP"])
def test_a_text_waits_for_the_first_of_its_people_before_it_has_the_next(clinic: Texting, words: str) -> None:
    ada = clinic.person(number=NUMBER)
    later = waits_for(clinic, NUMBER)
    assert ada.id < later
    put(clinic.rt, NUMBER, words)

    def look() -> None:
        sql = "SELECT id FROM people WHERE id = %(id)s FOR NO KEY UPDATE NOWAIT"
        assert [row.id for row in clinic.run(sql, id=later)] == [later]

    while_it_waits(clinic, [ada.id], lambda: inbound.understand(clinic.rt), look)
    assert clinic.texts_in()[-1].understood_at is not None


def test_an_erasure_goes_on_when_it_and_the_recording_of_an_answer_wait_for_each_other(rt: Runtime) -> None:
    who = somebody(rt)
    message = plan(rt, who, "sms", "care")
    (batch,) = claim(rt, 1, "sms").batches
    erasing = threading.Thread(target=erasure.erase, args=(rt, who.id, CLI))
    with rt.transaction() as tx:
        run(tx, "SELECT 1 FROM attempts WHERE id = %(id)s FOR NO KEY UPDATE", {"id": batch.attempt_id})
        erasing.start()
        while erasing.is_alive() and not run(tx, WAITS).scalar():
            time.sleep(0.01)
        # It has the message by now and waits for the attempt: PostgreSQL ends it, as it found out first.
        assert pipe.accept(tx, [Accepted(message, batch.attempt_id, "SM1")], rt.now(tx)) == 1
    erasing.join(10)
    assert state(rt, message)[0] == "accepted"
    with rt.transaction() as tx:
        assert run(tx, "SELECT state FROM people WHERE id = %(id)s", {"id": who.id}).scalar_one() == "erased"

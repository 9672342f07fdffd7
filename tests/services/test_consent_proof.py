"""``engage consent verify``: a clean life is proven, and whatever is planted is named."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from click.testing import CliRunner, Result

from engage.cli.main import main
from engage.delivery.provider import Batch, Outcome
from engage.domain.consent_proof import DIFFERENCES, FAULTS
from engage.ids import new_id
from engage.runtime import Runtime
from engage.services import consent_proof, signups, unsubscribe
from engage.services.consent_proof import Proof
from engage.services.deliver import deliver
from engage.settings import Settings
from engage.storage.database import run
from tests.scripted import Scripted, in_force, resend, somebody, taken
from tests.services.planted_consent import (
    CLAIMED,
    DAYS,
    PLANTED,
    Plant,
    agreed,
    entry,
    left,
    proven,
    withdrawn,
    withdrawn_before,
)
from tests.world import World


def test_a_life_as_it_is_lived_is_proven(world: World) -> None:
    for n in range(4):
        world.enrol(email=f"p{n}@example.org")
    world.pass_time(5 * DAYS)
    leaving = world.lessons("p1@example.org")[-1]
    unsubscribe.unsubscribe(world.rt, world.token("unsubscribe", leaving), "one-click")
    world.pass_time(5 * DAYS)
    world.enrol(email="p1@example.org")
    world.pass_time(60 * DAYS)

    told = proven(world.rt)

    assert told.findings == [] and told.proof.sound
    assert told.proof.people == 4 and told.proof.entries == 6 and told.proof.states == 4
    assert told.proof.needed == told.proof.proven == len(world.lessons())
    assert told.proof.messages == len(world.mail())


def test_nothing_at_all_is_proven_too(rt: Runtime) -> None:
    assert proven(rt).proof == Proof()


@pytest.fixture
def command(settings: Settings, rt: Runtime) -> Callable[..., Result]:
    environ = {
        "DATABASE_URL": settings.database_url,
        "ENGAGE_DATA_DIR": str(settings.data_dir),
        "ENGAGE_CLINIC": str(settings.clinic_file),
        "ENGAGE_TEMPLATES": str(settings.templates_dir),
    }
    return lambda *words: CliRunner(env=environ).invoke(main, ["consent", "verify", *words])


@pytest.mark.parametrize(("plant", "fault"), PLANTED, ids=[plant.__name__ for plant, _ in PLANTED])
def test_whatever_is_planted_is_named(
    rt: Runtime, command: Callable[..., Result], plant: Plant, fault: str
) -> None:
    who, id = agreed(rt, 0)
    left(rt, who, id)
    planted = plant(rt)
    told = proven(rt)
    assert told.messages == {planted: {fault}}
    assert (told.proof.messages, told.proof.needed, told.proof.proven) == (2, 2, 1)
    result = command()
    assert result.exit_code == 1
    assert f"message {planted}" in result.stderr and FAULTS[fault] in result.stderr  # type: ignore[index]
    assert "NOT proven: 1 message(s), 0 state(s)" in result.stdout
    assert str(who.id) not in result.output


OTHERWISE: dict[str, str] = {
    "no_state": "DELETE FROM consent_states",
    "other_answer": "UPDATE consent_states SET granted = false",
    "other_entry": "UPDATE consent_states SET consent_id = (SELECT min(id::text)::uuid FROM consents)",
    "no_entry": "UPDATE consent_states SET purpose = 'marketing'",
}


@pytest.mark.parametrize("what", OTHERWISE)
def test_a_state_that_is_not_the_ledgers_is_named(
    rt: Runtime, command: Callable[..., Result], what: str
) -> None:
    who, _ = agreed(rt, 0)
    newer = entry(rt, who, CLAIMED)
    with rt.transaction() as tx:
        run(tx, "UPDATE consent_states SET consent_id = %(id)s", {"id": newer})
    assert proven(rt).proof.sound
    with rt.transaction() as tx:
        run(tx, OTHERWISE[what])
    found = {one for finding in proven(rt).findings for one in finding.what}
    assert what in found and found <= set(DIFFERENCES)
    result = command()
    assert result.exit_code == 1 and f"person {who.id}" in result.stderr


def test_the_json_has_totals_and_every_finding(rt: Runtime, command: Callable[..., Result]) -> None:
    planted = {str(plant(rt)) for plant in (withdrawn_before_of(7), withdrawn_before_of(8))}
    result = command("--json")
    told = json.loads(result.stdout)
    assert result.exit_code == 1 and told["sound"] is False
    assert told["totals"]["by_fault"] == {"withdrawn_before": 2}
    assert {one["message_id"] for one in told["findings"]} == planted


def withdrawn_before_of(n: int) -> Plant:
    def plant(rt: Runtime) -> UUID:
        who, id = agreed(rt, n)
        withdrawn(rt, who, CLAIMED - DAYS / 2)
        return left(rt, who, id)

    return plant


def test_since_leaves_out_what_was_claimed_before(rt: Runtime, command: Callable[..., Result]) -> None:
    withdrawn_before(rt)
    assert not proven(rt, CLAIMED).proof.sound
    assert proven(rt, CLAIMED + timedelta(seconds=1)).proof == Proof(people=1, entries=2, states=1)
    assert command("--since", f"{CLAIMED + DAYS:%Y-%m-%d}").exit_code == 0
    assert command("--since", f"{CLAIMED:%Y-%m-%d}").exit_code == 1


def test_what_is_older_than_the_ledger_is_sure_to_be_is_left_out(rt: Runtime) -> None:
    left(rt, somebody(rt, 1), new_id(), CLAIMED - 6 * 366 * DAYS)
    assert proven(rt).proof.messages == 0
    assert proven(rt, CLAIMED - 7 * 366 * DAYS).proof.wrong_messages == 1


def test_batches_of_any_size_say_the_same(rt: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    for n, (plant, _) in enumerate(PLANTED[:1] * 3):
        who, id = agreed(rt, 20 + n)
        left(rt, who, id)
        if n == 0:
            plant(rt)
        left(rt, who, id, person_id=None)
    whole = proven(rt)
    monkeypatch.setattr(consent_proof, "PEOPLE", 1)
    monkeypatch.setattr(consent_proof, "MESSAGES", 1)
    small = proven(rt)
    assert small.proof == whole.proof and small.messages == whole.messages
    assert len(whole.messages) == 4


def test_what_was_claimed_before_a_withdrawal_and_sent_in_parts_afterwards_is_proven(world: World) -> None:
    for n in range(4):
        world.enrol(email=f"p{n}@example.org")
    sender = Scripted("sendgrid", "email")
    left_already: list[str] = []

    def script(batch: Batch) -> list[Outcome]:
        if left_already:
            return taken(batch)
        for one in batch.entries:
            token = one.values["unsubscribe_url"].rsplit("/", 1)[1]
            unsubscribe.unsubscribe(world.rt, token, "one-click")
            left_already.append(one.to)
        return resend(batch)

    sender.script = script
    world.now += timedelta(days=2)
    deliver(in_force(world.rt, sender), seconds=30)
    assert left_already and sorted(sender.to()) == sorted(left_already)
    assert len(sender.requests) > 1
    told = proven(world.rt)
    assert told.findings == []


def test_whatever_the_order_of_leaving_and_claiming_it_is_proven(world: World) -> None:
    people = [f"p{n}@example.org" for n in range(12)]
    for who in people:
        world.enrol(email=who)
    world.pass_time(timedelta(days=1))
    tokens = [world.token("unsubscribe", world.lessons(who)[-1]) for who in people]
    world.now += timedelta(days=5)
    rt = world.rt
    with ThreadPoolExecutor(6) as pool:
        going: list[Future[Any]] = [pool.submit(deliver, rt, seconds=10)]
        going += [pool.submit(unsubscribe.unsubscribe, rt, token, "one-click") for token in tokens]
        going += [pool.submit(deliver, rt, seconds=10)]
        for one in going:
            one.result()
    assert proven(rt).findings == []


def test_a_suppression_that_ran_out_and_came_again_leaves_the_time_between_open(world: World) -> None:
    world.sign_up(email="twice@example.org")
    world.work()
    signups.refuse(world.rt, world.token("not-me", world.mail("twice@example.org")[-1]))
    world.pass_time(40 * DAYS)
    world.sign_up(email="twice@example.org")
    world.work()
    assert len(world.mail("twice@example.org")) == 2
    signups.refuse(world.rt, world.token("not-me", world.mail("twice@example.org")[-1]))
    assert proven(world.rt).findings == []

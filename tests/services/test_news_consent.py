"""Somebody tells the desk that they would like the clinic's news: they get it from then on, and a letter that says so."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from engage.domain.forms import InvalidInput
from engage.services import consent_proof, news_consent, unsubscribe
from engage.services.audit import CLI
from engage.storage.database import run
from tests.campaigns import Steps, draft, got, wait
from tests.patients import rows
from tests.world import World

ADA = "ada@example.org"


def person(world: World) -> UUID:
    (found,) = rows(world.rt, "SELECT id FROM people")
    return UUID(str(found.id))


def campaign(world: World) -> Steps:
    steps = draft(world)
    if steps.submit().state == "checking":
        steps.approve()
    steps.start("1")
    wait(world, timedelta(hours=1))
    return steps


def kinds(world: World) -> list[str]:
    return [mail.kind for mail in world.mail(ADA)]


def test_who_said_yes_gets_news_and_first_a_letter_that_says_so(world: World) -> None:
    world.enrol()
    assert news_consent.record(world.rt, CLI, person(world), "in-person") is True
    world.work()
    assert kinds(world)[-1] == "preferences-changed"
    campaign(world)
    assert got(world) == {ADA: 1}
    (line,) = rows(world.rt, "SELECT actor, source, wording_hash FROM consents WHERE purpose = 'marketing'")
    assert (line.actor, line.source, line.wording_hash is not None) == ("staff", "told at the clinic", True)
    assert consent_proof.verify(world.rt, lambda finding: None).sound


def test_a_yes_that_is_known_changes_nothing(world: World) -> None:
    world.enrol()
    news_consent.record(world.rt, CLI, person(world), "telephone")
    world.work()
    before = len(kinds(world))
    assert news_consent.record(world.rt, CLI, person(world), "telephone") is False
    world.work()
    assert len(kinds(world)) == before


def test_who_left_may_come_back_and_leave_again(world: World) -> None:
    world.enrol()
    news_consent.record(world.rt, CLI, person(world), "telephone")
    campaign(world)
    token = world.token("unsubscribe", world.mail(ADA)[-1])
    unsubscribe.unsubscribe(world.rt, token, "one-click")
    assert not granted(world)
    assert news_consent.record(world.rt, CLI, person(world), "telephone") is True
    assert granted(world)


@pytest.mark.parametrize(
    ("spoiled", "sentence"),
    [
        ("UPDATE contacts SET care_only = true", "no email address that the person confirmed"),
        ("UPDATE contacts SET state = 'pending'", "no email address that the person confirmed"),
        ("UPDATE contacts SET state = 'replaced'", "no email address that the person confirmed"),
        (
            """INSERT INTO suppressions (id, channel, address_index, scope, reason, created_at)
            SELECT gen_random_uuid(), 'email', address_index, 'all', 'complaint', now() FROM contacts""",
            "reported as spam",
        ),
    ],
    ids=["of a booking system", "not confirmed", "not theirs any more", "complained"],
)
def test_where_no_address_may_get_news_it_says_why_and_notes_nothing(
    world: World, spoiled: str, sentence: str
) -> None:
    world.enrol()
    with world.rt.transaction() as tx:
        run(tx, spoiled)
    with pytest.raises(InvalidInput) as refused:
        news_consent.record(world.rt, CLI, person(world), "letter")
    assert sentence in refused.value.errors["wish"]
    assert not granted(world)


def test_nobody_there_is_told(world: World) -> None:
    assert news_consent.record(world.rt, CLI, uuid4(), "letter") is None
    with pytest.raises(KeyError):
        news_consent.record(world.rt, CLI, uuid4(), "gossip")


def granted(world: World) -> bool:
    sql = "SELECT 1 FROM consent_states WHERE purpose = 'marketing' AND channel = 'email' AND granted"
    return bool(rows(world.rt, sql))

"""Somebody tells the desk that they would like the clinic's news: they get it from then on, and a letter that says so."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from engage.domain.forms import InvalidInput
from engage.ids import new_id
from engage.services import consent_proof, news_consent, unsubscribe
from engage.services.audit import CLI
from engage.services.preferences import mark_of
from engage.storage import people
from engage.storage.database import run
from tests.campaigns import Steps, draft, got, wait
from tests.patients import rows
from tests.world import World

ADA = "ada@example.org"


def person(world: World) -> UUID:
    (found,) = rows(world.rt, "SELECT id FROM people")
    return UUID(str(found.id))


def agree(world: World, source: str = "in-person", mark: str | None = None) -> bool | None:
    words = mark_of(news_consent.wording(world.rt))
    return news_consent.agree(world.rt, CLI, person(world), source, words if mark is None else mark)


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
    assert agree(world, "in-person") is True
    world.work()
    assert kinds(world)[-1] == "news-agreed"
    assert "you would like news and offers" in world.mail(ADA)[-1].text
    campaign(world)
    assert got(world) == {ADA: 1}
    (line,) = rows(world.rt, "SELECT actor, source, wording_hash FROM consents WHERE purpose = 'marketing'")
    assert (line.actor, line.source, line.wording_hash is not None) == ("staff", "told at the clinic", True)
    assert consent_proof.verify(world.rt, lambda finding: None).sound


def test_a_yes_that_is_known_changes_nothing(world: World) -> None:
    world.enrol()
    agree(world, "telephone")
    world.work()
    before = len(kinds(world))
    assert agree(world, "telephone") is False
    world.work()
    assert len(kinds(world)) == before


def test_who_left_may_come_back_and_leave_again(world: World) -> None:
    world.enrol()
    agree(world, "telephone")
    campaign(world)
    token = world.token("unsubscribe", world.mail(ADA)[-1])
    unsubscribe.unsubscribe(world.rt, token, "one-click")
    assert not granted(world)
    assert agree(world, "telephone") is True
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
            "News can’t go to the person’s address",
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
        agree(world)
    assert sentence in refused.value.errors["wish"]
    assert not granted(world)


def test_nobody_there_is_told(world: World) -> None:
    mark = mark_of(news_consent.wording(world.rt))
    assert news_consent.agree(world.rt, CLI, uuid4(), "telephone", mark) is None
    assert news_consent.stop(world.rt, CLI, uuid4(), "telephone") is None
    with pytest.raises(KeyError):
        news_consent.agree(world.rt, CLI, uuid4(), "gossip", mark)


@pytest.mark.parametrize("source", ["letter", "email"])
def test_a_yes_that_nothing_was_read_to_is_none(world: World, source: str) -> None:
    world.enrol()
    with pytest.raises(InvalidInput, match="wish"):
        agree(world, source)
    assert not granted(world)


def test_a_yes_to_an_older_sentence_is_none(world: World) -> None:
    world.enrol()
    with pytest.raises(InvalidInput) as refused:
        agree(world, mark="0123456789abcdef")
    assert "has changed since" in refused.value.errors["wish"] and not granted(world)


def test_what_another_one_left_at_a_shared_address_stays_shut(world: World) -> None:
    world.enrol()
    with world.rt.transaction() as tx:
        other = new_id()
        people.add(tx, other, world.rt.sealer.seal("people", other, {}), "UTC", world.now)
        run(
            tx,
            """INSERT INTO contacts (id, person_id, channel, address_index, sealed, state, created_at)
            SELECT gen_random_uuid(), %(other)s, channel, address_index, sealed, 'confirmed', now() FROM contacts""",
            {"other": other},
        )
        run(
            tx,
            """INSERT INTO suppressions (id, channel, address_index, scope, reason, created_at)
            SELECT DISTINCT ON (address_index) gen_random_uuid(), 'email', address_index, 'marketing', 'unsubscribed', now()
            FROM contacts""",
        )
    (ada,) = rows(world.rt, "SELECT person_id AS id FROM enrolments")
    mark = mark_of(news_consent.wording(world.rt))
    with pytest.raises(InvalidInput) as refused:
        news_consent.agree(world.rt, CLI, UUID(str(ada.id)), "telephone", mark)
    assert "Somebody else who has this address" in refused.value.errors["wish"]


def test_no_more_news_ends_news_alone(world: World) -> None:
    world.enrol()
    agree(world)
    before = len(world.lessons(ADA))
    assert news_consent.stop(world.rt, CLI, person(world), "telephone") is True
    assert not granted(world)
    assert news_consent.stop(world.rt, CLI, person(world), "telephone") is False
    world.pass_time(timedelta(days=4))
    assert len(world.lessons(ADA)) > before
    assert agree(world, "telephone") is True and granted(world)


def granted(world: World) -> bool:
    sql = "SELECT 1 FROM consent_states WHERE purpose = 'marketing' AND channel = 'email' AND granted"
    return bool(rows(world.rt, sql))


def test_an_address_that_was_shut_opens_again_and_the_letter_says_so(world: World) -> None:
    world.enrol()
    agree(world)
    with world.rt.transaction() as tx:
        run(
            tx,
            """INSERT INTO suppressions (id, channel, address_index, scope, reason, created_at)
            SELECT gen_random_uuid(), 'email', address_index, 'marketing', 'unsubscribed', now() FROM contacts""",
        )
    world.now += timedelta(hours=1)
    assert agree(world) is True
    world.work()
    assert kinds(world).count("news-agreed") == 2
    campaign(world)
    assert got(world) == {ADA: 1}

"""What a claimed campaign message says to its person: the right one of two texts, and never a gap for a name."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from engage.content.campaign_text import Draft
from engage.content.merge import missing
from engage.content.render import Content, ContentPlan
from engage.domain.messages import CAMPAIGN, CAMPAIGN_TEXT
from engage.ids import new_id
from engage.services import campaign_content, campaign_facts, campaign_letters
from engage.services.texts import Letter, list_headers
from engage.storage import campaigns, claim_facts, messages
from engage.storage.claim_facts import FactsRow
from engage.storage.database import run
from engage.storage.messages import Plan
from engage.storage.sealed import SealError
from tests.campaign_texts import LETTER, NEEDS_NAME, TEXT, called, written
from tests.scripted import Somebody
from tests.world import World


def due(world: World, who: Somebody, draft: Draft) -> FactsRow:
    """The facts of a campaign's message to somebody, as a claim fetches them."""
    kind, contact = CAMPAIGN, who.email_contact
    if draft.channel == "sms":
        kind, contact = CAMPAIGN_TEXT, who.number_contact
    id = new_id()
    with world.rt.transaction() as tx:
        one = Plan(id, kind, "campaign", new_id(), f"campaign/{id}", world.now, world.now + timedelta(days=1),
                   person_id=who.id, contact_id=contact)  # fmt: skip
        messages.plan(tx, [one], world.now)
        (row,) = claim_facts.fetch(tx, [id], world.now)
    return row


def kept(world: World, draft: Draft, name: str) -> Content | None:
    """The text that somebody of this name gets, as it is read back when it is sent."""
    id = keep(world, draft).get(campaign_letters.variant_of(name))
    if id is None:
        return None
    with world.rt.transaction() as tx:
        return campaign_facts.content_of(world.rt, tx, UUID(id))


def keep(world: World, draft: Draft) -> dict[str, str]:
    id = written(world, draft)
    with world.rt.transaction() as tx:
        return campaign_content.keep(world.rt, tx, campaigns.one(tx, id), world.now)


def received(world: World, draft: Draft, name: str, n: int = 0) -> tuple[Letter, tuple[str, str, str]]:
    row = due(world, called(world, name, n), draft)
    content = kept(world, draft, campaign_letters.given_name(world.rt, row))
    letter = campaign_letters.letter(world.rt, row, world.now)
    assert content is not None
    assert missing(content.names, letter.values) == []
    return letter, ContentPlan.of(content).fill(letter.values)


@pytest.mark.parametrize(
    ("name", "greeting"),
    [
        ("Ana", "Hello Ana,"),
        ("  Ana  María ", "Hello Ana María,"),
        ("", "Hello there,"),
        ("   ", "Hello there,"),
        ("-mt-clinic-", "Hello -mt-clinic-,"),
        ("{{ name }}", "Hello {{ name }},"),
    ],
)
def test_a_letter_greets_by_name_or_without_and_never_by_a_gap(
    world: World, name: str, greeting: str
) -> None:
    letter, (subject, html, text) = received(world, LETTER, name)
    assert letter.to == "p0@example.org"
    assert subject == "We are open on Saturdays"
    assert greeting in text.splitlines()
    assert greeting in html


def test_a_letter_has_links_of_its_own_to_leave_and_to_choose(world: World) -> None:
    first, (_, html, text) = received(world, LETTER, "Ana", 1)
    second, _ = received(world, LETTER, "Bo", 2)
    for name in ("unsubscribe_url", "preferences_url"):
        assert first.values[name] in html and first.values[name] in text
        assert first.values[name] != second.values[name]
    assert first.values["unsubscribe_url"] in list_headers(first.values, "")["List-Unsubscribe"]


@pytest.mark.parametrize(
    ("name", "begins"),
    [("Ana", "Ana, we are open on Saturdays."), ("Ana’s – “A”", "Ana's - \"A\", we are open"), ("", "We are open on"),
     ("\u200b", "We are open on")],
)  # fmt: skip
def test_a_text_carries_the_name_in_cheap_letters(world: World, name: str, begins: str) -> None:
    letter, (_, _, text) = received(world, TEXT, name)
    assert letter.to == "+15185550000"
    assert text.startswith(begins)
    assert text.endswith("\nHarmonia Health. Reply STOP to end")


def test_who_has_no_name_for_a_text_that_needs_one_is_told_by_both_sides(world: World) -> None:
    row = due(world, called(world, ""), NEEDS_NAME)
    assert kept(world, NEEDS_NAME, "") is None
    named = kept(world, NEEDS_NAME, "Ana")
    assert named is not None
    assert missing(named.names, campaign_letters.letter(world.rt, row, world.now).values) == ["given_name"]


def test_the_same_text_is_kept_once(world: World) -> None:
    first = keep(world, LETTER)
    assert keep(world, LETTER) == first
    assert len({*first.values()}) == 2
    plain = keep(world, Draft("email", "Open", "", "We are open."))
    assert plain["named"] == plain["nameless"]
    assert keep(world, NEEDS_NAME).keys() == {"named"}


def test_a_name_of_somebody_else_is_not_taken(world: World) -> None:
    ana, bo = called(world, "Ana", 1), called(world, "Bo", 2)
    with world.rt.transaction() as tx:
        run(tx, "UPDATE people SET sealed = (SELECT sealed FROM people WHERE id = %(bo)s) WHERE id = %(ana)s",
            {"ana": ana.id, "bo": bo.id})  # fmt: skip
    with pytest.raises(SealError):
        campaign_letters.letter(world.rt, due(world, ana, LETTER), world.now)


def test_a_waiver_on_the_campaign_lets_its_word_pass(world: World) -> None:
    id = written(
        world,
        Draft("email", "Open", "Now", "We are glad to tell you about our new place. Your knee matters."),
    )

    def problems() -> list[str]:
        with world.rt.transaction() as tx:
            return [flaw.word for flaw in campaign_content.blocking(world.rt, campaigns.one(tx, id))]

    assert problems() == ["knee"]
    with world.rt.transaction() as tx:
        run(tx, "UPDATE campaigns SET waived = '{knee}' WHERE id = %(id)s", {"id": id})
    assert problems() == []

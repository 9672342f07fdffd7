"""Staff look at a campaign as real people would get it."""

from __future__ import annotations

from uuid import UUID

import pytest

from engage.content.campaign_text import Draft
from engage.ids import new_id
from engage.services import campaign_previews
from engage.services.audit import Actor
from engage.storage.database import run
from tests.campaign_texts import LETTER, NEEDS_NAME, TEXT, called, written
from tests.world import World

STAFF = Actor(UUID(int=7), "staff")
CAMPAIGN = UUID(int=9)


def looked_at(world: World) -> list[tuple[str, str, UUID, UUID]]:
    with world.rt.transaction() as tx:
        sql = "SELECT action, what, what_id, person_id FROM audit ORDER BY id"
        return [(row[0], row[1], row[2], row[3]) for row in run(tx, sql)]


def see(world: World, draft: Draft, person: UUID) -> campaign_previews.Preview:
    found = campaign_previews.preview(world.rt, STAFF, CAMPAIGN, draft, person)
    assert found is not None
    return found


def test_a_letter_is_shown_as_its_person_would_get_it(world: World) -> None:
    ana, nobody = called(world, "Ana & <Bo>", 1), called(world, "", 2)
    shown = see(world, LETTER, ana.id)
    assert (shown.variant, shown.held, shown.subject) == ("named", "", "We are open on Saturdays")
    assert "Hello Ana &amp; &lt;Bo&gt;," in shown.html
    assert "Hello Ana & <Bo>,\n" in shown.plain
    assert shown.segments is None
    assert "Hello there,\n" in see(world, LETTER, nobody.id).plain


def test_links_in_a_preview_open_nothing_of_the_person(world: World) -> None:
    shown = see(world, LETTER, called(world, "Ana").id)
    assert f"{world.rt.settings.public_url}/unsubscribe/preview" in shown.plain
    assert f"{world.rt.settings.public_url}/preferences/preview" in shown.html
    assert "p0@example.org" not in shown.plain + shown.html


@pytest.mark.parametrize(
    ("name", "encoding", "culprits"),
    [("Ana", "GSM-7", ()), ("Zoë", "UCS-2", ("ë",)), ("Ana’s", "GSM-7", ()), ("", "GSM-7", ())],
)
def test_a_text_is_counted_with_this_persons_own_name(
    world: World, name: str, encoding: str, culprits: tuple[str, ...]
) -> None:
    shown = see(world, TEXT, called(world, name).id)
    assert shown.segments is not None
    assert (shown.segments.encoding, shown.segments.culprits) == (encoding, culprits)
    assert shown.segments.units == len(shown.plain)
    assert (shown.subject, shown.html) == ("", "")


def test_who_would_be_held_is_shown_as_held_and_gets_no_words(world: World) -> None:
    shown = see(world, NEEDS_NAME, called(world, "").id)
    assert (shown.held, shown.subject, shown.html, shown.plain) == ("missing_value", "", "", "")
    broken = called(world, "Ana", 1)
    with world.rt.transaction() as tx:
        run(tx, "UPDATE people SET sealed = %(x)s WHERE id = %(id)s", {"x": b"not ours", "id": broken.id})
    assert see(world, LETTER, broken.id).held == "unreadable"


def test_every_look_leaves_a_row_that_names_the_person(world: World) -> None:
    ana = called(world, "Ana")
    campaign = written(world, LETTER)
    see(world, LETTER, ana.id)
    assert campaign_previews.html(world.rt, STAFF, campaign, ana.id)
    assert looked_at(world) == [
        ("view", "campaign preview", CAMPAIGN, ana.id),
        ("view", "campaign preview", campaign, ana.id),
    ]


def test_nothing_that_is_looked_at_is_logged(world: World, capfd: pytest.CaptureFixture[str]) -> None:
    see(world, LETTER, called(world, "Anastasia").id)
    told = "".join(capfd.readouterr())
    assert "Anastasia" not in told


def test_staff_walk_from_person_to_person_and_past_those_who_are_gone(world: World) -> None:
    people = [called(world, name, n).id for n, name in enumerate(("Ana", "Bo", "Cy", "Di"))]
    with world.rt.transaction() as tx:
        run(tx, "UPDATE people SET state = 'erased', sealed = NULL WHERE id = %(id)s", {"id": people[1]})
        run(tx, "UPDATE people SET state = 'merged' WHERE id = %(id)s", {"id": people[3]})

    def walk(at: UUID | None) -> tuple[str, int, int, UUID | None, UUID | None]:
        found = campaign_previews.walk(world.rt, STAFF, CAMPAIGN, LETTER, people, at)
        assert found is not None
        return found.preview.given_name, found.place, found.total, found.previous, found.next

    assert walk(None) == ("Ana", 1, 4, None, people[1])
    assert walk(people[1]) == ("Cy", 3, 4, people[1], people[3])
    assert walk(people[3]) == ("Ana", 1, 4, None, people[1])
    assert walk(new_id()) == ("Ana", 1, 4, None, people[1])
    assert campaign_previews.walk(world.rt, STAFF, CAMPAIGN, LETTER, [], None) is None
    assert campaign_previews.walk(world.rt, STAFF, CAMPAIGN, LETTER, people[1:2], None) is None


def test_the_frame_has_a_letter_only_where_there_is_one(world: World) -> None:
    ana, nobody = called(world, "Ana", 1).id, called(world, "", 2).id
    letter, text, needs = (written(world, draft) for draft in (LETTER, TEXT, NEEDS_NAME))
    for campaign, person in ((text, ana), (needs, nobody), (letter, new_id()), (new_id(), ana)):
        assert campaign_previews.html(world.rt, STAFF, campaign, person) is None
    assert looked_at(world) == []

"""Tags on people: put on, taken off, sealed, noted, and gone with the person."""

from __future__ import annotations

from uuid import UUID

import pytest

from engage.domain.forms import InvalidInput
from engage.ids import new_id
from engage.services import erasure, merges, tags
from engage.services.tags import Tag
from engage.storage.database import run
from tests.audience import STAFF, person, profile
from tests.world import World


def of(world: World, id: UUID) -> list[str]:
    with world.rt.transaction() as tx:
        return [tag.name for tag in tags.of_people(world.rt, tx, [id])]


def test_a_tag_is_put_on_and_taken_off_with_a_line_in_the_trail(world: World) -> None:
    id = person(world)
    assert tags.put(world.rt, STAFF, id, " Spring   runners ") is True
    assert tags.put(world.rt, STAFF, id, "spring RUNNERS") is False
    assert of(world, id) == ["Spring runners"]
    (tag,) = tags.listing(world.rt)
    found = profile(world, id)
    assert found is not None
    assert found.tags == [tag.id]
    assert tags.take_off(world.rt, STAFF, id, tag.id) is True
    assert tags.take_off(world.rt, STAFF, id, tag.id) is False
    found = profile(world, id)
    assert found is not None
    assert found.tags is None
    assert tags.listing(world.rt) == [tag]
    with world.rt.transaction() as tx:
        seen = run(tx, "SELECT what, what_id, person_id FROM audit WHERE what = 'tag' ORDER BY id").all()
    assert [tuple(row) for row in seen] == [("tag", tag.id, None), ("tag", tag.id, id), ("tag", tag.id, id)]


def test_what_a_tag_says_is_in_no_clear_column(world: World) -> None:
    tags.add(world.rt, STAFF, "Migraine group")
    with world.rt.transaction() as tx:
        (row,) = run(tx, "SELECT t::text FROM tags t")
    assert b"Migraine".hex() not in row[0]
    assert "igraine" not in row[0]


@pytest.mark.parametrize("typed", ["", "   ", "x" * 81, "a\x00b"])
def test_a_name_that_can_not_be_is_refused(world: World, typed: str) -> None:
    with pytest.raises(InvalidInput):
        tags.put(world.rt, STAFF, person(world), typed)
    assert tags.listing(world.rt) == []


def test_nobody_who_is_gone_gets_a_tag(world: World) -> None:
    id = person(world)
    erasure.erase(world.rt, id, STAFF)
    assert tags.put(world.rt, STAFF, id, "Runners") is None
    assert tags.take_off(world.rt, STAFF, new_id(), new_id()) is None


def test_a_forgotten_persons_tags_go_and_others_keep_theirs(world: World) -> None:
    ada, ben = person(world), person(world, "Ben", "ben@example.org")
    for id, name in ((ada, "Runners"), (ada, "Knows Ada"), (ben, "Runners")):
        tags.put(world.rt, STAFF, id, name)
    erasure.erase(world.rt, ada, STAFF)
    assert (of(world, ada), of(world, ben)) == ([], ["Runners"])
    assert [tag.name for tag in tags.listing(world.rt)] == ["Runners"]


def test_tags_of_two_records_are_one_persons_and_part_again(world: World) -> None:
    keep, other = person(world), person(world, email="a@example.org")
    for id, name in ((keep, "Runners"), (other, "Runners"), (other, "Evenings")):
        tags.put(world.rt, STAFF, id, name)
    merged = merges.merge(world.rt, STAFF, keep, other)
    assert of(world, keep) == ["Evenings", "Runners"]
    found = profile(world, keep)
    assert found is not None
    assert len(found.tags) == 2
    merges.unmerge(world.rt, STAFF, merged.id)
    assert (of(world, keep), of(world, other)) == (["Runners"], ["Evenings", "Runners"])


def test_there_is_an_end_to_tags(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tags, "MOST", 2)
    first = tags.add(world.rt, STAFF, "a")
    tags.add(world.rt, STAFF, "b")
    assert tags.add(world.rt, STAFF, "A") == first
    with pytest.raises(InvalidInput, match="name"):
        tags.add(world.rt, STAFF, "c")
    assert tags.listing(world.rt)[0] == Tag(first, "a")

"""What the consultation form takes, refuses and keeps."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from engage.domain.forms import InvalidInput
from engage.services import consultations
from tests.world import REQUEST, World


@pytest.mark.parametrize(
    ("typed", "fields"),
    [
        ({"given_name": ""}, ["given_name"]),
        ({"given_name": "A\nB"}, ["given_name"]),
        ({"email": "", "telephone": ""}, ["email"]),
        ({"email": "nobody"}, ["email"]),
        ({"telephone": "555-0123"}, ["telephone"]),
        ({"telephone": "abc"}, ["telephone"]),
        ({"telephone": "1" * 300}, ["telephone"]),
        ({"telephone": "518\n5550123"}, ["telephone"]),
        ({"telephone": "900 555 0123"}, ["telephone"]),
        ({"telephone": "800 555 0123"}, ["telephone"]),
        ({"telephone": "+44 20 7946 0018"}, ["telephone"]),
        ({"telephone": "", "reach": "call"}, ["telephone"]),
        ({"telephone": "", "reach": "text"}, ["telephone"]),
        ({"email": "", "reach": "email"}, ["email"]),
        ({"reach": ""}, ["reach"]),
        ({"reach": "pigeon"}, ["reach"]),
        ({"message": "x" * 2001}, ["message"]),
        ({"message": "\x00"}, ["message"]),
        ({"main_pain": "soul"}, ["main_pain"]),
        ({"consent": ""}, ["consent"]),
    ],
)
def test_bad_input_names_its_field_and_leaves_nothing_behind(
    world: World, typed: dict[str, str], fields: list[str]
) -> None:
    with pytest.raises(InvalidInput) as caught:
        world.ask(**typed)
    assert list(caught.value.errors) == fields
    assert consultations.listing(world.rt) == []


def test_all_that_is_wrong_is_said_at_once(world: World) -> None:
    with pytest.raises(InvalidInput) as caught:
        consultations.accept(world.rt, {}, "")
    assert set(caught.value.errors) == {"given_name", "email", "reach", "consent"}


def test_the_field_that_people_cannot_see_makes_no_row(world: World) -> None:
    world.ask(website="https://spam.example")
    assert consultations.listing(world.rt) == []


def test_nothing_that_was_typed_is_clear_in_the_row(world: World) -> None:
    world.ask()
    with world.rt.transaction() as tx:
        row = tx.execute(text("SELECT c::text FROM consultations c")).scalar_one()
    for value in (REQUEST["given_name"], REQUEST["email"], "5185550123", "neck"):
        assert value.casefold() not in str(row).casefold()
        assert value.encode().hex() not in str(row)

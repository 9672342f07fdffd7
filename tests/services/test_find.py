"""Finding people by name, address and number over sealed rows."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from engage.domain import search_tokens
from engage.ids import new_id
from engage.runtime import Runtime
from engage.services import find, signups
from engage.services.audit import Actor
from engage.services.find import Results
from engage.storage import people
from tests.world import MONDAY, World

STAFF = Actor(new_id(), "staff")


def keep(rt: Runtime, given_name: str, *addresses: str) -> None:
    """A person with these addresses, as sign-up keeps them."""
    with rt.transaction() as tx:
        person = new_id()
        sealed = rt.sealer.seal("people", person, {"given_name": given_name, "main_pain": ""})
        people.add(tx, person, sealed, "America/New_York", MONDAY)
        for address in addresses:
            contact = new_id()
            channel = "email" if "@" in address else "sms"
            index = rt.sealer.index(channel, address)
            kept = rt.sealer.seal("contacts", contact, {"address": address})
            people.add_contact(tx, contact, person, channel, index, kept, MONDAY)
        find.index_again(rt, tx, person)


def look(rt: Runtime, query: str) -> Results:
    with rt.transaction() as tx:
        return find.find(rt, tx, query)


def names(rt: Runtime, query: str) -> set[str]:
    return {person.given_name for person in look(rt, query).people}


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("Ada", "ad"),
        ("Ada", "ADA"),
        ("José", "jose"),
        ("José", "josé"),
        ("Jose", "José"),
        ("Łukasz", "luk"),
        ("Anne-Marie", "mar"),
        ("Anne-Marie", "anne-m"),
        ("Mary Ann", "ann mary"),
        ("D’Arcy", "d'arc"),
        ("Straße", "strasse"),
        ("X", "x"),
        ("李", "李"),
        ("李明", "李"),
        ("נועה", "נו"),
        ("مُحَمَّد", "محمد"),
        ("कविता", "कवि"),
        ("🌻", "🌻"),
        ("🌻 Sun", "🌻"),
        ("👩‍⚕️", "👩‍⚕️"),
        ("Maximilienne-Wilhelmina", "maximilienne-wilh"),
        ("Wolfeschlegelsteinhausenbergerdorff", "wolfeschlegelsteinhausenbergerdorff"),
    ],
)
def test_a_name_is_found_by_the_beginning_of_a_word(rt: Runtime, name: str, typed: str) -> None:
    keep(rt, name, "someone@example.org")
    keep(rt, "Quentin", "other@example.com")
    assert names(rt, typed) == {name}


@pytest.mark.parametrize(
    "typed",
    [
        "ada.lovelace@example.org",
        "ada.lo",
        "lovelace",
        "ada lovelace",
        "example.org",
        "ADA.LOVELACE@EXAMPLE.ORG",
    ],
)
def test_an_address_is_found_by_its_beginning_and_its_pieces(rt: Runtime, typed: str) -> None:
    keep(rt, "A", "ada.lovelace@example.org")
    keep(rt, "B", "grace@example.com")
    assert names(rt, typed) == {"A"}


@pytest.mark.parametrize(
    "typed",
    ["0140", "5550100140", "+1 555 010 0140", "(555) 010-0140", "555010", "555 010", "15550100140", "٠١٤٠"],
)
def test_a_number_is_found_by_a_run_of_its_digits(rt: Runtime, typed: str) -> None:
    keep(rt, "Ada", "+15550100140")
    keep(rt, "Bao", "+15550100222")
    found = names(rt, typed)
    assert "Ada" in found
    assert found == {"Ada"} or typed in ("555010", "555 010")


@pytest.mark.parametrize(
    "typed", ["", "   ", "da", "adaa", "@", "140", "ada 0141", "ada.lovelace@example.com", "'; --"]
)
def test_what_does_not_match_finds_nobody(rt: Runtime, typed: str) -> None:
    keep(rt, "Ada", "ada.lovelace@example.org", "+15550100140")
    assert names(rt, typed) == set()


def test_long_words_are_compared_to_their_end(rt: Runtime) -> None:
    keep(rt, "A", "patient.number.one@example.org")
    keep(rt, "B", "patient.number.two@example.org")
    assert names(rt, "patient.number.t") == {"B"}
    assert names(rt, "patient.number.") == {"A", "B"}


def test_every_word_has_to_match(rt: Runtime) -> None:
    keep(rt, "Ada", "ada@example.org")
    keep(rt, "Ada", "someone@example.com")
    assert len(look(rt, "ada example.org").people) == 1
    assert len(look(rt, "ada").people) == 2


def test_twenty_are_shown_and_it_says_that_there_are_more(rt: Runtime) -> None:
    for n in range(20):
        keep(rt, "Noor", f"n{n}@example.org")
    assert (len(look(rt, "noor").people), look(rt, "noor").more) == (20, False)
    keep(rt, "Noor", "n20@example.org")
    assert (len(look(rt, "noor").people), look(rt, "noor").more) == (20, True)


def test_somebody_who_signs_up_is_found_and_a_former_name_is_not(world: World) -> None:
    world.enrol(given_name="Ada", email="ada@example.org")
    assert names(world.rt, "ada") == {"Ada"}
    world.pass_time(timedelta(hours=25))
    world.sign_up(given_name="Beatriz", email="ada@example.org")
    world.work()
    mail = [m for m in world.mail("ada@example.org") if m.kind == "signup-confirm"][-1]
    signups.confirm(world.rt, world.token("confirm", mail))
    assert names(world.rt, "beatriz") == {"Beatriz"}
    assert names(world.rt, "ada") == {"Beatriz"}, "by the address"


def test_erased_people_are_not_found(rt: Runtime) -> None:
    keep(rt, "Ada", "ada@example.org")
    with rt.transaction() as tx:
        tx.execute(text("UPDATE people SET state = 'erased', sealed = NULL"))
    assert names(rt, "ada") == set()


def test_reindexing_makes_the_same_index_and_mends_a_lost_one(rt: Runtime) -> None:
    keep(rt, "Ada", "ada@example.org", "+15550100140")
    before = tokens(rt)
    assert find.reindex(rt) == 1
    assert tokens(rt) == before
    with rt.transaction() as tx:
        tx.execute(text("DELETE FROM person_tokens"))
    find.reindex(rt)
    assert tokens(rt) == before


def tokens(rt: Runtime) -> set[bytes]:
    with rt.transaction() as tx:
        return {bytes(row[0]) for row in tx.execute(text("SELECT token FROM person_tokens"))}


def test_the_index_holds_nothing_that_could_be_read(rt: Runtime) -> None:
    keep(rt, "Ada", "ada@example.org", "+15550100140")
    kept = tokens(rt)
    assert {len(token) for token in kept} == {find.TOKEN_BYTES}
    assert not any(b"ada" in token or b"0140" in token for token in kept)
    assert kept == {
        rt.sealer.index("token", form)[:8]
        for form in search_tokens.forms_of("Ada", ["ada@example.org", "+15550100140"])
    }


def test_each_person_in_a_list_is_noted_with_who_looked(rt: Runtime) -> None:
    keep(rt, "Ada", "ada@example.org")
    keep(rt, "Ada", "bea@example.org")
    find.search(rt, STAFF, "ada")
    with rt.transaction() as tx:
        rows = list(tx.execute(text("SELECT staff_id, action, what, person_id FROM audit")))
    assert {(row.staff_id, row.action, row.what) for row in rows} == {
        (STAFF.staff_id, "view", "person in a list")
    }
    assert len({row.person_id for row in rows}) == 2

"""Texts of every kind: each has one end, is kept, and holds up nobody."""

from __future__ import annotations

from uuid import UUID

import pytest

from engage import log
from engage.services import inbound, person_page
from tests.texting import NUMBER, PURPOSES, Texting
from tests.world import World

OTHER = "+15185550199"


@pytest.fixture
def clinic(world: World) -> Texting:
    return Texting(world)


@pytest.mark.parametrize(
    ("words", "more", "outcome"),
    [
        ("", {}, "blank"),
        (" \r\n ", {}, "blank"),
        ("", {"NumMedia": "2", "MediaUrl0": "https://api.twilio.com/x"}, "asked"),
        ("🙏🙏", {}, "asked"),
        ("Σας ευχαριστώ πολύ", {}, "asked"),
        ("x" * 1600, {}, "asked"),
        ("see you at 3", {}, "asked"),
    ],
)
def test_whatever_comes_is_kept_and_ends_somewhere(
    clinic: Texting, words: str, more: dict[str, str], outcome: str
) -> None:
    clinic.person(number=NUMBER)
    assert clinic.says(words, form=more) == outcome
    (row,) = clinic.texts_in()
    assert clinic.rt.sealer.open("inbound", row.id, row.sealed)["body"] == words
    assert clinic.follow_ups() == (["texted"] if outcome == "asked" else [])
    assert clinic.kinds() == []


def test_a_talkative_number_is_one_follow_up_until_it_is_done(clinic: Texting) -> None:
    clinic.person(number=NUMBER)
    for words in ("hello?", "anybody there", "ok then"):
        clinic.says(words)
    assert clinic.follow_ups() == ["texted"]
    clinic.run("UPDATE follow_ups SET state = 'done', outcome = 'done', done_at = now()")
    clinic.says("see you tomorrow")
    assert clinic.follow_ups() == ["texted", "texted"]


def test_a_machine_without_a_number_gets_no_answer(clinic: Texting) -> None:
    assert clinic.says("HELP", "266278") == "helped"
    assert clinic.kinds("266278") == []


def test_one_that_cannot_be_opened_goes_to_a_person_and_holds_up_nobody(clinic: Texting) -> None:
    clinic.arrives("hello")
    clinic.run("UPDATE inbound SET sealed = 'broken'::bytea")
    clinic.arrives("STOP")
    clinic.arrives("STOP", OTHER)
    assert inbound.understand(clinic.rt) == 1  # the other number does not wait
    assert inbound.understand(clinic.rt) == 0
    assert inbound.understand(clinic.rt) == 1  # now it is set aside, and what came after it from there counts
    assert [row.outcome for row in clinic.texts_in()] == ["unreadable", "stopped", "stopped"]
    assert clinic.follow_ups() == ["unreadable_text"]


def test_the_order_of_one_number_is_kept(clinic: Texting) -> None:
    ada = clinic.person(number=NUMBER)
    for words in ("STOP", "START", "STOP", "START"):
        clinic.arrives(words)
    assert inbound.understand(clinic.rt) == 4
    assert clinic.agreed(ada) == set(PURPOSES)


def test_nothing_that_was_said_is_logged(clinic: Texting, capsys: pytest.CaptureFixture[str]) -> None:
    log.configure(development=True)
    clinic.says("my canary neck hurts")
    clinic.arrives("canary")
    clinic.run("UPDATE inbound SET sealed = 'canary'::bytea WHERE understood_at IS NULL")
    for _ in range(3):
        inbound.understand(clinic.rt)
    assert "canary" not in "".join(capsys.readouterr())


def test_staff_see_what_was_said_understood_and_done(clinic: Texting) -> None:
    ada = clinic.person(number=NUMBER)
    clinic.says("please stop texting me")
    with clinic.rt.transaction() as tx:
        page = person_page.person_page(clinic.rt, tx, UUID(str(ada.id)))
    assert page is not None
    (text,) = page.texts
    assert (text.words, text.taken_for) == ("please stop texting me", "Wants no more texts")
    assert text.followed.startswith("Texts to the number ended") and text.answer_id is not None


def test_a_number_abroad_is_heeded_and_not_answered(clinic: Texting) -> None:
    clinic.says("STOP", "+4930901820")
    clinic.says("HELP", "+4930901820")
    assert clinic.kinds() == []


def test_stop_and_start_by_turns_are_confirmed_six_times_a_day_and_heeded_each_time(clinic: Texting) -> None:
    ada = clinic.person(agreed=("care",), number=NUMBER)
    for _ in range(5):
        clinic.says("STOP")
        clinic.says("START")
    assert clinic.agreed(ada) != set()
    clinic.says("STOP")
    assert clinic.agreed(ada) == set()
    assert len(clinic.kinds()) == 6

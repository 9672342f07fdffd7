"""What a text asks for, and whether Twilio has answered it already."""

from __future__ import annotations

import pytest

from engage.domain.inbound import OptOut, meaning, spoken_names
from engage.domain.replies import classify


@pytest.mark.parametrize(
    ("words", "asks"),
    [
        ("STOP", "stop"),
        ("please stop texting me", "stop"),
        ("no mas", "stop"),
        ("START", "start"),
        ("unstop", "start"),
        ("HELP", "help"),
        ("yes", "yes"),
        ("Sí", "yes"),
        ("CARE", "care"),
        (" care. ", "care"),
        ("wrong number", "wrong_person"),
        ("", "blank"),
        (" \n ", "blank"),
        ("👍", "other"),
        ("stop by at 3", "other"),
        ("can't make it, cancel my appointment", "cancel"),
        ("C", "confirm"),
        ("r", "reschedule"),
        ("X", "cancel"),
        ("running 10 min late", "late"),
        ("7/10", "score"),
        ("I fainted", "urgent"),
        ("a" * 1600, "other"),
        ("我不知道", "other"),
    ],
)
def test_what_a_text_asks_for(words: str, asks: str) -> None:
    assert meaning(classify(words), words, 0, None, "ours").asks == asks


def test_a_picture_without_words_is_for_a_person_to_see() -> None:
    assert meaning(classify(""), "", 1, None, "ours").asks == "other"


@pytest.mark.parametrize("words", ["CANCEL", "cancel", "Cancel!", "cancelar"])
def test_cancel_alone_may_mean_the_appointment(words: str) -> None:
    said = meaning(classify(words), words, 0, None, "ours")
    assert said.asks == "stop" and said.maybe_visit


@pytest.mark.parametrize(
    ("words", "asks", "urgent"),
    [
        ("STOP I have chest pain", "stop", True),
        ("stop texting me, I want to die", "stop", True),
        ("STOP", "stop", False),
        ("I have chest pain", "urgent", True),
        ("can't make it, I fainted", "urgent", True),
    ],
)
def test_danger_takes_no_stop_away_and_a_stop_no_danger(words: str, asks: str, urgent: bool) -> None:
    said = meaning(classify(words), words, 0, None, "ours")
    assert (said.asks, said.urgent) == (asks, urgent)


@pytest.mark.parametrize("type", ["START", "HELP"])
def test_what_twilio_makes_of_a_text_takes_no_danger_away(type: str) -> None:
    assert meaning(classify("I fainted"), "I fainted", 0, type, "twilio-advanced").urgent


@pytest.mark.parametrize(
    ("words", "maybe_visit"),
    [
        ("stop texting me and cancel my appointment", True),
        ("stop texting me", False),
        ("cancel my texts", False),
    ],
)
def test_a_stop_may_mean_the_appointment_too(words: str, maybe_visit: bool) -> None:
    said = meaning(classify(words), words, 0, None, "ours")
    assert (said.asks, said.maybe_visit) == ("stop", maybe_visit)


@pytest.mark.parametrize(
    ("words", "number", "also"),
    [
        ("2", 2, ()),
        ("C 2", 2, ()),
        ("option 2", 2, ()),
        ("pain is 7, running late", 7, ("score",)),
        ("running late", None, ()),
        ("can't make it, I fainted", None, ("cancel",)),
    ],
)
def test_a_number_and_what_is_asked_besides_are_handed_on(
    words: str, number: int | None, also: tuple[str, ...]
) -> None:
    said = meaning(classify(words), words, 0, None, "ours")
    assert (said.number, said.also) == (number, also)


def test_a_wrong_number_that_wants_no_more_is_both() -> None:
    words = "wrong number, stop texting me"
    said = meaning(classify(words), words, 0, None, "ours")
    assert said.asks == "stop" and said.wrong_person


@pytest.mark.parametrize(
    ("mode", "words", "type", "there"),
    [
        ("ours", "STOP", None, False),
        ("ours", "STOP", "STOP", True),  # Twilio says that it has answered, so it has
        ("twilio-default", "STOP", None, True),
        ("twilio-default", "  stop ", None, True),
        ("twilio-default", "OptOut", None, True),
        ("twilio-default", "info", None, True),
        ("twilio-default", "Stop please", None, False),  # its list is of whole bodies
        ("twilio-default", "opt out", None, False),
        ("twilio-default", "please stop texting me", None, False),
        ("twilio-advanced", "STOP", None, False),  # not one of the words in its console
        ("twilio-advanced", "STOP", "STOP", True),
        ("twilio-advanced", "please stop texting me", None, False),
    ],
)
def test_where_twilio_has_answered_we_stay_silent(
    mode: OptOut, words: str, type: str | None, there: bool
) -> None:
    assert meaning(classify(words), words, 0, type, mode).there is there


@pytest.mark.parametrize(
    ("words", "type", "asks"),
    [
        ("genug", "STOP", "stop"),  # a word that the clinic added in Twilio's console
        ("weiter", "START", "start"),
        ("yes", "START", "start"),
        ("please stop texting me", "HELP", "stop"),  # nothing takes a stop away
    ],
)
def test_twilios_own_word_counts_but_never_against_a_stop(words: str, type: str, asks: str) -> None:
    assert meaning(classify(words), words, 0, type, "twilio-advanced").asks == asks


def test_names_as_people_say_them() -> None:
    assert [spoken_names(names) for names in ([], ["Ada"], ["Ada", "Bob"], ["Ada", "Bob", "Cy"])] == [
        "",
        "Ada",
        "Ada and Bob",
        "Ada, Bob and Cy",
    ]
